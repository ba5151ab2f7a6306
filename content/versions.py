"""The verbs on versions and on the files of one: make current, delete, put a file, delete a file, say who moves on.

A file is changed in place: the version stays, its revision goes up, the archive is kept as it came. Whatever is
changed, the structure is read anew before it counts; a change that no standard could play is refused.
"""

import re
import unicodedata
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F, OuterRef, Q, RestrictedError, Subquery
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from realms.configuration import SETTINGS
from standards.archive import STORED
from standards.errors import PackageError
from standards.package import Member
from standards.structure import CourseStructure

from . import storage
from .edited import Held, held_files, parse
from .errors import ContentError, ResultsKept
from .limits import refuse_over_plan
from .locks import lock_played
from .mending import MAX_PATH
from .models import ContentChange, Course, CourseVersion, PackageFile, fold, warnings_in
from .tasks import remove_changed_files, remove_files

RULE = "WhenToRestartRegistration"
POLICIES = ("reject", "strict", "lax")  # updateAssetPolicy of the API
KEEP, ANEW = "keep", "anew"
Action = ContentChange.Action


class FileExists(ContentError):
    """`reject`: the file is there already."""

    code = "file-exists"


class FileMissing(ContentError):
    """`strict`: there is no such file to replace."""

    code = "file-missing"


class ProgressAsked(ContentError):
    """The change alters what learners play, and nobody has said what becomes of their progress."""

    code = "progress-asked"


# --- who is affected --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Affected:
    """How many registrations of a course are in which state; `older` are not on the current version."""

    registrations: int
    older: int
    not_started: int
    in_progress: int
    completed: int
    failed: int
    passed: int
    moving: Mapping[str, int]  # value of WhenToRestartRegistration -> how many begin anew at their next launch


def affected(course: Course, version_id: int | None = None) -> Affected:
    """Counts the registrations, those of the sandbox too. `version_id`: seen from this version, as if it were current;
    0 stands for one that is still to come."""
    current = course.current_version_id if version_id is None else version_id
    registrations = course.registrations
    instance = CourseVersion._meta.get_field("instances").related_model
    newest = instance._default_manager.filter(registration=OuterRef("pk")).order_by("-number")
    older = ~Q(on_version=current or 0) & Q(on_version__isnull=False)
    completed, passed = Q(completion="completed"), Q(success="passed")
    found = registrations.annotate(on_version=Subquery(newest.values("version_id")[:1])).aggregate(
        registrations=Count("pk"),
        older=Count("pk", filter=older),
        not_started=Count("pk", filter=Q(first_access__isnull=True)),
        in_progress=Count("pk", filter=Q(first_access__isnull=False) & ~completed),
        completed=Count("pk", filter=completed),
        failed=Count("pk", filter=Q(success="failed")),
        passed=Count("pk", filter=passed),
        completed_older=Count("pk", filter=older & completed),
        passed_older=Count("pk", filter=older & passed),
        incomplete_older=Count("pk", filter=older & ~completed),
    )
    moving = {
        "NEVER": 0,
        "WHEN_NEWER_PACKAGE_VERSION_EXISTS": found["older"],
        "WHEN_EXISTING_REG_IS_COMPLETE": found["completed"],
        "WHEN_EXISTING_REG_IS_COMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS": found.pop("completed_older"),
        "WHEN_EXISTING_REG_IS_SATISFIED": found["passed"],
        "WHEN_EXISTING_REG_IS_SATISFIED_AND_NEWER_PACKAGE_VERSION_EXISTS": found.pop("passed_older"),
        "WHEN_EXISTING_REG_IS_INCOMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS": found.pop("incomplete_older"),
    }
    return Affected(**found, moving=moving)


def registrations_by_version(course: Course) -> dict[int, int]:
    """Version -> how many registrations have their newest instance on it."""
    registrations = course.registrations
    instance = CourseVersion._meta.get_field("instances").related_model
    newest = instance._default_manager.filter(registration=OuterRef("pk")).order_by("-number")
    found = registrations.annotate(on_version=Subquery(newest.values("version_id")[:1])).values("on_version")
    return dict(found.annotate(count=Count("pk")).order_by("on_version").values_list("on_version", "count"))


@transaction.atomic
def set_rule(course: Course, rule: str, user_id: int | None) -> None:
    """When a launch begins anew on the current version. Raises ContentError."""
    if not SETTINGS[RULE].accepts(rule):
        raise ContentError(gettext("This rule does not exist."))
    locked = Course.objects.select_for_update().get(pk=course.pk)
    locked.settings = {**locked.settings, RULE: rule}
    locked.save(update_fields=["settings", "updated"])
    note = SETTINGS[RULE].in_words(rule)
    ContentChange.objects.create(course=locked, action=Action.RULE, note=note, by_id=user_id)


