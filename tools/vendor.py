"""Fetches the browser libraries of package-lock.json and copies what the site serves into the repository.

Run after changing package.json or tools/icons.txt; the site itself never needs node. Every copied file is
listed with its SHA-256 in static/vendor/SHA256SUMS, which a test compares.
"""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICONS = ROOT / "templates" / "icons"
SUMS = VENDOR / "SHA256SUMS"

# folder: (package, files and whole folders ("name/") to serve, licences of the package and of what is in those files)
LIBRARIES: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "tabler": (
        "@tabler/core",
        ("dist/css/tabler.min.css", "dist/js/tabler.min.js"),
        {"LICENSE": "../tools/licences/tabler.txt", "LICENSE.popper.md": "@popperjs/core/LICENSE.md"},
    ),
    "chart.js": (
        "chart.js",
        ("dist/chart.umd.min.js",),
        {"LICENSE": "chart.js/LICENSE.md", "LICENSE.color.md": "@kurkle/color/LICENSE.md"},
    ),
    "pdfjs-dist": (  # the build for browsers of some years ago as well
        "pdfjs-dist",
        (
            "legacy/build/pdf.min.mjs",
            "legacy/build/pdf.worker.min.mjs",
            "cmaps/",
            "standard_fonts/",
            "wasm/jbig2.wasm",
            "wasm/openjpeg.wasm",
            "wasm/qcms_bg.wasm",
        ),
        {
            "LICENSE": "pdfjs-dist/LICENSE",
            "LICENSE.jbig2": "pdfjs-dist/wasm/LICENSE_JBIG2",
            "LICENSE.pdfjs-jbig2": "pdfjs-dist/wasm/LICENSE_PDFJS_JBIG2",
            "LICENSE.openjpeg": "pdfjs-dist/wasm/LICENSE_OPENJPEG",
            "LICENSE.pdfjs-openjpeg": "pdfjs-dist/wasm/LICENSE_PDFJS_OPENJPEG",
            "LICENSE.qcms": "pdfjs-dist/wasm/LICENSE_QCMS",
            "LICENSE.pdfjs-qcms": "pdfjs-dist/wasm/LICENSE_PDFJS_QCMS",
        },
    ),
    "tus-js-client": (
        "tus-js-client",
        ("dist/tus.min.js",),
        {
            "LICENSE": "tus-js-client/LICENSE",
            "LICENSE.js-base64.md": "js-base64/LICENSE.md",
            "LICENSE.url-parse": "url-parse/LICENSE",
            "LICENSE.querystringify": "querystringify/LICENSE",
            "LICENSE.requires-port": "requires-port/LICENSE",
            "LICENSE.lodash.throttle": "lodash.throttle/LICENSE",
        },
    ),
}


def install() -> None:
    """Install exactly what the lock names, running none of its scripts."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to fetch the browser libraries")
    subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=ROOT, check=True)  # noqa: S603


def copy_libraries() -> None:
    """Fill static/vendor/<name>-<version>/ with the served files and their licences."""
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for folder, (package, files, licences) in LIBRARIES.items():
        for old in VENDOR.glob(f"{folder}-[0-9]*"):
            shutil.rmtree(old)
        target = VENDOR / f"{folder}-{locked[f'node_modules/{package}']['version']}"
        target.mkdir(parents=True)
        for file in files:
            copy_served(MODULES / package / file, target / Path(file).name)
        for name, source in licences.items():
            shutil.copyfile(MODULES / source, target / name)


def copy_served(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.suffix in (".js", ".mjs", ".css"):
        target.write_text(without_source_map(source.read_text()))
    else:
        shutil.copyfile(source, target)


def without_source_map(text: str) -> str:
    """The file without the reference to its source map, which is not served and would stop collectstatic."""
    return re.sub(r"(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$", "", text)


def copy_icons() -> None:
    """Copy the icons named in tools/icons.txt: the shapes only, the template tag draws the rest."""
    shutil.rmtree(ICONS, ignore_errors=True)
    ICONS.mkdir(parents=True)
    for name in (ROOT / "tools" / "icons.txt").read_text().split():
        svg = (MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg").read_text()
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline|polygon|ellipse) [^>]*/>", svg)
        drawn = [shape for shape in shapes if 'stroke="none"' not in shape]  # without the empty bounding box
        (ICONS / f"{name}.svg").write_text("\n".join(drawn) + "\n")
    shutil.copyfile(MODULES / "@tabler" / "icons" / "LICENSE", ICONS / "LICENSE")


def write_sums() -> None:
    files = [*VENDOR.rglob("*"), *ICONS.iterdir()]
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(ROOT).as_posix()}"
        for file in sorted(files)
        if file.is_file() and file != SUMS
    ]
    SUMS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    install()
    copy_libraries()
    copy_icons()
    write_sums()
