"""Runs an import job: has the archive fetched, verified, read and saved. Running it twice ends as running it once.

Files are stored under names that the job decides, so a run that takes over from a killed one writes the same files
again and leaves none behind; the rows are written in one transaction that ends the job, if its lease still holds.
"""

import logging
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.utils.translation import gettext_noop

from realms.models import Application, Realm
from standards.archive import DEFLATED
from standards.durations import format_duration
from standards.errors import PackageError
from standards.package import Member, Package
from standards.registry import read
from standards.structure import CourseStructure, Finding

from . import fetch, left_over, mending, pens_notices, storage
from .errors import ContentError, CourseExists, DiskFull
from .happened import note_imported
from .lease import Lease, LeaseLost, Watch, claim
from .limits import hold_to_plan, refuse_over_plan
from .locks import lock_played
from .models import Course, CourseTag, CourseVersion, ImportJob, PackageFile, fold, warnings_in

log = logging.getLogger(__name__)

MENDING, FETCHING, CHECKING, READING, SAVING = (
    gettext_noop("Mending"),
    gettext_noop("Fetching"),
    gettext_noop("Checking the archive"),
    gettext_noop("Reading the manifest"),
    gettext_noop("Saving"),
)
MAX_ATTEMPTS = 3  # runs that ended with the death of their worker
FETCHES_AT_ONCE = 4  # packages being fetched for one realm
PATIENCE = timedelta(minutes=5)  # how long a job may wait in the queue before it is queued again
ROWS_AT_ONCE = 2000
UNEXPECTED = (
    "Something went wrong on our side while the package was imported, and no course was made of it. Try again;"
    " if it fails again, tell the person who runs this site."
)

# Media that players seek in: kept inflated too where the archive holds them deflated, for ranges to be slices.
MEDIA = (".mp4", ".m4v", ".m4a", ".mp3", ".webm", ".ogg", ".ogv", ".oga", ".wav", ".mov", ".aac", ".flac", ".avi")
MEDIA_GROWTH = 4  # times their packed size at most: media hardly pack, and a copy must not fill the disk
MEDIA_FLOOR = 1024 * 1024  # bytes; below it inflating at each request costs less than a second copy


def run(job_id: uuid.UUID, watch: Watch | None = None) -> None:
    """Run the job unless another worker has it or it is over. What goes wrong is kept on the job, never raised."""
    if lease := claim(job_id, watch):
        _work(job_id, lease)


def run_in_turn(job_id: uuid.UUID) -> bool:
    """The same for a package to be fetched. False if its realm has as many fetched as one realm may, and it waits."""
    with transaction.atomic():
        # Two that count at once would both find the last place free
        realm = Realm.objects.select_for_update(no_key=True).filter(applications__import_jobs=job_id).first()
        if realm and _fetched_now(realm) >= FETCHES_AT_ONCE:
            return False
        lease = claim(job_id)
    if lease:
        _work(job_id, lease)
    return True


def _fetched_now(realm: Realm) -> int:
    """How many packages living workers fetch for the realm."""
    fetched = ImportJob.objects.filter(application__realm=realm, source="").exclude(url="")
    return fetched.filter(state=ImportJob.State.RUNNING, lease_until__gte=timezone.now()).count()


def _work(job_id: uuid.UUID, lease: Lease) -> None:
    with lease:
        job = ImportJob.objects.select_related("application__realm__plan").get(pk=job_id)
        storage.remove_parts(job.pk)
        try:
            _refuse_endless(job)
            _import(job, lease)
        except LeaseLost:
            if not ImportJob.objects.filter(pk=job_id).exists():  # its realm was deleted
                storage.delete_job_files(job_id)
        except PackageError as error:
            _refuse(job, lease, str(error), mending.marked(job, error.finding))
        except DiskFull as error:
            _fail(lease, str(error), Finding(error.code, str(error), "error"))
        except ContentError as error:
            _refuse(job, lease, str(error), Finding(error.code, str(error), "error"))
        except Exception:
            log.exception("import %s failed", job_id)
            _fail(lease, UNEXPECTED)
        except BaseException:  # the process is told to stop: another takes the job up
            lease.give_back()
            raise


def _refuse(job: ImportJob, lease: Lease, message: str, finding: Finding) -> None:
    """The job failed for a reason that stays: its file goes, unless it can be mended."""
    if finding.fixable:
        if _fail(lease, message, finding):
            left_over.remove_refused(job.application)
    elif _fail(lease, message, finding, source=""):
        storage.delete_job_files(job.pk)


def _fail(lease: Lease, message: str, *findings: Finding, **columns: object) -> bool:
    with transaction.atomic():
        held = lease.finish(
            state=ImportJob.State.FAILED,
            message=message,
            findings=[finding.to_json() for finding in findings],
            **columns,
        )
        if held:
            note_end(lease.job_id)
    return held


