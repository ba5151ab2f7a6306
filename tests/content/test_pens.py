"""Packages that authoring tools push by PENS: the message, the import, the receipt and the alerts."""

import base64
import smtplib
import threading
import time
import urllib.parse
import urllib.request
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from content import pens, pens_notices, tasks
from content.models import Course, ImportJob, PensCollect, PensNotice
from realms.models import PensKey
from realms.services import make_pens_key
from registrations.models import Registration
from tests import make
from tests.content.packages import package
from tests.content.test_fetch import Site, leads_to, sends, site  # noqa: F401 -- a fixture
from tests.services import Cloud

LATER = "2999-01-01T00:00:00Z"
TEXTS = {
    "command": "collect",
    "pens-version": "1.0.0",
    "package-type": "scorm-pif",
    "package-type-version": "1.2",
    "package-format": "zip",
    "package-id": "http://tool.example/golf",
    "package-url": "http://tool.example/golf.zip",
    "package-url-expiry": LATER,
    "client": "Tool",
    "receipt": "mailto:author@example.com",
    "vendor-data": "a=1\nb=2",
}
COURSE_ID = pens.course_id(TEXTS["package-id"])


@pytest.fixture
def keyed(application):
    """The application with what its PENS messages begin with."""
    return application, TEXTS | {"system-user-id": application.app_id, "system-password": make_pens_key(application)}


def fields(answer) -> dict[str, str]:
    lines = answer.content.decode().split("\r\n")
    assert [line.partition("=")[0] for line in lines] == ["error", "error-text", "version", "pens-data"]
    return dict(line.split("=", 1) for line in lines)


def said_to(site: Site, path: str, status: int = 200) -> list[dict[str, str]]:  # noqa: F811
    """What is posted to that path from now on."""
    heard: list[dict[str, str]] = []

    def take(handler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        heard.append(dict(urllib.parse.parse_qsl(body, keep_blank_values=True)))
        sends(b"error=0\r\n")(handler) if status == 200 else handler.send_error(status)

    site.pages[path] = take
    site.RequestHandlerClass.do_POST = lambda handler: handler.server.pages[handler.path](handler)
    return heard


# --- the message ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_message_becomes_an_import_job_without_session_or_form_token(keyed, method):
    application, message = keyed
    client = Client(enforce_csrf_checks=True)

    answer = getattr(client, method)("/pens/", message | {"package-url-user-id": "u", "package-url-password": "p"})

    job = ImportJob.objects.get()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert fields(answer) == {
        "error": "0",
        "error-text": "collect command received and understood",
        "version": "1.0.0",
        "pens-data": f"import-job={job.pk}",
    }
    assert dict(answer.cookies) == {}
    assert (job.application, job.url, job.course_id) == (application, TEXTS["package-url"], COURSE_ID)
    assert job.pens.message["vendor-data"] == "a=1\nb=2"
    assert not {"system-password", "package-url-password"} & set(job.pens.message)
    assert PensKey.objects.get().last_used is not None


@pytest.mark.django_db
def test_the_same_message_twice_makes_one_job(keyed):
    _, message = keyed

    first, again = (fields(Client().post("/pens/", message)) for _ in range(2))

    assert first == again
    assert ImportJob.objects.count() == PensCollect.objects.count() == 1


WRONG = [
    ({"pens-version": "one"}, 2001),
    ({"pens-version": "2.0.0"}, 1420),
    ({"command": "delete"}, 1421),
    ({"package-type": "lms-qti"}, 1430),
    ({"package-format": "rar"}, 2005),
    ({"package-url": "ftp://a.example/a.zip"}, 1304),
    ({"package-url": "ftps://a.example/a.zip"}, 1306),
    ({"package-url": "nowhere"}, 2008),
    ({"package-url": "http://u:p@a.example/a.zip"}, 2008),
    ({"package-url-expiry": "tomorrow"}, 1320),
    ({"package-url-expiry": "2001-01-01T00:00:00"}, 1322),
    ({"package-id": "x" * 2001}, 2007),
    ({"package-id": "a\0b"}, 2007),
    ({"receipt": "ftp://a.example/"}, 1510),
    ({"receipt": "mailto:nobody"}, 2011),
    ({"receipt": "mailto:a@example.com%0ABcc:b@example.com"}, 2011),
    ({"receipt": f"mailto:{','.join(f'a{n}@example.com' for n in range(11))}"}, 2011),
    ({"alerts": "tel:1"}, 1520),
    ({"vendor-data": "x" * 32_769}, 1201),
    ({"vendor-data": "a\0b"}, 1201),
    ({"client": ["a", "b"]}, 1201),
    ({"system-password": "wrong"}, pens.BAD_CREDENTIALS),
    ({"system-user-id": "NOSUCHAPPL"}, pens.BAD_CREDENTIALS),
    ({"pens-version": "2.0.0", "package-url-expiry": "tomorrow", "package-id": ""}, 2007),  # the highest of several
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "code"), pens.REQUIRED.items())
def test_a_required_parameter_that_is_missing_has_its_code(keyed, name, code):
    message = {each: value for each, value in keyed[1].items() if each != name}

    answer = Client().post("/pens/", message)

    assert (fields(answer)["error"], ImportJob.objects.count()) == (str(code), 0)


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "code"), WRONG)
def test_what_is_wrong_has_its_code(keyed, change, code):
    answer = Client().post("/pens/", keyed[1] | change)

    assert (answer.status_code, fields(answer)["error"], ImportJob.objects.count()) == (200, str(code), 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "expiry", ["", "2999-07-22T06:51:29", "2999-07-22T06:51:29.5Z", "29990722T065129Z", "2999-07-22T06:51:29 02:00"]
)
def test_a_time_however_iso_8601_writes_it(keyed, expiry):
    answer = Client().get("/pens/", keyed[1] | {"package-url-expiry": expiry})

    assert fields(answer)["error"] == "0"


