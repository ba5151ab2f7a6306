"""The catalogs of locale/: compiled as they are written, and right about what they replace."""

import re

import pytest
from django.utils.translation.trans_real import DjangoTranslation

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


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_ours_address_nobody_as_a_friend(path):
    language = path.parent.parent.name
    texts = [
        text
        for message in messages.read(path, language)
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]

    assert [text for text in texts if messages.FAMILIAR[language].search(text)] == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_allauth_says_addresses_nobody_as_a_friend_either(language):
    """Sign-in, passwords and mails about them are its: a page that mixes both addresses reads as two sites."""
    catalog = DjangoTranslation(language)._catalog
    theirs = {message.id for message in messages.read(messages.catalog_of_allauth(language), language)}
    singular = {each[0] if isinstance(each, tuple) else each for each in theirs if each}
    keys = {
        key for part in catalog._catalogs for key in part if (key[0] if isinstance(key, tuple) else key) in singular
    }

    said = {catalog[key] for key in keys}

    assert len(said) > 150
    assert sorted(text for text in said if messages.FAMILIAR[language].search(text)) == []


def test_every_name_that_texts_are_looked_up_by_is_one_that_texts_are_collected_by():
    """A text that another name looks up is in no catalog, and stays English."""
    aliases = re.compile(r"\b[dnp]{0,2}gettext\w* as (\w+)")
    sources = [path for room in messages.CODE for path in (ROOT / room).rglob("*.py")]

    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources
        for name in aliases.findall(path.read_text())
        if name not in messages.KEYWORDS
    }

    assert wrong == set()


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
