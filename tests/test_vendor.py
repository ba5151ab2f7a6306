"""What is vendored is what was fetched, with its licences, and nothing names a registry."""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUMS = ROOT / "static" / "vendor" / "SHA256SUMS"


def test_every_vendored_file_is_as_the_sums_say():
    listed = dict(reversed(line.split("  ", 1)) for line in SUMS.read_text().splitlines())

    folders = (ROOT / "static" / "vendor", ROOT / "templates" / "icons")
    found = {
        file.relative_to(ROOT).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and file != SUMS
    }

    assert found == listed


def test_every_library_comes_in_the_locked_version_with_its_licence():
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = {
        f"{name.rpartition('/')[2] if name != '@tabler/core' else 'tabler'}-{locked[f'node_modules/{name}']['version']}"
        for name in ("@tabler/core", "chart.js", "pdfjs-dist", "tus-js-client")
    }

    folders = {folder.name: folder for folder in (ROOT / "static" / "vendor").iterdir() if folder.is_dir()}

    assert wanted <= set(folders)
    assert [name for name, folder in folders.items() if not (folder / "LICENSE").read_text().strip()] == []


def test_the_lock_names_no_registry():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
    assert (ROOT / ".npmrc").read_text() == "omit-lockfile-registry-resolved=true\n"


def test_the_icons_are_those_of_the_list_and_those_that_templates_use():
    listed = set((ROOT / "tools" / "icons.txt").read_text().split())
    templates = [*(ROOT / "templates").rglob("*.html")]
    used = {name for file in templates for name in re.findall(r'{% icon "([\w-]+)"', file.read_text())}

    assert {file.stem for file in (ROOT / "templates" / "icons").glob("*.svg")} == listed
    assert used - listed == set()


def test_templates_of_the_console_hold_no_inline_script_or_style():
    mails = ROOT / "templates" / "emails"
    pages = [file for file in (ROOT / "templates").rglob("*.html") if mails not in file.parents]
    inline = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.I
    )

    assert [str(file.relative_to(ROOT)) for file in pages if inline.search(file.read_text())] == []
