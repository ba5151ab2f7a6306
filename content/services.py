"""The verbs on courses: take in a package, rename, tag, delete."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from realms import applications
from realms.configuration.levels import COURSE, VERSION, check
from realms.models import Application, Realm
from standards.errors import PackageError
from standards.media import parse_reference

from . import fetch, sample, storage
from .courses import add_tags as add_tags
from .courses import clean_tags as clean_tags
from .courses import move_course as move_course
from .courses import remove_tags as remove_tags
from .courses import set_tags as set_tags
from .courses import take_away
from .errors import ContentError, CourseExists, TooManyFetches
from .importer import PATIENCE, described, make_version
from .left_over import remove_upload as remove_upload
from .left_over import remove_what_came_in
from .limits import hold_to_plan, refuse_more_courses
from .limits import refuse_over_plan as refuse_over_plan
from .models import BulkJob, Course, CourseVersion, ImportJob
from .sentences import in_language
from .tasks import queue_import, remove_changed_files, remove_files, run_bulk

FETCHES_AT_MOST = 20  # of a realm, waiting or running
TITLE_LENGTH = 500
BULK_AT_MOST, BULK_JOBS_AT_MOST = 20_000, 5  # courses of a job, unfinished jobs of a realm


@dataclass(frozen=True)
class Wish:
    """Who takes something in and as what. An empty `course_id`: one is made from the title.

    `tags` are put on the course; `metadata` is said of a medium, as ImportJob.metadata.
    """

    user_id: int | None = None
    course_id: str = ""
    may_create_version: bool = False
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """Of an ImportJob."""
        return {
            "created_by_id": self.user_id,
            "course_id": self.course_id,
            "may_create_version": self.may_create_version,
            "tags": list(self.tags),
            "metadata": dict(self.metadata),
        }


# --- imports ----------------------------------------------------------------------------------------------------------


def start_import(
    application: Application,
    file: Path,
    file_name: str,
    wish: Wish = Wish(),
    *,
    job_id: uuid.UUID | None = None,
    queued: bool = True,
) -> ImportJob:
    """Take the file over, moved and not copied, as the archive of a new course or version.

    Repeated with the same `job_id` it makes nothing twice, wherever the first call ended. Not `queued`: the caller runs
    the importer itself. Raises CourseExists and OverPlan, and leaves the file where it is.
    """
    job_id = job_id or uuid.uuid4()
    if job := ImportJob.objects.filter(pk=job_id).first():
        return job
    name = storage.archive_name(job_id)
    is_moved = not file.exists()
    size = storage.size(name) if is_moved else file.stat().st_size
    refuse_course_exists(application, wish.course_id, wish.may_create_version)
    refuse_more_courses(application, wish.course_id)
    refuse_over_plan(application.realm, size, besides=job_id)
    if not is_moved:
        storage.put_file(name, file)
    return make_job(job_id, application, wish, queued, file_name=file_name[:255], source=name, size=size)


def add_sample(application: Application, user_id: int | None = None) -> Course | ImportJob:
    """The sample course where it is there already, else its import: by the job that any package gets.

    Raises OverPlan, CourseExists.
    """
    if course := sample.course_in(application):
        return course
    job_id = sample.job_id(application)
    if job := ImportJob.objects.filter(pk=job_id).first():
        return job
    file = sample.archive()
    try:
        return start_import(
            application, file, sample.FILE_NAME, Wish(user_id=user_id, course_id=sample.COURSE_ID), job_id=job_id
        )
    finally:
        file.unlink(missing_ok=True)  # the import has moved it, unless another had been faster


def start_fetch(application: Application, url: str, wish: Wish = Wish(), *, replaces_unused: bool = False) -> ImportJob:
    """Have a package fetched from the web and imported. Raises TooManyFetches, FetchError, CourseExists.

    `replaces_unused`: of a course without registrations the new version takes the place of the present one.
    """
    url = fetch.check(url)
    waiting = ImportJob.objects.unfinished().filter(application__realm=application.realm).exclude(url="")
    if waiting.count() >= FETCHES_AT_MOST:
        raise TooManyFetches(
            gettext("%(fetches_at_most)s addresses are being fetched already. Wait until some are here.")
            % {"fetches_at_most": FETCHES_AT_MOST}
        )
    refuse_course_exists(application, wish.course_id, wish.may_create_version)
    refuse_more_courses(application, wish.course_id)
    return make_job(
        uuid.uuid4(), application, wish, True, url=url, file_name=url[:255], replaces_unused=replaces_unused
    )


def add_reference(
    application: Application, url: str, title: str = "", kind: str = "", wish: Wish = Wish()
) -> ImportJob:
    """A course of what lies at an https address and stays there; its import is over at once, with nothing stored.

    `kind` is one of standards.media.KINDS, "" to see by the address. Raises ContentError, CourseExists.
    """
    title = " ".join("".join(filter(_is_storable, title)).split())[:TITLE_LENGTH]
    try:
        structure = parse_reference(url, title, kind)
    except PackageError as error:
        raise ContentError(in_language(str(error))) from error
    with transaction.atomic():
        Application.objects.select_for_update().get(pk=application.pk)  # as an import does
        refuse_course_exists(application, wish.course_id, wish.may_create_version)
        job = ImportJob(
            application=application,
            **wish.columns(),
            file_name=structure.title[:255],
            url=structure.identifier,
            state=ImportJob.State.COMPLETE,
            percent=100,
            finished=timezone.now(),
        )
        structure = described(structure, job)
        version = make_version(job, structure, archive="", archive_size=0, unpacked_size=0, file_count=0)
        job.version, job.course_id = version, version.course.course_id
        job.save()
        hold_to_plan(application, is_new=version.number == 0)
    return job


def _is_storable(character: str) -> bool:
    return character.isprintable() or character.isspace()


@transaction.atomic
def make_job(pk: uuid.UUID, application: Application, wish: Wish, queued: bool = True, **columns: object) -> ImportJob:
    """The job, queued once the row is there for all to see; that of the same id where there is one."""
    job, is_new = ImportJob.objects.get_or_create(
        pk=pk,
        defaults={
            "application": application,
            **wish.columns(),
            "lease_until": timezone.now() + PATIENCE if queued else None,
            **columns,
        },
    )
    if is_new and queued:
        _queue(job)
    return job


def _queue(job: ImportJob) -> None:
    """Enqueue once the row is there for all to see; where the broker is away, `tasks.sweep` finds the row."""
    transaction.on_commit(partial(queue_import, job), robust=True)


def refuse_course_exists(application: Application, course_id: str, may_create_version: bool) -> None:
    taken = course_id and not may_create_version
    if taken and Course.objects.filter(application=application, course_id=course_id).exists():
        raise CourseExists(gettext("There is a course with the id %(course_id)s already.") % {"course_id": course_id})


def retry_import(job: ImportJob) -> None:
    """Run a failed import again. Raises ContentError where its file is gone."""
    if not job.can_retry:
        raise ContentError(gettext("This import cannot be run again: its file was not kept. Upload it again."))
    refused = {"source": ""} if job.can_fix else {}  # what came from an address is fetched anew
    with transaction.atomic():
        again = ImportJob.objects.filter(pk=job.pk, state=ImportJob.State.FAILED).update(
            **refused,
            state=ImportJob.State.WAITING,
            attempts=0,
            stage="",
            percent=0,
            message="",
            findings=[],
            finished=None,
            lease_until=timezone.now() + PATIENCE,
        )
        if again:
            _queue(job)


def forget_job(job: ImportJob) -> None:
    """Remove an import that is over from the lists, with the file of one that failed."""
    over = (ImportJob.State.FAILED, ImportJob.State.COMPLETE)
    forgotten, _ = ImportJob.objects.filter(pk=job.pk, state__in=over).delete()
    if forgotten and job.state == ImportJob.State.FAILED:
        storage.delete_job_files(job.pk)


# --- many courses at once ---------------------------------------------------------------------------------------------


def start_bulk(realm: Realm, user_id: int, kind: str, courses: list[int], wish: Mapping[str, Any]) -> BulkJob:
    """Have this done to courses of the realm, by primary key. Raises ContentError."""
    if len(courses) > BULK_AT_MOST:
        raise ContentError(_("At most %(most)d courses are taken at once.") % {"most": BULK_AT_MOST})
    if kind in (BulkJob.Kind.TAG, BulkJob.Kind.UNTAG):
        tags = clean_tags(wish["tags"])
        if not tags:
            raise ContentError(_("Write at least one tag."))
        wish = {"tags": tags}
    unfinished = BulkJob.objects.filter(realm=realm, state__in=(ImportJob.State.WAITING, ImportJob.State.RUNNING))
    with transaction.atomic():
        Realm.objects.select_for_update(no_key=True).get(pk=realm.pk)  # two at once are counted
        if unfinished.count() >= BULK_JOBS_AT_MOST:
            raise ContentError(_("Several such jobs are under way in this realm. Wait until one is over."))
        job = BulkJob.objects.create(
            realm=realm,
            created_by_id=user_id,
            kind=kind,
            courses=courses,
            wish=dict(wish),
            lease_until=timezone.now() + PATIENCE,
        )
        transaction.on_commit(partial(run_bulk.delay, str(job.pk)), robust=True)
    return job


# --- courses ----------------------------------------------------------------------------------------------------------


def rename_course(course: Course, title: str) -> None:
    """Give the course a title of one's own; later versions keep it. Raises ContentError."""
    title = " ".join(title.replace("\0", "").split())
    if not title or len(title) > TITLE_LENGTH:
        raise ContentError(
            gettext("A title has from 1 to %(title_length)s characters.") % {"title_length": TITLE_LENGTH}
        )
    course.title = title
    course.save(update_fields=["title", "updated"])


