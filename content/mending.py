"""Opens stored archives, and writes the mended one that a repair's import job takes in."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext

from standards import repair, rescue
from standards.errors import PackageError
from standards.package import Limits, Package
from standards.registry import read
from standards.repair import Plan
from standards.structure import Finding

from . import storage
from .edited import held_files, zip_blocks
from .errors import ContentError
from .models import CourseVersion, ImportJob

MENDS_AT_MOST = 5  # one after the other, of one import that failed
MAX_PATH = 512  # characters; a longer path does not fit into an index of PostgreSQL


@contextmanager
def open_package(name: str) -> Iterator[Package]:
    """The stored archive as a package, within this site's limits."""
    with _opened(storage.open_file(name)) as package:
        yield package


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Package]:
    with file, Package.open(file, limits()) as package:
        yield package


def limits() -> Limits:
    """Of a package on this site."""
    return Limits(
        max_members=settings.PACKAGE_MAX_MEMBERS,
        max_total=settings.PACKAGE_MAX_BYTES,
        max_ratio=settings.PACKAGE_MAX_RATIO,
        max_path=MAX_PATH,
    )


@contextmanager
def open_version(version: CourseVersion) -> Iterator[Package]:
    """The version as a package, with the files that were changed since its import in their new form."""
    if not version.revision:
        with open_package(version.archive) as package:
            yield package
        return
    path = storage.part_path(version.key)
    try:
        with storage.disk_full_said(), path.open("wb") as target:
            for block in zip_blocks(held_files(version).values()):
                target.write(block)
        with _opened(path.open("rb")) as package:
            yield package
    finally:
        path.unlink(missing_ok=True)


def make_archive(job: ImportJob, still_held: Callable[[], None]) -> None:
    """Store the mended archive as the job's own and note what was mended. Running it twice ends as running it once.

    Raises ContentError where nothing is left to mend, PackageError where the version cannot be read.
    """
    version = job.repair_of
    if version is None:
        raise ContentError(gettext("The version that was to be mended is gone."))
    path = storage.part_path(job.pk)
    try:
        with open_version(version) as package:
            plan = repair.plan(package, job.repair["codes"], job.repair["keys"])
            refuse_empty(plan)
            still_held()
            with storage.disk_full_said(), path.open("wb") as target:
                repair.write(package, plan, target)
        name = storage.archive_name(job.pk)
        job.size = path.stat().st_size
        storage.put_file(name, path)
    finally:
        path.unlink(missing_ok=True)
    job.source = name
    job.repair = {**job.repair, "mended": counts(plan)}


def marked(job: ImportJob, finding: Finding) -> Finding:
    """The finding that the job's package is refused with; fixable where it can be mended and the archive is there."""
    if not job.source or finding.code not in rescue.STEPS:
        return finding
    try:
        with storage.open_file(job.source) as file:
            return replace(finding, fixable=rescue.is_mendable(file, finding, limits()))
    except FileNotFoundError:
        return finding


@contextmanager
def opened_refused(job: ImportJob) -> Iterator[tuple[Package, Plan]]:
    """The package of an import that failed, and what mends it. Raises ContentError where nothing does any more."""
    finding = next((finding for finding in job.read_findings() if finding.fixable), None)
    if finding is None or not job.source:
        raise ContentError(gettext("The uploaded file is gone. Upload it again."))
    try:
        file = storage.open_file(job.source)
    except FileNotFoundError as error:
        raise ContentError(gettext("The uploaded file is gone. Upload it again.")) from error
    with file:
        package = rescue.open_refused(file, finding, limits())
        yield package, _planned(package, finding)


def _planned(package: Package, finding: Finding) -> Plan:
    plan = rescue.plan(package, finding, limits())
    if plan is None:
        raise ContentError(gettext("This cannot be mended without guessing."))
    return plan


def mend_refused(job: ImportJob, still_held: Callable[[], None]) -> None:
    """Store the mended archive of an import that failed as this job's own: mend after mend, until it can be read or
    what is left takes a guess. Running it twice ends as running it once.

    Raises ContentError where the upload is gone, PackageError where it cannot be read.
    """
    refused = job.repair_of_import
    if refused is None:
        raise ContentError(gettext("The uploaded file is gone. Upload it again."))
    mended: Counter[str] = Counter()
    path = _part(job, still_held)
    try:
        with opened_refused(refused) as (package, plan):
            mended += _written(package, plan, path)
        for _ in range(MENDS_AT_MOST - 1):
            again = _mended_again(path, _part(job, still_held))
            if again is None:
                break
            path, counted = again
            mended += counted
        name = storage.archive_name(job.pk)
        job.size = path.stat().st_size
        storage.put_file(name, path)
    finally:
        storage.remove_parts(job.pk)
    job.source = name
    job.repair = {"codes": sorted(mended), "keys": [], "mended": dict(mended)}


def _part(job: ImportJob, still_held: Callable[[], None]) -> Path:
    still_held()
    return storage.part_path(job.pk)


def _written(package: Package, plan: Plan, path: Path) -> Counter[str]:
    """Write the mended package to the path; what was mended."""
    with storage.disk_full_said(), path.open("wb") as target:
        repair.write(package, plan, target)
    return Counter(counts(plan))


def _mended_again(path: Path, target: Path) -> tuple[Path, Counter[str]] | None:
    """What is still refused, mended into the target; None where nothing is, or where that takes a guess."""
    with path.open("rb") as file:
        finding = _refused_for(file)
        if finding is None or not rescue.is_mendable(file, finding, limits()):
            return None  # the import that follows says why
        package = rescue.open_refused(file, finding, limits())
        counted = _written(package, _planned(package, finding), target)
    path.unlink()
    return target, counted


def _refused_for(file: BinaryIO) -> Finding | None:
    try:
        read(Package.open(file, limits()))
    except PackageError as error:
        return error.finding
    return None


def refuse_empty(plan: Plan) -> None:
    if plan.is_empty:
        raise ContentError(
            gettext("There is nothing to mend: these findings are not in this version, or cannot be mended.")
        )


def counts(plan: Plan) -> dict[str, int]:
    """Findings by code."""
    return dict(Counter(finding.code for finding in plan.findings))
