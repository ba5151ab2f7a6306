"""Courses taken in: uploaded, fetched or referred to, each by a job that can be asked for."""

import uuid
from functools import partial
from typing import Annotated, Any

from django.db import transaction
from ninja import Header, Query
from pydantic import Field, ValidationError

from content import services
from content.errors import ContentError
from content.models import ImportJob

from .access import ApiRequest
from .auditing import record
from .errors import ApiError, BadValue, NotFound, check_address, naming
from .import_documents import ImportJobResultSchema, job_schema
from .models import ImportPostback
from .sections import Section
from .tasks import import_ended
from .uploads import MULTIPART, announced, received
from .wire import MAX_INT, Flag, Id, StringResultSchema, Wire, Words

imports = Section("Course", "course")

ZIPS = ("application/zip", "application/x-zip-compressed", "application/octet-stream", "multipart/x-zip")
MEDIA = {"application/pdf": "pdf", "video/mp4": "video", "audio/mpeg": "audio", "audio/mp3": "audio"}
REFERENCES = {**MEDIA, "text/html": "page"}
Text = Annotated[str, Field(max_length=2000)]


class MediaFileMetadataSchema(Wire):
    """Said of a medium; a package speaks for itself. `estimatedDuration` in seconds."""

    title: Annotated[str, Field(max_length=services.TITLE_LENGTH)] | None = None
    description: Text | None = None
    content_language: Annotated[str, Field(max_length=100)] | None = None
    estimated_duration: Annotated[int, Field(ge=0, le=MAX_INT)] | None = None


class ImportFetchRequestSchema(Wire):
    url: Text
    content_type: str = "application/zip"
    media_file_metadata: MediaFileMetadataSchema | None = None


class ImportMediaFileReferenceRequestSchema(Wire):
    url: Text
    content_type: str
    media_file_metadata: MediaFileMetadataSchema | None = None


class ImportConnectorRequestSchema(Wire):
    connector_id: str | None = None
    connector_id_for_content: str | None = None
    metadata_for_connector: dict[str, Any] | None = None


class ImportRequestSchema(Wire):
    """Exactly one of the three."""

    fetch_request: ImportFetchRequestSchema | None = None
    media_file_reference_request: ImportMediaFileReferenceRequestSchema | None = None
    connector_reference_request: ImportConnectorRequestSchema | None = None


class ImportQuery(Wire):
    course_id: Id
    may_create_new_version: Flag = False
    postback_url: Text | None = None
    tags: Words = []


UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "contentMetadata": {"type": "string", "description": "MediaFileMetadataSchema as JSON."},
                    },
                    "required": ["file"],
                }
            }
        },
    }
}


@imports.post(
    "/courses/importJobs/upload",
    "createUploadAndImportCourseJob",
    StringResultSchema,
    errors=(409, 411),
    extra=UPLOAD,
    accepts=MULTIPART,
)
def create_upload_and_import_course_job(
    request: ApiRequest,
    query: Query[ImportQuery],
    content_type: Annotated[str, Header(alias="uploadedContentType")] = "application/zip",
) -> StringResultSchema:
    """Take in a package or medium that is the `file` of the body; the job's id."""
    _known(content_type, "uploadedContentType", (*ZIPS, *MEDIA))
    _checked(request, query)
    services.refuse_over_plan(request.application.realm, announced(request))
    with received(request) as upload:
        wish = _wish(query, _metadata(upload.fields.get("contentMetadata", "")))
        job = services.start_import(request.application, upload.path, upload.name, wish)
    return _begun(request, job, query)


@imports.post("/courses/importJobs", "createFetchAndImportCourseJob", StringResultSchema, errors=(409,))
def create_fetch_and_import_course_job(
    request: ApiRequest, query: Query[ImportQuery], body: ImportFetchRequestSchema
) -> StringResultSchema:
    """Take in a package or medium from an address; the job's id."""
    return _fetch(request, query, body)


