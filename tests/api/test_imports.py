"""Imports and files of courses: what is taken in, what is refused, and that nothing is left behind."""

import io
import zipfile
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, unquote

import pytest
import rustici_software_cloud_v2 as official
from django.conf import settings as django_settings

from api.models import ImportPostback
from api.postbacks import begin_missed
from api.rates import WAITING_AT_MOST, waiting
from api.tasks import sweep
from config.celery import app as celery
from content import services, storage
from content.models import Course, ImportJob
from realms.models import BillingPlan
from tests.api.calling import Api, api, course, message, multipart
from tests.media import pdf
from tests.packages import package_zip
from tests.receiver import receiver
from tests.services import free_port

pytestmark = pytest.mark.django_db
UPLOAD = "/courses/importJobs/upload?courseId=golf"


@pytest.fixture
def left_in_uploads():
    """What lies in the folder of uploads, beside what lay there before."""
    before = set(storage.upload_folder().iterdir())
    return lambda: set(storage.upload_folder().iterdir()) - before


def take_in(mine: Api, capture, path: str = UPLOAD, archive: bytes = b"", **fields: str) -> dict:
    """Upload, run the import; the job as it is told then."""
    with capture(execute=True):
        made = mine.post(path, **multipart(archive or package_zip("scorm12_single"), **fields))
    assert made.status_code == 200, made.content
    return mine.get(f"/courses/importJobs/{made.json()['result']}").json()


def test_an_upload_is_taken_in(django_capture_on_commit_callbacks, left_in_uploads):
    mine = api()

    job = take_in(mine, django_capture_on_commit_callbacks, f"{UPLOAD}&tags=a,b%20c&mayCreateNewVersion=False")

    assert (job["status"], job["message"]) == ("COMPLETE", "Import successful.")
    assert job["importResult"]["webPathToCourse"] == "/api/v2/courses/golf/versions/0"
    assert job["importResult"]["course"]["tags"] == ["a", "b c"]
    assert left_in_uploads() == set()
    assert Course.objects.get(course_id="golf").application == mine.application


def test_a_job_waits_and_fails_in_words(django_capture_on_commit_callbacks):
    mine = api()
    made = mine.post(UPLOAD, **multipart(b"no zip at all")).json()["result"]
    waiting = mine.get(f"/courses/importJobs/{made}").json()
    failed = take_in(mine, django_capture_on_commit_callbacks, archive=b"no zip at all")

    assert waiting == {"jobId": made, "status": "RUNNING", "message": "Waiting"}
    assert failed["status"] == "ERROR"
    assert failed["message"]
    assert len(failed["importResult"]["parserWarnings"]) == 1
    assert api().get(f"/courses/importJobs/{made}").status_code == 404
    assert message(mine.get("/courses/importJobs/none"))[0] == 404


def test_a_course_that_is_there_is_not_replaced_unasked(django_capture_on_commit_callbacks, left_in_uploads):
    mine = api()
    course(mine)

    refused = mine.post(UPLOAD, **multipart(package_zip("scorm12_single")))
    again = take_in(mine, django_capture_on_commit_callbacks, f"{UPLOAD}&mayCreateNewVersion=True")

    assert message(refused) == (409, "There is a course with the id golf already.")
    assert again["importResult"]["course"]["version"] == 1
    assert left_in_uploads() == set()


def test_what_is_said_of_a_medium(django_capture_on_commit_callbacks):
    mine = api()
    said = '{"title": "Handbook", "description": "All", "contentLanguage": "en", "estimatedDuration": 90}'

    take_in(mine, django_capture_on_commit_callbacks, archive=pdf(), contentMetadata=said)

    found = mine.get("/courses/golf?includeCourseMetadata=true").json()
    assert (found["title"], found["metadata"]) == (
        "Handbook",
        {
            "title": "Handbook",
            "titleLanguage": "en",
            "description": "All",
            "descriptionLanguage": "en",
            "typicalTime": "PT1M30S",
            "keywords": [],
        },
    )


def without_a_name() -> dict:
    """As a client sends bytes that it was told no name of."""
    request = multipart(b"PK\0")
    return request | {"body": request["body"].replace(b'; filename="package.zip"', b"")}


