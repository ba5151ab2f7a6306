"""What an import found, in the language of who reads it; the API and the command line speak English."""

import re

import pytest
from django.utils import translation

from content.models import ImportJob
from content.reports import parser_warnings
from content.sentences import in_language
from standards import rules
from tests import make
from tools import messages

NAMES = "Names are in an old encoding without saying which; they are read as CP437: a.html."
ADVICE = "If the names look wrong, make the zip file with a tool that writes UTF-8 names."


@pytest.mark.parametrize(
    ("said", "german"),
    [
        ("This is not a zip file.", "Das ist keine ZIP-Datei."),
        (
            "Item I1 launches a b.html, which is not in the package.",
            "Das Item I1 startet a b.html, was nicht im Paket ist.",
        ),
        # a part in a part, and a number
        (
            "Item I1: the href A.HTM has back-slashes instead of slashes; a.htm is taken.",
            "Item I1: Das href A.HTM hat Backslashes statt Schrägstrichen; genommen wird a.htm.",
        ),
        (
            "1,024 more findings like the 50 listed as href-spelling.",
            "1,024 weitere Befunde wie die 50 als href-spelling aufgelisteten.",
        ),
        ("The connection to the server broke off.", "Die Verbindung zum Server ist abgebrochen."),
        ("There is no server named a.example.", "Es gibt keinen Server namens a.example."),
        ("Nobody has ever said this of a package.", "Nobody has ever said this of a package."),
        ("", ""),
    ],
)
def test_a_sentence_is_said_in_the_language_of_the_page(said, german):
    with translation.override("de"):
        assert in_language(said) == german
    assert in_language(said) == said


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_rule_is_explained_in_each_language(language):
    with translation.override(language):
        same = [text for text in rules.texts() if in_language(text) == text]

    assert [text for text in same if re.search(r"[a-z]{3,} [a-z]{3,}", text)] == []


@pytest.mark.django_db
def test_the_report_speaks_the_language_of_the_reader_and_the_api_english(client):
    owner = make.user(language="fr")
    realm = make.realm(owner)
    course = make.course("scorm12_two_scos", of=realm)
    job = ImportJob.objects.get(version__course=course)
    job.findings = [
        {"code": "zip-name-cp437", "severity": "warning", "file": "a.html", "message": NAMES, "advice": ADVICE},
        {"code": "gone-since", "severity": "hint", "message": "Said by an earlier release."},
    ]
    job.save()
    client.force_login(owner)

    page = client.get(f"/r/{realm.slug}/imports/{job.pk}/").text

    assert "Les noms sont dans un ancien codage sans dire lequel" in page
    assert "Si les noms semblent faux, créez le fichier ZIP" in page
    assert "Les fichiers dont le nom est mal lu ne sont pas trouvés" in page
    assert "Said by an earlier release." in page
    assert parser_warnings(job)[0].startswith(f"a.html: [zip-name-cp437] {NAMES}")
