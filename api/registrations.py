"""Registrations: make, list, look at, tag, configure, reset, delete; and what their results are posted to."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

import orjson
from django.db import transaction
from django.http import HttpResponse
from ninja import Query

from content.errors import ContentError
from content.levels import is_single, version_levels
from realms import audit
from realms.configuration import documents, postbacks
from realms.configuration.levels import REGISTRATION, Level
from registrations import services, tags
from registrations.learners import LearnerError
from registrations.models import Instance, Registration
from registrations.postbacks import Target, is_delivered, send_test
from registrations.registering import NewRegistration, register
from registrations.results import Depth, newest_instances, results, results_of

from .access import ApiRequest
from .auditing import record, record_settings
from .configuration import ConfigurationQuery, SettingListSchema, SettingsPostSchema, after_post, listed
from .courses import version_of
from .errors import BadValue, NotFound, check_address, naming
from .learners import LearnerSchema
from .paging import TaggedQuery, resume
from .rates import waiting
from .registration_documents import PostBackSchema, RegistrationListSchema, RegistrationSchema
from .sections import Section
from .tags import BatchTagsSchema, TagListSchema
from .wire import Flag, Id, Number, Wire

registrations = Section("Registration", "registration")


class CreateRegistrationSchema(Wire):
    """`initialRegistrationState`: progress made elsewhere. `initialSettings` and `postBack` are set for it alone."""

    course_id: str
    learner: LearnerSchema
    registration_id: Id
    xapi_registration_id: str | None = None
    learner_tags: list[str] = []
    course_tags: list[str] = []
    registration_tags: list[str] = []
    post_back: PostBackSchema | None = None
    initial_registration_state: RegistrationSchema | None = None
    initial_settings: SettingsPostSchema | None = None


class CreateQuery(Wire):
    course_version: Number | None = None


class DepthQuery(Wire):
    """How much is told of activities: those below the top, their objectives and interactions, their run-time data."""

    include_child_results: Flag = False
    include_interactions_and_objectives: Flag = False
    include_runtime: Flag = False

    @property
    def depth(self) -> Depth:
        return Depth(True, self.include_child_results, self.include_interactions_and_objectives, self.include_runtime)


class RegistrationQuery(TaggedQuery, DepthQuery):
    columns: ClassVar = {
        "created": "created",
        "updated": "updated",
        "registration_id": "registration_id",
        "course_title": "course__title",
        "learner_first_name": "learner_first_name",
        "learner_last_name": "learner_last_name",
        "tags": "tags__name",
    }

    datetime_filter: Literal["created", "updated"] = "created"
    course_id: str | None = None
    learner_id: str | None = None
    filter_by: Literal["registration_id", "course_title", "learner_first_name", "learner_last_name", "tags"] = (
        "registration_id"
    )
    order_by: Literal[
        "created_asc",
        "created_desc",
        "updated_asc",
        "updated_desc",
        "course_title_asc",
        "course_title_desc",
        "learner_first_name_asc",
        "learner_first_name_desc",
        "learner_last_name_asc",
        "learner_last_name_desc",
    ] = "created_desc"


# --- finding ----------------------------------------------------------------------------------------------------------


def registration_of(request: ApiRequest, registration_id: str) -> Registration:
    """The registration of the application that asks; those of its sandbox are not of the API. Raises NotFound."""
    rows = Registration.objects.filter(application=request.application, is_sandbox=False)
    found = rows.select_related("course").filter(registration_id=registration_id).first()
    if found is None:
        raise NotFound("Registration", registration_id)
    found.application = found.course.application = request.application
    return found


def instance_of(request: ApiRequest, registration_id: str, number: int | None = None) -> Instance:
    """An instance of the registration, or without a number the newest one. Raises NotFound."""
    registration = registration_of(request, registration_id)
    rows = registration.instances.select_related("version").defer("version__structure").order_by("-number")
    found = (rows if number is None else rows.filter(number=number)).first()
    if found is None:
        raise NotFound("Registration", registration_id if number is None else f"{registration_id} instance {number}")
    found.registration, found.version.course = registration, registration.course
    return found


# --- making -----------------------------------------------------------------------------------------------------------


@registrations.post("/registrations", "createRegistration", errors=(404, 409))
def create_registration(request: ApiRequest, body: CreateRegistrationSchema, query: Query[CreateQuery]) -> None:
    """Register a learner on a course, on the version that is played or the one named."""
    version = version_of(request, body.course_id, query.course_version)
    explicit = after_post({}, body.initial_settings, REGISTRATION) if body.initial_settings else {}
    explicit |= posted_to(body.post_back, "postBack") if body.post_back else {}
    given, learner = body.initial_registration_state, body.learner
    new = NewRegistration(
        body.registration_id,
        learner.id,
        learner.first_name or "",
        learner.last_name or "",
        learner.email or "",
        _uuid(body.xapi_registration_id),
        explicit,
        tuple(tags.clean(body.registration_tags, "registrationTags")),
        tuple(tags.clean(body.learner_tags, "learnerTags")),
        tuple(tags.clean(body.course_tags, "courseTags")),
        given.model_dump(by_alias=True, exclude_none=True) if given else None,
        *_dates(given),
    )
    with naming("courseTags", ContentError), naming("learnerTags", LearnerError):
        made = register(version, new)
    record(request, "registration.create", made)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise BadValue("xapiRegistrationId", "it must be a UUID.") from None


def _dates(given: RegistrationSchema | None) -> tuple[datetime | None, datetime | None, datetime | None]:
    """First and last access, completed."""
    return (given.first_access_date, given.last_access_date, given.completed_date) if given else (None, None, None)


def posted_to(body: PostBackSchema, field: str) -> dict[str, str]:
    """The settings that a PostBackSchema stands for; what it leaves UNDEFINED is inherited. Raises BadValue."""
    if body.url:
        check_address(f"{field}.url", body.url)
    said = {
        postbacks.URL: body.url or "",
        postbacks.USER: body.user_name or "",
        postbacks.PASSWORD: body.password or "",
    }
    said |= {postbacks.AUTH: body.auth_type.lower(), postbacks.FORMAT: body.results_format.lower()}
    if body.legacy is not None:
        said[postbacks.IS_JSON] = "False" if body.legacy else "True"
    return {name: value for name, value in said.items() if value not in ("", "undefined")}


# --- lists ------------------------------------------------------------------------------------------------------------


@registrations.get("/registrations", "getRegistrations", RegistrationListSchema)
def get_registrations(request: ApiRequest, query: Query[RegistrationQuery]) -> HttpResponse:
    """The registrations of the application, each as its newest instance stands, a page at a time."""
    asked = resume("getRegistrations", request.caller, query)
    # In the order of titles by way of the courses, whose index has it; all registrations would be sorted else
    by_title = asked.query.order_by.startswith("course_title") and asked.query.learner_id is None
    owner = "course__application" if by_title else "application"
    rows = Registration.objects.filter(**{owner: request.application}, is_sandbox=False)
    if asked.query.course_id is not None:
        rows = rows.filter(course__application=request.application, course__course_id=asked.query.course_id)
    if asked.query.learner_id is not None:
        rows = rows.filter(learner_id=asked.query.learner_id)
    # Courses joined for no more than their titles: SQLite would begin with all of them
    page = asked.page(rows.select_related("course") if by_title else rows.prefetch_related("course"))
    instances = newest_instances(page.rows, with_state=True)
    response = listing(results_of(instances, asked.query.depth), page.more)
    page.count_in(response)
    return response


def listing(found: list[dict[str, Any]], more: str | None) -> HttpResponse:
    """RegistrationListSchema."""
    return as_json({"registrations": found, **({"more": more} if more else {})})


def as_json(document: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(document), content_type="application/json")


# --- one --------------------------------------------------------------------------------------------------------------


@registrations.get("/registrations/{registration_id}", "getRegistrationProgress", RegistrationSchema)
def get_registration_progress(request: ApiRequest, registration_id: str, query: Query[DepthQuery]) -> HttpResponse:
    """What a registration came to, as its newest instance stands."""
    return as_json(results(instance_of(request, registration_id), query.depth))


@registrations.head("/registrations/{registration_id}", "getRegistration", bytes)
def get_registration(request: ApiRequest, registration_id: str) -> HttpResponse:
    """Whether there is such a registration: 200 or 404."""
    registration_of(request, registration_id)
    return HttpResponse()


@registrations.delete("/registrations/{registration_id}", "deleteRegistration")
def delete_registration(request: ApiRequest, registration_id: str) -> None:
    """Delete a registration with its instances, launches and logs. What was counted for billing stays counted."""
    registration = registration_of(request, registration_id)
    gone = audit.Target.of(registration)
    services.delete_registration(registration)
    record(request, "registration.delete", gone)


@registrations.delete("/registrations/{registration_id}/progress", "deleteRegistrationProgress")
def delete_registration_progress(request: ApiRequest, registration_id: str) -> None:
    """Reset: progress and launch history go, the registration begins anew on the version that is played now."""
    registration = registration_of(request, registration_id)
    services.reset(registration)
    record(request, "registration.reset", registration)


@registrations.delete("/registrations/{registration_id}/globalData", "deleteRegistrationGlobalData")
def delete_registration_global_data(request: ApiRequest, registration_id: str) -> None:
    """Let nothing be known of the global objectives that its course names, also of those other courses share."""
    registration = registration_of(request, registration_id)
    services.forget_global_objectives(registration)
    record(request, "registration.reset_global_data", registration)


# --- tags -------------------------------------------------------------------------------------------------------------


@registrations.get("/registrations/{registration_id}/tags", "getRegistrationTags", TagListSchema)
def get_registration_tags(request: ApiRequest, registration_id: str) -> TagListSchema:
    registration = registration_of(request, registration_id)
    return TagListSchema(tags=list(registration.tags.values_list("name", flat=True)))


@registrations.put("/registrations/{registration_id}/tags", "putRegistrationTags")
def put_registration_tags(request: ApiRequest, registration_id: str, body: TagListSchema) -> None:
    """Add tags to those the registration has."""
    registration = registration_of(request, registration_id)
    tags.add_tags([registration], body.tags)
    record(request, "registration.tags", registration, added=body.tags)


@registrations.delete("/registrations/{registration_id}/tags", "deleteRegistrationTags")
def delete_registration_tags(request: ApiRequest, registration_id: str, body: TagListSchema | None = None) -> None:
    """Take tags off the registration; those it does not have are no matter."""
    registration, names = registration_of(request, registration_id), body.tags if body else []
    tags.remove_tags(registration, names)
    record(request, "registration.tags", registration, removed=names)


@registrations.put("/registrations/tags", "putRegistrationTagsBatch", errors=(404,))
def put_registration_tags_batch(request: ApiRequest, body: BatchTagsSchema) -> None:
    """Add each of the tags to each of the registrations, or to none where there is one that does not exist."""
    ids = sorted(set(body.ids))
    rows = Registration.objects.filter(application=request.application, is_sandbox=False, registration_id__in=ids)
    found = {each.registration_id: each for each in rows}
    if unknown := next((each for each in ids if each not in found), None):
        raise NotFound("Registration", unknown)
    tags.add_tags(list(found.values()), body.tags)
    record(request, "registration.tags", registrations=len(found), added=body.tags)


# --- configuration ----------------------------------------------------------------------------------------------------


@registrations.get("/registrations/{registration_id}/configuration", "getRegistrationConfiguration", SettingListSchema)
def get_registration_configuration(
    request: ApiRequest, registration_id: str, query: Query[ConfigurationQuery]
) -> SettingListSchema:
    """The settings as they count for the registration, each with where its value comes from."""
    instance = instance_of(request, registration_id)
    own = Level(REGISTRATION, instance.registration.settings)
    version = instance.version
    return listed([*version_levels(version), own], query, version.standard, is_single(version.pk))


@registrations.post("/registrations/{registration_id}/configuration", "setRegistrationConfiguration")
@transaction.atomic
def set_registration_configuration(request: ApiRequest, registration_id: str, body: SettingsPostSchema) -> None:
    """Set settings of the registration; those not named stay."""
    registration = _locked(registration_of(request, registration_id))
    configured(request, registration, after_post(registration.settings, body, REGISTRATION))


@registrations.delete(
    "/registrations/{registration_id}/configuration/{setting_id}", "deleteRegistrationConfigurationSetting"
)
@transaction.atomic
def delete_registration_configuration_setting(request: ApiRequest, registration_id: str, setting_id: str) -> None:
    """Let the registration inherit a setting again."""
    registration = _locked(registration_of(request, registration_id))
    configured(request, registration, documents.without(registration.settings, setting_id))


def configured(request: ApiRequest, registration: Registration, explicit: dict[str, str]) -> None:
    """Let these settings be explicit, and write down which of them changed."""
    before = registration.settings
    services.configure_registration(registration, explicit)
    record_settings(request, "registration.settings", registration, before, explicit)


def _locked(registration: Registration) -> Registration:
    """The registration for this transaction alone: two that set settings at once keep both."""
    return Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)


# --- postbacks --------------------------------------------------------------------------------------------------------


@registrations.post("/registrations/postBackTest", "testRegistrationPostback")
def test_registration_postback(request: ApiRequest, body: PostBackSchema) -> None:
    """Post invented results once. 400 tells what went wrong where they did not arrive."""
    if not body.url:
        raise BadValue("url", "it is missing.")
    check_address("url", body.url)
    said = posted_to(body, "postBack")
    target = Target(
        body.url,
        said.get(postbacks.AUTH, "form"),
        body.user_name or "",
        body.password or "",
        said.get(postbacks.FORMAT, "course"),
        said.get(postbacks.IS_JSON) != "False",
    )
    with waiting(request.application):
        made = send_test(target, request.application.pk)
    if not is_delivered(made):
        raise BadValue("url", made.error or f"the address answered {made.status}.")