@pytest.mark.django_db
def test_bodies_that_are_no_messages(keyed):
    client = Client()
    huge = client.post("/pens/", keyed[1] | {"vendor-data": "x" * 200_000})
    many = client.get("/pens/?" + "&".join(f"a{n}=1" for n in range(2000)))
    broken = client.post("/pens/", b"nonsense", content_type="multipart/form-data; boundary=")
    other = client.put("/pens/", b"")

    assert [fields(each)["error"] for each in (huge, many, broken)] == ["1101"] * 3
    assert [huge.status_code, many.status_code, broken.status_code, other.status_code] == [413, 200, 200, 405]
    assert ImportJob.objects.count() == 0


@pytest.mark.django_db
def test_another_applications_key_opens_nothing_and_a_replaced_one_no_more(keyed):
    application, message = keyed
    others = make.internal_application(make.realm())
    theirs = make_pens_key(others)

    crossed = Client().post("/pens/", message | {"system-password": theirs})
    make_pens_key(application)
    replaced = Client().post("/pens/", message)

    assert [fields(each)["error"] for each in (crossed, replaced)] == [str(pens.BAD_CREDENTIALS)] * 2
    assert ImportJob.objects.count() == 0


@pytest.mark.django_db
def test_keys_cannot_be_tried_without_end(keyed):
    wrong = keyed[1] | {"system-password": "guess"}

    statuses = [Client().get("/pens/", wrong).status_code for _ in range(11)]
    right = Client().get("/pens/", keyed[1])

    assert statuses == [200] * 10 + [429]
    assert (right.status_code, fields(right)["error"], ImportJob.objects.count()) == (429, str(pens.TOO_OFTEN), 0)


def test_package_ids_become_course_ids_that_stay_apart():
    ids = ["golf", "http://a.example/golf", "http:/a.example/golf", "http://a.example/Golf", "グ", "x" * 2000]

    made = [pens.course_id(each) for each in ids]

    assert made[0] == "golf"
    assert made[1].startswith("http-a.example-golf-")
    assert len(set(made)) == len(ids)
    assert all(len(each) <= 255 and each.isascii() for each in made)


# --- what comes of it -------------------------------------------------------------------------------------------------


@pytest.fixture
def push(keyed, site, django_capture_on_commit_callbacks):  # noqa: F811
    """Push a package by PENS as a tool does, and let the worker have it."""

    def run(title: str = "Golf", **change: str) -> ImportJob:
        site.pages.setdefault("/golf.zip", sends(package(title=title)))
        with django_capture_on_commit_callbacks(execute=True):
            answer = Client().post("/pens/", keyed[1] | {"package-url": site.url("/golf.zip")} | change)
        assert fields(answer)["error"] == "0", answer.text
        return ImportJob.objects.latest("created")

    return run