@pytest.mark.parametrize(
    ("path", "request_", "status", "words"),
    [
        ("/courses/importJobs/upload", multipart(b"x"), 400, "courseId: it is missing."),
        (f"/courses/importJobs/upload?courseId={'x' * 256}", multipart(b"x"), 400, "courseId: it has more than 255"),
        ("/courses/importJobs/upload?courseId=", multipart(b"x"), 400, "courseId: it has fewer than 1 characters."),
        ("/courses/importJobs/upload?courseId=a%00b", multipart(b"x"), 400, "courseId: a text has the character NUL."),
        (UPLOAD, multipart(b""), 400, "file: it is empty."),
        (UPLOAD, {"body": b"--x--\r\n", "content_type": "multipart/form-data; boundary=x"}, 400, "file: it is missing"),
        (UPLOAD, without_a_name(), 400, "file: the part of this name has no filename"),
        (UPLOAD, {"body": b"x", "content_type": "multipart/form-data"}, 400, "Invalid boundary in multipart"),
        (UPLOAD, {"body": {}}, 415, "The body must be multipart/form-data."),
        (UPLOAD, multipart(b"x", contentMetadata="{"), 400, "contentMetadata: Invalid JSON"),
        (UPLOAD, multipart(b"x", contentMetadata='{"title": []}'), 400, "contentMetadata.title: "),
        (UPLOAD, multipart(b"x", contentMetadata="a\0b"), 400, "contentMetadata: a text has the character NUL."),
        (f"{UPLOAD}&postbackUrl=ftp://x", multipart(b"x"), 400, "postbackUrl: "),
        (f"{UPLOAD}&tags={'x' * 101}", multipart(b"x"), 400, "tags: A tag has at most 100 characters"),
    ],
)
def test_an_upload_that_cannot_be_is_refused(path, request_, status, words, left_in_uploads):
    found = api().post(path, **request_)

    assert (found.status_code, found.json()["message"].startswith(words)) == (status, True), found.content
    assert ImportJob.objects.count() == 0
    assert left_in_uploads() == set()


def test_types_of_content_that_are_not_taken_in_are_refused_with_those_that_are():
    found = api().post(UPLOAD, **multipart(b"x"), headers={"uploadedContentType": "text/plain"})

    assert message(found)[0] == 400
    assert message(found)[1].startswith("uploadedContentType: “text/plain” is none of application/zip,")


def test_a_file_that_is_too_large_is_refused_before_and_while_it_comes(settings, left_in_uploads):
    mine = api()
    settings.UPLOAD_MAX_BYTES = 1000

    while_it_comes = mine.post(UPLOAD, **multipart(b"x" * 1001))
    before = mine.post(UPLOAD, **multipart(b"x" * (2**20 + 2000)))

    for found in (while_it_comes, before):
        assert found.status_code == 413
        assert found.json()["message"].startswith("The file is larger than the ")
    assert left_in_uploads() == set()


def test_what_the_plan_has_no_room_for_is_refused(left_in_uploads):
    mine = api()
    BillingPlan.objects.filter(is_default=True).update(storage_limit=10)

    found = mine.post(UPLOAD, **multipart(package_zip("scorm12_single")))

    assert found.status_code == 403
    assert "but the plan" in found.json()["message"]
    assert (ImportJob.objects.count(), left_in_uploads()) == (0, set())


def test_a_json_body_that_is_too_large_or_no_json_is_refused():
    mine = api()
    course(mine)
    path = "/courses/golf/title"
    too_large = b'"' + b"x" * (django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1) + b'"'

    assert message(mine.put(path, too_large)) == (413, "The body is larger than is allowed.")
    assert message(mine.put(path, b"{"))[1].startswith("The body is no JSON: ")
    assert message(mine.put(path, b'{"title": "\\ud800"}'))[1].startswith("The body is no JSON: ")
    assert mine.put(path, b"\xff").status_code == 400
    assert mine.put(path, b"[" * 100_000).status_code == 400
    assert message(mine.put(path, b"{}", content_type="text/plain")) == (
        415,
        "The body must be application/json, not text/plain.",
    )


# --- without an upload ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("", {"url": "http://user:pass@/x.zip"}, "url: "),
        ("", {"url": "file:///etc/passwd"}, "url: "),
        ("", {}, "url: it is missing."),
        ("", {"url": "https://example.com/x", "contentType": "text/html"}, "contentType: “text/html” is none of"),
        ("/noUpload", {}, "body: it must have one of fetchRequest,"),
        (
            "/noUpload",
            {"fetchRequest": {"url": "https://a.example/"}, "connectorReferenceRequest": {}},
            "body: it must have one of fetchRequest,",
        ),
        (
            "/noUpload",
            {"mediaFileReferenceRequest": {"url": "https://a.example/"}},
            "mediaFileReferenceRequest.content",
        ),
        ("/noUpload", {"mediaFileReferenceRequest": {"url": "http://a", "contentType": "application/zip"}}, "contentT"),
        (
            "/noUpload",
            {"mediaFileReferenceRequest": {"url": "ftp://a.example/x.mp4", "contentType": "video/mp4"}},
            "mediaFileReferenceRequest.url: ",
        ),
    ],
)
def test_addresses_that_cannot_be_are_refused(path: str, body: dict, words: str):
    found = api().post(f"/courses/importJobs{path}?courseId=golf", body)

    assert found.status_code == 400, found.content
    assert found.json()["message"].startswith(words)