# --- versions ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def make_current(version: CourseVersion, user_id: int | None) -> None:
    """Let new registrations, and those that begin anew, play this version."""
    course = Course.objects.select_for_update(no_key=True).get(pk=version.course_id)
    if course.current_version_id == version.pk:
        return
    before = CourseVersion.objects.filter(pk=course.current_version_id or 0).defer("structure").first()
    if before is not None and course.title == before.title:  # nobody gave it a title of their own
        course.title = version.title
    course.current_version, course.standard = version, version.standard
    course.save()
    note = f"instead of version {before.number}" if before is not None else ""
    _note(version, Action.MADE_CURRENT, user_id, note=note)


@dataclass(frozen=True)
class Going:
    """What goes with a version that is deleted."""

    files: int
    size: int  # bytes
    instances: int  # earlier runs of registrations that have moved on
    registrations: int  # that are on it now: while there are any it stays


def going(version: CourseVersion) -> Going:
    instances = version.instances
    newest = instances.model._default_manager.filter(registration=OuterRef("registration")).order_by("-number")
    on_it = instances.annotate(newest=Subquery(newest.values("pk")[:1])).filter(newest=F("pk")).count()
    size = version.archive_size + version.changed_size
    return Going(version.file_count, size, instances.count() - on_it, on_it)


def delete_version(version: CourseVersion, user_id: int | None, *, with_results: bool = True) -> None:
    """Delete it with its files and what was done on it by registrations that have moved on. Raises ContentError.

    `with_results`: also what learners did; without, ResultsKept is raised where there is any.
    """
    try:
        with transaction.atomic():
            _delete_version(version, user_id, with_results)
    except (IntegrityError, RestrictedError) as error:
        raise ContentError(gettext("Somebody has just begun on this version.")) from error


def _delete_version(version: CourseVersion, user_id: int | None, with_results: bool) -> None:
    # no_key: reports look after the course and version that their rows name, while they hold rows waited for below
    course = Course.objects.select_for_update(no_key=True).get(pk=version.course_id)
    try:
        version = CourseVersion.objects.select_for_update(no_key=True).defer("structure").get(pk=version.pk)
    except CourseVersion.DoesNotExist as error:
        raise ContentError(gettext("This version was deleted already.")) from error
    if course.current_version_id == version.pk:
        raise ContentError(
            gettext("This is the current version. Make another one current first, or delete the course.")
        )
    versions = CourseVersion.objects.filter(pk=version.pk)
    lock_played(versions)
    if count := going(version).registrations:
        raise ContentError(
            ngettext(
                "%(count)d registration is on this version. It can be deleted when it has moved to another: let it "
                "begin anew by the rule on this page, restart it, or delete it.",
                "%(count)d registrations are on this version. It can be deleted when they have moved to another: "
                "let them begin anew by the rule on this page, restart them, or delete them.",
                count,
            )
            % {"count": count}
        )
    if not with_results and version.instances.filter(registration__is_sandbox=False).exists():
        raise ResultsKept(
            gettext(
                "Learners have results on this version, which would go with it. Only who may delete registrations"
                " deletes it: ask an owner or administrator."
            )
        )
    _note(version, Action.VERSION_DELETED, user_id, note=version.file_name)
    copies = PackageFile.objects.filter(version=version).exclude(inflated="").values_list("inflated", flat=True)
    names = [version.archive, *copies] if version.archive else []
    version.instances.all().delete()
    version.delete()
    if version.archive:
        transaction.on_commit(partial(remove_files.delay, names), robust=True)
        transaction.on_commit(partial(remove_changed_files.delay, version.archive), robust=True)


def _note(version: CourseVersion, action: str, user_id: int | None, **details: Any) -> None:
    ContentChange.objects.create(
        course_id=version.course_id,
        version=version,
        version_number=version.number,
        action=action,
        by_id=user_id,
        **details,
    )


