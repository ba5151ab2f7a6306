"""The realm endpoints, `/api/realm/v1`: plan, usage, members and applications, for owners (docs/decisions/0034).

They are ours alone, so they have a base and a document of their own, beside those of the public description.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import orjson
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query
from ninja.responses import Status

from content.models import Course
from realms.models import Application, CountedRegistration, Membership
from realms.usage import use_of
from registrations.models import Registration

from . import errors
from .access import ApiRequest, authenticate
from .addresses import REALM_PREFIX
from .document import described
from .errors import ApiError, register
from .routing import finish
from .scopes import any_of
from .sections import Access
from .wire import MessageSchema, Moment, Renderer, Wire, WireParser, refuse_nul

SCOPES = any_of("read", "appmgmt")


class PlanSchema(Wire):
    """A limit that is absent is none. `linkedTo`: the realm whose plan is used. `paysOverage`: more may be used."""

    name: str
    monthly_cost: str
    currency: str
    registration_limit: int | None = None
    active_registration_limit: int | None = None
    course_limit: int | None = None
    storage_limit: int | None = None
    overage_price: str | None = None
    pays_overage: bool
    since: Moment
    linked_to: str | None = None


class ApplicationUseSchema(Wire):
    id: str
    registrations: int


class UsageSchema(Wire):
    """Of the running period: `registrations` of all that share the plan, `ofRealm` of this realm, by application.

    `used` of `limit` is what a launch is refused by; `expected` is what the period comes to at the pace so far.
    """

    period_start: Moment
    period_end: Moment
    registrations: int
    of_realm: int
    of_realm_ever: int
    limit: int | None = None
    used: int
    is_strict: bool
    expected: int
    by_application: list[ApplicationUseSchema]


class MemberSchema(Wire):
    email: str
    first_name: str
    last_name: str
    role: str
    since: Moment


class MembersSchema(Wire):
    members: list[MemberSchema]


class RealmApplicationSchema(Wire):
    """Without counts for the one that manages the others: it holds nothing."""

    id: str
    name: str
    is_management: bool
    allow_delete: bool
    create_date: Moment
    course_count: int | None = None
    registration_count: int | None = None


class RealmApplicationsSchema(Wire):
    applications: list[RealmApplicationSchema]


class MembersQuery(Wire):
    """`role`: those of one role."""

    role: Literal["owner", "administrator", "author", "support", "learner"] | None = None


realm_api = NinjaAPI(
    title="SCORM Cloud realm API",
    version="1.0",
    description="A realm's plan, usage, members and applications. A key of its App Management application opens it.",
    openapi_url=None,
    docs_url=None,
    renderer=Renderer(),
    parser=WireParser(),
    urls_namespace="realm_api",
)
register(realm_api)


def reads(path: str, name: str, answers: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an operation that reads."""
    wrong = frozenset({400, 401, 403, 404, 429})
    declare = realm_api.get(
        path,
        auth=Access((True,), SCOPES, deletes=False, accepts=""),
        response={200: answers, wrong: MessageSchema},
        operation_id=name,
        by_alias=True,
        exclude_none=True,
        openapi_extra={"security": [{"APP_MANAGEMENT": []}, {"OAUTH": [SCOPES[1]]}]},
    )
    return lambda view: declare(view)


@reads("/plan", "getPlan", PlanSchema)
def get_plan(request: ApiRequest) -> Any:
    """The plan of the realm, its own or that of the realm it is linked to."""
    realm = request.application.realm
    plan, payer = realm.effective_plan, realm.payer
    return Status(
        200,
        PlanSchema(
            name=plan.name,
            monthly_cost=str(plan.monthly_cost),
            currency=plan.currency,
            registration_limit=plan.registration_limit,
            active_registration_limit=plan.active_limit,
            course_limit=plan.course_limit,
            storage_limit=plan.storage_limit,
            overage_price=None if plan.overage_price is None else str(plan.overage_price),
            pays_overage=payer.pays_overage,
            since=payer.plan_since,
            linked_to=payer.name if payer.pk != realm.pk else None,
        ),
    )