def test_more_fetches_at_once_than_a_realm_may_have_are_refused_for_now(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(services, "FETCHES_AT_MOST", 1)
    mine = api()
    body = {"url": "https://example.com/golf.zip"}

    first = mine.post("/courses/importJobs?courseId=golf", body)
    second = mine.post("/courses/importJobs?courseId=chess", body)

    assert (first.status_code, second.status_code) == (200, 429)
    assert "1 addresses are being fetched already" in second.json()["message"]


def test_a_reference_is_a_course_at_once():
    mine = api()
    body = {
        "mediaFileReferenceRequest": {
            "url": "https://example.com/film.mp4",
            "contentType": "video/mp4",
            "mediaFileMetadata": {"title": "A film", "description": "Long"},
        }
    }

    made = mine.post("/courses/importJobs/noUpload?courseId=film&tags=new", body).json()["result"]

    assert mine.get(f"/courses/importJobs/{made}").json()["importResult"]["course"]["title"] == "A film"
    found = mine.get("/courses/film?includeCourseMetadata=true").json()
    assert (found["tags"], found["metadata"]["description"]) == (["new"], "Long")
    assert mine.get("/courses/film/asset/list").json() == {"files": []}
    assert message(mine.get("/courses/film/zip")) == (
        404,
        "Course ID 'film' refers to an address: it has no files.",
    )
    assert mine.post("/courses/importJobs/noUpload?courseId=film", body).status_code == 409


# --- postbacks --------------------------------------------------------------------------------------------------------


def test_the_result_is_posted_once_where_that_was_asked_for(settings, django_capture_on_commit_callbacks):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    mine = api()
    with receiver() as system:
        job = take_in(mine, django_capture_on_commit_callbacks, f"{UPLOAD}&postbackUrl={system.url()}")
        with django_capture_on_commit_callbacks(execute=True):
            sweep()

    assert len(system.got) == 1
    assert system.got[0].headers["Content-Type"] == "application/json"
    assert job["jobId"].encode() in system.got[0].body
    assert b'"status":"COMPLETE"' in system.got[0].body
    postback = ImportPostback.objects.get()
    assert (postback.state, postback.attempts) == ("delivered", 1)


def test_a_postback_that_failed_is_tried_again(settings, django_capture_on_commit_callbacks):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    mine = api()
    with receiver() as system:
        system.statuses = [500]
        failed = take_in(mine, django_capture_on_commit_callbacks, f"{UPLOAD}&postbackUrl={system.url()}", b"no zip")
        ImportPostback.objects.filter(delivered=None).update(due="2020-01-01T00:00Z")
        sweep()

    assert failed["status"] == "ERROR"
    assert [b'"status":"ERROR"' in each.body for each in system.got] == [True, True]
    assert ImportPostback.objects.get().state == "delivered"


@pytest.fixture
def broker_away():
    """No task can be queued; else tests do the work of each themselves."""
    held = {name: celery.conf[name] for name in ("task_always_eager", "task_publish_retry", "broker_url")}
    address = f"redis://127.0.0.1:{free_port()}/0"
    celery.conf.update(task_always_eager=False, task_publish_retry=False, broker_url=address)
    yield
    celery.conf.update(held)


def test_an_import_is_taken_in_while_the_broker_is_away(broker_away):
    made = api().post(f"{UPLOAD}&postbackUrl=https://example.com/", **multipart(package_zip("scorm12_single")))

    assert made.status_code == 200, made.content
    assert ImportPostback.objects.get().job_id == ImportJob.objects.get().pk  # the sweeps find both


def test_a_postback_whose_task_was_lost_becomes_due():
    mine = api()
    golf = course(mine)
    job = ImportJob.objects.get(version=golf.current_version)
    postback = ImportPostback.objects.create(job=job, url="https://example.com/")
    other = ImportPostback.objects.create(
        job=ImportJob.objects.create(application=mine.application, file_name="x"), url="https://example.com/"
    )

    begin_missed()

    postback.refresh_from_db()
    other.refresh_from_db()
    assert (postback.due is None, other.due) == (False, None)


# --- files ------------------------------------------------------------------------------------------------------------


def test_files_are_put_read_and_deleted():
    mine = api()
    course(mine)

    put = mine.post("/courses/golf/asset/upload", **multipart(b"Fore!", "note.txt", destination="/extra/"))
    read = mine.get("/courses/golf/asset?relativePath=/EXTRA/note.txt")
    listed = {each["path"]: each for each in mine.get("/courses/golf/asset/list").json()["files"]}

    assert put.json() == {"filename": "note.txt", "destination": "extra/note.txt"}
    assert (read.content, read.headers["Content-Type"]) == (b"Fore!", "text/plain")
    assert read.headers["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert "sandbox" in read.headers["Content-Security-Policy"]
    assert listed["extra/note.txt"]["size"] == 5
    assert listed["extra/note.txt"]["modified"] > listed["imsmanifest.xml"]["modified"]
    assert mine.delete("/courses/golf/asset?relativePath=extra/note.txt").status_code == 204
    assert message(mine.delete("/courses/golf/asset?relativePath=extra/note.txt")) == (
        404,
        "relativePath: there is no file “extra/note.txt” in the course.",
    )


@pytest.mark.parametrize("name", ["ä.txt", "it's.txt", '"a" b.txt', "'.txt", "100 %.txt"])
def test_every_name_of_a_file_is_one_that_the_official_python_client_can_take(name: str, tmp_path: Path):
    mine = api()
    course(mine)
    mine.post("/courses/golf/asset/upload", **multipart(b"Fore!", destination=f"extra/{name}"))

    read = mine.get(f"/courses/golf/asset?relativePath=extra/{quote(name)}")

    client = official.ApiClient()
    client.configuration.temp_folder_path = str(tmp_path)
    header = read.headers["Content-Disposition"]
    answer = SimpleNamespace(getheader=lambda _: header, data=read.content.decode())
    assert Path(client.deserialize(answer, "file")).read_text() == "Fore!"
    assert unquote(header.partition("filename*=utf-8''")[2]) == name


@pytest.mark.parametrize(
    ("policy", "path", "status"),
    [
        ("reject", "new.txt", 200),
        ("reject", "imsmanifest.xml", 400),
        ("strict", "new.txt", 404),
        ("lax", "new.txt", 200),
        ("any", "new.txt", 400),
    ],
)
def test_policies_of_putting(policy: str, path: str, status: int):
    mine = api()
    course(mine)

    request = multipart(b"x", destination=path)
    found = mine.post(f"/courses/golf/versions/0/asset/upload?updateAssetPolicy={policy}", **request)

    assert found.status_code == status, found.content
    if (policy, status) == ("reject", 400):
        assert found.json()["message"].startswith("destination: There is a file imsmanifest.xml already")


def test_only_so_many_requests_of_an_application_wait_for_other_servers():
    mine, other = api(), api()
    course(mine)
    body = {"fetchUrl": "http://127.0.0.1:1/x", "destination": "x"}

    with ExitStack() as stack:
        for _ in range(WAITING_AT_MOST):
            stack.enter_context(waiting(mine.application))
        asset = mine.post("/courses/golf/asset", body)
        test = mine.post("/registrations/postBackTest", {"url": "http://127.0.0.1:1/"})
        others = other.post("/registrations/postBackTest", {"url": "http://127.0.0.1:1/"})

    assert (asset.status_code, test.status_code, others.status_code) == (429, 429, 400)
    assert asset.headers["Retry-After"] == "5"
    status, words = message(mine.post("/courses/golf/asset", body))
    assert (status, words.partition(":")[0]) == (400, "fetchUrl")  # it is private, but asked for again


@pytest.mark.parametrize("path", ["../x", "a//b", "", "C:/x", "a\rb"])
def test_paths_that_no_file_can_have_are_refused(path: str):
    mine = api()
    course(mine)

    status, words = message(
        mine.post("/courses/golf/asset", {"fetchUrl": "https://example.com/x", "destination": path})
    )

    assert (status, words.partition(":")[0]) == (400, "destination")


def test_a_manifest_that_could_not_be_played_is_refused():
    mine = api()
    course(mine)

    found = mine.post("/courses/golf/asset/upload", **multipart(b"<no", destination="imsmanifest.xml"))

    assert found.status_code == 400
    assert mine.get("/courses/golf").json()["version"] == 0
    assert b"<manifest" in mine.get("/courses/golf/asset?relativePath=imsmanifest.xml").content


def test_a_zip_is_the_archive_as_it_came_until_a_file_is_changed():
    mine = api()
    archive = package_zip("scorm12_single")
    course(mine, archive=archive)

    as_it_came = mine.get("/courses/golf/zip")
    mine.post("/courses/golf/asset/upload", **multipart(b"Fore!", destination="note.txt"))
    changed = mine.get("/courses/golf/versions/0/zip")

    assert as_it_came.headers["Content-Type"] == "application/zip"
    assert as_it_came.headers["Content-Length"] == str(len(archive))
    assert b"".join(as_it_came.streaming_content) == archive
    with zipfile.ZipFile(io.BytesIO(b"".join(changed.streaming_content))) as found:
        assert found.read("note.txt") == b"Fore!"
