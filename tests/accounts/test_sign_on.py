"""Single sign-on of a realm by OpenID Connect and SAML, and what nobody takes over by it."""

import base64
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from realms import sign_on
from realms.models import AuditEntry, Membership, Realm, Role, SignOn, SignOnDomain
from tests import make
from tests.identity import CLIENT_ID, SECRET, SamlProvider, open_id_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    settings.SSO_TRUSTED_DOMAINS = ["corp.example"]
    with open_id_provider() as opened:
        yield opened


@pytest.fixture
def owner() -> User:
    return make.user("owner@corp.example", first_name="Olga")


@pytest.fixture
def realm(owner: User) -> Realm:
    return make.realm(owner)


def browser(of: User | None = None) -> Client:
    client = Client(headers={"host": urlsplit(settings.CONSOLE_ORIGIN).netloc})
    if of is not None:
        client.force_login(of)
    return client


def set_up(realm: Realm, owner: User, **words: str):
    """Fill the page in as the owner."""
    kept = {"protocol": "oidc", "client_id": CLIENT_ID, "secret": SECRET, "domains": "corp.example"}
    kept |= {"default_role": "author", "is_enabled": "on"}
    return browser(owner).post(reverse("realms:sign_on", args=[realm.slug]), kept | words)


def come(client: Client, realm: Realm, query: str = ""):
    """Go the way to the provider and back; the last page."""
    page = client.get(reverse("accounts:sign_on", args=[realm.slug]))
    to_provider = client.get(page.context["url"] + query)
    back = requests.get(to_provider["Location"], allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}", follow=True)


def roles(realm: Realm) -> dict[str, str]:
    return dict(Membership.objects.filter(realm=realm).values_list("user__email", "role"))


def test_whoever_comes_first_gets_an_account_and_the_default_role(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    client = browser()

    page = come(client, realm)
    again = come(browser(), realm)

    ada = User.objects.get(email="ada@corp.example")
    assert page.redirect_chain[-1][0] == f"/r/{realm.slug}/"
    assert (page.status_code, again.status_code) == (200, 200)
    assert (ada.first_name, ada.has_usable_password()) == ("Ada", False)
    assert roles(realm) == {owner.email: "owner", "ada@corp.example": "author"}
    assert EmailAddress.objects.get(user=ada).verified
    assert not Realm.objects.filter(default_of=ada).exists()
    assert SocialAccount.objects.count() == 1
    told = AuditEntry.objects.get(action="people.join")
    assert (told.actor, told.details) == ("ada@corp.example", {"role": "author", "by": "OpenID Connect"})


def test_a_member_with_a_verified_address_comes_in_and_keeps_role_and_password(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    ada = make.member(realm, Role.SUPPORT, email="ada@corp.example")

    come(browser(), realm)

    ada.refresh_from_db()
    assert ada.has_usable_password()
    assert roles(realm)["ada@corp.example"] == "support"
    assert SocialAccount.objects.get().user == ada


def test_an_account_that_nobody_verified_is_taken_from_whoever_made_it(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    squatter = make.user("ada@corp.example")
    theirs = browser()
    theirs.post("/accounts/login/", {"login": "ada@corp.example", "password": make.PASSWORD})
    was_in = theirs.get("/settings/").status_code

    come(browser(), realm)

    squatter.refresh_from_db()
    assert (was_in, theirs.get("/settings/").status_code) == (200, 302)
    assert not squatter.has_usable_password()


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"email": "victim@elsewhere.example"}, "is in no domain that"),
        ({"email": "victim@corp.example.evil.example"}, "is in no domain that"),
        ({"email": ""}, "is in no domain that"),
        ({"email_verified": False}, "is not verified."),
    ],
)
def test_a_provider_speaks_for_proven_domains_alone(realm: Realm, owner: User, provider, person, words):
    set_up(realm, owner, issuer=provider.issuer)
    victim = make.user("victim@elsewhere.example")
    EmailAddress.objects.create(user=victim, email=victim.email, verified=True, primary=True)
    provider.person |= person
    client = browser()

    page = come(client, realm)

    assert page.status_code == 403
    assert words in page.content.decode()
    assert client.get("/settings/").status_code == 302
    assert SocialAccount.objects.count() == 0
    assert roles(realm) == {owner.email: "owner"}


