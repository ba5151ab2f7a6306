"""An import runs once however often it is run, and leaves either a course or nothing."""

import json
import os
import random
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.signals import post_save
from django.utils import timezone

from content import importer, lease, left_over, services, storage, tasks
from content.errors import ContentError, CourseExists, OverPlan
from content.models import Course, CourseVersion, ImportJob, PackageFile, Upload
from tests import make
from tests.content.packages import imported, package, waiting_job, zip_of
from tests.packages import package_names, package_zip

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.mark.parametrize("name", package_names())
def test_a_package_becomes_a_course(application, name, kept):
    data = package_zip(name)

    job = imported(application, data, f"{name}.zip")

    course = Course.objects.get(application=application)
    version = course.current_version
    assert (job.state, job.version, job.percent, job.message, job.lease_token) == ("complete", version, 100, "", None)
    assert (version.number, version.archive_size, version.file_name) == (0, len(data), f"{name}.zip")
    assert course.standard == version.standard
    assert course.standard.startswith("SCORM12" if name.startswith("scorm12") else "SCORM2004")
    assert version.read_structure().title == course.title
    assert version.files.count() == version.file_count
    assert kept() == [f"packages/{version.archive}"]
    assert storage.read_range(version.archive, 0, len(data) + 1) == data


def test_each_member_says_where_its_bytes_lie(application):
    data = package({"plain.txt": b"as it is"}, stored=("plain.txt",))

    version = imported(application, data).version

    row = version.files.get(folded="plain.txt")
    assert (row.method, row.size, row.compressed_size) == (0, 8, 8)
    assert data[row.offset : row.offset + 8] == b"as it is"
    assert set(version.files.values_list("path", flat=True)) == {"imsmanifest.xml", "index.html", "plain.txt"}


def test_a_title_of_its_own_makes_the_course_id_and_a_second_one_gets_a_number(application):
    first = imported(application, package(title="Köln: Sea signals"))
    second = imported(application, package(title="Köln: Sea signals"))

    assert [job.version.course.course_id for job in (first, second)] == ["koln-sea-signals", "koln-sea-signals-2"]


def test_large_deflated_media_are_kept_inflated_too(application, kept, disk):
    film = bytes(random.Random(1).randbytes(700_000)) * 2
    members = {"film.MP4": film, "short.mp4": b"x" * 1000, "large.bin": film}

    version = imported(application, package(members)).version

    inflated = version.files.exclude(inflated="").get()
    assert inflated.path == "film.MP4"
    assert (disk / inflated.inflated).read_bytes() == film
    assert len(kept()) == 2


# --- versions ---------------------------------------------------------------------------------------------------------


def test_uploading_again_makes_a_new_version_and_the_old_one_stays(application, kept):
    first = imported(application, package(title="Old"), course_id="sea").version
    second = imported(application, package(title="New"), course_id="sea", may_create_version=True).version

    course = Course.objects.get()
    assert (course.course_id, course.title, course.current_version, course.versions.count()) == (
        "sea",
        "New",
        second,
        2,
    )
    assert (first.number, second.number) == (0, 1)
    assert CourseVersion.objects.get(pk=first.pk).files.count() == 2
    assert len(kept()) == 2


def test_a_title_given_by_a_person_stays_with_a_new_version(application):
    course = imported(application, package(title="Old"), course_id="sea").version.course
    services.rename_course(course, "Mine")

    imported(application, package(title="New"), course_id="sea", may_create_version=True)

    course.refresh_from_db()
    assert course.title == "Mine"


def test_an_id_that_is_taken_is_refused_unless_a_version_is_wanted(application, kept):
    imported(application, package(), course_id="sea")

    with pytest.raises(CourseExists):
        waiting_job(application, package(), course_id="sea")


def test_an_id_that_was_taken_meanwhile_fails_the_import(application, kept):
    late = waiting_job(application, package(), course_id="sea")
    imported(application, package(), course_id="sea")

    importer.run(late.pk)

    late.refresh_from_db()
    assert (late.state, late.message) == ("failed", "There is a course with the id sea already.")
    assert (Course.objects.count(), CourseVersion.objects.count(), len(kept())) == (1, 1, 1)


