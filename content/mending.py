"""Opens stored archives, and writes the mended one that a repair's import job takes in."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext

from standards import repair
from standards.package import Limits, Package
from standards.repair import Plan

from . import storage
from .edited import held_files, zip_blocks
from .errors import ContentError
from .models import CourseVersion, ImportJob

MAX_PATH = 512  # characters; a longer path does not fit into an index of PostgreSQL


@contextmanager
def open_package(name: str) -> Iterator[Package]:
    """The stored archive as a package, within this site's limits."""
    with _opened(storage.open_file(name)) as package:
        yield package


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Package]:
    limits = Limits(
        max_members=settings.PACKAGE_MAX_MEMBERS,
        max_total=settings.PACKAGE_MAX_BYTES,
        max_ratio=settings.PACKAGE_MAX_RATIO,
        max_path=MAX_PATH,
    )
    with file, Package.open(file, limits) as package:
        yield package


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


def refuse_empty(plan: Plan) -> None:
    if plan.is_empty:
        raise ContentError(
            gettext("There is nothing to mend: these findings are not in this version, or cannot be mended.")
        )


def counts(plan: Plan) -> dict[str, int]:
    """Findings by code."""
    return dict(Counter(finding.code for finding in plan.findings))
