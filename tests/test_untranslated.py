"""No page and no refusal shows a word that passes the catalogs by.

Every translation is put into brackets, every page of a realm with one of everything in it is drawn in that language,
and what stands outside of brackets must be somebody's data or a name that is the same in all languages. What is English
in every language says so: translate="no" for data, lang="en" for the words of the books.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from django.db import transaction
from django.test import Client
from django.utils.translation import trans_real

from accounts.models import User
from content import bulk, importer, sentences, storage
from content.models import CourseVersion, ImportJob
from content.services import Wish, start_bulk, start_import
from realms.words import words_of
from registrations.logs import METHODS
from registrations.models import Registration
from registrations.reports import summing
from tests import make
from tests.services import ROOT
from tests.test_tenancy import OF_A_REALM, House, visitor
from tools import messages

WORD = re.compile(r"[^\W\d_]{2,}")
READ = ("title", "aria-label", "aria-description", "placeholder", "alt", "data-most-words")
SKIPPED = ("script", "style", "code", "pre", "kbd", "textarea", "template")
# Names, units, and what the standards and the API call it everywhere; then addresses, ids and zones.
NAMES = re.compile(
    r"SCORM( Cloud| 1\.2| 2004)?( [234](nd|rd|th) Edition)?|xAPI( \(Tin Can\))?|cmi5|App ID|OAuth|Deutsch|English"
    r"|Français|Español|adl\.data|AU|SCO|\d+ (h|min|s)\b|min\b|\b[A-Z]{3,4}\b|UTF-8|\bMP[34]\b|\bPT[\dHMS.]+"
    r"|\S+@\S+|https?://\S*|\b[\w-]+\.(example|test)\b|\?part=\d|\b(msg_|sandbox-)[\w-]+|[\w /,.'-]+\([^)]*\d\d:\d\d\)"
)
REPORTS = {
    "scorm12": {"lesson_status": "passed", "score__raw": "87.5", "exit": "suspend"},
    "scorm20": {
        "cmi.completion_status": "completed",
        "cmi.success_status": "passed",
        "cmi.score.scaled": "0.875",
        "cmi.interactions.0.id": "Q1",
        "cmi.interactions.0.type": "choice",
        "cmi.interactions.0.learner_response": "a",
        "cmi.interactions.0.result": "correct",
        "cmi.objectives.0.id": "O1",
        "cmi.objectives.0.success_status": "passed",
    },
}
# Outside of the elements in which they stand; a template says them in English in whatever language.
TAGS = re.compile(
    r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}|\{%\s*blocktrans.*?endblocktrans\w*\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.S
)
ARGUMENT = re.compile(r"\{%\s*include\b[^%]*?\b(?:label|title|text|words|heading)=\"([^\"]*)\"")
IN_ENGLISH = ("api", "realms/styleguide.html")  # developers' reference


class Texts(HTMLParser):
    """What a person reads of a page, outside of the brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED or ("translate", "no") in attributes or ("lang", "en") in attributes or tag in self.inside:
            self.inside.append(tag)
        for name, value in attributes:
            if name in READ and value and not self.inside:
                self.found.append(outside(value)[0])

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()  # those of the same name inside of it were counted

    def handle_data(self, data: str) -> None:
        if not self.inside:
            text, self.depth = outside(data, self.depth)
            self.found.append(text)


def outside(text: str, depth: int = 0) -> tuple[str, int]:
    """The text without what is in brackets; a translation may hold elements, so they may end in another text."""
    kept = ""
    for character in text:
        if character == "⟧":
            depth -= 1
        elif character == "⟦":
            depth += 1
        elif not depth:
            kept += character
    return kept, depth