def configure_course(course: Course, explicit: Mapping[str, str]) -> None:
    """Let these settings of the course be explicit and no others. Raises SettingError."""
    check(explicit, COURSE, course.settings)
    course.settings = dict(explicit)
    course.save(update_fields=["settings", "updated"])


def configure_version(version: CourseVersion, explicit: Mapping[str, str]) -> None:
    """The same for one version. Raises SettingError."""
    check(explicit, VERSION, version.settings)
    version.settings = dict(explicit)
    version.save(update_fields=["settings"])


@dataclass(frozen=True)
class Belongings:
    """What goes with a course that is deleted."""

    versions: int
    files: int
    size: int  # bytes
    registrations: int
    sandbox_registrations: int


def belongings(course: Course) -> Belongings:
    versions = course.versions.aggregate(
        count=Count("pk"), files=Sum("file_count"), size=Sum(F("archive_size") + F("changed_size"))
    )
    registrations = course.registrations.aggregate(
        sandbox=Count("pk", filter=Q(is_sandbox=True)), real=Count("pk", filter=Q(is_sandbox=False))
    )
    return Belongings(
        versions=versions["count"],
        files=versions["files"] or 0,
        size=versions["size"] or 0,
        registrations=registrations["real"],
        sandbox_registrations=registrations["sandbox"],
    )


@transaction.atomic
def delete_course(course: Course, *, with_results: bool = True) -> None:
    """Delete the course with its versions, files and registrations. `with_results` and raises as `take_away`."""
    left = take_away(course, with_results=with_results)
    transaction.on_commit(partial(remove_files.delay, left.names), robust=True)
    for archive in left.archives:
        transaction.on_commit(partial(remove_changed_files.delay, archive), robust=True)


@transaction.atomic
def delete_application(application: Application) -> None:
    """Delete one that holds nothing, with half uploads and imports that are over. Raises ApplicationError."""
    applications.refuse_unless_empty(application)
    remove_what_came_in([application])
    applications.delete_application(application)
