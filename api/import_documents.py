"""Import jobs as the API writes them: ImportJobResultSchema."""

from typing import Any, Literal
from urllib.parse import quote

from content.models import ImportJob
from content.reports import parser_warnings

from .course_documents import CourseSchema, Extras, version_schemas
from .wire import Wire

STATUS: dict[str, Literal["RUNNING", "COMPLETE", "ERROR"]] = {
    ImportJob.State.WAITING: "RUNNING",
    ImportJob.State.RUNNING: "RUNNING",
    ImportJob.State.COMPLETE: "COMPLETE",
    ImportJob.State.FAILED: "ERROR",
}


class ImportResultSchema(Wire):
    """`webPathToCourse`: where this API has the version that was made."""

    web_path_to_course: str | None = None
    parser_warnings: list[str] | None = None
    course_languages: list[str] | None = None
    course: CourseSchema | None = None


class ImportJobResultSchema(Wire):
    job_id: str
    status: Literal["RUNNING", "COMPLETE", "ERROR"]
    message: str
    import_result: ImportResultSchema | None = None


def job_schema(job: ImportJob) -> ImportJobResultSchema:
    """`application` and `version.course.application` are at hand."""
    made = ImportJobResultSchema(job_id=str(job.pk), status=STATUS[job.state], message=_message(job))
    if job.state == ImportJob.State.FAILED:
        made.import_result = ImportResultSchema(parser_warnings=parser_warnings(job))
    elif job.state == ImportJob.State.COMPLETE:
        made.import_result = _result(job)
    return made


def job_document(job: ImportJob) -> dict[str, Any]:
    return job_schema(job).model_dump(by_alias=True, exclude_none=True)


def _message(job: ImportJob) -> str:
    if job.state == ImportJob.State.COMPLETE:
        return "Import successful."
    if job.state == ImportJob.State.FAILED:
        return job.message
    return f"{job.stage} ({job.percent} %)" if job.stage else "Waiting"


def _result(job: ImportJob) -> ImportResultSchema:
    made = ImportResultSchema(parser_warnings=parser_warnings(job))
    version = job.version
    if version is not None:  # it may have been deleted since
        path = f"/api/v2/courses/{quote(version.course.course_id, safe='')}/versions/{version.number}"
        languages = version.read_structure().languages
        made.web_path_to_course, made.course_languages = path, list(languages)
        made.course = version_schemas([version], Extras(activities=True))[0]
    return made
