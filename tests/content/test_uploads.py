"""The tus protocol 1.0: an upload goes on where it stopped, whatever stopped it, and belongs to who began it."""

import base64
import fcntl
import os
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from content import left_over, services, storage, tasks, uploads
from content.models import Course, ImportJob, Upload
from tests import make
from tests.content.packages import imported, package

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def at(realm) -> str:
    return f"/r/{realm.slug}/uploads/"


def begin(client: Client, at: str, length: int | str, name: str = "course.zip", **metadata: str):
    pairs = {"filename": name, **metadata}
    encoded = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return client.post(at, headers=TUS | {"Upload-Length": str(length), "Upload-Metadata": encoded})


def send(client: Client, url: str, offset: int | str, data: bytes, **headers: str):
    return client.patch(
        url,
        data,
        content_type="application/offset+octet-stream",
        headers=TUS | {"Upload-Offset": str(offset)} | headers,
    )


def ask(client: Client, url: str):
    return client.head(url, headers=TUS)


def test_an_upload_in_two_pieces_becomes_a_course(owner, at, kept, django_capture_on_commit_callbacks):
    data = package()
    begun = begin(owner, at, len(data), "Sea signals.zip")
    url = begun["Location"]

    first = send(owner, url, 0, data[:100])
    asked = ask(owner, url)
    with django_capture_on_commit_callbacks(execute=True):
        last = send(owner, url, 100, data[100:])

    assert [answer.status_code for answer in (begun, first, asked, last)] == [201, 204, 200, 204]
    assert [answer["Upload-Offset"] for answer in (first, asked, last)] == ["100", "100", str(len(data))]
    assert (asked["Upload-Length"], asked["Cache-Control"], asked["Tus-Resumable"]) == (
        str(len(data)),
        "no-store",
        "1.0.0",
    )
    assert "Upload-Expires" in asked
    job = ImportJob.objects.get()
    assert (job.state, job.file_name, job.size, job.created_by) == (
        "complete",
        "Sea signals.zip",
        len(data),
        Upload.objects.get().user,
    )
    assert kept() == [f"packages/{Course.objects.get().current_version.archive}"]


def test_the_server_says_what_it_speaks(owner, at, settings):
    answer = owner.options(at)

    assert (answer.status_code, answer["Tus-Version"], answer["Tus-Max-Size"]) == (
        204,
        "1.0.0",
        str(settings.UPLOAD_MAX_BYTES),
    )
    assert answer["Tus-Extension"] == "creation,termination,expiration"


def test_the_file_is_moved_and_not_copied(owner, at, disk):
    data = package()
    url = begin(owner, at, len(data))["Location"]
    send(owner, url, 0, data[:50])
    upload = Upload.objects.get()
    node = left_over.upload_path(upload.pk).stat().st_ino

    send(owner, url, 50, data[50:])

    assert (disk / ImportJob.objects.get().source).stat().st_ino == node


# --- what goes wrong on the way ---------------------------------------------------------------------------------------


def test_a_wrong_offset_is_refused_and_changes_nothing(owner, at):
    url = begin(owner, at, 10)["Location"]
    send(owner, url, 0, b"12345")

    answers = [send(owner, url, offset, b"678") for offset in (0, 4, 6)]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert "5 bytes are here, not 0." in answers[0].content.decode()
    assert ask(owner, url)["Upload-Offset"] == "5"


def test_two_at_once_do_not_mix(owner, at, monkeypatch):
    url = begin(owner, at, 10)["Location"]
    send(owner, url, 0, b"12345")
    monkeypatch.setattr(uploads, "LOCK_SECONDS", 0.05)
    with left_over.upload_path(Upload.objects.get().pk).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        while_locked = send(owner, url, 5, b"67890")

    assert while_locked.status_code == 423
    assert send(owner, url, 5, b"678").status_code == 204


