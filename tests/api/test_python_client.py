"""The official Python client, unmodified, against the running product: the core, applications and courses."""

import io
import json
import socket
import threading
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import rustici_software_cloud_v2 as official
from rustici_software_cloud_v2.rest import ApiException

from tests.api.calling import basic
from tests.api.conftest import Served
from tests.media import pdf
from tests.packages import package_zip
from tests.receiver import receiver

pytestmark = pytest.mark.services


def refused(call: Callable[..., Any], *words: Any, **options: Any) -> tuple[int, str]:
    """Status and body of what the client raises."""
    with pytest.raises(ApiException) as caught:
        call(*words, **options)
    return caught.value.status, caught.value.body


@contextmanager
def web_site(files: dict[str, bytes]) -> Iterator[str]:
    """A server of files on this machine; its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path.removeprefix("/"))
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Nothing is written to the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def courses(served: Served) -> official.CourseApi:
    return official.CourseApi(served.client())


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = tmp_path / "golf course.zip"
    path.write_bytes(package_zip("scorm12_two_scos"))
    return str(path)


def uploaded(served: Served, path: str, course_id: str = "", **options: Any) -> str:
    """The id of a new course."""
    course_id = course_id or f"course/{uuid.uuid4()} ä+%"
    made = official.CourseApi(served.client()).create_upload_and_import_course_job(course_id, file=path, **options)
    job = served.imported(made.result)
    assert job.status == "COMPLETE", job
    return course_id


# --- the core ---------------------------------------------------------------------------------------------------------


def test_ping_and_about(served: Served):
    found = official.PingApi(served.client()).ping_app_id()
    about = official.AboutApi(served.client()).get_about()

    assert served.app_id in found.api_message
    assert (about.version, bool(about.distribution)) == ("2.0", True)
    assert refused(official.PingApi(served.client(secret="wrong")).ping_app_id)[0] == 401


def test_tokens(served: Served):
    by_form = official.AuthenticationApi(served.client()).get_app_token("read:course", expiration=60)
    wish = official.TokenRequestSchema(
        permissions=official.PermissionsSchema(scopes=["read:ping"]), expiry=datetime.now(UTC) + timedelta(hours=1)
    )
    by_json = official.ApplicationManagementApi(served.client()).create_token(wish)

    assert (by_form.expires_in, by_form.token_type) == (60, "bearer")
    assert official.CourseApi(served.client(token=by_form.access_token)).get_courses().courses is not None
    assert official.PingApi(served.client(token=by_json.result)).ping_app_id().api_message
    assert refused(official.CourseApi(served.client(token=by_json.result)).get_courses)[0] == 403


# --- applications -----------------------------------------------------------------------------------------------------


def test_applications_and_their_keys(served: Served):
    manager = official.ApplicationManagementApi(served.manager())

    made = manager.create_application(official.ApplicationRequestSchema(name="By the client"))
    manager.update_application(made.id, official.UpdateApplicationSchema(name="Renamed", allow_delete=True))
    info = manager.get_application_info(made.id, include_course_count=True, include_registration_count=True)
    assert (info.name, info.allow_delete, info.course_count, info.registration_count) == ("Renamed", True, 0, 0)
    with pytest.warns(DeprecationWarning, match="get_application_list"):
        assert made.id in [each.id for each in manager.get_application_list().applications]
    listed, _, headers = manager.get_applications_with_http_info(filter=made.id, include_total_count=True)
    assert [each.id for each in listed.applications] == [made.id]
    assert headers["X-Total-Count"] == "1"

    key = manager.create_credential(made.id, official.CredentialRequestSchema(name="LMS", active=True))
    client = served.client(made.id, key.credential)
    assert official.PingApi(client).ping_app_id().api_message
    manager.update_credential(made.id, key.id, official.CredentialRequestSchema(name="LMS", active=False))
    assert refused(official.PingApi(client).ping_app_id)[0] == 401
    assert [(each.id, each.status) for each in manager.get_credentials(made.id).credentials] == [(key.id, "inactive")]
    manager.delete_credential(made.id, key.id)
    manager.delete_application(made.id)
    assert refused(manager.get_application_info, made.id)[0] == 404


def test_settings_of_an_application(served: Served):
    mine = official.ApplicationManagementApi(served.client())
    setting_to_no = official.SettingsIndividualSchema(setting_id="PlayerShowNavBar", value="NO", explicit=True)
    posted = official.SettingsPostSchema(settings=[setting_to_no])

    def setting(**options: Any) -> Any:
        items = mine.get_application_configuration(**options).setting_items
        return next(each for each in items if each.id == "PlayerShowNavBar")

    of_standard = {"learning_standard": "AICC", "single_sco": True}
    mine.set_application_configuration(posted, **of_standard)

    assert setting(**of_standard, include_metadata=True).metadata.valid_values
    assert (setting(**of_standard).explicit_value, setting().explicit_value) == ("NO", None)
    mine.delete_application_configuration_setting("PlayerShowNavBar", **of_standard)
    assert setting(**of_standard).explicit_value is None


# --- imports ----------------------------------------------------------------------------------------------------------


def test_an_upload_becomes_a_course(served: Served, courses: official.CourseApi, package: str):
    course_id = f"up/load {uuid.uuid4()}"
    with receiver() as system:
        made = courses.create_upload_and_import_course_job(
            course_id, may_create_new_version=False, postback_url=system.url(), tags=["a", "b c"], file=package
        )
        job = served.imported(made.result)
        for _ in range(150):
            if system.got:
                break
            threading.Event().wait(0.2)

    assert (job.job_id, job.status, job.message) == (made.result, "COMPLETE", "Import successful.")
    result = job.import_result
    assert (result.course.id, result.course.version, result.course.tags) == (course_id, 0, ["a", "b c"])
    assert isinstance(result.parser_warnings, list)
    assert len(result.course.root_activity.children) == 2
    assert b'"status":"COMPLETE"' in system.got[0].body
    status, body = refused(courses.create_upload_and_import_course_job, course_id, file=package)
    assert (status, course_id in body) == (409, True)
    again = courses.create_upload_and_import_course_job(course_id, may_create_new_version=True, file=package)
    assert served.imported(again.result).import_result.course.version == 1


def test_media_and_references(served: Served, courses: official.CourseApi, tmp_path: Path):
    path = tmp_path / "handbook.pdf"
    path.write_bytes(pdf())
    about = '{"title": "Handbook", "description": "All of it", "contentLanguage": "en", "estimatedDuration": 90}'
    course_id = f"pdf-{uuid.uuid4()}"
    made = courses.create_upload_and_import_course_job(
        course_id, uploaded_content_type="application/pdf", content_metadata=about, file=str(path)
    )
    assert served.imported(made.result).status == "COMPLETE"
    found = courses.get_course(course_id, include_course_metadata=True)
    assert (found.title, found.metadata.description, found.metadata.description_language) == (
        "Handbook",
        "All of it",
        "en",
    )
    assert found.metadata.typical_time == "PT1M30S"

    reference = official.ImportMediaFileReferenceRequestSchema(
        url="https://example.com/film.mp4",
        content_type="video/mp4",
        media_file_metadata=official.MediaFileMetadataSchema(title="A film"),
    )
    made = courses.create_no_upload_and_import_course_job(
        f"film-{uuid.uuid4()}", official.ImportRequestSchema(media_file_reference_request=reference)
    )
    assert served.imported(made.result).import_result.course.title == "A film"
    connector = official.ImportConnectorRequestSchema(connector_id="x")
    body = official.ImportRequestSchema(connector_reference_request=connector)
    assert refused(courses.create_no_upload_and_import_course_job, "x", body)[0] == 501


def test_a_fetched_package_becomes_a_course(served: Served, courses: official.CourseApi):
    with web_site({"golf.zip": package_zip("scorm12_single")}) as site:
        wish = official.ImportFetchRequestSchema(url=f"{site}/golf.zip")
        made = courses.create_fetch_and_import_course_job(f"fetch-{uuid.uuid4()}", wish, tags=["fetched"])
        also = courses.create_no_upload_and_import_course_job(
            f"fetch-{uuid.uuid4()}", official.ImportRequestSchema(fetch_request=wish)
        )
        gone = courses.create_fetch_and_import_course_job(
            f"fetch-{uuid.uuid4()}", official.ImportFetchRequestSchema(url=f"{site}/none.zip")
        )
        jobs = [served.imported(each.result) for each in (made, also, gone)]

    assert [job.status for job in jobs] == ["COMPLETE", "COMPLETE", "ERROR"]
    assert jobs[0].import_result.course.tags == ["fetched"]
    assert "404" in jobs[2].message


def test_one_course_imported_twice_at_once_is_made_once(served: Served, courses: official.CourseApi, package: str):
    course_id = f"twice-{uuid.uuid4()}"
    found: list[tuple[str, str]] = []

    def take_in() -> None:
        try:
            made = official.CourseApi(served.client()).create_upload_and_import_course_job(course_id, file=package)
            job = served.imported(made.result)
            found.append((job.status, job.message))
        except ApiException as error:
            found.append((str(error.status), error.body))

    threads = [threading.Thread(target=take_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert [status for status, _ in found].count("COMPLETE") == 1
    assert {status for status, _ in found} <= {"COMPLETE", "ERROR", "409"}
    assert len(courses.get_course_versions(course_id).courses) == 1


# --- courses ----------------------------------------------------------------------------------------------------------


def test_courses_are_listed_and_looked_at(served: Served, courses: official.CourseApi, package: str):
    course_id = uploaded(served, package, tags=["listed"])

    listed, _, headers = courses.get_courses_with_http_info(
        since=datetime.now(UTC) - timedelta(hours=1),
        until=datetime.now(UTC) + timedelta(hours=1),
        datetime_filter="created",
        tags=["listed", "other"],
        filter=course_id.upper()[:20],
        filter_by="course_id",
        order_by="title_asc",
        include_course_metadata=True,
        include_registration_count=True,
        include_total_count=True,
    )
    found = courses.get_course(course_id, include_registration_count=True, include_course_metadata=True)

    assert course_id in [each.id for each in listed.courses]
    assert int(headers["X-Total-Count"]) == len(listed.courses)
    assert (found.id, found.version, found.registration_count) == (course_id, 0, 0)
    assert found.course_learning_standard == "SCORM12"
    assert isinstance(found.created, datetime)
    courses.set_course_title(course_id, official.TitleSchema(title="Renamed"))
    assert courses.get_course(course_id).title == "Renamed"
    courses.delete_course(course_id)
    assert refused(courses.get_course, course_id)[0] == 404


def test_tags_of_courses(served: Served, courses: official.CourseApi, package: str):
    course_id = uploaded(served, package)

    courses.put_course_tags(course_id, official.TagListSchema(tags=["a", "b"]))
    courses.put_course_tags_batch(official.BatchTagsSchema(ids=[course_id], tags=["c"]))
    courses.delete_course_tags(course_id, official.TagListSchema(tags=["a"]))

    assert courses.get_course_tags(course_id).tags == ["b", "c"]


def test_versions_of_a_course(served: Served, courses: official.CourseApi, package: str):
    course_id = uploaded(served, package)
    uploaded(served, package, course_id, may_create_new_version=True)

    assert [each.version for each in courses.get_course_versions(course_id).courses] == [0, 1]
    assert courses.get_course_version_info(course_id, 0, include_course_metadata=True).version == 0
    courses.delete_course_version(course_id, 1)
    assert courses.get_course(course_id).version == 0


def test_settings_of_courses_and_versions(served: Served, courses: official.CourseApi, package: str):
    course_id = uploaded(served, package)
    setting = official.SettingsIndividualSchema(setting_id="PlayerShowNavBar", value="NO", explicit=True)
    posted = official.SettingsPostSchema(settings=[setting])

    courses.set_course_configuration(course_id, posted)
    courses.set_course_version_configuration(course_id, 0, posted)
    items = courses.get_course_configuration(course_id, include_metadata=True).setting_items
    of_version = courses.get_course_version_configuration(course_id, 0).setting_items

    for found in (items, of_version):
        assert next(each for each in found if each.id == "PlayerShowNavBar").explicit_value == "NO"
    courses.delete_course_configuration_setting(course_id, "PlayerShowNavBar")
    courses.delete_course_version_configuration_setting(course_id, 0, "PlayerShowNavBar")
    again = courses.get_course_version_configuration(course_id, 0).setting_items
    assert next(each for each in again if each.id == "PlayerShowNavBar").effective_value_source == "default"


def test_files_of_courses(served: Served, courses: official.CourseApi, package: str, tmp_path: Path):
    course_id = uploaded(served, package)
    note, picture = tmp_path / "note.txt", tmp_path / "dot.bin"
    note.write_text("Fore!")
    picture.write_bytes(bytes(range(256)))

    put = courses.upload_course_asset_file(course_id, "/extra/note.txt", file=str(note), update_asset_policy="reject")
    assert (put.filename, put.destination) == ("note.txt", "extra/note.txt")
    assert (
        refused(
            courses.upload_course_asset_file, course_id, "extra/note.txt", file=str(note), update_asset_policy="reject"
        )[0]
        == 400
    )
    courses.upload_course_version_asset_file(course_id, 0, "extra/", file=str(picture))
    with web_site({"a.txt": b"from afar"}) as site:
        wish = official.ImportAssetRequestSchema(fetch_url=f"{site}/a.txt", destination="extra/a.txt")
        courses.import_course_asset_file(course_id, wish)
        wish.destination = "extra/b.txt"
        courses.import_course_version_asset_file(course_id, 0, wish, update_asset_policy="lax")
    listed = {each.path: each.size for each in courses.get_course_file_list(course_id).files}

    assert listed["extra/note.txt"] == 5
    assert listed["extra/dot.bin"] == 256
    assert {each.path for each in courses.get_course_version_file_list(course_id, 0).files} == set(listed)
    read = Path(courses.get_course_asset(course_id, "extra/note.txt"))
    assert (read.name, read.read_text()) == ("note.txt", "Fore!")
    assert Path(courses.get_course_version_asset(course_id, 0, "extra/a.txt")).read_text() == "from afar"
    raw = courses.get_course_asset(course_id, "extra/dot.bin", _preload_content=False)
    assert raw.data == bytes(range(256))
    for found in (courses.get_course_zip(course_id), courses.get_versioned_course_zip(course_id, 0)):
        with zipfile.ZipFile(io.BytesIO(Path(found).read_bytes())) as archive:
            assert set(archive.namelist()) == set(listed)
            assert archive.testzip() is None
    courses.delete_course_asset(course_id, "extra/a.txt")
    courses.delete_course_version_asset(course_id, 0, "extra/b.txt")
    assert refused(courses.get_course_asset, course_id, "extra/a.txt")[0] == 404


def test_statements_of_courses(served: Served, courses: official.CourseApi, package: str):
    course_id = uploaded(served, package)

    assert courses.get_course_statements(course_id, learner_id="ada").statements == []
    assert courses.get_course_version_statements(course_id, 0, since=datetime.now(UTC)).statements == []


def test_previews(served: Served, courses: official.CourseApi, package: str):
    course_id = uploaded(served, package)
    wish = official.PreviewLaunchLinkRequestSchema(
        expiry=60, redirect_on_exit_url="https://example.com/", additionalvalues=[]
    )

    for link in (
        courses.build_course_preview_launch_link(course_id, wish).launch_link,
        courses.build_course_preview_launch_link_with_version(course_id, 0, wish).launch_link,
    ):
        status, page = served.cloud.get(link)
        assert (status, "Preview: this is how a learner sees the course" in page) == (200, True)


def test_an_upload_whose_line_drops_leaves_nothing(served: Served, courses: official.CourseApi):
    course_id = f"dropped-{uuid.uuid4()}"
    begun = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + pdf() + b"x" * 2**21
    head = (
        f"POST /api/v2/courses/importJobs/upload?courseId={course_id} HTTP/1.1\r\n"
        f"Host: localhost:{served.cloud.port}\r\nAuthorization: {basic(served.app_id, served.secret)}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(begun) + 1000}\r\n\r\n"
    )
    before = set((served.cloud.data_dir / "uploads").glob("*"))

    with socket.create_connection(("127.0.0.1", served.cloud.port)) as line:
        line.sendall(head.encode() + begun)

    give_up = time.monotonic() + 30
    while set((served.cloud.data_dir / "uploads").glob("*")) - before and time.monotonic() < give_up:
        time.sleep(0.2)
    assert set((served.cloud.data_dir / "uploads").glob("*")) - before == set()
    assert refused(courses.get_course, course_id)[0] == 404


# --- registrations ----------------------------------------------------------------------------------------------------


@pytest.fixture
def registrations(served: Served) -> official.RegistrationApi:
    return official.RegistrationApi(served.client())


def registered(served: Served, course_id: str, **more: Any) -> str:
    """The id of a new registration."""
    registration_id = f"registration/{uuid.uuid4()} ö+%"
    learner = official.LearnerSchema(id="ada", email="ada@example.com", first_name="Ada", last_name="Lovelace")
    body = official.CreateRegistrationSchema(course_id, learner, registration_id, **more)
    official.RegistrationApi(served.client()).create_registration(body)
    return registration_id


def test_a_registration_is_made_looked_at_listed_and_deleted(
    served: Served, registrations: official.RegistrationApi, package: str
):
    course_id = uploaded(served, package)
    name = str(uuid.uuid4())
    post_back = official.PostBackSchema(url="https://example.com/results", auth_type="HTTPBASIC", results_format="FULL")
    setting = official.SettingsIndividualSchema(setting_id="PlayerShowNavBar", value="NO", explicit=True)

    one = registered(
        served,
        course_id,
        xapi_registration_id=name,
        registration_tags=["listed"],
        learner_tags=["learner"],
        course_tags=["course"],
        post_back=post_back,
        initial_settings=official.SettingsPostSchema(settings=[setting]),
    )

    registrations.get_registration(one)
    found = registrations.get_registration_progress(one, include_child_results=True)
    assert (found.id, found.instance, found.xapi_registration_id, found.tags) == (one, 0, name, ["listed"])
    assert (found.course.id, found.course.version, found.learner.first_name) == (course_id, 0, "Ada")
    assert (found.registration_completion, found.registration_success) == ("UNKNOWN", "UNKNOWN")
    assert len(found.activity_details.children) == 2
    listed, _, headers = registrations.get_registrations_with_http_info(
        course_id=course_id,
        learner_id="ada",
        since=datetime.now(UTC) - timedelta(hours=1),
        until=datetime.now(UTC) + timedelta(hours=1),
        datetime_filter="updated",
        tags=["listed", "other"],
        filter=one[:30],
        filter_by="registration_id",
        order_by="course_title_desc",
        include_child_results=True,
        include_interactions_and_objectives=True,
        include_runtime=True,
        include_total_count=True,
    )
    assert ([each.id for each in listed.registrations], headers["X-Total-Count"]) == ([one], "1")
    items = registrations.get_registration_configuration(one, include_metadata=True).setting_items
    assert next(each for each in items if each.id == "PlayerShowNavBar").explicit_value == "NO"
    learner = official.LearnerSchema(id="ada")
    again = official.CreateRegistrationSchema(course_id, learner, one)
    status, body = refused(registrations.create_registration, again)
    assert (status, one in body) == (400, True)
    assert refused(registrations.create_registration, official.CreateRegistrationSchema("none", learner, "x"))[0] == 404
    assert refused(registrations.create_registration, again, course_version=7)[0] == 404
    registrations.delete_registration(one)
    assert refused(registrations.get_registration, one)[0] == 404


def test_pages_of_registrations(served: Served, registrations: official.RegistrationApi, package: str):
    course_id = uploaded(served, package)
    made = [registered(served, course_id) for _ in range(101)]

    first = registrations.get_registrations(course_id=course_id, order_by="created_asc")
    last = registrations.get_registrations(more=first.more)

    assert [each.id for each in first.registrations + last.registrations] == made
    assert last.more is None


def test_progress_made_elsewhere(served: Served, registrations: official.RegistrationApi, package: str):
    course_id = uploaded(served, package)
    state = official.RegistrationSchema(
        registration_completion="COMPLETED",
        registration_success="PASSED",
        score=official.ScoreSchema(scaled=88.5),
        total_seconds_tracked=61.5,
        completed_date=datetime(2024, 5, 31, 12, tzinfo=UTC),
    )

    one = registered(served, course_id, initial_registration_state=state)

    found = registrations.get_registration_progress(one, include_child_results=True)
    assert (found.registration_completion, found.registration_success) == ("COMPLETED", "PASSED")
    assert (found.score.scaled, found.total_seconds_tracked) == (88.5, 61.5)
    assert found.completed_date == datetime(2024, 5, 31, 12, tzinfo=UTC)
    assert {each.activity_completion for each in found.activity_details.children} == {"COMPLETED"}


def test_tags_of_registrations(served: Served, registrations: official.RegistrationApi, package: str):
    one = registered(served, uploaded(served, package))

    registrations.put_registration_tags(one, official.TagListSchema(tags=["a", "b"]))
    registrations.put_registration_tags_batch(official.BatchTagsSchema(ids=[one], tags=["c"]))
    registrations.delete_registration_tags(one, official.TagListSchema(tags=["a"]))

    assert registrations.get_registration_tags(one).tags == ["b", "c"]


def test_settings_of_registrations_and_instances(served: Served, registrations: official.RegistrationApi, package: str):
    one = registered(served, uploaded(served, package))
    setting = official.SettingsIndividualSchema(setting_id="PlayerShowNavBar", value="NO", explicit=True)
    posted = official.SettingsPostSchema(settings=[setting])

    registrations.set_registration_configuration(one, posted)
    registrations.set_registration_instance_configuration(one, 0, posted)

    of_instance = registrations.get_registration_instance_configuration(one, 0, include_metadata=True).setting_items
    assert next(each for each in of_instance if each.id == "PlayerShowNavBar").explicit_value == "NO"
    registrations.delete_registration_configuration_setting(one, "PlayerShowNavBar")
    registrations.delete_registration_instance_configuration_setting(one, 0, "PlayerShowNavBar")
    again = registrations.get_registration_instance_configuration(one, 0).setting_items
    assert next(each for each in again if each.id == "PlayerShowNavBar").effective_value_source == "default"


def test_instances_and_resets(served: Served, registrations: official.RegistrationApi, package: str):
    course_id = uploaded(served, package)
    one = registered(served, course_id)
    uploaded(served, package, course_id, may_create_new_version=True)

    registrations.create_new_registration_instance(one)
    listed = registrations.get_registration_instances(one, since=datetime(2020, 1, 1, tzinfo=UTC)).registrations
    assert [(each.instance, each.course.version) for each in listed] == [(0, 0), (1, 1)]
    assert registrations.get_registration_instance_progress(one, 0, include_runtime=True).course.version == 0
    assert registrations.get_registration_instance_launch_history(one, 0, include_history_log=True).launch_history == []
    assert registrations.get_registration_instance_statements(one, 0).statements == []
    registrations.delete_registration_instance(one, 1)
    assert registrations.get_registration_progress(one).instance == 0
    registrations.delete_registration_global_data(one)
    registrations.delete_registration_progress(one)
    found = registrations.get_registration_progress(one)
    assert (found.instance, found.course.version) == (0, 1)


def test_a_test_of_a_postback(served: Served, registrations: official.RegistrationApi):
    with receiver() as system:
        body = official.PostBackSchema(
            url=system.url("/test"), auth_type="HTTPBASIC", user_name="lms", password="x", results_format="ACTIVITY"
        )
        registrations.test_registration_postback(body)
        system.statuses = [404]
        status, words = refused(registrations.test_registration_postback, body)

    assert b'"id": "test-registration"' in system.got[0].body
    assert (status, "the address answered 404" in words) == (400, True)


class Learner:
    """A learner's browser, as far as the player page tells the server what happens."""

    def __init__(self, link: str) -> None:
        with urllib.request.urlopen(link, timeout=20) as page:
            self.player, self.page = page.url, page.read().decode()
        self.number = 0
        self.shown = self.call("start", {})["launch"]

    def call(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        asked = urllib.request.Request(
            f"{self.player}{name}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)

    def report(self, **values: str) -> None:
        """Content sets these and ends."""
        self.number += 1
        values = {f"cmi.{name.replace('__', '.')}": value for name, value in values.items()}
        self.call("report", self._told() | {"values": values, "finished": True})

    def go(self, name: str) -> None:
        self.number += 1
        self.shown = self.call("navigate", self._told() | {"request": {"name": name}})["launch"]

    def _told(self) -> dict[str, Any]:
        return {"number": self.number, "activity": self.shown["activity"]}


def test_a_registration_is_played_to_completion_and_its_results_are_read(
    served: Served, registrations: official.RegistrationApi, package: str
):
    with receiver() as system:
        post_back = official.PostBackSchema(url=system.url("/results"), auth_type="HTTPBASIC", results_format="COURSE")
        setting = official.SettingsIndividualSchema(setting_id="PlayerSessionStatements", value="ALL", explicit=True)
        course_id = uploaded(served, package)
        one = registered(
            served,
            course_id,
            post_back=post_back,
            initial_settings=official.SettingsPostSchema(settings=[setting]),
        )
        wish = official.LaunchLinkRequestSchema(
            expiry=60,
            redirect_on_exit_url="https://lms.example.com/back",
            tracking=True,
            culture="en-US",
            css_url="https://lms.example.com/look.css",
            learner_tags=["learner"],
            course_tags=["course"],
            registration_tags=["launched"],
            additionalvalues=[official.ItemValuePairSchema(item="colour", value="red")],
            launch_auth=official.LaunchAuthSchema(
                type="vault", options=official.LaunchAuthOptionsSchema(ip_address=True, fingerprint=True, expiry=3600)
            ),
        )
        learner = Learner(registrations.build_registration_launch_link(one, wish).launch_link)
        assert "/files/of/" in learner.page
        learner.report(
            core__lesson_status="passed",
            core__score__raw="80",
            core__lesson_location="7",
            core__session_time="0000:01:00.00",
            interactions__0__id="q1",
            interactions__0__type="choice",
            interactions__0__student_response="b",
            interactions__0__result="correct",
            objectives__0__id="o1",
            objectives__0__status="passed",
        )
        learner.go("continue")
        learner.report(core__lesson_status="passed", core__score__raw="100", core__session_time="0000:00:30.00")
        learner.go("exitAll")
        give_up = time.monotonic() + 60
        while not any(b'"COMPLETED"' in posted.body for posted in system.got) and time.monotonic() < give_up:
            time.sleep(0.2)

    found = registrations.get_registration_progress(
        one, include_child_results=True, include_interactions_and_objectives=True, include_runtime=True
    )
    assert (found.registration_completion, found.registration_success) == ("COMPLETED", "PASSED")
    assert (found.score.scaled, found.total_seconds_tracked, found.tags) == (90.0, 90.0, ["launched"])
    assert isinstance(found.completed_date, datetime)
    first, second = found.activity_details.children
    assert (first.activity_success, first.score.scaled, first.time_tracked) == ("PASSED", 80.0, "0000:01:00")
    assert (first.runtime.location, first.runtime.completion_status, second.score.scaled) == ("7", "passed", 100.0)
    (interaction,) = first.runtime.runtime_interactions
    assert (interaction.id, interaction.type, interaction.learner_response) == ("q1", "Choice", "b")
    assert [(each.id, each.objective_success) for each in first.objectives] == [("o1", "PASSED")]
    assert [each.id for each in first.runtime.runtime_objectives] == ["o1"]
    assert json.loads(system.got[-1].body)["registrationSuccess"] == "PASSED"
    (launch,) = registrations.get_registration_launch_history(one, include_history_log=True).launch_history
    assert (launch.completion_status, launch.success_status, launch.score.scaled) == ("COMPLETED", "PASSED", 90.0)
    assert (launch.total_seconds_tracked, launch.instance) == (90.0, 0)
    assert launch.launch_time <= launch.exit_time
    give_up = time.monotonic() + 60
    while not (told := registrations.get_registration_statements(one).statements) and time.monotonic() < give_up:
        time.sleep(0.2)
    assert {each.context.registration for each in told} == {found.xapi_registration_id}


def test_a_launch_without_tracking(served: Served, registrations: official.RegistrationApi, package: str):
    one = registered(served, uploaded(served, package))
    wish = official.LaunchLinkRequestSchema(redirect_on_exit_url="message", tracking=False)

    Learner(registrations.build_registration_launch_link(one, wish).launch_link).report(core__lesson_status="passed")

    assert registrations.get_registration_progress(one).first_access_date is None
    assert registrations.get_registration_launch_history(one).launch_history == []
    assert refused(registrations.build_registration_launch_link, "none", wish)[0] == 404
    wish.expiry = 301
    assert refused(registrations.build_registration_launch_link, one, wish)[0] == 400