def _refuse_endless(job: ImportJob) -> None:
    """A package that ends its worker each time (by taking all memory, say) must not do so for ever."""
    if job.attempts > MAX_ATTEMPTS:
        raise ContentError(
            f"The import was begun {MAX_ATTEMPTS} times and its worker was stopped each time. The package may need more"
            " memory than the server has."
        )


def _import(job: ImportJob, lease: Lease) -> None:
    _fetch(job, lease)
    refuse_over_plan(job.application.realm, job.size, besides=job.pk)
    with mending.open_package(job.source) as package:
        lease.show(CHECKING)
        package.verify(lambda done, total: lease.show(CHECKING, done, total))
        lease.show(READING)
        structure = _titled(described(read(package), job), job)
        lease.show(SAVING)
        inflated = _inflate_media(job, package, lease)
        _save(job, lease, package, structure, inflated)


def _fetch(job: ImportJob, lease: Lease) -> None:
    """Have the archive in the storage: where it was uploaded it is there already."""
    if job.source:
        return
    if job.repair or job.repair_of_import_id:
        lease.show(MENDING)
        make = mending.mend_refused if job.repair_of_import_id else mending.make_archive
        make(job, lambda: lease.show(MENDING))
        lease.update(source=job.source, size=job.size, repair=job.repair)
        return
    if not job.url:
        raise ContentError("The uploaded file is gone. Upload it again.")
    lease.show(FETCHING)
    path = storage.part_path(job.pk)
    try:
        with storage.disk_full_said(), path.open("wb") as file:
            progress = lambda done, total: lease.show(FETCHING, done, total)  # noqa: E731
            fetched = fetch.fetch(job.url, file, progress, pens_notices.login(job.pk))
        name = storage.archive_name(job.pk)
        storage.put_file(name, path)
    finally:
        path.unlink(missing_ok=True)
    job.source, job.size = name, fetched.size
    job.file_name = fetched.file_name or job.file_name
    with transaction.atomic():
        lease.update(source=name, size=job.size, file_name=job.file_name)
        pens_notices.note_fetched(job.pk)


def _inflate_media(job: ImportJob, package: Package, lease: Lease) -> Mapping[str, str]:
    """Store inflated what players seek in but the archive holds deflated; path -> name in storage."""
    wanted = [
        (index, member)
        for index, member in enumerate(package.members.values())
        if member.method == DEFLATED
        and MEDIA_FLOOR < member.size <= MEDIA_GROWTH * member.compressed_size
        and member.path.casefold().endswith(MEDIA)
    ]
    total = sum(member.size for _, member in wanted)
    done = 0
    inflated = {}

    def blocks(path: str) -> Iterator[bytes | memoryview]:
        nonlocal done
        for block in package.stream(path):
            yield block
            done += len(block)
            lease.show(SAVING, done, total)

    for index, member in wanted:
        inflated[member.path] = storage.inflated_name(job.pk, index)
        storage.put_blocks(job.pk, inflated[member.path], blocks(member.path))
    return inflated


# --- rows -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def _save(
    job: ImportJob, lease: Lease, package: Package, structure: CourseStructure, inflated: Mapping[str, str]
) -> None:
    """Course, version, files and the end of the job, all or nothing."""
    lease.update(percent=100)  # locks the row: from here on no other run can take the job up
    Application.objects.select_for_update().get(pk=job.application_id)  # one new course or version at a time in it
    version = make_version(
        job,
        structure,
        archive=job.source,
        archive_size=job.size,
        unpacked_size=sum(member.size for member in package.members.values()),
        file_count=len(package.members),
    )
    rows = (_row(version, member, inflated.get(member.path, "")) for member in package.members.values())
    PackageFile.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    hold_to_plan(job.application, is_new=version.number == 0)
    if not lease.finish(
        state=ImportJob.State.COMPLETE,
        version=version,
        course_id=version.course.course_id,
        message="",
        stage="",
        percent=100,
        findings=[finding.to_json() for finding in structure.findings],
    ):
        raise LeaseLost(job.pk)
    note_end(job.pk)


def note_end(job_id: uuid.UUID) -> None:
    """The job is over: whoever waits to hear of it is told once that is there for all to see."""
    pens_notices.note_end(job_id)
    transaction.on_commit(partial(import_string(settings.IMPORT_ENDED_TASK).delay, str(job_id)), robust=True)


def _remove_unused(course: Course, version: CourseVersion) -> bool:
    """Let the version go, with its previews, if the course has no registration. The application is locked already, so
    none is opened meanwhile."""
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    if course.registrations.exists():
        return False
    lock_played(CourseVersion.objects.filter(pk=version.pk), course)
    copies = PackageFile.objects.filter(version=version).exclude(inflated="").values_list("inflated", flat=True)
    names, archive = [*copies, *filter(None, [version.archive])], version.archive
    version.instances.all().delete()
    CourseVersion.objects.filter(pk=version.pk).delete()
    transaction.on_commit(partial(storage.delete, names), robust=True)
    if archive:  # none of a course by reference
        transaction.on_commit(partial(storage.delete_changed, archive), robust=True)
    return True


