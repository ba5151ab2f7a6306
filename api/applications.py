"""Application management: the applications of a realm and their secret keys, and the settings of the one that asks."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from ninja import Query

from content import services
from content.levels import application_levels
from content.models import Course
from realms import applications as verbs
from realms import audit
from realms.configuration import documents
from realms.configuration.levels import APPLICATION, STANDARD, standard_key
from realms.models import Application, Credential
from realms.services import configure_application
from realms.usage import span_now
from registrations.models import Registration

from .access import ApiRequest
from .auditing import record, record_settings
from .configuration import ConfigurationQuery, SettingListSchema, SettingsPostSchema, after_post, listed
from .errors import BadValue, NotFound, naming
from .paging import ListQuery, resume
from .sections import Section
from .wire import MAX_INT, Flag, Moment, Wire

applications = Section("ApplicationManagement", "appmgmt")
MANAGEMENT = (True,)
OF_A_KEY = verbs.KEY_NAME_LENGTH

LearningStandard = Literal[
    "SCORM_11",
    "SCORM_12",
    "SCORM_2004_2ND_EDITION",
    "SCORM_2004_3RD_EDITION",
    "SCORM_2004_4TH_EDITION",
    "AICC",
    "XAPI",
    "CMI5",
]


class ApplicationRequestSchema(Wire):
    name: str


class UpdateApplicationSchema(Wire):
    """`allowDelete`: whether operations of the API may delete anything in the application."""

    name: str | None = None
    allow_delete: bool | None = None


class ApplicationSchema(Wire):
    id: str | None = None
    name: str | None = None


class ApplicationListSchema(Wire):
    applications: list[ApplicationSchema]


class ApplicationInfoSchema(Wire):
    """`registrationCount`: of those made in the running billing period."""

    id: str | None = None
    name: str | None = None
    create_date: Moment | None = None
    update_date: Moment | None = None
    allow_delete: bool | None = None
    course_count: int | None = None
    registration_count: int | None = None


class ApplicationInfoListSchema(Wire):
    applications: list[ApplicationInfoSchema]
    more: str | None = None


class CredentialRequestSchema(Wire):
    name: str | None = None
    active: bool | None = None


class CredentialSchema(Wire):
    """`credential`, the secret key itself, is told when it is made and never again."""

    id: str | None = None
    name: str | None = None
    credential: str | None = None
    pens_credential: str | None = None
    status: str | None = None
    created: Moment | None = None
    updated: Moment | None = None


class CredentialListSchema(Wire):
    credentials: list[CredentialSchema]


class InfoQuery(Wire):
    include_course_count: Flag = False
    include_registration_count: Flag = False


class ApplicationQuery(ListQuery):
    columns: ClassVar = {"created": "created", "updated": "updated", "app_id": "app_id", "name": "name"}

    filter_by: Literal["app_id", "name"] = "app_id"
    order_by: Literal["updated_asc", "updated_desc", "created_asc", "created_desc"] = "updated_asc"
    include_course_count: Flag = False
    include_registration_count: Flag = False


class StandardQuery(Wire):
    """Settings for courses of one standard, with one SCO or with several: both are given, or neither."""

    learning_standard: LearningStandard | None = None
    single_sco: Flag | None = None


class ApplicationConfigurationQuery(ConfigurationQuery, StandardQuery):
    pass


# --- applications -----------------------------------------------------------------------------------------------------


def _managed(request: ApiRequest) -> QuerySet[Application]:
    """The applications of the realm that can be managed: all but the one that manages."""
    return Application.objects.filter(realm=request.application.realm_id, is_management=False)


def _name(text: str, length: int = verbs.NAME_LENGTH) -> str:
    with naming("name", verbs.ApplicationError):
        return verbs.clean_name(text, length)


def _child(request: ApiRequest, app_id: str) -> Application:
    found = _managed(request).filter(app_id=app_id).first()
    if found is None:
        raise NotFound("Application", app_id, "realm")
    return found


@applications.post("/appManagement/applications", "createApplication", ApplicationSchema, kinds=MANAGEMENT)
def create_application(request: ApiRequest, body: ApplicationRequestSchema) -> ApplicationSchema:
    """A new application in the realm, without keys."""
    made = verbs.open_application(request.application.realm, _name(body.name))
    record(request, "application.create", made, made)
    return ApplicationSchema(id=made.app_id, name=made.name)


@applications.get(
    "/appManagement/applications", "getApplicationList", ApplicationListSchema, kinds=MANAGEMENT, deprecated=True
)
def get_application_list(request: ApiRequest) -> ApplicationListSchema:
    """Every application of the realm; getApplications tells more, in pages."""
    rows = _managed(request).order_by("created", "pk").values_list("app_id", "name")
    return ApplicationListSchema(applications=[ApplicationSchema(id=app_id, name=name) for app_id, name in rows])


@applications.get("/appManagement/applicationList", "getApplications", ApplicationInfoListSchema, kinds=MANAGEMENT)
def get_applications(
    request: ApiRequest, query: Query[ApplicationQuery], response: HttpResponse
) -> ApplicationInfoListSchema:
    """The applications of the realm, a page at a time."""
    asked = resume("getApplications", request.caller, query)
    page = asked.page(_managed(request))
    page.count_in(response)
    infos = _infos(request, page.rows, asked.query.include_course_count, asked.query.include_registration_count)
    return ApplicationInfoListSchema(applications=infos, more=page.more)


@applications.get(
    "/appManagement/applications/{child_app_id}", "getApplicationInfo", ApplicationInfoSchema, kinds=MANAGEMENT
)
def get_application_info(request: ApiRequest, child_app_id: str, query: Query[InfoQuery]) -> ApplicationInfoSchema:
    """One application of the realm."""
    child = _child(request, child_app_id)
    return _infos(request, [child], query.include_course_count, query.include_registration_count)[0]


@applications.put("/appManagement/applications/{child_app_id}", "updateApplication", kinds=MANAGEMENT)
def update_application(request: ApiRequest, child_app_id: str, body: UpdateApplicationSchema) -> None:
    """Rename an application, permit or forbid deleting in it."""
    child = _child(request, child_app_id)
    name, allow_delete = child.name, child.allow_delete
    verbs.change_application(child, None if body.name is None else _name(body.name), body.allow_delete)
    if child.name != name:
        record(request, "application.rename", child, child, name=[name, child.name])
    if child.allow_delete != allow_delete:
        record(request, "application.deleting", child, child, allow_delete=[allow_delete, child.allow_delete])


@applications.delete("/appManagement/applications/{child_app_id}", "deleteApplication", kinds=MANAGEMENT, errors=(409,))
def delete_application(request: ApiRequest, child_app_id: str) -> None:
    """Delete an application that holds nothing, with its keys."""
    child = _child(request, child_app_id)
    gone = audit.Target.of(child)
    services.delete_application(child)
    record(request, "application.delete", gone, child)


def _infos(
    request: ApiRequest, found: list[Application], with_courses: bool, with_registrations: bool
) -> list[ApplicationInfoSchema]:
    pks = [each.pk for each in found]
    courses = _counts(Course.objects.filter(application__in=pks)) if with_courses else {}
    began = span_now(request.application.realm.payer).start
    real = Registration.objects.filter(application__in=pks, is_sandbox=False, created__gte=began)
    registrations = _counts(real) if with_registrations else {}
    return [
        ApplicationInfoSchema(
            id=each.app_id,
            name=each.name,
            create_date=each.created,
            update_date=each.updated,
            allow_delete=each.allow_delete,
            course_count=courses.get(each.pk, 0) if with_courses else None,
            registration_count=registrations.get(each.pk, 0) if with_registrations else None,
        )
        for each in found
    ]


def _counts(rows: QuerySet) -> Mapping[int, int]:
    counted = rows.values("application_id").annotate(count=Count("pk")).order_by()
    return {row["application_id"]: row["count"] for row in counted}


# --- keys -------------------------------------------------------------------------------------------------------------


@applications.post("/appManagement/{child_app_id}/credentials", "createCredential", CredentialSchema, kinds=MANAGEMENT)
def create_credential(request: ApiRequest, child_app_id: str, body: CredentialRequestSchema) -> CredentialSchema:
    """A new secret key of an application: this answer alone has it."""
    child = _child(request, child_app_id)
    made, secret = verbs.add_key(child, _name(body.name or "Secret Key", OF_A_KEY), body.active is not False)
    record(request, "key.create", made, child)
    return _credential(made, secret)


@applications.get("/appManagement/{child_app_id}/credentials", "getCredentials", CredentialListSchema, kinds=MANAGEMENT)
def get_credentials(request: ApiRequest, child_app_id: str) -> CredentialListSchema:
    """The secret keys of an application, without the keys themselves."""
    rows = _child(request, child_app_id).credentials.order_by("created", "pk")
    return CredentialListSchema(credentials=[_credential(each) for each in rows])


@applications.put("/appManagement/{child_app_id}/credentials/{credential_id}", "updateCredential", kinds=MANAGEMENT)
def update_credential(
    request: ApiRequest, child_app_id: str, credential_id: str, body: CredentialRequestSchema
) -> None:
    """Rename a key, disable it or enable it; that counts from the next request on."""
    key = _key(request, child_app_id, credential_id)
    name, was_enabled = key.name, key.is_enabled
    verbs.change_key(key, None if body.name is None else _name(body.name, OF_A_KEY), body.active)
    if key.name != name:
        record(request, "key.rename", key, key.application, name=[name, key.name])
    if key.is_enabled != was_enabled:
        record(request, "key.enable" if key.is_enabled else "key.disable", key, key.application)


@applications.delete("/appManagement/{child_app_id}/credentials/{credential_id}", "deleteCredential", kinds=MANAGEMENT)
def delete_credential(request: ApiRequest, child_app_id: str, credential_id: str) -> None:
    """Delete a key, and with it every token that it made."""
    key = _key(request, child_app_id, credential_id)
    gone = audit.Target.of(key)
    key.delete()
    record(request, "key.delete", gone, key.application)


def _key(request: ApiRequest, app_id: str, credential_id: str) -> Credential:
    keys = _child(request, app_id).credentials
    is_number = credential_id.isascii() and credential_id.isdecimal() and int(credential_id) <= 2**32 * MAX_INT
    found = keys.filter(pk=int(credential_id)).first() if is_number else None
    if found is None:
        raise NotFound("Credential", credential_id)
    return found


def _credential(credential: Credential, secret: str | None = None) -> CredentialSchema:
    return CredentialSchema(
        id=str(credential.pk),
        name=credential.name,
        credential=secret,
        status="active" if credential.state == "enabled" else "inactive",
        created=credential.created,
        updated=credential.updated,
    )


# --- settings ---------------------------------------------------------------------------------------------------------


@applications.get("/appManagement/configuration", "getApplicationConfiguration", SettingListSchema)
def get_application_configuration(
    request: ApiRequest, query: Query[ApplicationConfigurationQuery]
) -> SettingListSchema:
    """The settings of the application that asks, for all courses or for those of one standard."""
    standard, of = _of(query)
    levels = application_levels(request.application, standard, query.single_sco)
    return listed(levels if of else levels[:1], query, standard, query.single_sco)


@applications.post("/appManagement/configuration", "setApplicationConfiguration")
@transaction.atomic
def set_application_configuration(request: ApiRequest, query: Query[StandardQuery], body: SettingsPostSchema) -> None:
    """Set settings of the application; those not named stay."""
    _, of = _of(query)
    application = _locked(request)
    before = _explicit(application, of)
    explicit = after_post(before, body, STANDARD if of else APPLICATION)
    configure_application(application, explicit, of)
    record_settings(request, "application.settings", application, before, explicit)


@applications.delete("/appManagement/configuration/{setting_id}", "deleteApplicationConfigurationSetting")
@transaction.atomic
def delete_application_configuration_setting(request: ApiRequest, setting_id: str, query: Query[StandardQuery]) -> None:
    """Let the application inherit a setting again."""
    _, of = _of(query)
    application = _locked(request)
    before = _explicit(application, of)
    explicit = documents.without(before, setting_id)
    configure_application(application, explicit, of)
    record_settings(request, "application.settings", application, before, explicit)


def _of(query: StandardQuery) -> tuple[str, str]:
    """The standard as courses name it and the key of its settings; both "" for all courses."""
    if query.learning_standard is None and query.single_sco is None:
        return "", ""
    if query.learning_standard is None or query.single_sco is None:
        missing = "learningStandard" if query.learning_standard is None else "singleSco"
        raise BadValue(missing, "learningStandard and singleSco are given together, or neither is.")
    standard = query.learning_standard.replace("_", "")
    return standard, standard_key(standard, query.single_sco)


def _locked(request: ApiRequest) -> Application:
    """The application for this transaction alone: two that set settings at once keep both."""
    return Application.objects.select_for_update(no_key=True).get(pk=request.application.pk)


def _explicit(application: Application, of: str) -> Mapping[str, str]:
    return application.standard_settings.get(of, {}) if of else application.settings
