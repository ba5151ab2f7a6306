"""A realm's own pages, as its owner, as a colleague and as a stranger."""

import re

import pytest

from realms.models import Credential
from realms.services import add_credential
from tests import make


@pytest.fixture
def owner():
    return make.user()


@pytest.fixture
def realm(owner):
    return make.realm(owner)


@pytest.fixture
def console(client, owner, realm):
    """The owner's browser."""
    client.force_login(owner)
    return client


def addresses(realm):
    """Every address of the realm's pages here, with the method it takes."""
    application = realm.applications.get(is_internal=False)
    add_credential(application)
    key = Credential.objects.get().pk
    root = f"/r/{realm.slug}/"
    return [
        ("get", root),
        ("get", f"{root}apps/"),
        ("get", f"{root}settings/"),
        ("post", f"{root}settings/"),
        ("post", f"{root}apps/{application.app_id}/keys/"),
        ("post", f"{root}apps/keys/{key}/enabled/"),
        ("post", f"{root}apps/keys/{key}/delete/"),
    ]


@pytest.mark.django_db
def test_a_stranger_finds_nothing(client, realm):
    stranger = make.user()
    make.realm(stranger)
    client.force_login(stranger)
    known = addresses(realm)

    answers = {(method, path): getattr(client, method)(path).status_code for method, path in known}

    assert set(answers.values()) == {404}, answers
    assert (Credential.objects.count(), realm.applications.count()) == (1, 2)


@pytest.mark.django_db
def test_a_stranger_reaches_no_application_or_key_through_their_own_realm(client, realm):
    stranger = make.user()
    own = make.realm(stranger)
    client.force_login(stranger)

    answers = [
        getattr(client, method)(path.replace(realm.slug, own.slug)).status_code
        for method, path in addresses(realm)
        if "/keys/" in path
    ]

    assert (answers, Credential.objects.filter(is_enabled=True).count()) == ([404, 404, 404], 1)


@pytest.mark.django_db
def test_nobody_gets_in_without_signing_in(client, realm):
    answers = [getattr(client, method)(path) for method, path in addresses(realm)]

    assert {answer["Location"].split("?")[0] for answer in answers} == {"/accounts/login/"}


@pytest.mark.django_db
def test_only_an_owner_renames_the_realm(console, client, realm):
    renamed = console.post(f"/r/{realm.slug}/settings/", {"name": "Acme Learning"})
    empty = console.post(f"/r/{realm.slug}/settings/", {"name": ""})
    client.force_login(make.colleague(realm))
    refused = client.post(f"/r/{realm.slug}/settings/", {"name": "Mine"})
    seen = client.get(f"/r/{realm.slug}/settings/")

    realm.refresh_from_db()
    assert (renamed.status_code, empty.status_code, refused.status_code) == (302, 422, 403)
    assert realm.name == "Acme Learning"
    assert 'name="name"' not in seen.text


@pytest.mark.django_db
def test_the_switcher_lists_ones_realms_and_no_others(console, owner, realm):
    second = make.realm()
    second.memberships.create(user=owner, role="administrator")
    foreign = make.realm()

    page = console.get("/realms/")

    assert [f"/r/{each.slug}/" in page.text for each in (realm, second, foreign)] == [True, True, False]


@pytest.mark.django_db
def test_the_menu_names_the_page_that_is_shown(console, realm):
    marked = [
        re.findall(r'class="nav-link" href="([^"]+)" aria-current="page"', console.get(path).text)
        for path in (f"/r/{realm.slug}/", f"/r/{realm.slug}/apps/", "/settings/")
    ]

    assert marked == [[f"/r/{realm.slug}/"], [f"/r/{realm.slug}/apps/"], []]
