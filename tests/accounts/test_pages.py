"""The pages about oneself: each opens, in the console's frame, with nothing inline."""

import re

import pytest
from allauth.account.models import EmailAddress

from tests import make

PAGES = [
    "/settings/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/sessions/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/realms/",
    "/styleguide/",
]
ENTRANCE = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/"]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.I)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_ones_own_opens_in_the_frame(client, path):
    user = make.user()
    make.realm(user)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})

    page = client.get(path)

    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert 'class="skip-link" href="#main"' in page.text
    assert INLINE.findall(page.text) == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ENTRANCE)
def test_a_page_before_signing_in_opens(client, path):
    page = client.get(path)

    assert (page.status_code, page.text.count("<h1")) == (200, 1)
    assert INLINE.findall(page.text) == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_ones_own_asks_to_sign_in_first(client, path):
    page = client.get(path)

    assert page["Location"].startswith("/accounts/login/") or path == "/accounts/logout/"


@pytest.mark.django_db
def test_a_refused_form_names_each_wrong_field_and_links_to_it(client):
    page = client.post("/accounts/signup/", {"email": "x", "password1": "short"})

    summary = re.search(r'data-error-summary tabindex="-1".*?</div>\s*</div>', page.text, re.S)
    assert summary is not None
    assert re.findall(r'href="#(\w+)"', summary[0]) == ["id_first_name", "id_last_name", "id_email", "id_password1"]
    assert 'aria-describedby="id_email_error"' in page.text
    assert 'id="id_email_error"' in page.text


@pytest.mark.django_db
def test_a_person_changes_their_name(client):
    user = make.user()
    client.force_login(user)

    refused = client.post("/settings/", {"first_name": "x" * 151, "last_name": "Vos"})
    saved = client.post("/settings/", {"first_name": "Mira", "last_name": "Vos"})

    user.refresh_from_db()
    assert (refused.status_code, saved["Location"], user.get_full_name()) == (422, "/settings/", "Mira Vos")


@pytest.mark.django_db
def test_home_leads_to_the_realm_last_visited(client):
    user = make.user()
    first, second = make.realm(user), make.realm(make.user())
    second.memberships.create(user=user, role="administrator")
    client.force_login(user)
    places = [client.get("/")["Location"]]
    client.get(f"/r/{second.slug}/apps/")
    places.append(client.get("/")["Location"])
    second.memberships.filter(user=user).delete()
    places.append(client.get("/")["Location"])

    assert places == [f"/r/{first.slug}/", f"/r/{second.slug}/", f"/r/{first.slug}/"]


@pytest.mark.django_db
def test_home_of_someone_without_a_realm_says_so(client):
    client.force_login(make.user())

    page = client.get("/", follow=True)

    assert (page.redirect_chain, "You belong to no realm" in page.text) == ([("/realms/", 302)], True)