def untranslated(page: str, data: list[str]) -> list[str]:
    texts = Texts()
    texts.feed(page)
    assert texts.depth == 0, "a translation was cut off"
    each_known = "|".join(re.escape(each) for each in sorted(data, key=len, reverse=True)) or "(?!)"
    known = re.compile(rf"(?<!\w)(?:{each_known})(?!\w)")  # a random id may hold somebody's initials
    left = [" ".join(NAMES.sub(" ", known.sub(" ", text)).split()) for text in texts.found]
    return sorted({text for text in left if WORD.search(text)})


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[None]:
    """German, with each of its translations in brackets: those of the installed libraries too."""
    catalog = trans_real.DjangoTranslation("de")
    for part in catalog._catalog._catalogs:
        part.update({key: f"⟦{text}⟧" for key, text in part.items() if key})
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for domain in ("djangojs", "findings", "player"):
        found = messages.read(ROOT / "locale" / "de" / "LC_MESSAGES" / f"{domain}.po", "de")
        for message in found:
            if isinstance(message.string, tuple):
                message.string = tuple(f"⟦{text}⟧" for text in message.string)
            elif message.id:
                message.string = f"⟦{message.string}⟧"
        with (folder / f"{domain}.mo").open("wb") as file:
            write_mo(file, found)
    settings.LOCALE_PATHS = [tmp_path]  # Django forgets its catalogs then
    monkeypatch.setitem(trans_real._translations, "de", catalog)
    _forget()
    yield
    _forget()


def _forget() -> None:
    words_of.cache_clear()
    sentences._catalog.cache_clear()


@pytest.fixture
def house() -> House:
    """With courses of two standards that have been played, and an import that failed."""
    made = House(make.user("owner@example.com", first_name="Olga", language="de", time_zone="Europe/Berlin"))
    assert made.things
    for package in ("scorm2004_multi", "scorm12_prerequisites"):
        registration = make.registration(make.course(package, of=made.realm), made.owner.email)
        Registration.objects.filter(pk=registration.pk).update(is_sandbox=False)
        played = make.launch(registration)
        played.report(finished=True, seconds=90.0, **REPORTS[package[:7]])
        played.go("continue")
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder) / "broken.zip"
        broken.write_bytes(b"no zip")
        job = start_import(make.internal_application(made.realm), broken, broken.name, Wish(), queued=False)
    importer.run(job.pk)
    summing.run()
    return made


def data_of(house: House) -> list[str]:
    """What the pages show of the house that people and systems have written."""
    versions = CourseVersion.objects.filter(course__application__realm=house.realm).select_related("course")
    courses = {name for each in versions for name in (each.course.title, each.course.course_id)}
    files = {name for each in versions for name in (each.file_name, *(file.path for file in each.files.all()))}
    activities = {one.title for each in versions for one in each.read_structure().activities.values()}
    people = [f"{each.first_name} {each.last_name}" for each in User.objects.all()]
    return [
        *(house.realm.name, *courses, *files, *activities, *people, house.owner.first_name),
        *house.realm.applications.values_list("name", flat=True),
        *("Ada Lovelace", "Lovelace, Ada", "Content", "Large", "Ours", "Little", "Trial", "First Secret Key", "OO"),
        *("broken.zip", "sample-course.zip", "2004 4th Edition", "shared"),
        *METHODS,
    ]


def others(house: House) -> Iterator[dict[str, object]]:
    """What stands in the routes for each further thing of the house."""
    for registration in Registration.objects.filter(application__realm=house.realm).select_related("course"):
        yield {
            "registrations/<int:pk>": registration.pk,
            "courses/<int:pk>": registration.course_id,
            "versions/<int:pk>": registration.course.current_version_id,
        }
    for job in ImportJob.objects.filter(application__realm=house.realm):
        yield {"imports/<uuid:job_id>": job.pk}


def addresses(house: House) -> Iterator[str]:
    yield from map(house.address, OF_A_REALM)
    for places in others(house):
        house.things.update(places)
        for route in OF_A_REALM:
            if any(place in route for place in places):
                yield house.address(route)


def left_on(house: House, ask: Callable[[str], Any]) -> dict[str, list[str]]:
    """What is not translated, with the addresses where it is."""
    found: dict[str, list[str]] = {}
    data, pages = data_of(house), 0
    for address in addresses(house):
        answer = ask(address)
        if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
            pages += 1
            for text in untranslated(answer.content.decode(), data):
                found.setdefault(text, []).append(address)
        if answer.streaming:
            all(True for _ in answer)  # to its end, where the client closes it
    assert pages > 50
    return found


def header_of(file: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(file.decode("utf-8-sig"))))


