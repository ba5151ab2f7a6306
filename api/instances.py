"""Instances of registrations, each launch of them, and the xAPI statements about them."""

from django.db import transaction
from django.http import HttpResponse
from ninja import Query

from content.levels import is_single
from lrs.access import caller_of
from lrs.queries import Query as StatementsOf
from realms import audit
from realms.configuration import documents
from realms.configuration.levels import INSTANCE
from registrations import services
from registrations.dates import dates_of
from registrations.launches import launch_history
from registrations.levels import instance_levels
from registrations.models import Instance
from registrations.results import results, results_of

from . import statements
from .access import ApiRequest
from .auditing import record, record_settings
from .configuration import ConfigurationQuery, SettingListSchema, SettingsPostSchema, after_post, listed
from .paging import PAGE, PageQuery, resume
from .registration_documents import LaunchHistoryListSchema, RegistrationListSchema, RegistrationSchema
from .registrations import DepthQuery, as_json, instance_of, listing, registration_of
from .sections import Section
from .wire import End, Flag, Moment, Number, Wire

instances = Section("Registration", "registration")


class InstancesQuery(PageQuery, DepthQuery):
    """`since` and `until` by when an instance was made; both count."""

    since: Moment | None = None
    until: End | None = None


class HistoryQuery(Wire):
    include_history_log: Flag = False


# --- instances --------------------------------------------------------------------------------------------------------


@instances.get("/registrations/{registration_id}/instances", "getRegistrationInstances", RegistrationListSchema)
def get_registration_instances(request: ApiRequest, registration_id: str, query: Query[InstancesQuery]) -> HttpResponse:
    """Every instance of a registration, the first one first."""
    registration = registration_of(request, registration_id)
    asked = resume(f"getRegistrationInstances {registration.pk}", request.caller, query)
    rows = registration.instances.select_related("version").defer("version__structure").order_by("number")
    if asked.query.since is not None:
        rows = rows.filter(created__gte=asked.query.since)
    if asked.query.until is not None:
        rows = rows.filter(created__lte=asked.query.until)
    if asked.after is not None:
        rows = rows.filter(number__gt=asked.after)
    found = list(rows[: PAGE + 1])
    for each in found:
        each.registration = registration
    more = asked.token(found[PAGE - 1].number) if len(found) > PAGE else None
    page = found[:PAGE]
    return listing(results_of(page, asked.query.depth, dates_of(page)), more)


@instances.post("/registrations/{registration_id}/instances", "createNewRegistrationInstance")
def create_new_registration_instance(request: ApiRequest, registration_id: str) -> None:
    """Begin anew on the version that is played now; what was done before stays readable as an older instance."""
    registration = registration_of(request, registration_id)
    services.restart(registration)
    record(request, "registration.restart", registration)


@instances.get(
    "/registrations/{registration_id}/instances/{instance_id}", "getRegistrationInstanceProgress", RegistrationSchema
)
def get_registration_instance_progress(
    request: ApiRequest, registration_id: str, instance_id: Number, query: Query[DepthQuery]
) -> HttpResponse:
    """What one instance came to."""
    instance = instance_of(request, registration_id, instance_id)
    return as_json(results(instance, query.depth, dates_of([instance]).get(instance.pk)))


@instances.delete("/registrations/{registration_id}/instances/{instance_id}", "deleteRegistrationInstance")
def delete_registration_instance(request: ApiRequest, registration_id: str, instance_id: Number) -> None:
    """Delete one instance; the last one takes the registration with it."""
    instance = instance_of(request, registration_id, instance_id)
    gone = audit.Target.of(instance.registration)
    services.delete_instance(instance)
    record(request, "registration.delete_instance", gone, instance=instance_id)


# --- configuration ----------------------------------------------------------------------------------------------------