@pytest.mark.django_db
def test_a_package_is_collected_and_the_tool_hears_of_it(push, site):  # noqa: F811
    heard = said_to(site, "/hears")

    job = push(receipt=site.url("/hears"), alerts=site.url("/hears"))

    echo = {name: job.pens.message[name] for name in pens_notices.ECHOED}
    common = {"pens-version": "1.0.0", "client": "SCORM Cloud", "error": "0", "version": "1.0.0"} | echo
    assert job.state == ImportJob.State.COMPLETE
    assert job.version.course.course_id == COURSE_ID
    assert heard == [
        common | {"command": "receipt", "error-text": "package successfully collected", "pens-data": ""},
        common
        | {"command": "alert", "error-text": "package successfully deployed", "pens-data": f"course-id={COURSE_ID}"},
    ]
    assert not PensNotice.objects.filter(sent=None).exists()


@pytest.mark.django_db
def test_a_receipt_by_mail(push):
    push(receipt="mailto:author@example.com,%20second@example.com?subject=ignored")

    assert [(each.to, each.subject) for each in mail.outbox] == [
        (["author@example.com", "second@example.com"], "PENS receipt: package successfully collected")
    ]
    assert "package-id=http://tool.example/golf\n" in mail.outbox[0].body.replace("\r\n", "\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "receipt", "alert"),
    [
        (sends(b"no package"), 0, 1432),
        (lambda handler: handler.send_error(404), 1310, 1310),
        (lambda handler: handler.send_error(401), 1312, 1312),
        (leads_to("http://10.0.0.1/a.zip"), 1310, 1310),
    ],
)
def test_what_went_wrong_is_told(push, site, page, receipt, alert):  # noqa: F811
    site.pages["/golf.zip"] = page
    heard = said_to(site, "/hears")

    job = push(receipt=site.url("/hears"), alerts=site.url("/hears"))

    assert (job.state, Course.objects.count()) == (ImportJob.State.FAILED, 0)
    assert [(each["command"], int(each["error"])) for each in heard] == [("receipt", receipt), ("alert", alert)]
    assert heard[1]["error-text"] == " ".join(job.message.split())[:500]


@pytest.mark.django_db
def test_a_package_whose_time_was_over_before_it_could_be_had_is_told_so(keyed):
    Client().post("/pens/", keyed[1] | {"alerts": "mailto:author@example.com"})
    job = ImportJob.objects.get()
    job.pens.message["package-url-expiry"] = "2001-01-01T00:00:00Z"  # what waiting comes to
    job.pens.save()
    gone = {"code": "fetch-failed", "message": "The server answered 404 Not Found.", "severity": "error"}
    ImportJob.objects.filter(pk=job.pk).update(state=ImportJob.State.FAILED, findings=[gone])

    pens_notices.note_end(job.pk)

    assert list(PensNotice.objects.order_by("pk").values_list("command", "error")) == [
        ("receipt", 1322),
        ("alert", 1322),
    ]


@pytest.mark.django_db
def test_the_password_of_the_package_goes_to_its_own_server_alone_and_is_forgotten(push, site, settings):  # noqa: F811
    seen: list[tuple[str, str | None]] = []

    def guarded(handler) -> None:
        seen.append((handler.path, handler.headers["Authorization"]))
        leads_to(f"http://localhost:{site.server_port}/elsewhere.zip")(handler)

    def elsewhere(handler) -> None:
        seen.append((handler.path, handler.headers["Authorization"]))
        sends(package())(handler)

    site.pages |= {"/golf.zip": guarded, "/elsewhere.zip": elsewhere}
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1", "localhost"]

    job = push(**{"package-url-user-id": "ünique", "package-url-password": "pass word"})

    basic = "Basic " + base64.b64encode("ünique:pass word".encode()).decode()
    assert job.state == ImportJob.State.COMPLETE
    assert seen == [("/golf.zip", basic), ("/elsewhere.zip", None)]
    assert (job.pens.user_id, job.pens.password) == ("", "")


@pytest.mark.django_db
def test_a_course_without_registrations_is_updated_in_place(push):
    first = push().version
    push(client="again")

    course = Course.objects.get()
    assert [version.number for version in course.versions.all()] == [0]
    assert course.current_version_id not in (None, first.pk)