# --- refusals ---------------------------------------------------------------------------------------------------------


def _broken_crc() -> bytes:
    data = bytearray(package({"plain.txt": b"as it is"}, stored=("plain.txt",)))
    data[data.index(b"as it is")] ^= 1
    return bytes(data)


REFUSALS = {
    "not a zip": (lambda: b"hello" * 100, "not-a-zip", "This is not a zip file."),
    "cut off": (lambda: package()[:-30], "zip-truncated", "cut off"),
    "wrong CRC": (_broken_crc, "zip-crc", "plain.txt"),
    "path out of the package": (lambda: package({"../evil.html": "x"}), "zip-path-escape", "../evil.html"),
    "absolute path": (lambda: package({"/etc/passwd": "x"}), "zip-absolute-path", "/etc/passwd"),
    "names that differ in case": (lambda: package({"Index.HTML": "x"}), "zip-case-collision", "Index.HTML"),
    "bomb": (lambda: package({"zeros": b"\0" * (65 * 2**20)}), "zip-bomb-ratio", "zeros"),
    "no manifest": (lambda: zip_of({"readme.txt": "x"}), "no-manifest", "readme.txt"),
    "a zip in the zip": (lambda: zip_of({"inner.zip": package()}), "no-manifest", "inner.zip"),
    "cmi5": (lambda: zip_of({"cmi5.xml": "<courseStructure/>"}), "cmi5-schema", "<courseStructure>"),
    "xAPI": (lambda: zip_of({"tincan.xml": "<tincan/>"}), "nothing-to-launch", "tincan.xml has no activity"),
    "AICC": (lambda: zip_of({"c.crs": "[Course]", "c.au": ""}), "aicc-no-au-file", "c.crs"),
    "launch file missing": (
        lambda: zip_of({"imsmanifest.xml": package_manifest("gone.html")}),
        None,
        "gone.html",
    ),
}


def package_manifest(href: str) -> str:
    from tests.content.packages import MANIFEST  # noqa: PLC0415

    return MANIFEST.format(title="T").replace("index.html", href)


@pytest.mark.parametrize(("made", "code", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_work_is_refused_in_words_and_leaves_nothing(application, kept, made, code, words):
    job = imported(application, made())

    assert job.state == "failed"
    assert words in job.message
    assert job.findings[0]["severity"] == "error"
    assert code is None or job.findings[0]["code"] == code
    assert (Course.objects.count(), CourseVersion.objects.count()) == (0, 0)
    assert kept() == ([f"packages/{job.source}"] if job.can_fix else [])
    assert job.can_fix == (code == "zip-absolute-path" or words == "inner.zip")
    assert not job.can_retry


def test_a_limit_of_the_settings_is_kept(application, settings, kept):
    settings.PACKAGE_MAX_MEMBERS = 2

    job = imported(application, package({"third.txt": "x"}))

    assert (job.state, job.findings[0]["code"], kept()) == ("failed", "zip-too-many", [])


def test_a_full_plan_refuses_the_upload_and_leaves_it_where_it_is(application, kept):
    plan = application.realm.effective_plan
    plan.storage_limit = 10
    plan.save()

    with pytest.raises(OverPlan, match="allows 10 bytes in all"):
        waiting_job(application, package())

    assert len(kept()) == 1


def test_what_nobody_foresaw_is_kept_for_another_try(application, kept, monkeypatch, caplog):
    job = waiting_job(application, package())
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", _out_of_order)
        importer.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message, job.can_retry, len(kept())) == ("failed", importer.UNEXPECTED, True, 1)
    assert "out of order" in caplog.text

    services.retry_import(job)
    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.findings, Course.objects.count()) == ("complete", job.findings, 1)


def _out_of_order(*_: object, **__: object) -> None:
    raise OSError("the disk is out of order")


def test_a_refused_import_cannot_be_tried_again(application):
    job = imported(application, b"no zip")

    with pytest.raises(ContentError, match="Upload it again"):
        services.retry_import(job)


# --- once and only once -----------------------------------------------------------------------------------------------