# --- files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """Who changes a file and how. `policy`: `reject` adds a file only, `strict` replaces one only, `lax` does either.

    `progress` is what becomes of registrations on the version where the change alters what they play: `keep`, `anew`
    (they begin anew at their next launch), or "" where that was not asked.
    """

    user_id: int | None = None
    policy: str = "reject"
    progress: str = ""


def put_file(version: CourseVersion, path: str, blocks: Iterable[bytes], change: Change = Change()) -> PackageFile:
    """Put a file into the version, or in the place of one. Raises FileExists, FileMissing, ProgressAsked, ContentError,
    PackageError; nothing is changed then."""
    path = clean_path(path)
    if change.policy not in POLICIES:
        raise ContentError(gettext("The policy must be one of %(policies)s.") % {"policies": ", ".join(POLICIES)})
    if not version.archive:
        raise ContentError(gettext("This version is a reference to an address: it has no files."))
    refuse_over_plan(version.course.application.realm, 0)
    name = storage.changed_name(version.archive)
    counted = _Counted(blocks, settings.PACKAGE_MAX_BYTES - version.unpacked_size)
    try:
        storage.put_blocks(uuid.uuid4(), name, counted)
        refuse_over_plan(version.course.application.realm, counted.size)
        member = Member(path, 0, counted.size, counted.size, STORED, counted.crc)
        changed = _apply(version, path, Held(member, version.archive, name, is_changed=True), change)
    except BaseException:
        storage.delete([name])
        raise
    assert changed is not None
    return changed


def delete_file(version: CourseVersion, row: PackageFile, change: Change = Change()) -> None:
    """Take a file out of the version; the archive keeps it. Raises ProgressAsked, ContentError, PackageError."""
    _apply(version, row.path, None, change)


class _Counted:
    """Blocks on their way into the storage, with their size and checksum."""

    def __init__(self, blocks: Iterable[bytes], most: int) -> None:
        self._blocks = blocks
        self._most = most
        self.size = self.crc = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self.size += len(block)
            if self.size > self._most:
                raise ContentError(gettext("With this file the package would be larger than a package may be."))
            self.crc = zlib.crc32(block, self.crc)
            yield block


def clean_path(path: str) -> str:
    """The path as a package has it. Raises ContentError where it can be none."""
    path = unicodedata.normalize("NFC", path.strip().replace("\\", "/"))
    parts = path.split("/")
    if not path or len(path) > MAX_PATH:
        raise ContentError(gettext("The path of a file has from 1 to %(most)d characters.") % {"most": MAX_PATH})
    if any(part in ("", ".", "..") for part in parts) or re.match(r"[A-Za-z]:", path):
        raise ContentError(
            gettext("The path is relative to the package: folders and a name, with single slashes between.")
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in path):
        raise ContentError(gettext("The path has a character that no file name can have."))
    return path


def _apply(version: CourseVersion, path: str, new: Held | None, change: Change) -> PackageFile | None:
    """Change one file, if nobody has changed another one meanwhile."""
    version = CourseVersion.objects.select_related("course").get(pk=version.pk)
    files = held_files(version)
    known = {fold(name): name for name in files}
    old_path = known.get(fold(path))
    _refuse_by_policy(path, old_path, new, change)
    if new is not None:
        _refuse_folder(path, known)
    structure = _structure_after(version, files, old_path, new)
    with transaction.atomic():
        return _write(version, old_path, new, structure, change)


def _refuse_by_policy(path: str, old_path: str | None, new: Held | None, change: Change) -> None:
    if new is None:
        if old_path is None:
            raise FileMissing(gettext("There is no file %(path)s any more.") % {"path": path})
    elif old_path is not None and change.policy == "reject":
        raise FileExists(
            gettext("There is a file %(path)s already. Choose to replace it, or give another path.")
            % {"path": old_path}
        )
    elif old_path is None and change.policy == "strict":
        raise FileMissing(gettext("There is no file %(path)s to replace.") % {"path": path})


def _refuse_folder(path: str, known: Mapping[str, str]) -> None:
    """A name cannot be a file and a folder: whoever unpacks the package could not write both."""
    folded = fold(path)
    above = ["/".join(folded.split("/")[:depth]) for depth in range(1, folded.count("/") + 1)]
    if taken := next((name for name in above if name in known), None):
        raise ContentError(gettext("%(path)s is a file, so there can be no file in it.") % {"path": known[taken]})
    if any(name.startswith(f"{folded}/") for name in known):
        raise ContentError(gettext("%(path)s is a folder of the package.") % {"path": path})


def _structure_after(
    version: CourseVersion, files: dict[str, Held], old_path: str | None, new: Held | None
) -> CourseStructure | None:
    """The structure that the change leads to; None where it is what it was but for its findings. Raises PackageError.

    Read twice where it differs: the reader itself may have learned since the import, which is not this file's doing.
    """
    before = version.read_structure()
    changed = {name: held for name, held in files.items() if name != old_path}
    if new is not None:
        changed[old_path or new.member.path] = new if old_path is None else _renamed(new, old_path)
    after = parse(changed)
    if _without_findings(after) == _without_findings(before):
        return after
    if _without_findings(after) == _without_findings(_parsed_or_none(files)):
        return None
    if after.standard != before.standard:
        raise ContentError(
            gettext(
                "With this change the package would be %(standard)s and no longer %(former)s. Upload the "
                "whole package as a new version instead."
            )
            % {"standard": after.standard, "former": before.standard}
        )
    return after


def _parsed_or_none(files: Mapping[str, Held]) -> CourseStructure | None:
    try:
        return parse(files)
    except PackageError:
        return None


def _renamed(held: Held, path: str) -> Held:
    return replace(held, member=replace(held.member, path=path))


def _without_findings(structure: CourseStructure | None) -> dict[str, Any] | None:
    if structure is None:
        return None
    return {name: value for name, value in structure.to_json().items() if name != "findings"}


def _write(
    seen: CourseVersion, old_path: str | None, new: Held | None, structure: CourseStructure | None, change: Change
) -> PackageFile | None:
    """The change as rows: the file, the version's revision and structure, the history."""
    version = CourseVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=seen.pk)
    if version.revision != seen.revision:
        raise ContentError(
            gettext("Somebody else has changed a file of this version just now. Look at it, then try again.")
        )
    alters = structure is not None and _without_findings(structure) != _without_findings(seen.read_structure())
    if alters:
        assert structure is not None
        _settle_progress(version, seen.read_structure(), structure, change)
    row = PackageFile.objects.get(version=version, folded=fold(old_path)) if old_path else None
    old = (row.size, row.crc, row.inflated, row.is_changed) if row else (None, None, "", False)
    if row is not None and new is None:
        row.delete()
    elif new is not None:
        row = row or PackageFile(version=version, path=new.member.path, folded=fold(new.member.path))
        row.offset, row.compressed_size, row.size = 0, new.member.size, new.member.size
        row.method, row.crc, row.inflated, row.is_changed = STORED, new.member.crc, new.own, True
        row.save()
    _count(version, old, new)
    if structure is not None:
        version.structure, version.warning_count = structure.to_json(), warnings_in(structure)
        if alters:
            _take_title(version, structure)
    version.revision += 1
    version.save()
    action = Action.DELETED if new is None else Action.REPLACED if old_path else Action.ADDED
    details = {"new_size": new.member.size, "new_crc": new.member.crc} if new else {}
    path = old_path or (new.member.path if new else "")
    _note(version, action, change.user_id, path=path, old_size=old[0], old_crc=old[1], **details)
    Course.objects.filter(pk=version.course_id).update(updated=timezone.now())
    if old[2]:
        transaction.on_commit(partial(remove_files.delay, [old[2]]), robust=True)
    return row if new is not None else None