def test_what_came_before_the_line_dropped_is_kept(owner, at, monkeypatch):
    url = begin(owner, at, 10)["Location"]

    def dropped(request):
        yield b"1234"

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_pieces", dropped)
        answer = send(owner, url, 0, b"1234567890")

    assert (answer.status_code, answer["Upload-Offset"]) == (204, "4")
    assert ask(owner, url)["Upload-Offset"] == "4"


def test_bytes_that_were_written_but_not_recorded_do_not_harm(owner, at):
    """The server was killed after it wrote and before it said so."""
    data = package()
    url = begin(owner, at, len(data))["Location"]
    send(owner, url, 0, data[:50])
    with left_over.upload_path(Upload.objects.get().pk).open("ab") as file:
        file.write(b"not the bytes that will come")

    send(owner, url, 50, data[50:])

    assert storage.read_range(ImportJob.objects.get().source, 0, len(data) + 1) == data


def test_an_upload_that_was_whole_when_the_server_died_is_finished_when_asked_for(owner, at, monkeypatch):
    data = package()
    url = begin(owner, at, len(data))["Location"]
    with monkeypatch.context() as patched:
        patched.setattr(services, "start_import", _killed)
        with pytest.raises(KeyboardInterrupt):
            send(owner, url, 0, data)
    assert ImportJob.objects.count() == 0

    answers = [ask(owner, url), ask(owner, url), send(owner, url, len(data), b"again")]

    assert [answer["Upload-Offset"] for answer in answers] == [str(len(data))] * 3
    assert ImportJob.objects.get().pk == Upload.objects.get().pk


def test_an_upload_that_was_moved_when_the_server_died_is_finished_too(owner, at, monkeypatch):
    data = package()
    url = begin(owner, at, len(data))["Location"]
    with monkeypatch.context() as patched:
        patched.setattr(services, "make_job", _killed)
        with pytest.raises(KeyboardInterrupt):
            send(owner, url, 0, data)

    ask(owner, url)

    assert ImportJob.objects.get().size == len(data)


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_loses_nothing(owner, at, monkeypatch):
    url = begin(owner, at, 10)["Location"]
    send(owner, url, 0, b"12345")

    def full(file, piece):
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_write_all", full)
        answer = send(owner, url, 5, b"67890")

    assert (answer.status_code, "disk is full" in answer.content.decode()) == (507, True)
    assert ask(owner, url)["Upload-Offset"] == "5"
    assert send(owner, url, 5, b"678").status_code == 204


def test_a_disk_without_room_is_told_before_a_byte_is_sent(owner, at, monkeypatch):
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda path: os.terminal_size((0, 0)) and _Usage)

    answer = begin(owner, at, 10)

    assert (answer.status_code, Upload.objects.count()) == (507, 0)


class _Usage:
    free = 9


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_more_than_announced_is_refused_and_the_announced_kept(owner, at):
    url = begin(owner, at, 10)["Location"]

    answer = send(owner, url, 0, b"12345678901")

    assert (answer.status_code, ask(owner, url)["Upload-Offset"]) == (413, "0")


@pytest.mark.parametrize(
    ("length", "status"),
    [("0", 400), ("-1", 400), ("x", 400), ("", 400), ("²", 400), ("9" * 30, 400), (5 * 10**9 + 1, 413)],
)
def test_lengths_that_cannot_be(owner, at, length, status):
    assert (begin(owner, at, length).status_code, Upload.objects.count()) == (status, 0)


def test_a_full_plan_refuses_at_once_and_counts_what_is_on_its_way(owner, at, application):
    imported(application, package())
    plan = application.realm.effective_plan
    plan.storage_limit = application.import_jobs.get().size + 100
    plan.save()

    answers = [begin(owner, at, length) for length in (101, 60, 41, 40)]

    assert [answer.status_code for answer in answers] == [413, 201, 413, 201]
    assert "allows" in answers[0].content.decode()


def test_the_realms_that_share_a_plan_share_its_room(owner, at, realm):
    other = make.realm()
    plan = other.plan
    plan.storage_limit = 1000
    plan.save()
    realm.plan, realm.billing_realm = None, other
    realm.save()
    begin(owner, at, 600)

    with pytest.raises(services.ContentError, match="1 kB in all and 600 bytes"):
        services.refuse_over_plan(other, 401)


