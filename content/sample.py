"""The sample course: a small package of our own, added like any other."""

import tempfile
import uuid
import zipfile
from pathlib import Path

from django.conf import settings

from realms.models import Application

from .models import Course, ImportJob

FOLDER = Path(__file__).resolve().parent / "sample"
COURSE_ID = "sample-course"
FILE_NAME = "sample-course.zip"
_JOBS = uuid.UUID("5f2b7f0a-5f4a-4f1b-9d0e-2f6f5f9b1c11")


def course_in(application: Application) -> Course | None:
    return Course.objects.filter(application=application, course_id=COURSE_ID).first()


def job_id(application: Application) -> uuid.UUID:
    """The same for each click until that import is over: however often it is asked for, one job is made."""
    over = ImportJob.objects.filter(application=application, course_id=COURSE_ID)
    states = (ImportJob.State.COMPLETE, ImportJob.State.FAILED)
    return uuid.uuid5(_JOBS, f"{application.pk} {over.filter(state__in=states).count()}")


def archive() -> Path:
    """The package as a file of its own, which the import takes over."""
    Path(settings.UPLOAD_DIR).mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.UPLOAD_DIR, suffix=".zip", delete=False) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            for path in sorted(FOLDER.iterdir()):
                package.write(path, path.name)
        return Path(file.name)