def _count(version: CourseVersion, old: tuple[int | None, int | None, str, bool], new: Held | None) -> None:
    old_size, _, _, was_changed = old
    new_size = new.member.size if new else 0
    version.changed_size += new_size - (old_size or 0 if was_changed else 0)
    version.unpacked_size += new_size - (old_size or 0)
    version.file_count += (new is not None) - (old_size is not None)


def _take_title(version: CourseVersion, structure: CourseStructure) -> None:
    title = structure.title.strip()[:500] or version.title
    Course.objects.filter(pk=version.course_id, current_version=version.pk, title=version.title).update(title=title)
    version.title = title


def _settle_progress(version: CourseVersion, before: CourseStructure, after: CourseStructure, change: Change) -> None:
    """What becomes of registrations on the version. Raises ProgressAsked where that has to be said."""
    count = version.instances.count()
    if not count:
        return
    if change.progress == ANEW:
        version.anew_before = timezone.now()
        return
    lost = [name for name, activity in before.activities.items() if not _carries(activity, after.activity(name))]
    new = [name for name in after.activities if name not in before.activities]
    if change.progress == KEEP and not lost and not new:
        return
    about = ngettext(
        "This change alters what is played, and %(count)d registration has begun.",
        "This change alters what is played, and %(count)d registrations have begun.",
        count,
    ) % {"count": count}
    if lost or new:
        names = ", ".join((lost or new)[:3])
        why = (
            gettext("Progress cannot be kept, because some activities are no longer what they were (%(names)s).")
            if lost
            else gettext("Progress cannot be kept, because some activities are new (%(names)s).")
        )
        instead = gettext("Let them begin anew at their next launch, or upload the package as a new version.")
        raise ProgressAsked(f"{about} {why % {'names': names}} {instead}")
    raise ProgressAsked(
        f"{about} {gettext('Say whether they keep their progress or begin anew at their next launch.')}"
    )


def _carries(before: Any, after: Any) -> bool:
    """Whether progress in an activity can stand for the one that takes its place."""
    return after is not None and before.kind == after.kind and _ids(before) == _ids(after)


def _ids(activity: Any) -> list[str]:
    return [child.identifier for child in activity.children]
