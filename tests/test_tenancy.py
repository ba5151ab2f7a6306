"""Nobody sees or changes what is not theirs: every page walked as a stranger, every key tried on another's door."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import signing
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import User
from content.models import BulkJob, Course, CourseVersion, ImportJob, SavedView, Upload
from lrs.providers import add_provider
from player.files import files_url
from player.personal_data import gather
from realms.access import RIGHTS
from realms.models import (
    Application,
    BillingPeriod,
    Credential,
    Invoice,
    LinkRequest,
    Membership,
    PensKey,
    Realm,
    Role,
    SignOn,
)
from realms.services import add_credential, make_pens_key
from registrations.links import SALT, launch_url, preview_url
from registrations.models import (
    ActivityProgress,
    BulkChange,
    CallLog,
    Instance,
    LaunchRecord,
    PersonalExport,
    Postback,
    Question,
    Registration,
)
from registrations.personal import begin_export
from standards.structure import Learner
from tests import make
from webhooks.services import add_endpoint, send_test

pytestmark = pytest.mark.django_db

CONSOLE, CONTENT = urlsplit(settings.CONSOLE_ORIGIN).netloc, urlsplit(settings.CONTENT_ORIGIN).netloc
METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE")
TUS = {"Tus-Resumable": "1.0.0"}  # what uploads want to hear before anything else
NO_SUCH_METHOD = 405


def routes(resolver: URLResolver, above: str = "") -> Iterator[tuple[str, str]]:
    """Every pattern: its view's name and its whole route."""
    for each in resolver.url_patterns:
        route = above + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        else:
            assert isinstance(each, URLPattern)
            yield each.name or "", route