@instances.get(
    "/registrations/{registration_id}/instances/{instance_id}/configuration",
    "getRegistrationInstanceConfiguration",
    SettingListSchema,
)
def get_registration_instance_configuration(
    request: ApiRequest, registration_id: str, instance_id: Number, query: Query[ConfigurationQuery]
) -> SettingListSchema:
    """The settings as they count for one instance."""
    instance = instance_of(request, registration_id, instance_id)
    return listed(instance_levels(instance), query, instance.version.standard, is_single(instance.version_id))


@instances.post(
    "/registrations/{registration_id}/instances/{instance_id}/configuration", "setRegistrationInstanceConfiguration"
)
@transaction.atomic
def set_registration_instance_configuration(
    request: ApiRequest, registration_id: str, instance_id: Number, body: SettingsPostSchema
) -> None:
    """Set settings of one instance, which go before those of the registration."""
    instance = _locked(instance_of(request, registration_id, instance_id))
    _configure(request, instance, after_post(instance.settings, body, INSTANCE))


@instances.delete(
    "/registrations/{registration_id}/instances/{instance_id}/configuration/{setting_id}",
    "deleteRegistrationInstanceConfigurationSetting",
)
@transaction.atomic
def delete_registration_instance_configuration_setting(
    request: ApiRequest, registration_id: str, instance_id: Number, setting_id: str
) -> None:
    """Let the instance inherit a setting again."""
    instance = _locked(instance_of(request, registration_id, instance_id))
    _configure(request, instance, documents.without(instance.settings, setting_id))


def _configure(request: ApiRequest, instance: Instance, explicit: dict[str, str]) -> None:
    before, number = instance.settings, instance.number
    services.configure_instance(instance, explicit)
    record_settings(request, "registration.settings", instance.registration, before, explicit, instance=number)


def _locked(instance: Instance) -> Instance:
    return Instance.objects.select_for_update(no_key=True).get(pk=instance.pk)


# --- launches ---------------------------------------------------------------------------------------------------------


@instances.get(
    "/registrations/{registration_id}/launchHistory", "getRegistrationLaunchHistory", LaunchHistoryListSchema
)
def get_registration_launch_history(
    request: ApiRequest, registration_id: str, query: Query[HistoryQuery]
) -> HttpResponse:
    """The launches of the newest instance, the first one first."""
    return _history(instance_of(request, registration_id), query)


@instances.get(
    "/registrations/{registration_id}/instances/{instance_id}/launchHistory",
    "getRegistrationInstanceLaunchHistory",
    LaunchHistoryListSchema,
)
def get_registration_instance_launch_history(
    request: ApiRequest, registration_id: str, instance_id: Number, query: Query[HistoryQuery]
) -> HttpResponse:
    """The launches of one instance."""
    return _history(instance_of(request, registration_id, instance_id), query)


def _history(instance: Instance, query: HistoryQuery) -> HttpResponse:
    return as_json({"launchHistory": launch_history(instance, query.include_history_log)})


# --- statements -------------------------------------------------------------------------------------------------------


@instances.get(
    "/registrations/{registration_id}/xAPIStatements", "getRegistrationStatements", statements.XapiStatementResult
)
def get_registration_statements(
    request: ApiRequest, registration_id: str, query: Query[statements.StatementQuery]
) -> HttpResponse:
    """The statements about the newest instance."""
    return _statements(request, instance_of(request, registration_id), query, "getRegistrationStatements")


@instances.get(
    "/registrations/{registration_id}/instances/{instance_id}/xAPIStatements",
    "getRegistrationInstanceStatements",
    statements.XapiStatementResult,
)
def get_registration_instance_statements(
    request: ApiRequest, registration_id: str, instance_id: Number, query: Query[statements.StatementQuery]
) -> HttpResponse:
    """Those about one instance."""
    instance = instance_of(request, registration_id, instance_id)
    return _statements(request, instance, query, "getRegistrationInstanceStatements")


def _statements(
    request: ApiRequest, instance: Instance, query: statements.StatementQuery, operation: str
) -> HttpResponse:
    asked = resume(f"{operation} {instance.pk}", request.caller, query)
    found_by = StatementsOf(registration=str(instance.xapi_registration))
    return statements.answer(asked, caller_of(request.application), found_by)