def test_running_a_finished_job_again_does_nothing(application):
    job = imported(application, package())
    before = ImportJob.objects.values().get(pk=job.pk)

    importer.run(job.pk)

    assert ImportJob.objects.values().get(pk=job.pk) == before
    assert (Course.objects.count(), CourseVersion.objects.count()) == (1, 1)


def test_a_job_that_another_worker_has_is_left_alone(application):
    job = waiting_job(application, package())
    held = lease.claim(job.pk)

    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.lease_token, job.attempts, Course.objects.count()) == ("running", held.token, 1, 0)


def test_a_job_whose_worker_is_silent_is_taken_up_by_another(application, kept):
    job = waiting_job(application, package())
    lease.claim(job.pk)
    storage.part_path(job.pk).write_bytes(b"half")
    _let_lapse(job)

    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts, Course.objects.count(), len(kept())) == ("complete", 2, 1, 1)


def test_a_worker_that_lost_its_lease_writes_nothing(application):
    job = waiting_job(application, package())
    silent = lease.claim(job.pk)
    _let_lapse(job)
    other = lease.claim(job.pk)

    assert not silent.finish(state=ImportJob.State.FAILED)
    with pytest.raises(lease.LeaseLost):
        silent.show("Checking the archive", 1, 2)
    other.show("Checking the archive", 1, 2)

    job.refresh_from_db()
    assert (job.state, job.lease_token, job.percent) == ("running", other.token, 50)


def test_a_run_that_is_overtaken_leaves_the_other_ones_course_alone(application, kept, monkeypatch):
    """The first run sleeps after it has read the manifest; meanwhile the second does the whole import."""
    job = waiting_job(application, package())
    inflate = importer._inflate_media

    def overtaken(*args: object) -> object:
        monkeypatch.setattr(importer, "_inflate_media", inflate)
        _let_lapse(job)
        importer.run(job.pk)
        return inflate(*args)

    monkeypatch.setattr(importer, "_inflate_media", overtaken)

    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("complete", 2)
    assert (Course.objects.count(), CourseVersion.objects.count(), len(kept())) == (1, 1, 1)


def test_a_package_that_ends_its_worker_each_time_is_given_up(application, kept):
    job = waiting_job(application, package())
    for _ in range(importer.MAX_ATTEMPTS):
        lease.claim(job.pk)
        _let_lapse(job)

    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, kept()) == ("failed", [])
    assert "begun 3 times" in job.message


@pytest.mark.django_db(transaction=True)
def test_a_long_step_does_not_lose_the_lease(settings, disk):
    settings.IMPORT_LEASE_SECONDS = 0.3
    job = waiting_job(make.internal_application(), package())
    ImportJob.objects.filter(pk=job.pk).update(state="waiting", attempts=0)
    held = lease.claim(job.pk)
    with held:
        time.sleep(0.7)
        assert lease.claim(job.pk) is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease")]


def _let_lapse(job: ImportJob) -> None:
    ImportJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


# --- what is stuck, what is left over ---------------------------------------------------------------------------------


def test_the_sweep_queues_what_is_stuck_and_nothing_else(application):
    fresh = waiting_job(application, package())
    running = waiting_job(application, package())
    lease.claim(running.pk)
    silent = waiting_job(application, package())
    lease.claim(silent.pk)
    lost = waiting_job(application, package())
    done = imported(application, package())
    for job in (silent, lost, done):
        _let_lapse(job)

    taken = importer.take_stuck()

    assert {job.pk for job in taken} == {silent.pk, lost.pk}
    assert importer.take_stuck() == []
    states = dict(ImportJob.objects.values_list("pk", "state"))
    assert [states[job.pk] for job in (fresh, running, silent)] == ["waiting", "running", "waiting"]


def test_the_sweep_ends_a_job_whose_worker_died(application, kept):
    job = waiting_job(application, package())
    lease.claim(job.pk)
    _let_lapse(job)

    tasks.sweep()

    job.refresh_from_db()
    assert (job.state, Course.objects.count(), len(kept())) == ("complete", 1, 1)