def views(resolver: URLResolver, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every route with its view."""
    for each in resolver.url_patterns:
        route = above + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from views(each, route)
        else:
            yield route, each.callback


OF_A_REALM = [route for _, route in routes(get_resolver("config.urls_console")) if "<str:realm_slug>" in route]
OF_A_THING = [route for route in OF_A_REALM if route.count("<") > 1]
NEEDS = {route: getattr(view, "needs", None) for route, view in views(get_resolver("config.urls_console"))}
# What these need depends on more: tests/realms/test_roles.py.
_CHANGING = (
    *("properties", "reset", "restart", "waive", "abandon", "delete", "override", "override/revoke", "tags"),
    *("delete-instance", "reset-global-data", "launch-link", "launch-as-learner"),
)
BEYOND = (
    "r/<str:realm_slug>/settings/",
    "r/<str:realm_slug>/library/views/<int:pk>/",
    *(f"registrations/<int:pk>/{name}/" for name in _CHANGING),
)
OF_THE_CONTENT_ORIGIN = [route for _, route in routes(get_resolver("config.urls_content"))]
ON_BOTH = {"healthz", *(route for route in OF_THE_CONTENT_ORIGIN if route.startswith("lrs/"))}


@dataclass
class House:
    """A realm with one of everything in it. A page about anything else needs its thing here."""

    owner: User

    def __post_init__(self) -> None:
        self.realm = make.realm(self.owner)
        self.owner.emailaddress_set.create(email=self.owner.email, verified=True, primary=True)
        self.course = make.course(of=self.realm)
        self.registration = make.registration(self.course, self.owner.email)
        self.played = make.launch(self.registration)
        self.played.report(lesson_status="incomplete")

    @cached_property
    def things(self) -> dict[str, object]:
        """What stands in a route, with the words before it -> the id to put there."""
        application = self.realm.applications.get(is_internal=False)
        add_credential(application)
        make_pens_key(application)
        upload = Upload.objects.create(
            application=self.course.application, user=self.owner, file_name="a.zip", length=10
        )
        endpoint = add_endpoint(application, "Ours", "https://example.com/", ["course.imported"])
        other = make.realm()
        own = make.registration(self.course, "another")
        type(own).objects.filter(pk=own.pk).update(is_sandbox=False, learner_id=self.owner.email)
        asked = LinkRequest.objects.create(realm=other, payer=self.realm)
        LinkRequest.objects.create(realm=self.realm, payer=other)
        return {
            "requests/<int:pk>": asked.pk,
            "invoices/<int:sequence>": self.invoice().sequence,
            "apps/<str:app_id>": application.app_id,
            "apps/keys/<int:pk>": application.credentials.get().pk,
            "courses/<int:pk>": self.course.pk,
            "files/<int:file_pk>": self.course.current_version.files.order_by("path").first().pk,
            "sign-on/domains/<int:pk>": SignOn.objects.create(realm=self.realm).domains.create(name="x.example").pk,
            "people/<int:pk>": make.member(self.realm, Role.SUPPORT).memberships.get().pk,
            "people/invitations/<int:pk>": self.realm.invitations.create(
                email="asked@example.com", role=Role.AUTHOR, nonce="x", expires=timezone.now() + timedelta(days=1)
            ).pk,
            "mine/<int:pk>": own.pk,
            "imports/<uuid:job_id>": ImportJob.objects.get(application=self.course.application).pk,
            "providers/<int:pk>": add_provider(application, "Content", "DEFAULT")[0].pk,
            "questions/<int:pk>": Question.objects.create(course=self.course, key="k", identifier="Q1").pk,
            "registrations/<int:pk>": self.registration.pk,
            "uploads/<uuid:upload_id>": upload.pk,
            "webhooks/<int:pk>": endpoint.pk,
            "deliveries/<int:pk>": send_test(endpoint).pk,
            "postbacks/<int:pk>": Postback.objects.create(registration=self.registration, url="https://x.test/").pk,
            "bulk/<int:pk>": BulkChange.objects.create(realm=self.realm, verb="tag", chosen={"pks": []}).pk,
            "exports/<uuid:pk>": self.gathered().pk,
            "views/<int:pk>": SavedView.objects.create(
                realm=self.realm, owner=self.owner, name="Large", columns=["size"], is_shared=True
            ).pk,
            "jobs/<uuid:bulk_id>": BulkJob.objects.create(realm=self.realm, kind="export", courses=[self.course.pk]).pk,
            "versions/<int:pk>": self.course.current_version_id,
        }

    def gathered(self) -> PersonalExport:
        """The file that holds what is known of the learner."""
        export = begin_export(self.realm, self.registration.learner_id, self.owner.email)
        gather(str(export.pk))
        return export

    def invoice(self) -> Invoice:
        """Of a period that is over."""
        now = timezone.now()
        plan = self.realm.effective_plan
        period = BillingPeriod.objects.create(
            realm=self.realm, plan=plan, start=now - timedelta(days=90), end=now - timedelta(days=60), is_settled=True
        )
        return Invoice.objects.create(
            realm=self.realm, period=period, sequence=1, issued=now, plan_name="Little", currency="USD",
            lines=[], realms=[], registrations=0, total=90,
        )  # fmt: skip

    def address(self, route: str, slug: str = "") -> str:
        """The route's path to this house's things, under its own slug or another."""
        path = "/" + route.replace("<str:realm_slug>", slug or self.realm.slug)
        for place, value in self.things.items():
            path = path.replace(place, f"{place.partition('<')[0]}{value}")
        assert "<" not in path, f"{route} is about something that this test does not make: add it to House.things"
        return path


@pytest.fixture
def house() -> House:
    return House(make.user("owner@example.com", first_name="Olga"))


@pytest.fixture
def stranger() -> User:
    """Somebody with a realm of their own and nothing in it."""
    person = make.user("stranger@example.com", first_name="Stefan")
    make.realm(person)
    return person


def visitor(person: User | None = None, host: str = CONSOLE) -> Client:
    client = Client(headers={"host": host})
    if person is not None:
        client.force_login(person)
    return client


def answers(client: Client, path: str, methods: Sequence[str] = METHODS) -> dict[str, int]:
    """The status of each method."""
    found = {method: client.generic(method, path, headers=TUS) for method in methods}
    for answer in found.values():
        if answer.streaming:
            list(answer)  # a download holds its file open until it is read
    return {method: answer.status_code for method, answer in found.items()}


def opened(client: Client, path: str) -> dict[str, int]:
    """What was answered with anything but "no such page" or "no such method"."""
    return {method: status for method, status in answers(client, path).items() if status not in (404, NO_SUCH_METHOD)}


TENANT: tuple[type[Model], ...] = (
    *(Realm, Membership, Application, Credential, PensKey, Course, CourseVersion, ImportJob, Upload),
    *(Registration, Instance, ActivityProgress, LaunchRecord, CallLog),
)


def belongings(realm: Realm) -> dict[str, list[Any]]:
    """Every row of the realm, whole; in an order, as PostgreSQL promises none."""
    paths = {
        "Realm": "pk",
        "Membership": "realm",
        "Application": "realm",
        "Registration": "application__realm",
        "Instance": "registration__application__realm",
        "ActivityProgress": "instance__registration__application__realm",
        "LaunchRecord": "instance__registration__application__realm",
        "CallLog": "launch__instance__registration__application__realm",
        "CourseVersion": "course__application__realm",
    }
    found = {}
    for model in TENANT:
        of_realm = {paths.get(model.__name__, "application__realm"): realm.pk}
        found[model.__name__] = list(model._default_manager.filter(**of_realm).order_by("pk").values())
    return found


# --- the console ------------------------------------------------------------------------------------------------------


def test_there_are_pages_to_walk():
    assert len(OF_A_REALM) >= 29
    assert len(OF_A_THING) >= 20


@pytest.mark.parametrize("route", OF_A_REALM)
def test_the_owner_finds_each_page(house: House, route: str):
    assert opened(visitor(house.owner), house.address(route)), "404 for the owner: it proves nothing for a stranger"


@pytest.mark.parametrize("route", OF_A_REALM)
def test_each_role_is_let_in_by_what_the_view_needs(house: House, route: str):
    """Whoever may not gets 403 for every method and changes nothing; whoever may never does."""
    needs = NEEDS[route]
    path = house.address(route)
    people = {role: make.member(house.realm, role) for role in Role.values}
    before = belongings(house.realm)

    may = {role for role in Role.values if needs in RIGHTS[role]}
    refused = {role: answers(visitor(people[role]), path, ("GET", "POST")) for role in sorted(set(people) - may)}
    after = belongings(house.realm)
    let_in = {role: answers(visitor(people[role]), path, ("GET", "POST")) for role in sorted(may)}

    assert needs is not None, f"{route} says not what it needs: @realm_member(needs=Right...)"
    assert {role: set(found.values()) - {NO_SUCH_METHOD} for role, found in refused.items()} == {
        role: {403} for role in refused
    }
    assert after == before
    assert Role.OWNER in let_in
    if not route.endswith(BEYOND):
        assert {role for role, found in let_in.items() if 403 in found.values()} == set()


@pytest.mark.parametrize("route", OF_A_THING)
def test_whoever_has_a_role_in_another_application_alone_finds_nothing_of_these(house: House, route: str):
    """A role in one application opens what is in that one."""
    person = make.member(house.realm, Role.LEARNER)
    path = house.address(route)
    other = make.application(house.realm)
    person.memberships.get().application_roles.create(application=other, role=Role.ADMINISTRATOR)
    before = belongings(house.realm)

    found = answers(visitor(person), path, ("GET", "POST"))

    assert set(found.values()) <= {403, 404, NO_SUCH_METHOD}, found
    assert belongings(house.realm) == before


@pytest.mark.parametrize("route", OF_A_REALM)
def test_a_stranger_finds_no_page_in_the_realm(house: House, stranger: User, route: str):
    path = house.address(route)
    before = belongings(house.realm)

    found = answers(visitor(stranger), path)

    assert set(found.values()) <= {404, NO_SUCH_METHOD}, found
    assert 404 in found.values()
    assert belongings(house.realm) == before


@pytest.mark.parametrize("route", OF_A_THING)
def test_a_stranger_finds_nothing_of_the_owner_in_their_own_realm(house: House, stranger: User, route: str):
    own = Realm.objects.get(default_of=stranger)
    path = house.address(route, slug=own.slug)
    before = belongings(house.realm)

    found = answers(visitor(stranger), path)

    assert set(found.values()) <= {404, NO_SUCH_METHOD}, found
    assert 404 in found.values()
    assert belongings(house.realm) == before


@pytest.mark.parametrize("route", OF_A_REALM)
def test_whoever_is_not_signed_in_is_asked_to(house: House, route: str):
    path = house.address(route)
    before = belongings(house.realm)
    client = visitor()

    for method in METHODS:
        answer = client.generic(method, path, headers=TUS)
        if "/uploads/" in path:  # a program asks here, which no sign-in page helps
            assert answer.status_code == 401, method
        elif answer.status_code != NO_SUCH_METHOD:
            assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (302, "/accounts/login/"), method

    assert any(status != NO_SUCH_METHOD for status in answers(client, path).values())
    assert belongings(house.realm) == before


@pytest.mark.parametrize("name", ["library", "imports", "registrations", "add", ""])
def test_pages_of_the_stranger_say_nothing_of_the_owner(house: House, stranger: User, name: str):
    own = Realm.objects.get(default_of=stranger)

    page = visitor(stranger).get(f"/r/{own.slug}/{name}/" if name else f"/r/{own.slug}/").content.decode()

    for secret in (house.realm.slug, house.realm.name, house.course.title, house.course.course_id, house.owner.email):
        assert secret not in page


def test_a_new_version_of_a_strangers_course_makes_a_course_of_ones_own(house: House, stranger: User):
    mine = make.course("scorm12_two_scos", of=Realm.objects.get(default_of=stranger), course_id=house.course.course_id)

    assert mine.pk != house.course.pk
    assert house.course.versions.count() == 1


# --- two origins ------------------------------------------------------------------------------------------------------


def places(house: House) -> dict[str, str]:
    version = house.course.current_version
    return {
        "<str:token>": urlsplit(launch_url(house.registration)).path.split("/")[2],
        "<str:key>": house.played.key,
        "<str:access>/<path:path>": files_url(version).removeprefix("/files/") + "index.html",
        "<str:app_id>/": f"{house.realm.applications.get(is_internal=False).app_id}/",
        "<path:resource>": "statements",
        "<str:session_id>": str(uuid4()),
    }


@pytest.mark.parametrize("route", OF_THE_CONTENT_ORIGIN)
def test_the_content_origin_sets_no_cookie_and_reads_none(house: House, route: str):
    path = f"/{route}"
    for place, value in places(house).items():
        path = path.replace(place, value)
    assert "<" not in path, f"{route} is about something that this test does not make: add it to places()"
    client = visitor(house.owner, CONTENT)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value

    for method in METHODS:
        answer = client.generic(method, path, "{}", content_type="application/json")
        assert answer.status_code < 500 or route == "healthz"  # no worker runs beside this test
        assert dict(answer.cookies) == {}
        assert "Set-Cookie" not in answer.headers
        assert "cookie" not in answer.headers.get("Vary", "").lower()
        assert session not in answer.getvalue().decode(errors="replace")


@pytest.mark.parametrize("name", ["here.css", "not-here.css"])
def test_the_content_origin_serves_static_files_without_a_cookie(house: House, name: str):
    Path(settings.STATIC_ROOT, "here.css").write_text("body {}")

    answer = visitor(house.owner, CONTENT).get(f"/static/{name}")
    answer.close()

    assert answer.status_code == (200 if name == "here.css" else 404)
    assert dict(answer.cookies) == {}


@pytest.mark.parametrize("route", OF_A_REALM)
def test_no_console_page_is_on_the_content_origin(house: House, route: str):
    assert set(answers(visitor(house.owner, CONTENT), house.address(route)).values()) == {404}


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/settings/", "/mail/", "/realms/"])
def test_no_sign_in_is_on_the_content_origin(house: House, path: str):
    assert set(answers(visitor(house.owner, CONTENT), path).values()) == {404}


@pytest.mark.parametrize("route", [route for route in OF_THE_CONTENT_ORIGIN if route not in ON_BOTH])
def test_no_player_is_on_the_console_origin(house: House, route: str):
    path = f"/{route}"
    for place, value in places(house).items():
        path = path.replace(place, value)

    assert set(answers(visitor(house.owner), path).values()) == {404}


def test_a_host_that_is_neither_origin_finds_neither(house: House):
    assert visitor(house.owner, "elsewhere.example").get(f"/r/{house.realm.slug}/").status_code == 400


# --- launch links -----------------------------------------------------------------------------------------------------


def token_of(url: str) -> str:
    return urlsplit(url).path.split("/")[2]


def _changed(token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


BAD_TOKENS = {
    "no token at all": lambda token: "x",
    "its signature changed": _changed,
    "its payload changed": lambda token: "A" + token[1:],
    "cut short": lambda token: token[:-5],
    "without a signature": lambda token: token.rpartition(":")[0],
    "of another salt": lambda token: signing.dumps(signing.loads(token, salt=SALT), salt="password-reset"),
    "of another secret": lambda token: signing.dumps(signing.loads(token, salt=SALT), key="guessed", salt=SALT),
    "not of this world": lambda token: "%F0%9F%92%A3",
}


@pytest.mark.parametrize("spoil", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_launch_link_that_is_not_ours_opens_nothing(house: House, spoil: Any):
    bad = spoil(token_of(launch_url(house.registration)))

    answer = visitor(host=CONTENT).get(f"/launch/{bad}/")

    assert answer.status_code == 403
    assert "This launch link is not complete." in answer.content.decode()
    assert LaunchRecord.objects.count() == 1


def test_a_launch_link_expires(house: House, monkeypatch: pytest.MonkeyPatch):
    url = launch_url(house.registration)
    monkeypatch.setattr(signing.time, "time", lambda now=signing.time.time: now() + settings.LAUNCH_LINK_SECONDS + 2)

    answer = visitor(host=CONTENT).get(urlsplit(url).path)

    assert (answer.status_code, LaunchRecord.objects.count()) == (403, 1)
    assert "This launch link has expired." in answer.content.decode()


def test_a_launch_link_to_what_is_deleted_says_so(house: House):
    learner = Learner("x")
    links = [launch_url(house.registration), preview_url(house.course.current_version, learner)]
    LaunchRecord.objects.all().delete()
    house.registration.delete()
    house.course.versions.all().delete()

    pages = [visitor(host=CONTENT).get(urlsplit(link).path) for link in links]

    assert [page.status_code for page in pages] == [403, 403]
    assert "This registration does not exist any more." in pages[0].content.decode()
    assert "This course does not exist any more." in pages[1].content.decode()


# --- keys -------------------------------------------------------------------------------------------------------------

CALLS = ("start", "report", "navigate", "log")


def call(key: str, name: str, **body: Any) -> Any:
    return visitor(host=CONTENT).post(f"/play/{key}/{name}", json.dumps(body), content_type="application/json")


def test_a_key_opens_its_own_launch_and_nothing_else(house: House, stranger: User):
    other = House(make.user("other@example.com"))
    before = belongings(other.realm)

    played = call(house.played.key, "start").json()
    activity, number = played["launch"]["activity"], played["number"] + 1
    values = {"cmi.core.lesson_status": "passed"}
    assert call(house.played.key, "report", number=number, activity=activity, values=values).status_code == 200
    page = visitor(host=CONTENT).get(f"/play/{house.played.key}/").content.decode()

    house.registration.refresh_from_db()
    assert house.registration.success == "passed"
    assert belongings(other.realm) == before
    assert other.played.key not in page
    assert files_url(other.course.current_version) not in page


@pytest.mark.parametrize("spoil", [str.swapcase, lambda key: key[:-1], lambda key: f"{key}A", lambda key: "x"])
def test_a_key_that_is_nearly_right_opens_nothing(house: House, spoil: Any):
    key = spoil(house.played.key)
    before = belongings(house.realm)

    statuses = [call(key, name, number=99, activity=house.played.activity).status_code for name in ("start", "report")]
    statuses += [call(key, "navigate", number=99, request={"name": "exitAll"}).status_code]
    statuses += [call(key, "log", number=99, entries=[{"method": "Initialize"}]).status_code]
    statuses += [visitor(host=CONTENT).get(f"/play/{key}/{name}").status_code for name in ("", "sequencing")]

    assert statuses == [404] * 6
    assert belongings(house.realm) == before


def test_a_key_is_no_launch_link_and_no_access_to_files(house: House):
    client = visitor(host=CONTENT)

    assert client.get(f"/launch/{house.played.key}/").status_code == 403
    assert client.get(f"/files/{house.played.key}/index.html").status_code in (403, 404)
    assert client.get(f"/play/{token_of(launch_url(house.registration))}/").status_code == 404


def test_the_access_to_one_versions_files_opens_no_others(house: House):
    other = make.course("scorm12_two_scos", of=house.realm)
    mine, theirs = files_url(house.course.current_version), files_url(other.current_version)
    client = visitor(host=CONTENT)
    mixed = theirs.rpartition(".")[0] + "." + mine.rpartition(".")[2]  # their version, my signature
    path = other.current_version.read_structure().leaves[0].href

    assert client.get(f"{theirs}{path}").status_code == 200
    assert client.get(f"{mixed}{path}").status_code in (403, 404)
    assert client.get(f"{mine}../{theirs.split('/')[2]}/{path}").status_code in (400, 403, 404)


def test_an_activity_that_a_launch_never_showed_takes_no_report(house: House):
    before = belongings(house.realm)

    answer = call(
        house.played.key, "report", number=99, activity="elsewhere", values={"cmi.core.lesson_status": "passed"}
    )

    assert answer.status_code in (400, 409)
    assert belongings(house.realm)["ActivityProgress"] == before["ActivityProgress"]