def test_a_known_person_whose_address_changes_opens_no_other_account(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    come(browser(), realm)
    provider.person["email"] = "owner@corp.example"

    page = come(browser(), realm)

    assert page.status_code == 403
    assert "your account has another address" in page.content.decode()


def test_nobody_is_tied_to_a_provider_by_a_link_they_followed(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    victim = make.user("victim@elsewhere.example")
    client = browser(victim)

    page = come(client, realm, "&process=connect")

    assert page.status_code == 403
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_a_session_of_another_begins_no_sign_in(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    first = browser()
    started = first.get(first.get(reverse("accounts:sign_on", args=[realm.slug])).context["url"])
    back = urlsplit(requests.get(started["Location"], allow_redirects=False, timeout=10).headers["Location"])
    victim = browser()

    page = victim.get(f"{back.path}?{back.query}")

    assert "You could not be signed in" in page.content.decode()
    assert victim.get("/settings/").status_code == 302


# --- setting up -------------------------------------------------------------------------------------------------------


def test_the_secret_is_kept_encrypted_and_never_shown_or_told(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    set_up(realm, owner, issuer=provider.issuer, secret="", default_role="support")

    kept = SignOn.objects.get()
    page = browser(owner).get(reverse("realms:sign_on", args=[realm.slug])).content.decode()
    details = [entry.details for entry in AuditEntry.objects.filter(action="sign_on.change")]

    assert SECRET not in kept.secret
    assert sign_on.reveal(kept.secret) == SECRET
    assert SECRET not in page
    assert SECRET not in str(details)
    assert kept.default_role == "support"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"issuer": ""}, "This field is required."),
        ({"issuer": "http://127.0.0.1:9"}, "cannot be read at this issuer"),
        ({"issuer": "ftp://example.com"}, "has to begin with https://"),
        ({"issuer": "https://10.0.0.1"}, "is on a private network"),
        ({"domains": "nonsense"}, "These are no domains: nonsense."),
        ({"domains": "elsewhere.example"}, "Prove first that one of the domains is yours"),
        ({"default_role": "owner"}, "Select a valid choice."),
        ({"protocol": "saml", "metadata": "<x/>"}, "This is no metadata of a SAML identity provider"),
        ({"protocol": "saml", "metadata": "<!DOCTYPE x><x/>"}, "declarations that no metadata needs"),
    ],
)
def test_what_cannot_work_is_refused_in_words(realm: Realm, owner: User, provider, words, said):
    page = set_up(realm, owner, **({"issuer": provider.issuer} | words))

    assert page.status_code == 422
    assert said in page.content.decode()
    assert not SignOn.objects.filter(is_enabled=True).exists()


def test_an_issuer_that_says_another_name_is_refused(realm: Realm, owner: User, provider):
    asked = provider.issuer
    provider.issuer = "https://other.example"

    page = set_up(realm, owner, issuer=asked)

    assert "The provider says that its issuer is https://other.example." in page.content.decode()


def test_a_domain_is_proven_by_a_text_on_its_web_server(realm: Realm, owner: User, provider, monkeypatch):
    set_up(realm, owner, issuer=provider.issuer, domains="elsewhere.example", is_enabled="")
    domain = SignOnDomain.objects.get()
    console = browser(owner)
    there = {"https://elsewhere.example/.well-known/scormcloud.txt": b"something else"}
    monkeypatch.setattr(sign_on, "read_page", there.__getitem__)
    address = reverse("realms:prove_domain", args=[realm.slug, domain.pk])

    console.post(address)
    domain.refresh_from_db()
    without = domain.proven
    there["https://elsewhere.example/.well-known/scormcloud.txt"] = f"\n{domain.sign_on.proof}\n".encode()
    console.post(address)
    domain.refresh_from_db()

    assert without is None
    assert domain.proven is not None


