"""The official JavaScript client, unmodified, against the running product (tests/api/js)."""

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.api.conftest import Served
from tests.api.test_python_client import web_site
from tests.packages import package_zip
from tests.receiver import receiver
from tests.test_javascript import node_or_say_why_not

pytestmark = pytest.mark.services
HERE = Path(__file__).parent / "js"


def not_tested(reason: str) -> None:
    """Skip by name; fail where CI is set."""
    reason = f"{reason}: the API is NOT tested with the official JavaScript client"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def modules() -> Path:
    """node_modules with the client as the lock has it, from the registry that npm is set up for; kept between runs."""
    npm = shutil.which("npm")
    if npm is None:
        not_tested("npm is not installed")
    lock = HERE / "package-lock.json"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scormcloud-tests"
    kept = cache / f"js-{sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=cache))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, made)
        words = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run([npm, *words], cwd=made, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            shutil.rmtree(made)
            not_tested(f"npm ci failed ({done.stderr.strip()[-300:]})")
        try:
            made.rename(kept)
        except OSError:  # another run was first
            shutil.rmtree(made)
    return kept / "node_modules"


def test_every_operation_that_is_built(served: Served, modules: Path, tmp_path: Path):
    node = node_or_say_why_not()
    package = tmp_path / "golf course.zip"
    package.write_bytes(package_zip("scorm12_two_scos"))
    with web_site({"package.zip": package.read_bytes(), "film.mp4": b""}) as site, receiver() as system:
        environment = os.environ | {
            "NODE_PATH": str(modules),
            "API": f"{served.cloud.console}/api/v2",
            "APP_ID": served.app_id,
            "SECRET": served.secret,
            "MANAGER_ID": served.manager_id,
            "MANAGER_SECRET": served.manager_secret,
            "PACKAGE": str(package),
            "EMAIL": "olga@example.com",
            "RESULTS": system.url(),
            "SITE": site,
        }
        words = [node, "--test", "--test-reporter=tap", str(HERE / "client.test.cjs")]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=300)

    assert done.returncode == 0, done.stdout + done.stderr