def make_version(job: ImportJob, structure: CourseStructure, **columns: object) -> CourseVersion:
    """The newest version of the course the job wants, made current; within a transaction that holds the application."""
    course = _course(job, structure)
    latest = course.versions.first()
    number = latest.number + 1 if latest else 0
    if latest and job.replaces_unused and course.current_version_id == latest.pk and _remove_unused(course, latest):
        number = latest.number
    version = CourseVersion.objects.create(
        course=course,
        number=number,
        standard=structure.standard,
        title=_title(job, structure),
        structure=structure.to_json(),
        warning_count=warnings_in(structure),
        file_name=job.file_name,
        created_by=job.created_by,
        **columns,
    )
    if latest and course.title == latest.title:  # nobody gave it a title of their own
        course.title = version.title
    course.standard, course.current_version = version.standard, version
    course.save(update_fields=["title", "standard", "current_version", "updated"])
    tags = [CourseTag(course=course, name=name) for name in job.tags]
    CourseTag.objects.bulk_create(tags, ignore_conflicts=True)
    note_imported(version)
    return version


def _course(job: ImportJob, structure: CourseStructure) -> Course:
    """The course a new version is wanted of, or a new one."""
    title = _title(job, structure)
    if job.course_id:
        held = Course.objects.select_for_update(no_key=True)  # nobody renames it meanwhile
        existing = held.filter(application=job.application, course_id=job.course_id).first()
        if existing and not job.may_create_version:
            raise CourseExists(f"There is a course with the id {job.course_id} already.")
        if existing:
            return existing
    course_id = job.course_id or _free_course_id(job.application, title, job.file_name)
    return Course.objects.create(
        application=job.application, course_id=course_id, title=title, standard=structure.standard
    )


def described(structure: CourseStructure, job: ImportJob) -> CourseStructure:
    """A medium with what was said of it when it was taken in; a package speaks for itself."""
    said = job.metadata
    if not structure.medium or not said:
        return structure
    language = said.get("contentLanguage", "")
    seconds = said.get("estimatedDuration")
    about = replace(
        structure.metadata,
        title={language: said["title"]} if said.get("title") else structure.metadata.title,
        description={language: said["description"]} if said.get("description") else structure.metadata.description,
        languages=(language,) if language else structure.metadata.languages,
        typical_learning_time=format_duration(seconds) if seconds else structure.metadata.typical_learning_time,
    )
    title = said.get("title") or structure.title
    root = replace(structure.root, title=title)
    organization = replace(structure.organization, root=root)
    return replace(structure, title=title, metadata=about, organizations=(organization,), languages=about.languages)


def _titled(structure: CourseStructure, job: ImportJob) -> CourseStructure:
    """A medium that has no title of its own has that of its file, for statements and the player to name it."""
    if not structure.medium or structure.title:
        return structure
    title = _title(job, structure)
    root = replace(structure.root, title=title)
    return replace(structure, title=title, organizations=(replace(structure.organization, root=root),))


def _title(job: ImportJob, structure: CourseStructure) -> str:
    return (structure.title.strip() or _ENDING.sub("", job.file_name) or "Untitled course")[:500]


_ENDING = re.compile(r"\.(zip|xml|pdf|mp4|mp3)$", re.IGNORECASE)


def _free_course_id(application: Application, title: str, file_name: str) -> str:
    """An id made of the title, or of the file's name where the title has no letter to use: readable in addresses."""
    stem = (slugify(title) or slugify(file_name.rpartition(".")[0]) or "course")[:200].strip("-")
    taken = set(
        Course.objects.filter(application=application, course_id__startswith=stem).values_list("course_id", flat=True)
    )
    number = 1
    while (candidate := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return candidate


def _row(version: CourseVersion, member: Member, inflated: str) -> PackageFile:
    return PackageFile(
        version=version,
        path=member.path,
        folded=fold(member.path),
        offset=member.offset,
        compressed_size=member.compressed_size,
        size=member.size,
        method=member.method,
        crc=member.crc,
        inflated=inflated,
    )


# --- what is stuck ----------------------------------------------------------------------------------------------------


def take_stuck(now: datetime | None = None) -> list[ImportJob]:
    """The jobs to queue again: those whose worker is silent and those that the queue seems to have lost."""
    now = now or timezone.now()
    return [
        job
        for job in list(ImportJob.objects.unfinished().filter(lease_until__lt=now))
        # Compare-and-set: of several that sweep at once each job is queued by one
        if ImportJob.objects.unfinished()
        .filter(pk=job.pk, lease_until=job.lease_until)
        .update(state=ImportJob.State.WAITING, lease_token=None, lease_until=now + PATIENCE)
    ]