def test_a_domain_is_proven_for_one_realm(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    other = make.user()

    page = set_up(make.realm(other), other, issuer=provider.issuer)

    assert "Another realm has proven corp.example already." in page.content.decode()


def test_the_way_in_is_found_by_the_address(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer)
    client = browser()

    login = client.get("/accounts/login/").content.decode()
    found = client.post("/sso/", {"email": "Bob@CORP.example"})
    unknown = client.post("/sso/", {"email": "bob@elsewhere.example"})

    assert 'href="/sso/"' in login
    assert found["Location"] == f"/sso/{realm.slug}/"
    assert unknown.status_code == 422


# --- enforced ---------------------------------------------------------------------------------------------------------


def test_where_it_is_enforced_members_come_by_it_and_owners_by_password_too(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer, is_enforced="on")
    ada = make.member(realm, Role.AUTHOR, email="ada@corp.example")
    by_password = browser(ada)
    library = reverse("content:library", args=[realm.slug])

    sent = by_password.get(library)
    by_provider = browser()
    come(by_provider, realm)

    assert (sent.status_code, urlsplit(sent["Location"]).path) == (302, f"/sso/{realm.slug}/")
    assert by_provider.get(library).status_code == 200
    assert browser(owner).get(library).status_code == 200


# --- SAML -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def saml(settings) -> SamlProvider:
    settings.SSO_TRUSTED_DOMAINS = ["corp.example"]
    return SamlProvider()


def begin(client: Client, realm: Realm) -> str:
    """Where the browser is sent to with the request."""
    page = client.get(reverse("accounts:sign_on", args=[realm.slug]))
    return client.get(page.context["url"])["Location"]


def test_a_signed_saml_response_signs_in(realm: Realm, owner: User, saml: SamlProvider):
    answer = set_up(realm, owner, protocol="saml", metadata=saml.metadata())
    client = browser()
    location = begin(client, realm)

    page = client.post(f"/accounts/saml/{realm.slug}/acs/", saml.response(location, "ada@corp.example"), follow=True)

    assert answer.status_code == 302
    assert location.startswith(saml.sign_in_url)
    assert page.redirect_chain[-1][0] == f"/r/{realm.slug}/"
    assert page.status_code == 200
    assert roles(realm)["ada@corp.example"] == "author"
    assert AuditEntry.objects.get(action="people.join").details["by"] == "SAML 2.0"


def test_saml_that_is_forged_changed_replayed_or_of_others_signs_nobody_in(
    realm: Realm, owner: User, saml: SamlProvider
):
    set_up(realm, owner, protocol="saml", metadata=saml.metadata())
    acs = f"/accounts/saml/{realm.slug}/acs/"
    pages = {}

    def post(name: str, client: Client, words: dict[str, str]) -> None:
        client.post(acs, words, follow=True)
        pages[name] = client.get("/settings/").status_code

    client = browser()
    post("another's key", client, SamlProvider().response(begin(client, realm), "ada@corp.example"))
    client = browser()
    words = saml.response(begin(client, realm), "ada@corp.example")
    changed = base64.b64decode(words["SAMLResponse"]).replace(b"ada@corp", b"bob@corp")
    post("changed", client, words | {"SAMLResponse": base64.b64encode(changed).decode()})
    client = browser()
    post("another domain", client, saml.response(begin(client, realm), "ada@elsewhere.example"))
    client = browser()
    used = saml.response(begin(client, realm), "ada@corp.example")
    post("right", client, used)
    post("replayed elsewhere", browser(), used)
    post("no XML", browser(), {"SAMLResponse": "x"})

    assert pages == {
        "another's key": 302,
        "changed": 302,
        "another domain": 302,
        "right": 200,
        "replayed elsewhere": 302,
        "no XML": 302,
    }


def test_the_metadata_for_the_provider_is_valid(realm: Realm, owner: User, saml: SamlProvider):
    set_up(realm, owner, protocol="saml", metadata=saml.metadata())

    page = browser().get(f"/accounts/saml/{realm.slug}/metadata/")

    assert page.status_code == 200
    assert f"/accounts/saml/{realm.slug}/acs/" in page.content.decode()


# --- when the provider changes ----------------------------------------------------------------------------------------


def signs_in(realm: Realm, by: SamlProvider, email: str = "ada@corp.example") -> bool:
    client = browser()
    client.post(f"/accounts/saml/{realm.slug}/acs/", by.response(begin(client, realm), email), follow=True)
    return client.get("/settings/").status_code == 200


def renew(realm: Realm, owner: User) -> str:
    """What the page says then."""
    address = reverse("realms:renew_sign_on", args=[realm.slug])
    return " ".join(map(str, browser(owner).post(address, follow=True).context["messages"]))


def test_who_signs_with_either_certificate_of_the_metadata_is_let_in(realm: Realm, owner: User, saml: SamlProvider):
    new = SamlProvider()
    set_up(realm, owner, protocol="saml", metadata=saml.metadata(new))

    assert [signs_in(realm, each) for each in (saml, new, SamlProvider())] == [True, True, False]


def test_a_new_certificate_is_read_from_the_address_of_the_metadata(realm: Realm, owner: User, saml, provider):
    provider.metadata = saml.metadata()
    set_up(realm, owner, protocol="saml", metadata_url=f"{provider.issuer}/metadata")
    new = SamlProvider()
    provider.metadata = new.metadata()
    before = [signs_in(realm, saml), signs_in(realm, new)]

    said = [renew(realm, owner), renew(realm, owner)]

    assert before == [True, False]
    assert [signs_in(realm, saml), signs_in(realm, new)] == [False, True]
    assert said == [
        "What is new in the metadata is kept: it holds from the next sign-in on.",
        "The metadata is as it was.",
    ]
    told = AuditEntry.objects.get(action="sign_on.renew")
    fingerprints = [sign_on.facts_of(each.certificate).fingerprint for each in (saml, new)]
    assert told.details == {"certificates": fingerprints}
    page = browser(owner).get(reverse("realms:sign_on", args=[realm.slug])).content.decode()
    assert [each in page for each in fingerprints] == [False, True]


def test_metadata_of_another_provider_or_none_changes_nothing(realm: Realm, owner: User, saml, provider):
    provider.metadata = saml.metadata()
    set_up(realm, owner, protocol="saml", metadata_url=f"{provider.issuer}/metadata")
    said = []
    for metadata in (SamlProvider().metadata().replace("idp.corp", "idp.evil"), "<x/>", None):
        provider.metadata = metadata
        said.append(renew(realm, owner))

    assert "of another provider now: https://idp.evil.example/metadata" in said[0]
    assert "no metadata of a SAML identity provider" in said[1]
    assert "cannot be read" in said[2]
    assert signs_in(realm, saml)


def test_new_metadata_is_pasted_where_there_is_no_address_or_it_fails(realm: Realm, owner: User, saml, provider):
    provider.metadata = saml.metadata()
    url = f"{provider.issuer}/metadata"
    set_up(realm, owner, protocol="saml", metadata_url=url)
    provider.metadata, new = None, SamlProvider()

    page = set_up(realm, owner, protocol="saml", metadata_url=url, metadata=new.metadata())

    assert page.status_code == 302
    assert [signs_in(realm, saml), signs_in(realm, new)] == [False, True]
    assert SignOn.objects.get().metadata_url == url


@pytest.mark.parametrize("protocol", ["oidc", "saml"])
def test_owners_switch_off_what_is_enforced_while_the_provider_fails(
    realm: Realm, owner: User, saml, provider, protocol
):
    with open_id_provider() as gone:
        gone.metadata = saml.metadata()
        words = {"protocol": protocol, "issuer": gone.issuer, "metadata_url": f"{gone.issuer}/metadata"}
        set_up(realm, owner, **words, is_enforced="on")
        was = SignOn.objects.get().is_enforced

    page = set_up(realm, owner, **words, secret="", is_enabled="")

    assert (was, page.status_code) == (True, 302)
    assert not SignOn.objects.get().is_enabled


def test_a_provider_that_fails_is_not_switched_on(realm: Realm, owner: User, provider):
    set_up(realm, owner, issuer=provider.issuer, is_enabled="")
    asked = provider.issuer
    provider.issuer = "https://other.example"

    page = set_up(realm, owner, issuer=asked)

    assert "The provider says that its issuer is https://other.example." in page.content.decode()


def test_who_has_the_number_of_another_at_the_provider_before_is_not_taken_for_them(realm, owner, provider, saml):
    set_up(realm, owner, issuer=provider.issuer)
    come(browser(), realm)  # ada, whose number is 1
    set_up(realm, owner, protocol="saml", metadata=saml.metadata())
    client = browser()

    page = client.post(
        f"/accounts/saml/{realm.slug}/acs/", saml.response(begin(client, realm), "bob@corp.example", "1"), follow=True
    )

    assert page.status_code == 200
    assert page.context["user"].email == "bob@corp.example"
    assert SocialAccount.objects.get().user.email == "bob@corp.example"
