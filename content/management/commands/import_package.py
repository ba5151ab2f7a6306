"""Imports a package in the foreground: a progress bar on standard error, one JSON object on standard output."""

import json
import shutil
import sys
import uuid
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from content import importer, services, storage
from content.errors import ContentError
from content.models import ImportJob
from realms.models import Application, Realm
from realms.services import INTERNAL_APPLICATION

BAR = 30  # characters


class Command(BaseCommand):
    help = "Import a package as a new course, or with --course as a new version of that course; prints JSON."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="the package: a zip file, a cmi5 course structure, a PDF, an MP4 or an MP3"
        )
        parser.add_argument(
            "--application", help=f'app ID; default: the "{INTERNAL_APPLICATION}" one of the only realm'
        )
        parser.add_argument("--course", default="", help="course ID; a course that has it gets a new version")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            job = self._import(options["file"], options["application"], options["course"])
        except (ContentError, OSError) as error:
            self._end({"error": str(error)})
        if job.state != ImportJob.State.COMPLETE or job.version is None:
            self._end({"error": job.message})
        version = job.version
        self.stdout.write(
            json.dumps(
                {
                    "course": version.course.course_id,
                    "version": version.number,
                    "standard": version.standard,
                    "title": version.course.title,
                    "warnings": job.findings,
                },
                ensure_ascii=False,
            )
        )

    def _import(self, file: Path, app_id: str | None, course_id: str) -> ImportJob:
        application = _application(app_id)
        job_id = uuid.uuid4()
        copy = storage.part_path(job_id)
        try:
            with storage.disk_full_said():
                shutil.copyfile(file, copy)  # the caller keeps the file
            wish = services.Wish(course_id=course_id, may_create_version=True)
            services.start_import(application, copy, file.name, wish, job_id=job_id, queued=False)
        finally:
            copy.unlink(missing_ok=True)
        try:
            importer.run(job_id, self._show)
        except KeyboardInterrupt:
            ImportJob.objects.filter(pk=job_id).delete()
            storage.delete_job_files(job_id)
            raise
        finally:
            self.stderr.write("")
        return ImportJob.objects.select_related("version__course").get(pk=job_id)

    def _show(self, stage: str, percent: int) -> None:
        done = percent * BAR // 100
        self.stderr.write(f"\r{stage:<22} [{'#' * done}{'.' * (BAR - done)}] {percent:3} %", ending="")
        self.stderr.flush()

    def _end(self, answer: dict[str, str]) -> NoReturn:
        self.stdout.write(json.dumps(answer, ensure_ascii=False))
        sys.exit(1)


def _application(app_id: str | None) -> Application:
    if app_id:
        application = Application.objects.filter(app_id=app_id).first()
        if application is None:
            raise ContentError(f"There is no application with the ID {app_id}.")
        return application
    realms = Realm.objects.count()
    if realms != 1:
        many = f"There are {realms} realms" if realms else "There is no realm yet"
        raise ContentError(f"{many}: name the application with --application.")
    return Application.objects.get(is_internal=True)
