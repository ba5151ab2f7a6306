"""The import contract says of every folder of code who may import whom (docs/decisions/0001)."""

import tomllib

from tests.services import ROOT

OUTSIDE = {"tests", "bench", "tools"}  # they may import anything; nothing of the product imports them


def contract() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def packages_on_disk() -> set[str]:
    return {folder.parent.name for folder in ROOT.glob("*/__init__.py")} - OUTSIDE


def test_the_contract_names_every_package_there_is():
    layers = {name.strip() for layer in contract()["contracts"][0]["layers"] for name in layer.split("|")}

    assert set(contract()["root_packages"]) == packages_on_disk()
    assert layers == packages_on_disk()


def test_the_order_inside_a_room_holds_for_every_app():
    apps = {folder.parent.name for folder in ROOT.glob("*/apps.py")} - {"config"}

    assert set(contract()["contracts"][1]["containers"]) == apps


def test_nothing_of_the_product_imports_its_tests_or_tools():
    importing = [
        f"{path.relative_to(ROOT)}: {line}"
        for package in packages_on_disk()
        for path in (ROOT / package).rglob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith(tuple(f"{word} {name}" for word in ("from", "import") for name in OUTSIDE))
    ]

    assert importing == []
