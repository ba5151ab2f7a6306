"""Signing up, in the browser and on the command line."""

import json
import threading
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from accounts import services
from accounts.forms import SignUpForm
from accounts.models import User
from realms.models import Application, Credential, Membership, Realm
from realms.services import hash_secret, open_default_realm
from tests import make

FORM = {
    "first_name": "Mira",
    "last_name": "Vos",
    "email": "Mira@Example.com",
    "password1": "correct horse battery staple",
}


def sign_up(client, **changes):
    return client.post("/accounts/signup/", FORM | changes)


@pytest.fixture
def mandatory(settings):
    """Production's rule: nobody gets in before the address is verified."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.mark.django_db
def test_a_sign_up_makes_the_realm_and_its_two_applications(client):
    response = sign_up(client)

    user = User.objects.get()
    realm = Realm.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("mira@example.com", "Mira", "Vos")
    assert (realm.default_of, realm.plan.name) == (user, "Trial")
    assert list(Membership.objects.values_list("realm", "user", "role")) == [(realm.pk, user.pk, "owner")]
    assert list(Application.objects.order_by("pk").values_list("realm", "name", "is_internal")) == [
        (realm.pk, "SCORM Cloud", True),
        (realm.pk, "Initial Application for Mira Vos", False),
    ]
    assert Credential.objects.count() == 0  # nobody would have seen them
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/")["Location"] == f"/r/{realm.slug}/"


@pytest.mark.django_db
def test_the_realm_is_made_once_however_often_it_is_asked_for(client):
    sign_up(client)
    user = User.objects.get()

    again = [open_default_realm(user), services.sign_up(lambda: user)]

    assert again == [None, user]
    assert (Realm.objects.count(), Application.objects.count(), Membership.objects.count()) == (1, 2, 1)


@pytest.mark.django_db
def test_a_sign_up_that_fails_half_way_leaves_nothing(client, monkeypatch):
    monkeypatch.setattr("realms.models.BillingPlan.objects", Realm.objects.none())  # no plan: the realm cannot be made

    with pytest.raises(Exception):  # noqa: B017
        sign_up(client)

    assert (User.objects.count(), EmailAddress.objects.count(), Realm.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("verification", ["mandatory", "optional"])
def test_the_second_of_two_sign_ups_at_once_makes_nothing(rf, settings, verification):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    request = rf.post("/accounts/signup/", FORM)
    SessionMiddleware(lambda request: HttpResponse()).process_request(request)
    MessageMiddleware(lambda request: HttpResponse()).process_request(request)
    request.user = AnonymousUser()
    with request_context(request):
        form = SignUpForm(FORM)
        assert form.is_valid()
        make.user(FORM["email"])  # the first is quicker

        user, response = form.try_save(request)

    assert (user, response["Location"]) == (None, "/accounts/confirm-email/")
    assert (User.objects.count(), Realm.objects.count()) == (1, 0)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads would share one in-memory database")
@pytest.mark.django_db(transaction=True)
def test_sign_ups_at_the_same_time_make_one_account(mandatory):
    barrier = threading.Barrier(3)
    answers = []

    def send():
        client = Client()
        client.get("/accounts/signup/")
        barrier.wait()
        answers.append(sign_up(client)["Location"])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert answers == ["/accounts/confirm-email/"] * 3
    assert (User.objects.count(), Realm.objects.count(), Application.objects.count()) == (1, 1, 2)


@pytest.mark.django_db
def test_a_known_address_is_answered_like_a_new_one(client, mandatory):
    make.user("known@example.com")

    answers = [sign_up(Client(), email=email) for email in ("known@example.com", "new@example.com")]

    assert [(each.status_code, each["Location"]) for each in answers] == [(302, "/accounts/confirm-email/")] * 2
    assert sorted((each.to[0], each.subject) for each in mail.outbox) == [
        ("known@example.com", "Account Already Exists"),
        ("new@example.com", "Please Confirm Your Email Address"),
    ]


@pytest.mark.django_db
def test_no_page_says_that_an_address_is_taken_where_verification_is_optional(client):
    make.user("known@example.com")

    answer = client.post("/accounts/signup/", FORM | {"email": "Known@example.com"}, follow=True)

    assert answer.redirect_chain == [("/accounts/confirm-email/", 302)]
    assert "already" not in answer.content.decode()
    assert [(each.to[0], each.subject) for each in mail.outbox] == [("known@example.com", "Account Already Exists")]
    assert (User.objects.count(), Realm.objects.count()) == (1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/password/reset/"])
def test_a_password_reset_tells_nobody_who_has_an_account(path):
    make.user("known@example.com")

    answers = [Client().post(path, {"email": email}) for email in ("known@example.com", "nobody@example.com")]

    assert [(each.status_code, each["Location"]) for each in answers] == [(302, "/accounts/password/reset/done/")] * 2


@pytest.mark.django_db
def test_signing_in_with_a_wrong_password_or_a_wrong_address_looks_the_same():
    make.user("known@example.com")

    pages = [
        Client().post("/accounts/login/", {"login": email, "password": "wrong"}).context["form"].errors
        for email in ("known@example.com", "nobody@example.com")
    ]

    assert pages[0] == pages[1] == {"__all__": ["The email address and/or password you specified are not correct."]}


@pytest.mark.django_db
def test_tries_to_sign_in_are_limited():
    make.user("known@example.com")

    pages = [Client().post("/accounts/login/", {"login": "known@example.com", "password": "wrong"}) for _ in range(6)]

    assert [page.context["form"].errors["__all__"][0] for page in pages] == [
        *["The email address and/or password you specified are not correct."] * 5,
        "Too many failed login attempts. Try again later.",
    ]
    right = Client().post("/accounts/login/", {"login": "known@example.com", "password": make.PASSWORD})
    assert right.status_code == 200  # even the right password must wait


@pytest.mark.django_db
def test_verification_in_production_comes_before_the_first_sign_in(client, mandatory):
    sign_up(client)
    link = mail.outbox[0].body.split("http://localhost:8000")[1].split()[0]
    refused = Client().post("/accounts/login/", {"login": FORM["email"], "password": FORM["password1"]})
    before = EmailAddress.objects.get().verified

    confirmed = client.post(link)

    assert (refused["Location"], before) == ("/accounts/confirm-email/", False)
    assert (confirmed.status_code, EmailAddress.objects.get().verified) == (302, True)
    allowed = Client().post("/accounts/login/", {"login": FORM["email"], "password": FORM["password1"]})
    assert allowed["Location"] == "/"


@pytest.mark.django_db
def test_links_in_mails_are_on_the_console_origin_whatever_the_request_says(client):
    make.user("known@example.com")

    client.post("/accounts/password/reset/", {"email": "known@example.com"}, headers={"host": "localhost:6666"})

    assert "http://localhost:8000/accounts/password/reset/key/" in mail.outbox[0].body
    assert "6666" not in mail.outbox[0].body


@pytest.mark.django_db
def test_the_welcome_mail_goes_out_once_after_the_commit(client, settings, django_capture_on_commit_callbacks):
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    with django_capture_on_commit_callbacks() as callbacks:
        sign_up(client)
        before = len(mail.outbox)
    for callback in callbacks:
        callback()

    welcome = mail.outbox[0]
    add, dashboard = (f"http://localhost:8000/r/{Realm.objects.get().slug}/{page}" for page in ("add/", ""))
    html = welcome.alternatives[0].content
    assert (before, len(mail.outbox), welcome.to) == (0, 1, ["mira@example.com"])
    assert welcome.subject == "Welcome to SCORM Cloud"
    assert [f"{add}\n" in welcome.body, f"{dashboard}\n" in welcome.body] == [True, True]
    assert [f'href="{add}"' in html, f'href="{dashboard}"' in html] == [True, True]


@pytest.mark.django_db
def test_a_link_followed_while_signed_out_leads_there_after_sign_in(client):
    owner = make.user("known@example.com")
    add = f"/r/{make.realm(owner).slug}/add/"

    login = client.get(add)["Location"]
    response = client.post(login, {"login": "known@example.com", "password": make.PASSWORD, "next": add})

    assert (login, response["Location"]) == (f"/accounts/login/?next={add}", add)


@pytest.mark.django_db
def test_create_account_prints_nothing_but_json_where_mails_are_printed_too(
    settings, tmp_path, capsys, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "accounts.mailbox.EmailBackend", tmp_path

    with django_capture_on_commit_callbacks(execute=True):
        call_command("create_account", "ops@example.com", password=FORM["password1"], first_name="Ops", last_name="One")

    printed = capsys.readouterr()
    assert set(json.loads(printed.out)) == {"realm", "applications"}
    assert "Mail to ops@example.com: Welcome to SCORM Cloud" in printed.err


@pytest.mark.django_db
def test_create_account_prints_the_realm_and_a_key_for_each_application():
    output = StringIO()

    call_command(
        "create_account",
        "ops@example.com",
        password=FORM["password1"],
        first_name="Ops",
        last_name="One",
        stdout=output,
    )

    made = json.loads(output.getvalue())
    realm = Realm.objects.get()
    assert made["realm"] == {"id": realm.slug, "name": "Ops's realm"}
    assert [each["name"] for each in made["applications"]] == ["SCORM Cloud", "Initial Application for Ops One"]
    assert {(each["id"], hash_secret(each["secret"])) for each in made["applications"]} == set(
        Credential.objects.values_list("application__app_id", "key_hash")
    )
    assert EmailAddress.objects.values_list("email", "verified", "primary").get() == ("ops@example.com", True, True)
    assert User.objects.get().check_password(FORM["password1"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("known@example.com", "correct horse battery staple", "There is an account for known@example.com already."),
        ("KNOWN@example.com", "correct horse battery staple", "There is an account for KNOWN@example.com already."),
        ("new@example.com", "short", "This password is too short. It must contain at least 8 characters."),
        ("no address", "correct horse battery staple", "Enter a valid email address."),
    ],
)
def test_create_account_refuses_in_one_line(email, password, message):
    make.user("known@example.com")

    with pytest.raises(CommandError) as refused:
        call_command("create_account", email, password=password, first_name="A", last_name="B")

    assert str(refused.value) == message
    assert (User.objects.count(), Realm.objects.count()) == (1, 0)
