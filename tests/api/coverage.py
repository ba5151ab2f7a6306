"""Which operations of the public description are built, and tested with which official client.

.venv/bin/python -m tests.api.coverage > docs/api-coverage.md
"""

import os
import re
from pathlib import Path

import django

HEAD = """# What of the API is built

Made by `python -m tests.api.coverage > docs/api-coverage.md`; a test holds it to the code. *Built*: the operation
answers; otherwise it answers 501. *Python*, *JavaScript*: a test calls it with that official client, unmodified,
against the running product.
"""


def snake(name: str) -> str:
    """What the Python client calls an operation: `getCourseTags` -> `get_course_tags`."""
    return re.sub(r"(?<!^)([A-Z])", lambda match: f"_{match[1].lower()}", name.replace("LTI", "Lti"))


def called() -> set[str]:
    """The methods that tests with the Python client call."""
    here = Path(__file__).parent
    texts = (path.read_text() for path in [here / "conftest.py", *here.glob("test_python_client*.py")])
    found = {word for text in texts for word in re.findall(r"\.(\w+)\b", text)}
    return found | {word.removesuffix("_with_http_info") for word in found}


def called_by_javascript() -> set[str]:
    """The methods that tests with the JavaScript client call."""
    texts = [path.read_text() for path in (Path(__file__).parent / "js").glob("*.test.cjs")]
    return {word for text in texts for word in re.findall(r"\.(\w+)\(", text)}


def text() -> str:
    """The table of every operation, by section."""
    from api.description import operations  # noqa: PLC0415 -- once Django is set up
    from api.document import document  # noqa: PLC0415
    from api.parts import SECTIONS  # noqa: PLC0415

    assert document()
    built = {name for section in SECTIONS for _, _, name in section.declared}
    known, known_by_javascript = called(), called_by_javascript()
    rows: dict[str, list[str]] = {}
    for section, method, path, name in operations():
        is_built = name in built
        by_client = [is_built and snake(name) in known, is_built and name in known_by_javascript]
        path = re.sub(r"_([a-z])", lambda match: match[1].upper(), path)
        cells = (name, f"`{method} {path}`", "yes" if is_built else "no, 501")
        cells += tuple("yes" if each else "" for each in by_client)
        rows.setdefault(section, []).append(f"| {' | '.join(cells)} |")
    counted = sum(len(lines) for lines in rows.values())
    parts = [HEAD, f"{len(built)} of {counted} operations are built.\n"]
    for section, lines in rows.items():
        head = "| Operation | Path | Built | Python | JavaScript |\n|---|---|---|---|---|\n"
        parts.append(f"## {section}\n\n{head}" + "\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    print(text(), end="")
