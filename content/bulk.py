"""Does to many courses what was asked for: tags them, moves them, deletes them, exports them.

A course after the other, each in a transaction of its own, with how far it is on the job. A run that takes over from a
dead one begins where that one last said it was; doing something again to a course changes nothing.
"""

import logging
import re
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from realms import audit
from realms.access import Member, Right
from realms.models import Application, Membership
from realms.templatetags.console import size as in_words

from . import course_sheet, storage
from .courses import add_tags, move_course, remove_tags, take_away
from .edited import held_files, zip_blocks
from .errors import ContentError, DiskFull
from .lease import Lease, LeaseLost, claim
from .models import BulkJob, Course, CourseVersion, ImportJob

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=5)  # how long a job may wait in the queue before it is queued again
EXPORT_KEPT = timedelta(hours=24)
JOB_KEPT = timedelta(days=7)  # after its end
PROBLEMS_KEPT = 500
MAX_ATTEMPTS = 3
SAVE_EVERY = 20  # courses
AT_ONCE = 200  # courses read at a time for an export
UNEXPECTED = "Something went wrong on our side. What was done before it stays done; try again with what is left."


def run(job_id: uuid.UUID) -> None:
    """Run the job unless another worker has it or it is over. What goes wrong is kept on the job, never raised."""
    lease = claim(job_id, model=BulkJob)
    if lease is None:
        return
    with lease:
        job = BulkJob.objects.select_related("realm", "created_by").get(pk=job_id)
        storage.remove_parts(job.pk)
        try:
            if job.attempts > MAX_ATTEMPTS:
                raise ContentError(_("It was begun several times and its worker was stopped each time."))
            if job.kind == BulkJob.Kind.EXPORT:
                _export(job, lease)
            else:
                _each(job, lease)
        except LeaseLost:
            pass
        except ContentError as error:
            lease.finish(state=ImportJob.State.FAILED, message=str(error))
        except Exception:
            log.exception("bulk job %s failed", job_id)
            lease.finish(state=ImportJob.State.FAILED, message=UNEXPECTED)
        except BaseException:  # the process is told to stop: another takes the job up
            lease.give_back()
            raise


# --- course by course -------------------------------------------------------------------------------------------------