def tables_for(house: House) -> Iterator[tuple[str, list[str]]]:
    """The header of every table that the house lets a person have as a file, with where it comes from."""
    client = visitor(house.owner)
    for address in addresses(house):
        answer = client.get(address)
        if answer.headers.get("Content-Type", "").startswith("text/csv"):
            yield address, header_of(answer.getvalue())
        elif answer.streaming:
            all(True for _ in answer)
        for key in answer.context.get("tables", {}) if "/reports/" in address and answer.context else ():
            yield f"{address} {key}", header_of(client.get(address, {"csv": key}).getvalue())
    courses = list(
        CourseVersion.objects.filter(course__application__realm=house.realm).values_list("course", flat=True)
    )
    job = start_bulk(house.realm, house.owner.pk, "export", courses, {"packages": False})
    bulk.run(job.pk)
    job.refresh_from_db()
    with storage.open_file(job.file) as file:
        yield "the list of courses", header_of(file.read())


@pytest.mark.django_db
def test_files_of_tables_have_their_headers_in_the_language_and_zone_of_who_has_them(bracketed, house):
    found = dict(tables_for(house))

    left = {place: untranslated_cells(header) for place, header in found.items() if untranslated_cells(header)}
    assert left == {}
    assert {"usage.csv", "audit.csv", "registrations/export/"} <= {
        place.split("/", 3)[3].removeprefix("account/") for place in found if place[0] == "/"
    }
    assert len(found) > 12
    moments = [cell for header in found.values() for cell in header if cell.endswith("(Europe/Berlin)")]
    assert len(moments) >= 9
    assert not any("UTC" in cell for header in found.values() for cell in header)


def untranslated_cells(header: list[str]) -> list[str]:
    """Units and zones stand in parentheses after the name."""
    names = (re.sub(r" \((%|s|Europe/Berlin)\)$", "", cell) for cell in header)
    return [name for name in names if WORD.search(NAMES.sub(" ", outside(name)[0]))]


def test_tables_are_written_as_files_in_one_place():
    """So that the rule about their headers holds for a further one too."""
    rooms = [path for room in messages.CODE for path in (ROOT / room).rglob("*.py")]

    found = [
        path.relative_to(ROOT).as_posix() for path in rooms if re.search(r"csv\.(Dict)?[wW]riter", path.read_text())
    ]

    assert found == ["realms/sheets.py"]


def send_nothing(client: Client, address: str) -> Any:
    """Send an empty form, and see what is said of it; nothing stays done."""
    with transaction.atomic():
        answer = client.post(address, {"name": "", "code": "x"})
        if answer.status_code == 302:
            answer = client.get(answer.headers["Location"])
        transaction.set_rollback(True)
    return answer


@pytest.mark.django_db
def test_no_page_of_a_realm_shows_a_text_that_is_not_translated(bracketed, house):
    assert left_on(house, visitor(house.owner).get) == {}


@pytest.mark.django_db
def test_nothing_that_is_said_of_an_empty_form_is_left_untranslated(bracketed, house):
    assert left_on(house, partial(send_nothing, visitor(house.owner))) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["login/", "signup/", "password/reset/", "logout/"])
def test_no_page_before_the_sign_in_shows_a_text_that_is_not_translated(bracketed, name):
    client = Client(headers={"accept-language": "de", "host": visitor().defaults["HTTP_HOST"]})

    found = [client.get(f"/accounts/{name}", follow=True), client.post(f"/accounts/{name}", {}, follow=True)]

    assert [untranslated(each.content.decode(), []) for each in found] == [[], []]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["settings/", "settings/language/", "settings/mails/", "realms/", "sso/", "accounts/2fa/"]
)
def test_no_page_of_an_account_shows_a_text_that_is_not_translated(bracketed, name):
    person = make.user("owner@example.com", first_name="Olga", language="de")
    realm = make.realm(person)

    answer = visitor(person).get(f"/{name}", follow=True)

    data = [realm.name, f"Olga {person.last_name}", "Olga", "OO"]
    assert untranslated(answer.content.decode(), data) == []


def test_no_template_says_a_word_that_is_not_to_be_translated():
    found = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT / "templates").as_posix()
        if name.startswith(IN_ENGLISH):
            continue
        text = path.read_text()
        left = untranslated(TAGS.sub("", text), []) + ARGUMENT.findall(text)
        if left:
            found[name] = left

    assert found == {}
