"""Collects what is to be translated into locale/*/LC_MESSAGES/*.po and compiles those; `make messages` runs it.

Four catalogs a language: `django` for Python and templates, `djangojs` for the console's scripts, `player` for the
scripts that learners see and what the server has them say, `findings` for what standards/ says of packages and for what
workers keep with an import. Babel does the work, so nothing but Python is needed.
`--compile` leaves the .po files alone.
"""

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from standards import rules

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("de", "fr", "es")
DOMAINS = ("django", "djangojs", "player", "findings")
CODE = ("accounts", "api", "config", "content", "lrs", "player", "realms", "registrations", "webhooks")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}
TO_LEARNER = {"to_learner": None}
# Words by which a translation addresses a friend. Ours address nobody so: "Sie", "vous", "usted".
FAMILIAR = {
    "de": re.compile(
        r"\b([Dd](u|ich|ir|eine?[nmrs]?)|[Bb]ist|[Gg]ib|wähle|lass|klick|bestätige|folge|[Ee]uer|[Ee]uch)\b"
    ),
    "fr": re.compile(r"\b([Tt](u|oi|on|es))\b"),
    "es": re.compile(
        r"\b([Tt](ú|us?|e|i)|[Pp]uedes|[Tt]ienes|[Ee]stás|[Hh]as|[Dd]ecides|[Vv]es|[Ii]ntroduce|[Vv]uestr[oa]s?)\b"
    ),
}
# Rooms of standards/ that read packages; what the others say reaches programs, or learners by to_learner.
READERS = (
    *("archive", "durations", "errors", "hrefs", "manifest", "metadata", "package", "prerequisites"),
    *("recognition", "registry", "repair", "resources", "single", "xmlfile"),
    *("aicc/files", "aicc/package", "cmi5/iri", "cmi5/package", "media/package", "media/reference", "xapi/package"),
    *("scorm12/package", "scorm2004/package", "scorm2004/sequencing_xml"),
)
# Rooms of the site whose messages are kept with an import, in English, and shown later.
WORKERS = ("bulk", "fetch", "importer", "limits", "mending", "storage")
SENTENCE = re.compile(r"(?<![\w.-])[a-z]{2,} [a-z<]|[a-z] [a-z]{2,}(?![\w.])|^[A-Z][a-z]+ $")
NO_SENTENCE = re.compile(
    r"\\[A-Za-z]|\(\?|\.\*|\[\^|\|[a-z]|%s|,no |^<\?"  # patterns, and what is logged
    r"|^(Basic|Document is|Extra|Start tag|Unsupp|XML decl|YouTube|common|ims|no message)"  # what others say and want
    r"|^(SCORM|AICC|IMS|cmi5|xAPI|PKWARE|Namespaces|Tin Can)[^:;]*\d$"  # clauses
)
CALL = re.compile(r" ((?:n?p?gettext|_)\()(?=[u\"'])")
SCRIPTS = {"parse_template_string": True}  # texts inside ${…} too
NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)  # catalogs made twice are the same
Found = tuple[Path, str | tuple[str, ...], str | None, list[str]]


def python_texts(folders: Iterable[Path], keywords: Mapping = KEYWORDS) -> Iterator[Found]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            with path.open("rb") as source:
                for _, text, comments, context in extract("python", source, keywords, ["Translators:"]):
                    yield path, text, context, comments


def template_texts(folder: Path) -> Iterator[Found]:
    """Django writes a template's texts as calls of gettext; each is read as a line of Python."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".html", ".txt"):
            continue
        calls = [_call_at(found) for found in CALL.finditer(templatize(path.read_text(), str(path)))]
        source = io.BytesIO("\n".join(calls).encode())
        for _, text, comments, context in extract("python", source, KEYWORDS):
            yield path, text, context, comments


def _call_at(found: re.Match[str]) -> str:
    """The call that begins there; templatize writes each on one line and Python's own literals in it."""
    rest = found.string[found.start(1) :]
    inside, end = "", 0
    for end, character in enumerate(rest):
        if inside:
            if character == inside and not re.search(r"(?<!\\)(\\\\)*\\$", rest[:end]):
                inside = ""
        elif character in "\"'":
            inside = character
        elif character == ")":
            break
    return rest[: end + 1]


def sentence_texts(paths: Iterable[Path]) -> Iterator[Found]:
    """Sentences and parts of them, also where values are put in; not docstrings, clauses and patterns."""
    for path in paths:
        tree = ast.parse(path.read_text())
        owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
        left_out = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
        }
        formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        left_out |= {id(part) for node in formatted for part in node.values}
        for node in ast.walk(tree):
            text = "" if id(node) in left_out else sentence_of(node)
            if SENTENCE.search(re.sub(r"\{\w+\}", "x", text)) and not NO_SENTENCE.search(text):
                yield path, text, None, []