def test_a_person_has_so_many_unfinished_uploads_and_no_more(owner, at, monkeypatch):
    monkeypatch.setattr(uploads, "OPEN_AT_MOST", 2)

    assert [begin(owner, at, 9).status_code for _ in range(3)] == [201, 201, 429]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Tus-Resumable": "0.2.2"}, 412), ({"Upload-Offset": "x"}, 400), ({"Content-Type": "text/plain"}, 415)],
)
def test_requests_that_do_not_speak_it(owner, at, headers, status):
    url = begin(owner, at, 10)["Location"]

    if "Content-Type" in headers:
        answer = owner.patch(url, b"1", content_type="text/plain", headers=TUS | {"Upload-Offset": "0"})
    else:
        answer = send(owner, url, 0, b"1", **headers)

    assert answer.status_code == status


def test_metadata_that_cannot_be_read(owner, at):
    answer = owner.post(at, headers=TUS | {"Upload-Length": "9", "Upload-Metadata": "filename %%%"})

    assert (answer.status_code, Upload.objects.count()) == (400, 0)


def test_a_path_in_the_file_name_is_left_out(owner, at):
    begin(owner, at, 10, r"C:\Users\olga\..\course.zip")

    assert Upload.objects.get().file_name == "course.zip"


def test_the_token_against_forged_requests_is_wanted(realm, at):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(realm.memberships.get().user)

    assert begin(browser, at, 10).status_code == 403


# --- cancel, people ---------------------------------------------------------------------------------------------------


def test_cancelling_removes_every_byte(owner, at, kept):
    url = begin(owner, at, 10)["Location"]
    send(owner, url, 0, b"12345")

    answer = owner.delete(url, headers=TUS)

    assert (answer.status_code, ask(owner, url).status_code, kept()) == (204, 404, [])


def test_deleting_an_upload_that_became_a_job_leaves_the_job(owner, at, kept):
    data = package()
    url = begin(owner, at, len(data))["Location"]
    send(owner, url, 0, data)

    owner.delete(url, headers=TUS)

    assert (Upload.objects.count(), ImportJob.objects.count(), len(kept())) == (0, 1, 1)


def test_an_upload_belongs_to_who_began_it(owner, stranger, at, realm):
    url = begin(owner, at, 10)["Location"]
    colleague = Client()
    colleague.force_login(make.colleague(realm))

    statuses = [
        (
            ask(browser, url).status_code,
            send(browser, url, 0, b"1").status_code,
            browser.delete(url, headers=TUS).status_code,
        )
        for browser in (stranger, colleague)
    ]

    assert statuses == [(404, 404, 404)] * 2
    assert begin(stranger, at, 10).status_code == 404
    assert ask(owner, url)["Upload-Offset"] == "0"


def test_who_is_signed_out_is_told_so_and_loses_nothing(owner, at):
    url = begin(owner, at, 10)["Location"]

    answer = send(Client(), url, 0, b"1")

    assert (answer.status_code, answer.content) == (401, b"You were signed out. Sign in again to go on.")


def test_an_upload_to_a_course_makes_a_version(owner, at, application, django_capture_on_commit_callbacks):
    imported(application, package(), course_id="sea")
    data = package(title="New")
    url = begin(owner, at, len(data), course="sea")["Location"]

    with django_capture_on_commit_callbacks(execute=True):
        send(owner, url, 0, data)

    assert Course.objects.get().versions.count() == 2


def test_an_upload_nobody_goes_on_with_is_forgotten(owner, at, kept):
    url = begin(owner, at, 10)["Location"]
    send(owner, url, 0, b"12345")
    Upload.objects.update(updated=timezone.now() - timedelta(hours=25))

    tasks.clean_up()

    assert (ask(owner, url).status_code, kept()) == (404, [])