def test_the_clean_up_removes_what_nobody_came_back_for(application, realm, kept):
    now = timezone.now()
    user = realm.memberships.get().user
    old, fresh = (Upload.objects.create(application=application, user=user, file_name="x", length=9) for _ in range(2))
    for upload in (old, fresh):
        left_over.upload_path(upload.pk).write_bytes(b"half")
    Upload.objects.filter(pk=old.pk).update(updated=now - timedelta(hours=25))
    stray = storage.part_path(uuid.uuid4())
    stray.write_bytes(b"x")
    os.utime(stray, (now.timestamp() - 49 * 3600,) * 2)
    course = imported(application, package())
    ImportJob.objects.filter(pk=course.pk).update(finished=now - timedelta(days=8))
    failed = waiting_job(application, package())
    ImportJob.objects.filter(pk=failed.pk).update(state="failed", finished=now - timedelta(hours=49))

    tasks.clean_up()

    assert kept() == sorted([f"packages/{course.source}", f"uploads/{fresh.pk}"])
    assert list(Upload.objects.all()) == [fresh]
    assert list(ImportJob.objects.all()) == [failed]
    assert not ImportJob.objects.get().can_retry


def test_deleting_a_course_takes_its_files_and_leaves_the_others(application, kept, django_capture_on_commit_callbacks):
    film = {"film.mp4": random.Random(1).randbytes(1_100_000)}
    imported(application, package(film), course_id="sea")
    imported(application, package(film), course_id="sea", may_create_version=True)
    other = imported(application, package(title="Other")).version
    assert len(kept()) == 5

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_course(Course.objects.get(course_id="sea"))

    assert kept() == [f"packages/{other.archive}"]
    assert (Course.objects.get(), PackageFile.objects.count()) == (other.course, 2)


# --- real packages ----------------------------------------------------------------------------------------------------


def _corpus() -> list:
    if not CORPUS.is_dir():
        return []
    index = json.loads((CORPUS / "INDEX.json").read_text())
    entries = next(value for value in index.values() if isinstance(value, list) and value and "slug" in value[0])
    return [pytest.param(entry, id=entry["slug"]) for entry in entries if entry["file"].endswith((".zip", ".xml"))]


EDITIONS = {
    "1.2": "SCORM12",
    "2004 2nd Edition": "SCORM20042NDEDITION",
    "2004 3rd Edition": "SCORM20043RDEDITION",
    "2004 4th Edition": "SCORM20044THEDITION",
    "tincan.xml": "XAPI",
    "Quartz (1st)": "CMI5",
}
PLAYED = ("SCORM", "cmi5", "xAPI (Tin Can)", "AICC")


def _edition(entry) -> str:
    """The name of the standard; of an AICC course `version` is that of its own."""
    return "AICC" if entry["standard"] == "AICC" else EDITIONS[entry["version"]]


@pytest.mark.parametrize("entry", _corpus())
def test_a_real_package_is_imported_or_refused_as_its_index_says(application, kept, entry):
    job = imported(application, (CORPUS / entry["file"]).read_bytes(), entry["file"])

    if entry["standard"] in PLAYED and entry["expect"].startswith("imports"):
        structure = job.version.read_structure()
        assert job.state == "complete"
        assert (structure.standard, len(structure.leaves)) == (_edition(entry), entry["launchable"])
        assert structure.leaves[0].href == entry["launch"]
        assert ("absent" in entry["expect"]) <= bool(job.findings)
    elif job.state == "complete":
        assert "warned" in entry["expect"]
        assert any(finding["severity"] == "warning" for finding in job.findings)
    else:
        assert job.state == "failed"
        assert job.message
        assert entry["standard"] not in PLAYED or "reject" in entry["expect"]
        assert (Course.objects.count(), kept()) == (0, [])


@pytest.mark.django_db
def test_settings_that_are_made_while_a_version_comes_in_stay():
    course = make.course()

    def configure(sender: Any, instance: CourseVersion, **words: Any) -> None:
        Course.objects.filter(pk=instance.course_id).update(settings={"PlayerShowNavBar": "NO"})

    post_save.connect(configure, sender=CourseVersion)
    try:
        make.course(of=course.application.realm, course_id=course.course_id, may_create_version=True)
    finally:
        post_save.disconnect(configure, sender=CourseVersion)

    course.refresh_from_db()
    assert (course.settings, course.versions.count()) == ({"PlayerShowNavBar": "NO"}, 2)