def _each(job: BulkJob, lease: Lease) -> None:
    do = _verb(job)
    total = len(job.courses)
    for number in range(job.done, total):
        course = _course(job, job.courses[number])
        if course is not None:
            try:
                job.changed += bool(do(course))
            except ContentError as error:
                if len(job.problems) < PROBLEMS_KEPT:
                    job.problems.append([course.title, str(error)])
        job.done = number + 1
        if job.done % SAVE_EVERY == 0:
            lease.update(**_progress(job), percent=100 * job.done // total)
    lease.finish(state=ImportJob.State.COMPLETE, percent=100, **_progress(job))


def _progress(job: BulkJob) -> dict[str, Any]:
    return {"done": job.done, "changed": job.changed, "problems": job.problems}


def _course(job: BulkJob, pk: int) -> Course | None:
    """A course of the job's realm; None where it is gone."""
    return Course.objects.in_realm(job.realm).select_related("application").filter(pk=pk).first()


def _verb(job: BulkJob) -> Callable[[Course], bool]:
    if job.kind == BulkJob.Kind.TAG:
        return lambda course: _tag(job, course, add_tags)
    if job.kind == BulkJob.Kind.UNTAG:
        return lambda course: _tag(job, course, remove_tags)
    if job.kind == BulkJob.Kind.DELETE:
        return lambda course: _delete(job, course)
    target = Application.objects.filter(realm=job.realm, pk=job.wish["application"]).first()
    if target is None:
        raise ContentError(_("The application to move the courses to has been deleted."))
    return lambda course: _move(job, course, target)


def _tag(job: BulkJob, course: Course, verb: Callable[[Course, Iterable[str]], None]) -> bool:
    before = _tags(course)
    with transaction.atomic():
        verb(course, job.wish["tags"])
        after = _tags(course)
        if before == after:
            return False
        _record(job, "course.tags", course, course, {"tags": [before, after]})
    return True


def _tags(course: Course) -> list[str]:
    return sorted(course.tags.values_list("name", flat=True))


def _move(job: BulkJob, course: Course, target: Application) -> bool:
    before = course.application
    with transaction.atomic():
        is_moved = move_course(course, target)
        if is_moved:
            details = {"application": [before.app_id, target.app_id]}
            audit.record(
                job.created_by, "course.move", realm=job.realm, application=target, target=course, details=details
            )
    return is_moved


def _delete(job: BulkJob, course: Course) -> bool:
    gone = audit.Target.of(course)
    try:
        with transaction.atomic():
            left = take_away(course, with_results=_may_take_results(job, course))
            _record(job, "course.delete", course, gone, None)
    except Course.DoesNotExist:  # by somebody else, since it was read
        return False
    try:
        storage.delete(left.names)
        for archive in left.archives:
            storage.delete_changed(archive)
    except Exception:  # the course is gone all the same, and so may be the others
        log.exception("files of %s could not be removed", gone.text)
    return True


def _may_take_results(job: BulkJob, course: Course) -> bool:
    """Whether whoever asked for it may, now, delete what learners reached in the course's application."""
    membership = Membership.objects.filter(realm=job.realm, user=job.created_by_id).first()
    return membership is not None and Member(membership).may(Right.RESULTS_CHANGE, course.application_id)


def _record(job: BulkJob, action: str, course: Course, target: Any, details: dict[str, Any] | None) -> None:
    about: dict[str, Any] = {"realm": job.realm, "application": course.application, "target": target}
    audit.record(job.created_by, action, **about, details=details)


# --- export -----------------------------------------------------------------------------------------------------------


def _export(job: BulkJob, lease: Lease) -> None:
    """Write the list, and the packages where they are wanted, into one file that can be downloaded for a day."""
    is_zip = bool(job.wish.get("packages"))
    if is_zip:
        _refuse_too_large(job)
    ending = "zip" if is_zip else "csv"
    path = storage.part_path(job.pk)
    name = export_name(job.pk, ending)
    try:
        with storage.disk_full_said(), path.open("w+b") as file:
            if is_zip:
                _write_zip(job, lease, file)
            else:
                file.write(course_sheet.sheet(job.created_by, [line for line, _version in _rows(job, lease)]))
        length = path.stat().st_size
        storage.put_file(name, path)
    finally:
        path.unlink(missing_ok=True)
    held = lease.finish(
        state=ImportJob.State.COMPLETE,
        percent=100,
        file=name,
        file_name=f"courses-{timezone.now():%Y-%m-%d}.{ending}",
        size=length,
        expires=timezone.now() + EXPORT_KEPT,
        **_progress(job),
    )
    if not held and not BulkJob.objects.filter(pk=job.pk).exists():  # its realm was deleted
        storage.delete([name])


def export_name(job_id: uuid.UUID, ending: str) -> str:
    """Where an export lies: the same name however often the job is run."""
    return f"exports/{job_id}/courses.{ending}"


def _refuse_too_large(job: BulkJob) -> None:
    versions = CourseVersion.objects.filter(pk__in=_current_versions(job)).values_list("archive_size", "changed_size")
    wanted = sum(sum(sizes) for sizes in versions.iterator())
    if shutil.disk_usage(storage.upload_folder()).free < wanted * 1.1:
        words = _("The packages have %(size)s together, for which the server's disk has no room. Export fewer courses.")
        raise DiskFull(words % {"size": in_words(wanted)})


def _current_versions(job: BulkJob) -> list[int]:
    found: list[int] = []
    for pks in _pieces(job.courses):
        rows = Course.objects.in_realm(job.realm).filter(pk__in=pks, current_version__isnull=False)
        found += rows.values_list("current_version", flat=True)
    return found


def _pieces(pks: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(pks), AT_ONCE):
        yield pks[start : start + AT_ONCE]


def _rows(job: BulkJob, lease: Lease) -> Iterator[tuple[list[Any], CourseVersion | None]]:
    """A line of the list for each course, without the last cell, and its current version."""
    job.done = job.changed = 0  # a file is written anew from its beginning
    real = Count("registrations", filter=Q(registrations__is_sandbox=False))
    for pks in _pieces(job.courses):
        rows: Any = Course.objects.in_realm(job.realm).filter(pk__in=pks)
        counts = dict(rows.order_by().annotate(n=real).values_list("pk", "n"))
        found = rows.select_related("application", "current_version").defer("current_version__structure")
        courses = found.prefetch_related("tags").in_bulk()
        for course in (courses[pk] for pk in pks if pk in courses):
            with course_sheet.read_by(job.created_by):
                line = course_sheet.line_of(course, counts.get(course.pk, 0))
            yield line, course.current_version
            job.changed += 1
        job.done += len(pks)
        lease.update(**_progress(job), percent=99 * job.done // max(1, len(job.courses)))


def _write_zip(job: BulkJob, lease: Lease, file: Any) -> None:
    """The packages as they are now, each under its course id, and the list. Packages are packed already: stored."""
    lines, taken = [], set[str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for row, version in _rows(job, lease):
            name = ""
            if version is not None and version.archive:
                name = _member_name(row[1], version, taken)
                try:
                    with archive.open(name, "w", force_zip64=True) as member:
                        for block in _blocks(version):
                            member.write(block)
                            lease.show("", 0, 0)
                except FileNotFoundError:
                    if len(job.problems) < PROBLEMS_KEPT:
                        job.problems.append([row[0], _("Its package is not in the storage.")])
            lines.append([*row, name])
        archive.writestr("courses.csv", course_sheet.sheet(job.created_by, lines))


def _member_name(course_id: str, version: CourseVersion, taken: set[str]) -> str:
    """A name that every system takes, and no other member has."""
    stem = re.sub(r"[^\w.-]+", "_", course_id).strip("._")[:100] or "course"
    ending = "zip" if version.revision else version.file_name.lower().rpartition(".")[2] or "zip"
    ending = ending if re.fullmatch(r"[a-z0-9]{1,5}", ending) else "zip"
    number, name = 1, f"{stem}.{ending}"
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}.{ending}"
    taken.add(name.lower())
    return name


def _blocks(version: CourseVersion) -> Iterator[bytes]:
    if version.revision:
        yield from zip_blocks(list(held_files(version).values()))
        return
    with storage.open_file(version.archive) as archive:
        while block := archive.read(storage.BLOCK):
            yield block


# --- what is stuck, what is over --------------------------------------------------------------------------------------


def take_stuck(now: datetime | None = None) -> list[uuid.UUID]:
    """The jobs to queue again: those whose worker is silent and those that the queue seems to have lost."""
    now = now or timezone.now()
    unfinished = BulkJob.objects.filter(state__in=(ImportJob.State.WAITING, ImportJob.State.RUNNING))
    stuck = unfinished.filter(lease_until__lt=now).values_list("pk", "lease_until")
    again = {"state": ImportJob.State.WAITING, "lease_token": None, "lease_until": now + PATIENCE}
    return [pk for pk, until in list(stuck) if unfinished.filter(pk=pk, lease_until=until).update(**again)]


def remove_expired(now: datetime | None = None) -> None:
    """Files of exports whose day is over, and jobs that nobody asks for any more."""
    now = now or timezone.now()
    for job in BulkJob.objects.filter(expires__lte=now).exclude(file=""):
        storage.delete([job.file])
        BulkJob.objects.filter(pk=job.pk).update(file="", size=0)
    BulkJob.objects.filter(finished__lt=now - JOB_KEPT, file="").delete()
