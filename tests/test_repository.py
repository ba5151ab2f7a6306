"""What the repository holds and what it must not hold: no address of a package index, no path of a machine."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest

from tests.services import ROOT

# Needed by what we name in settings or start as a program, not by an import of ours.
NAMED_ONLY = {"granian", "psycopg", "django-htmx", "django-storages", "whitenoise", "tzdata"}
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[Path, str]:
    """Tracked text files of our own."""
    found = {}
    for path in tracked():
        if "vendor" not in path.parts and path.suffix not in (".svg", ".txt"):
            try:
                found[path.relative_to(ROOT)] = path.read_text()
            except UnicodeDecodeError:
                continue
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_each_package_and_no_address(lock: Path):
    text = lock.read_text()
    entries = [entry for entry in re.split(r"(?m)^(?=\S)", text) if entry.strip()]

    assert "://" not in text
    assert "--index-url" not in text
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_each_list_of_requirements_is_locked():
    assert [path.stem for path in sorted((ROOT / "requirements").glob("*.in"))] == [lock.stem for lock in LOCKS]


@pytest.mark.parametrize("name", ["run", "dev", "uv", "client"])
def test_a_lock_holds_what_its_list_asks_for(name: str):
    locked = set(re.findall(r"(?m)^([a-z0-9.-]+)(?:\[.*\])?==", (ROOT / f"requirements/{name}.txt").read_text()))

    assert set(asked_for(name)) - locked == set()


def asked_for(name: str) -> list[str]:
    lines = (ROOT / f"requirements/{name}.in").read_text().splitlines()
    return [re.split(r"[\[<>= ;]", line)[0] for line in lines if line and not line.startswith(("#", "-r"))]


def test_what_the_product_asks_for_is_used():
    code = "\n".join(
        text for path, text in texts().items() if path.suffix == ".py" and path.parts[0] not in ("tests", "bench")
    )
    imported = set(re.findall(r"(?m)^\s*(?:from|import) ([a-z_0-9]+)", code))
    distributions = {name.lower() for module in imported for name in packages_distributions().get(module, [])}

    assert set(asked_for("run")) - distributions - NAMED_ONLY == set()
    assert {name for name in NAMED_ONLY if not distribution(name).files} == set()


def test_a_list_of_node_packages_names_no_registry():
    path = ROOT / "package-lock.json"

    assert not path.exists() or '"resolved"' not in path.read_text()


def test_no_lock_that_holds_addresses_is_kept():
    assert [path.name for path in tracked() if path.name in ("uv.lock", "pylock.toml", "poetry.lock")] == []


def test_no_path_of_a_machine_stands_in_a_file():
    own = re.compile(r"(?<![\w.:-])/(?:root|home/\w+|Users/\w+|work|farm)/[A-Za-z._]")
    places = [
        f"{path}: {line.strip()}" for path, text in texts().items() for line in text.splitlines() if own.search(line)
    ]

    assert places == []


def test_the_oldest_python_is_said_once_and_the_same():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert wanted == ">=3.11"
    assert "OLDEST = (3, 11)" in (ROOT / "dev.py").read_text()
    assert sys.version_info >= (3, 11)


def test_the_readme_lists_every_setting_with_its_default():
    settings = "\n".join((ROOT / "config" / name).read_text() for name in ("settings.py", "supervisor.py"))
    names = set(re.findall(r'(?:env\.)?(?:text|flag|number|choice|origin|words)\(\s*"([A-Z0-9_]+)"', settings))
    readme = (ROOT / "README.md").read_text()

    assert {name for name in names if f"`{name}`" not in readme} == set()
    assert len(names) > 20