@reads("/usage", "getUsage", UsageSchema)
def get_usage(request: ApiRequest) -> Any:
    """What the plan has been used for in the running period."""
    realm = request.application.realm
    use = use_of(realm)
    own = CountedRegistration.objects.filter(realm=realm)
    in_period = own.filter(counted__gte=use.span.start, counted__lt=use.span.end)
    rows = in_period.order_by().values_list("app_id").annotate(many=Count("pk")).order_by("-many", "app_id")
    by_application = [ApplicationUseSchema(id=app_id, registrations=many) for app_id, many in rows]
    return Status(
        200,
        UsageSchema(
            period_start=use.span.start,
            period_end=use.span.end,
            registrations=use.registrations,
            of_realm=sum(each.registrations for each in by_application),
            of_realm_ever=own.count(),
            limit=use.limit,
            used=use.used,
            is_strict=use.is_strict,
            expected=use.expected,
            by_application=by_application,
        ),
    )


@reads("/members", "getMembers", MembersSchema)
def get_members(request: ApiRequest, query: Query[MembersQuery]) -> Any:
    """The people of the realm, whoever belongs to it longest first."""
    rows = Membership.objects.filter(realm=request.application.realm_id).select_related("user")
    if query.role is not None:
        rows = rows.filter(role=query.role)
    found = [
        MemberSchema(
            email=each.user.email,
            first_name=each.user.first_name,
            last_name=each.user.last_name,
            role=each.role,
            since=each.created,
        )
        for each in rows.order_by("created", "pk")
    ]
    return Status(200, MembersSchema(members=found))


@reads("/applications", "getRealmApplications", RealmApplicationsSchema)
def get_realm_applications(request: ApiRequest) -> Any:
    """Every application of the realm, the oldest first, with what it holds."""
    rows = list(Application.objects.filter(realm=request.application.realm_id).order_by("created", "pk"))
    courses, registrations = _counts(Course, rows), _counts(Registration, rows, is_sandbox=False)
    found = [
        RealmApplicationSchema(
            id=each.app_id,
            name=each.name,
            is_management=each.is_management,
            allow_delete=each.allow_delete,
            create_date=each.created,
            course_count=None if each.is_management else courses.get(each.pk, 0),
            registration_count=None if each.is_management else registrations.get(each.pk, 0),
        )
        for each in rows
    ]
    return Status(200, RealmApplicationsSchema(applications=found))


def _counts(model: Any, applications: list[Application], **narrowed: Any) -> dict[int, int]:
    found = model.objects.filter(application__in=applications, **narrowed).order_by()
    return dict(found.values_list("application_id").annotate(many=Count("pk")))


# --- the door ---------------------------------------------------------------------------------------------------------


@cache
def _operations() -> dict[str, Callable[..., HttpResponse]]:
    return {f"/{each.pattern}": each.callback for each in realm_api.urls[0] if str(each.pattern) and each.callback}


def answer(request: HttpRequest) -> HttpResponse:
    """Answer a request to the realm endpoints, whatever it is."""
    try:
        refuse_nul("path", request.path_info)
        path = re.sub("/+", "/", request.path_info.removeprefix(REALM_PREFIX)).rstrip("/")
        operation = _operations().get(path)
        if operation is None:
            authenticate(request)
            raise ApiError(404, f"There is no operation at {request.path_info[:300]}.")
        response = operation(request)
        if response.status_code == 405:
            authenticate(request)
            raise ApiError(405, f"{request.method} is not possible here; possible: GET.", {"Allow": "GET"})
    except Exception as error:
        response = errors.answer_to(error)
    return finish(request, response)


@cache
def document_as_bytes() -> bytes:
    """OpenAPI of the realm endpoints."""
    return orjson.dumps(described(realm_api, REALM_PREFIX))