@pytest.mark.django_db
def test_a_course_with_registrations_gets_a_new_version(push):
    make.registration(push().version.course)
    push(client="again")

    course = Course.objects.get()
    assert [version.number for version in course.versions.all()] == [1, 0]
    assert (course.current_version.number, Registration.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_notice_nobody_takes_is_sent_again_and_given_up_at_last(push, site):  # noqa: F811
    heard = said_to(site, "/hears", status=500)
    push(receipt=site.url("/hears"))
    notice = PensNotice.objects.get()

    assert (notice.attempts, notice.sent, notice.failure) == (1, None, "The server answered 500 Internal Server Error.")
    assert notice.due > timezone.now()
    for _ in range(pens_notices.MAX_ATTEMPTS + 3):
        pens_notices.send_due(timezone.now() + timedelta(days=1))
        PensNotice.objects.exclude(due=None).update(due=timezone.now())
    notice.refresh_from_db()
    assert (notice.attempts, notice.due, len(heard)) == (pens_notices.MAX_ATTEMPTS, None, pens_notices.MAX_ATTEMPTS)


@pytest.mark.django_db
def test_a_notice_goes_to_no_private_address(push, settings):
    job = push(receipt="http://192.168.0.1/hears")

    notice = PensNotice.objects.get()
    assert job.state == ImportJob.State.COMPLETE
    assert (notice.sent, "private network" in notice.failure) == (None, True)


@pytest.mark.django_db
def test_a_mail_server_that_is_away_costs_time_only(push, settings):
    settings.EMAIL_BACKEND = "tests.content.test_pens.AwayBackend"
    push()
    assert "away" in PensNotice.objects.get().failure

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    PensNotice.objects.update(due=timezone.now())
    tasks.sweep()

    assert (PensNotice.objects.exclude(sent=None).count(), len(mail.outbox)) == (1, 1)


class AwayBackend:
    """A mail server that cannot be reached."""

    def __init__(self, **_: object) -> None:
        pass

    def send_messages(self, messages: object) -> int:
        raise smtplib.SMTPServerDisconnected("away")


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_key_is_made_shown_once_replaced_and_deleted(client, settings):
    realm = make.realm(owner := make.user())
    application = realm.applications.get(is_internal=False)
    client.force_login(owner)
    path = f"/r/{realm.slug}/apps/{application.app_id}/pens-key/"

    shown = client.post(path)
    first = PensKey.objects.get().key_hash
    later = client.get(f"/r/{realm.slug}/apps/{application.app_id}/")
    again = client.post(path)
    second = PensKey.objects.get().key_hash
    client.post(f"{path}delete/")

    assert 'id="new-pens-key"' in shown.text
    assert 'id="new-pens-key"' in again.text
    assert 'id="new-pens-key"' not in later.text
    assert f"{settings.CONSOLE_ORIGIN}/pens/" in later.text
    assert "no-store" in shown["Cache-Control"]
    assert (first != second, PensKey.objects.count()) == (True, 0)


# --- the running product ----------------------------------------------------------------------------------------------


@pytest.mark.services
def test_a_push_to_the_running_product(own_cloud: Cloud):
    own_cloud.environment["FETCH_ALLOWED_HOSTS"] = "127.0.0.1"
    own_cloud.start()
    made = own_cloud.account()
    app_id = own_cloud.manage("shell", "-c", APP_AND_KEY).stdout.strip().splitlines()[-1]
    name, key = app_id.split(" ")
    assert made
    with Site() as tool:
        thread = threading.Thread(target=tool.serve_forever)
        thread.start()
        heard = said_to(tool, "/hears")
        tool.pages["/golf.zip"] = sends(package())
        said = TEXTS | {"system-user-id": name, "system-password": key, "package-url": tool.url("/golf.zip")}
        said |= {"receipt": tool.url("/hears"), "alerts": tool.url("/hears")}
        with urllib.request.urlopen(f"{own_cloud.console}/pens/", urllib.parse.urlencode(said).encode()) as answer:
            assert answer.read().startswith(b"error=0\r\n")
        give_up = time.monotonic() + 90
        while len(heard) < 2 and time.monotonic() < give_up:
            time.sleep(0.1)
        tool.shutdown()
        thread.join()

    assert [(each["command"], each["error"]) for each in heard] == [("receipt", "0"), ("alert", "0")]


APP_AND_KEY = """
from realms.models import Application; from realms.services import make_pens_key
application = Application.objects.get(is_internal=False)
print(application.app_id, make_pens_key(application))
"""
