"""Links, logs, files, fetches and uploads as a stranger would bend them."""

import base64
import io
import json
import logging
import socket
import threading
import time
import zipfile
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.logs import NoSecrets
from content import fetch, importer, services
from content.errors import FetchError
from content.models import ImportJob, PackageFile, Upload
from player.files import files_url
from realms import web
from registrations.links import LinkError, launch_url, read_link
from registrations.models import LaunchRecord
from tests import make
from tests.packages import package_zip

HOST = {"host": settings.CONTENT_ORIGIN.partition("://")[2]}


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", "/r/x/", "http:/x", "https://",
     " javascript:alert(1)", "https://x\njavascript:", "https://" + "x" * 2000],
)  # fmt: skip
def test_leaving_leads_to_web_addresses_only(url):
    registration = make.registration()

    with pytest.raises(LinkError):
        launch_url(registration, url)
    with pytest.raises(CommandError):
        call_command("launch_link", registration.course.course_id, "--learner", "ada", "--redirect", url)


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["", "https://lms.example/back?a=b#c", "http://localhost:8000/r/x/courses/1/"])
def test_leaving_leads_where_the_link_says(url):
    token = launch_url(make.registration(), url).rstrip("/").rpartition("/")[2]

    assert read_link(token).redirect_url == url


@pytest.mark.django_db
@pytest.mark.parametrize("hop", ["1.2.3.4:5678", "unknown", "[::1]", "2001:db8::1", "1.2.3.4"])
def test_any_word_of_a_proxy_is_survived(client, settings, hop):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    path = launch_url(make.registration()).removeprefix(settings.CONTENT_ORIGIN)

    answer = client.get(path, headers=HOST | {"x-forwarded-for": f"9.9.9.9, {hop}"})

    assert (answer.status_code, LaunchRecord.objects.get().address) == (
        302,
        hop if hop[-1] in "14" and ":5" not in hop else None,
    )


# --- logs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/launch/SECRET:x/", "/play/SECRET/", "/play/SECRET/report", "/files/SECRET/a.html",
     "/accounts/password/reset/key/SECRET/", "/accounts/confirm-email/SECRET:b/"],
)  # fmt: skip
def test_no_path_that_opens_something_is_logged(path):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Conflict", path), None)

    kept = NoSecrets().filter(record)

    assert (kept, "SECRET" in record.getMessage(), record.getMessage()[:10]) == (True, False, "Conflict: ")
    assert "no_secrets" in settings.LOGGING["handlers"]["console"]["filters"]


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", ["bytes=" + "9" * 5000 + "-", "bytes=-" + "9" * 5000, "bytes=0-" + "9" * 5000, "bytes=٣-"]
)
def test_a_range_without_end_is_answered(client, asked):
    version = make.course().current_version

    answer = client.get(files_url(version) + "imsmanifest.xml", headers=HOST | {"range": asked})

    assert answer.status_code == 200


@pytest.mark.django_db
def test_a_medium_that_packs_too_well_gets_no_copy(monkeypatch):
    monkeypatch.setattr(importer, "MEDIA_FLOOR", 10)
    archive = io.BytesIO(package_zip("scorm12_single"))
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("empty.mp4", b"\0" * 20_000)

    course = make.course_of_zip(archive.getvalue())

    assert PackageFile.objects.get(version__course=course, path="empty.mp4").inflated == ""


# --- fetches ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def dripping(settings) -> Iterator[str]:
    """The address of a server that says one byte of its answer every 50 ms, for ever."""
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection = server.accept()[0]
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n" + settings.DRIPPED)
                    while not over.wait(0.05):
                        connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        over.set()
        thread.join()


@pytest.mark.parametrize("head", [b"X-Slow: ", b"Content-Length: 100000\r\n\r\n", b"\r\n"])
def test_a_server_that_drips_holds_no_worker(settings, request, monkeypatch, head):
    settings.DRIPPED = head
    monkeypatch.setattr(fetch, "HEAD_SECONDS", 0.5)
    url = request.getfixturevalue("dripping")
    began = time.monotonic()

    with pytest.raises(FetchError):
        fetch.fetch(url, io.BytesIO(), lambda done, total: None)

    assert time.monotonic() - began < 5


INSIDE = (
    *("fec0::1", "64:ff9b:1::7f00:1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "::"),
    *("0.0.0.0", "100.64.0.1", "169.254.169.254", "255.255.255.255"),
)


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_public(address):
    assert not web.is_public(address)


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0/", "http://[::ffff:7f00:1]/",
                                 "http://localhost./", "http://017700000001/"])  # fmt: skip
def test_no_spelling_of_this_machine_is_fetched(url):
    with pytest.raises(FetchError, match="private network|no server named"):
        fetch.fetch(url, io.BytesIO(), lambda done, total: None)


@pytest.mark.django_db
def test_a_realm_has_so_many_fetches_at_once(monkeypatch):
    monkeypatch.setattr(services, "FETCHES_AT_MOST", 2)
    application = make.internal_application()
    for number in range(2):
        services.start_fetch(application, f"https://example.org/{number}.zip")

    with pytest.raises(FetchError, match="being fetched already"):
        services.start_fetch(application, "https://example.org/3.zip")
    assert ImportJob.objects.count() == 2


# --- uploads ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a\r\nX: y.zip", "a\0.zip", "\u202egnp.zip", "<script>.zip", "../../x.zip", "\n"])
def test_the_name_of_an_upload_breaks_nothing(client, name):
    realm = make.realm()
    client.force_login(realm.memberships.get().user)
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    headers = {"tus-resumable": "1.0.0", "upload-length": "5", "upload-metadata": metadata, "host": "localhost"}

    answer = client.post(f"/r/{realm.slug}/uploads/", headers=headers)

    kept = Upload.objects.get().file_name
    assert (answer.status_code, kept.isprintable(), "/" in kept) == (201, True, False)
    assert json.dumps(kept)