def sentence_of(node: ast.AST) -> str:
    """A literal, with the values of a formatted one as {names}; "" of anything else."""
    if isinstance(node, ast.Constant):
        return re.sub(r"\\(\d)", r"{part\1}", node.value.strip()) if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    names: dict[str, str] = {}  # by the expression, so that the same value has the same name
    text = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            text += "{" + names.setdefault(ast.unparse(part.value), _name_of(part.value, names)) + "}"
        elif isinstance(part, ast.Constant):
            text += str(part.value)
    return text.strip()


def _name_of(value: ast.expr, taken: Mapping[str, str]) -> str:
    """A name for a value in a sentence, after what is asked for last: `number` for `f(each.number)`."""
    inside = [each for each in ast.walk(value) if isinstance(each, ast.Attribute | ast.Name)]
    attributes = [each.attr for each in inside if isinstance(each, ast.Attribute) and each.attr != "join"]
    plain = [
        each.id for each in inside if isinstance(each, ast.Name) and each.id not in ("len", "quoted", "shown", "str")
    ]
    name = (attributes or plain or ["value"])[0].strip("_").lower()
    while name in taken.values():
        name += "_too"
    return name


def script_texts(folder: Path) -> Iterator[Found]:
    for path in sorted(folder.rglob("*.js")):
        with path.open("rb") as source:
            for _, text, comments, context in extract("javascript", source, KEYWORDS, ["Translators:"], SCRIPTS):
                yield path, text, context, comments


def template_of(texts: Iterable[Found]) -> Catalog:
    """All messages with the files they stand in; no line numbers, which change with everything."""
    catalog = Catalog(charset="utf-8")
    for path, text, context, comments in texts:
        flags = {"python-format"} if re.search(r"%\(\w+\)", str(text)) else set()
        place = (path.relative_to(ROOT).as_posix(), 0)
        catalog.add(text, locations=[place], flags=flags, auto_comments=comments, context=context)
    return catalog


def catalog_of_allauth(language: str) -> Path:
    return Path(allauth.__file__).parent / "locale" / language / "LC_MESSAGES" / "django.po"


def familiar_texts(language: str) -> Iterator[Found]:
    """What allauth says in that language as to a friend: our catalog says it anew, and goes before."""
    for message in read(catalog_of_allauth(language), language):
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not message.fuzzy and any(FAMILIAR[language].search(str(text)) for text in said):
            text = message.id if isinstance(message.id, str) else tuple(message.id)
            yield ROOT / "allauth", text, message.context, []


def update(domain: str, texts: Iterable[Found]) -> None:
    found = list(texts)
    for language in LANGUAGES:
        template = template_of(chain(found, familiar_texts(language) if domain == "django" else ()))
        path = LOCALE / language / "LC_MESSAGES" / f"{domain}.po"
        catalog = read(path, language) if path.exists() else Catalog(locale=language, charset="utf-8")
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.header_comment = f"# {language}: {domain}"
        path.parent.mkdir(parents=True, exist_ok=True)
        written = io.BytesIO()
        write_po(written, catalog, width=120, sort_output=True, include_lineno=False, omit_header=True)
        head = (
            'msgid ""',
            'msgstr ""',
            f'"Language: {language}\\n"',
            '"Content-Type: text/plain; charset=utf-8\\n"',
            f'"Plural-Forms: {catalog.plural_forms}\\n"',
        )
        path.write_text("\n".join(head) + "\n\n" + written.getvalue().decode())


def read(path: Path, language: str) -> Catalog:
    with path.open("rb") as source:
        catalog = read_po(source, locale=language, charset="utf-8")
    catalog.creation_date = catalog.revision_date = NO_TIME
    return catalog


def compiled(path: Path) -> bytes:
    """What the .mo file beside a .po file must hold."""
    made = io.BytesIO()
    write_mo(made, read(path, path.parent.parent.name))
    return made.getvalue()


def main(words: list[str]) -> None:
    settings.configure()
    django.setup()
    if "--compile" not in words:
        server = chain(python_texts(ROOT / folder for folder in CODE), template_texts(ROOT / "templates"))
        player = chain(
            script_texts(ROOT / "static" / "player"),
            python_texts((ROOT / folder for folder in ("standards", *CODE)), TO_LEARNER),
        )
        standards, content = ROOT / "standards", ROOT / "content"
        found = chain(
            ((standards / "rules.py", text, None, []) for text in rules.texts()),
            sentence_texts(standards / f"{name}.py" for name in READERS),
            sentence_texts(content / f"{name}.py" for name in WORKERS),
            sentence_texts([ROOT / "realms" / "web.py"]),
        )
        for domain, texts in zip(DOMAINS, (server, script_texts(ROOT / "static" / "js"), player, found), strict=True):
            update(domain, texts)
    for path in sorted(LOCALE.rglob("*.po")):
        path.with_suffix(".mo").write_bytes(compiled(path))
        catalog = read(path, path.parent.parent.name)
        done = sum(1 for each in catalog if each.id and each.string and all(each.string))
        sys.stdout.write(f"{path.relative_to(ROOT)}: {done} of {len(catalog)} translated\n")


if __name__ == "__main__":
    main(sys.argv[1:])