@imports.post("/courses/importJobs/noUpload", "createNoUploadAndImportCourseJob", StringResultSchema, errors=(409, 501))
def create_no_upload_and_import_course_job(
    request: ApiRequest, query: Query[ImportQuery], body: ImportRequestSchema
) -> StringResultSchema:
    """Take in what lies at an address, fetched or referred to; the job's id."""
    wishes = (body.fetch_request, body.media_file_reference_request, body.connector_reference_request)
    if sum(wish is not None for wish in wishes) != 1:
        raise BadValue(
            "body", "it must have one of fetchRequest, mediaFileReferenceRequest and connectorReferenceRequest."
        )
    if body.fetch_request is not None:
        return _fetch(request, query, body.fetch_request)
    if body.media_file_reference_request is not None:
        return _refer(request, query, body.media_file_reference_request)
    raise ApiError(501, "connectorReferenceRequest: content connectors are not built in this version.")


@imports.get("/courses/importJobs/{import_job_id}", "getImportJobStatus", ImportJobResultSchema)
def get_import_job_status(request: ApiRequest, import_job_id: str) -> ImportJobResultSchema:
    """How far an import is, and what came of it; for a week after its end."""
    try:
        pk = uuid.UUID(import_job_id)
    except ValueError:
        raise NotFound("Import job", import_job_id) from None
    jobs = ImportJob.objects.select_related("version__course__application").defer("version__structure")
    job = jobs.filter(application=request.application, pk=pk).first()
    if job is None:
        raise NotFound("Import job", import_job_id)
    return job_schema(job)


def _fetch(request: ApiRequest, query: ImportQuery, body: ImportFetchRequestSchema) -> StringResultSchema:
    _known(body.content_type, "contentType", (*ZIPS, *MEDIA))
    check_address("url", body.url)
    _checked(request, query)
    job = services.start_fetch(request.application, body.url, _wish(query, body.media_file_metadata))
    return _begun(request, job, query)


def _refer(request: ApiRequest, query: ImportQuery, body: ImportMediaFileReferenceRequestSchema) -> StringResultSchema:
    _known(body.content_type, "contentType", tuple(REFERENCES))
    _checked(request, query)
    about = body.media_file_metadata or MediaFileMetadataSchema()
    wish = _wish(query, about)
    kind = REFERENCES[body.content_type]
    # a video's page is no video: where the address tells of itself, it is believed
    with naming("mediaFileReferenceRequest.url", ContentError):
        job = services.add_reference(
            request.application, body.url, about.title or "", "" if kind == "page" else kind, wish
        )
    return _begun(request, job, query)


def _known(content_type: str, field: str, allowed: tuple[str, ...]) -> None:
    if content_type.partition(";")[0].strip().lower() not in allowed:
        raise BadValue(field, f"“{content_type[:100]}” is none of {', '.join(allowed)}.")


def _checked(request: ApiRequest, query: ImportQuery) -> None:
    """What can be refused before anything is read."""
    with naming("tags", ContentError):
        services.clean_tags(query.tags)
    if query.postback_url:
        check_address("postbackUrl", query.postback_url)
    services.refuse_course_exists(request.application, query.course_id, query.may_create_new_version)


def _wish(query: ImportQuery, about: MediaFileMetadataSchema | None) -> services.Wish:
    return services.Wish(
        course_id=query.course_id,
        may_create_version=query.may_create_new_version,
        tags=tuple(services.clean_tags(query.tags)),
        metadata=about.model_dump(by_alias=True, exclude_none=True) if about is not None else {},
    )


def _metadata(text: str) -> MediaFileMetadataSchema | None:
    if not text.strip():
        return None
    try:
        return MediaFileMetadataSchema.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(["contentMetadata", *map(str, first["loc"])])
        raise BadValue(place, f"{first['msg']}.") from None


def _begun(request: ApiRequest, job: ImportJob, query: ImportQuery) -> StringResultSchema:
    record(request, "course.import", job, course=query.course_id)
    if query.postback_url:
        ImportPostback.objects.create(job=job, url=query.postback_url)
        # it may be over already; where the broker is away, `tasks.sweep` finds the row
        transaction.on_commit(partial(import_ended.delay, str(job.pk)), robust=True)
    return StringResultSchema(result=str(job.pk))
