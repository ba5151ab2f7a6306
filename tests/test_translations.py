"""The catalogs of locale/: compiled as they are written, and right about what they replace."""

import re

import pytest

from tests.services import ROOT
from tools import messages

CATALOGS = sorted((ROOT / "locale").rglob("*.po"))
NAME = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%[sd%]")


def test_each_language_has_each_catalog():
    found = {(path.parent.parent.name, path.stem) for path in CATALOGS}

    assert found == {(language, domain) for language in messages.LANGUAGES for domain in messages.DOMAINS}


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_catalog_is_kept_compiled_as_it_is_written(path):
    assert path.with_suffix(".mo").read_bytes() == messages.compiled(path), "run `make messages`"


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_translation_has_the_names_of_what_it_translates(path):
    """Another name would end in an error page, or in a word in braces."""
    wrong = []
    for message in messages.read(path, path.parent.parent.name):
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        allowed = {name for original in originals for name in NAME.findall(original)}
        needed = set(NAME.findall(originals[-1]))
        for text in filter(None, texts):
            found = set(NAME.findall(text))
            if found - allowed or (text == texts[-1] and needed - found):
                wrong.append(text)

    assert wrong == []


@pytest.mark.parametrize(("folder", "domain"), [("js", "djangojs"), ("player", "player")])
def test_every_text_that_a_script_looks_up_is_in_its_catalog(folder, domain):
    written = {
        text
        for path in (ROOT / "static" / folder).rglob("*.js")
        for text in re.findall(r'gettext\("((?:[^"\\]|\\.)*)"', path.read_text())
    }
    catalog = messages.read(ROOT / "locale" / "de" / "LC_MESSAGES" / f"{domain}.po", "de")

    assert written
    assert sorted(text for text in written if text not in catalog) == []


def test_the_texts_of_templates_python_and_scripts_are_found(tmp_path):
    template = (
        "{% load i18n %}{% translate 'One \"word\"' %}{% blocktranslate count n=3 trimmed %}\n {{ n }} file (a)\n"
    )
    template += "{% plural %}{{ n }} files{% endblocktranslate %}{{ x|default:_('it\\'s') }}"
    (tmp_path / "page.html").write_text(template)
    (tmp_path / "code.py").write_text(
        'from x import gettext as _\nA = _("Red")\nB = ngettext("a %(n)s", "b %(n)s", 2)\n'
    )
    (tmp_path / "script.js").write_text(
        'f(gettext("Blue {n}", { n }), ngettext("{count} a", "{count} b", 3));\n`${gettext("Green")}.`;\n'
    )

    found = [
        text
        for texts in (
            messages.template_texts(tmp_path),
            messages.python_texts([tmp_path]),
            messages.script_texts(tmp_path),
        )
        for _, text, _, _ in texts
    ]

    assert found == [
        'One "word"',
        ("%(n)s file (a)", "%(n)s files"),
        "it's",
        "Red",
        ("a %(n)s", "b %(n)s"),
        "Blue {n}",
        ("{count} a", "{count} b"),
        "Green",
    ]
