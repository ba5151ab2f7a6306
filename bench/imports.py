"""Import of a large package, from upload done to course ready, against zipfile.extractall of it."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from bench.figure import Figure, median, note, tell, workplace
from bench.material import large_manifest, large_package, many_aus

ROUNDS = 3
MEGABYTE = 1_000_000


def measured(action: Callable[[], object]) -> None:
    """Run it and print wall seconds, CPU seconds and the peak memory of this process in MB."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps([wall, cpu, peak / MEGABYTE]))


def extract(archive: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="scormcloud-bench-") as folder:
        measured(lambda: zipfile.ZipFile(archive).extractall(folder))


def parse(archive: Path) -> None:
    """Opened, verified and read as an import does, without its rows."""
    from standards.package import Package  # noqa: PLC0415 -- measured apart from Django
    from standards.registry import read  # noqa: PLC0415

    with archive.open("rb") as file, Package.open(file) as package:
        package.verify()
        measured(lambda: read(package))


def take_in(archive: Path) -> None:
    with workplace() as folder:
        from content import importer, services  # noqa: PLC0415 -- Django is set up only now
        from content.models import ImportJob  # noqa: PLC0415
        from realms.models import BillingPlan  # noqa: PLC0415
        from tests import make  # noqa: PLC0415

        BillingPlan.objects.update(storage_limit=None)  # the trial plan's is smaller than the package
        application = make.internal_application()
        upload = folder / "upload"
        shutil.copyfile(archive, upload)

        def run() -> None:
            job = services.start_import(application, upload, archive.name, queued=False)
            importer.run(job.pk)

        measured(run)
        job = ImportJob.objects.get()
        assert job.state == "complete", job.message


def _run(action: str, archive: Path) -> list[float]:
    command = [sys.executable, "-m", "bench.imports", action, str(archive)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=dict(os.environ))
    return json.loads(done.stdout.splitlines()[-1])


def _parsed(archive: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of reading the package, the median of the rounds."""
    wall, _, peak = (
        median(list(column)) for column in zip(*(_run("parse", archive) for _ in range(ROUNDS)), strict=True)
    )
    return wall, peak


PARSED: dict[str, Callable[[Path], Path]] = {"a 5 MB manifest": large_manifest, "1,000 AUs": many_aus}


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="scormcloud-bench-") as folder:
        archive = Path(folder) / "large.zip"
        large_package(archive)
        with zipfile.ZipFile(archive) as opened:
            note(f"{archive.stat().st_size / MEGABYTE:.0f} MB, {len(opened.namelist())} files")
        rounds: dict[str, list[list[float]]] = {"extract": [], "take_in": []}
        for _ in range(ROUNDS):
            for action, seen in rounds.items():
                seen.append(_run(action, archive))
        parsed = {name: _parsed(make(Path(folder))) for name, make in PARSED.items()}
    wall, cpu, peak = (median(list(column)) for column in zip(*rounds["take_in"], strict=True))
    plain_wall, plain_cpu, _ = (median(list(column)) for column in zip(*rounds["extract"], strict=True))
    return [
        Figure("import, time", wall, "s", plain_wall, goal=0.6),
        Figure("import, CPU", cpu, "s", plain_cpu, goal=0.6),
        Figure("import, peak memory", peak, "MB", goal=200),
        *(Figure(f"{name}, time", seconds, "s", goal=2) for name, (seconds, _) in parsed.items()),
        *(Figure(f"{name}, peak memory", megabytes, "MB", goal=200) for name, (_, megabytes) in parsed.items()),
    ]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"extract": extract, "take_in": take_in, "parse": parse}[sys.argv[1]](Path(sys.argv[2]))
    else:
        tell(measure)
