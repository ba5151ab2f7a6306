"""People of a realm: invited by a link, joined with or without an account, changed, removed; never without an owner."""

import re
from datetime import timedelta
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from realms import audit, ownership, people
from realms.access import RIGHTS, Right
from realms.models import AuditEntry, Invitation, Membership, Realm, Role, SignOn
from tests import make
from tests.at_once import all_at_once
from tests.lrs.test_at_once import on_postgresql

pytestmark = pytest.mark.django_db
SIGN_UP = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "password1": make.PASSWORD}


def browser(of: User | None = None) -> Client:
    client = Client()
    if of is not None:
        client.force_login(of)
    return client


@pytest.fixture
def owner() -> User:
    return make.user("owner@example.com", first_name="Olga", last_name="Owner")


@pytest.fixture
def realm(owner: User) -> Realm:
    return make.realm(owner)


@pytest.fixture
def invite(realm: Realm, owner: User, django_capture_on_commit_callbacks):
    """Invite somebody on the page; the path of the link in the mail."""

    def send(email: str = "ada@example.com", role: str = "author", **more: str) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            answer = browser(owner).post(
                reverse("realms:invite", args=[realm.slug]), {"emails": email, "role": role, **more}
            )
        assert answer.status_code == 302, answer.content.decode()
        return link()

    return send


def link() -> str:
    """The path of the link in the newest mail."""
    return re.search(r"http://localhost:\d+(/invitations/\S+)", mail.outbox[-1].body)[1]


def roles(realm: Realm) -> dict[str, str]:
    return dict(Membership.objects.filter(realm=realm).values_list("user__email", "role"))


def told() -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.order_by("pk").values_list("actor", "action", "target_text")
    return [tuple(row) for row in rows]


# --- invitations ------------------------------------------------------------------------------------------------------


def test_an_invitation_is_a_mail_with_a_link_in_text_and_html(realm: Realm, invite):
    path = invite()

    message = mail.outbox[0]
    html = message.alternatives[0][0]
    assert (message.to, message.subject) == (["ada@example.com"], "Invitation to Olga's realm")
    assert "Olga Owner invites you to the realm Olga's realm on SCORM Cloud." in message.body
    assert path in unescape(html)
    assert "Your role there: Author." in html
    assert told() == [("owner@example.com", "people.invite", "ada@example.com")]


def test_whoever_has_no_account_signs_up_by_the_link_and_is_a_member_at_once(realm: Realm, invite, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    path = invite()
    client = browser()

    page = client.get(path).content.decode()
    to_sign_up = client.post(f"{path}sign-up/")
    form = client.get(to_sign_up["Location"])
    answer = client.post(to_sign_up["Location"], SIGN_UP, follow=True)

    assert "Create an account" in page
    assert 'value="ada@example.com"' in form.content.decode()
    assert roles(realm) == {"owner@example.com": "owner", "ada@example.com": "author"}
    assert EmailAddress.objects.get(email="ada@example.com").verified
    assert not Realm.objects.filter(default_of__email="ada@example.com").exists()
    assert answer.redirect_chain[-1][0] == f"/r/{realm.slug}/"
    assert answer.status_code == 200
    assert told()[-1] == ("ada@example.com", "people.join", "ada@example.com")


def test_a_sign_up_with_another_address_answers_no_invitation(realm: Realm, invite, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    path = invite()
    client = browser()

    to_sign_up = client.post(f"{path}sign-up/")
    client.post(to_sign_up["Location"], SIGN_UP | {"email": "eve@example.com"})

    assert roles(realm) == {"owner@example.com": "owner"}
    assert not EmailAddress.objects.get(email="eve@example.com").verified


def test_whoever_has_an_account_signs_in_and_joins(realm: Realm, invite):
    ada = make.user("ada@example.com")
    path = invite(role="support")
    client = browser()

    page = client.get(path).content.decode()
    client.force_login(ada)
    asked = client.get(path).content.decode()
    joined = client.post(f"{path}accept/")
    again = client.get(path)

    assert "There is an account for this address." in page
    assert "Join</button>" in asked
    assert (joined.status_code, joined["Location"]) == (302, f"/r/{realm.slug}/")
    assert roles(realm)["ada@example.com"] == "support"
    assert again["Location"] == f"/r/{realm.slug}/"
    assert EmailAddress.objects.get(user=ada).verified


def test_the_wrong_account_is_told_so_and_joins_nothing(realm: Realm, invite):
    path = invite()
    client = browser(make.user("eve@example.com"))

    page = client.get(path)
    forced = client.post(f"{path}accept/")

    assert "You are signed in as eve@example.com, but the invitation is for ada@example.com." in page.content.decode()
    assert forced["Location"] == path
    assert "eve@example.com" not in roles(realm)


def test_a_link_that_was_sent_again_revoked_or_is_too_old_opens_nothing(
    realm: Realm, owner: User, invite, django_capture_on_commit_callbacks
):
    first = invite()
    invitation = Invitation.objects.get()
    console, ada = browser(owner), browser(make.user("ada@example.com"))
    again = reverse("realms:resend_invitation", args=[realm.slug, invitation.pk])

    console.post(again)
    mails_too_soon = len(mail.outbox)
    Invitation.objects.update(sent=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        console.post(again)
    second = link()
    older = ada.get(first)
    Invitation.objects.update(expires=timezone.now() - timedelta(seconds=1))
    expired = ada.post(f"{second}accept/")
    Invitation.objects.update(expires=timezone.now() + timedelta(days=1))
    console.post(reverse("realms:revoke_invitation", args=[realm.slug, invitation.pk]))
    revoked = ada.post(f"{second}accept/")
    spoilt = ada.get("/invitations/abc/")

    assert mails_too_soon == 1
    assert [page.status_code for page in (older, expired, revoked, spoilt)] == [410] * 4
    words = [unescape(page.content.decode()) for page in (older, expired, revoked, spoilt)]
    assert "A newer invitation was sent to you." in words[0]
    assert "This invitation has expired." in words[1]
    assert "This invitation was revoked." in words[2]
    assert "This invitation link is not complete." in words[3]
    assert "ada@example.com" not in roles(realm)


def test_an_invitation_is_accepted_once_and_takes_no_role_away(realm: Realm, owner: User, invite):
    path = invite(role="learner")
    ada = make.user("ada@example.com")
    Membership.objects.create(realm=realm, user=ada, role=Role.ADMINISTRATOR)
    client = browser(ada)

    first, second = client.post(f"{path}accept/"), client.post(f"{path}accept/")

    assert (first.status_code, second.status_code) == (302, 410)
    assert roles(realm)["ada@example.com"] == "administrator"


def test_an_invitation_can_hold_a_role_in_an_application(realm: Realm, invite):
    application = make.application(realm)
    ada = make.user("ada@example.com")
    path = invite(role="learner", application=application.app_id, application_role="support")

    browser(ada).post(f"{path}accept/")

    membership = Membership.objects.get(realm=realm, user=ada)
    assert membership.role == "learner"
    assert list(membership.application_roles.values_list("application", "role")) == [(application.pk, "support")]


@pytest.mark.parametrize(
    ("emails", "words"),
    [
        ("", "This field is required."),
        ("ada@example.com, nonsense", "These are no e-mail addresses: nonsense."),
        (" ".join(f"a{number}@example.com" for number in range(51)), "Give from 1 to 50 addresses at once."),
        ("owner@example.com", "Already members: owner@example.com."),
        ("asked@example.com new@example.com", "Already invited: asked@example.com."),
    ],
)
def test_addresses_that_cannot_be_invited_are_told_and_nobody_is(realm: Realm, owner: User, invite, emails, words):
    invite("asked@example.com")

    page = browser(owner).post(reverse("realms:invite", args=[realm.slug]), {"emails": emails, "role": "author"})

    assert page.status_code == 422
    assert words in unescape(page.content.decode())
    assert list(Invitation.objects.values_list("email", flat=True)) == ["asked@example.com"]


def test_administrators_make_no_owner_and_touch_none(realm: Realm, owner: User):
    colleague = make.colleague(realm)
    console = browser(colleague)
    owners = Membership.objects.get(realm=realm, user=owner)
    own = Membership.objects.get(realm=realm, user=colleague)

    console.post(reverse("realms:invite", args=[realm.slug]), {"emails": "ada@example.com", "role": "owner"})
    console.post(reverse("realms:person", args=[realm.slug, own.pk]), {"role": "owner"})
    console.post(reverse("realms:person", args=[realm.slug, owners.pk]), {"role": "learner"})
    console.post(reverse("realms:remove_person", args=[realm.slug, owners.pk]))

    assert Invitation.objects.count() == 0
    assert roles(realm) == {owner.email: "owner", colleague.email: "administrator"}


# --- members ----------------------------------------------------------------------------------------------------------


def test_a_role_is_changed_and_a_person_removed_and_access_ends_at_once(realm: Realm, owner: User):
    colleague = make.colleague(realm, email="bob@example.com")
    member = Membership.objects.get(user=colleague)
    console, theirs = browser(owner), browser(colleague)
    library = reverse("content:library", args=[realm.slug])

    before = theirs.get(library).status_code
    console.post(reverse("realms:person", args=[realm.slug, member.pk]), {"role": "learner"})
    as_learner = theirs.get(library).status_code
    console.post(reverse("realms:remove_person", args=[realm.slug, member.pk]))
    removed = theirs.get(library).status_code

    assert (before, as_learner, removed) == (200, 403, 404)
    assert told() == [
        ("owner@example.com", "people.role", "bob@example.com"),
        ("owner@example.com", "people.remove", "bob@example.com"),
    ]
    assert AuditEntry.objects.get(action="people.role").details == {"role": ["administrator", "learner"]}


def test_whoever_is_removed_or_trusted_less_comes_back_by_no_invitation_of_their_own(
    realm: Realm, owner: User, django_capture_on_commit_callbacks
):
    second, colleague = make.member(realm, Role.OWNER), make.colleague(realm)
    for person, role in ((second, "owner"), (second, "author"), (colleague, "administrator"), (owner, "support")):
        address = {"emails": f"{role}@elsewhere.example", "role": role}
        browser(person).post(reverse("realms:invite", args=[realm.slug]), address)
    of_second, of_colleague = (Membership.objects.get(realm=realm, user=each) for each in (second, colleague))
    console = browser(owner)

    def waiting() -> list[str]:
        return sorted(Invitation.objects.open().values_list("role", flat=True))

    before = waiting()
    console.post(reverse("realms:person", args=[realm.slug, of_second.pk]), {"role": "administrator"})
    as_administrator = waiting()
    console.post(reverse("realms:person", args=[realm.slug, of_second.pk]), {"role": "learner"})
    as_learner = waiting()
    console.post(reverse("realms:remove_person", args=[realm.slug, of_colleague.pk]))

    assert before == ["administrator", "author", "owner", "support"]
    assert as_administrator == ["administrator", "author", "support"]
    assert as_learner == ["administrator", "support"]
    assert waiting() == ["support"]
    assert AuditEntry.objects.filter(action="people.revoke", actor=owner.email).count() == 3


@pytest.mark.parametrize("leaves", [True, False])
def test_whoever_hands_a_realm_over_stays_no_owner_by_an_invitation(realm: Realm, owner: User, leaves: bool):
    to = Membership.objects.get(realm=realm, user=make.colleague(realm))
    for role in ("owner", "author"):
        address = {"emails": f"{role}@elsewhere.example", "role": role}
        browser(owner).post(reverse("realms:invite", args=[realm.slug]), address)

    ownership.transfer(realm, to, Membership.objects.get(realm=realm, user=owner), leaves=leaves)

    assert list(Invitation.objects.open().values_list("role", flat=True)) == ([] if leaves else ["author"])


def test_whoever_lost_the_right_since_the_request_came_changes_nobody(realm: Realm, owner: User):
    """What the view has read is old by then: the verbs look again, once they hold the realm."""
    colleague = make.colleague(realm)
    by = Membership.objects.get(realm=realm, user=colleague)
    member = Membership.objects.get(realm=realm, user=make.member(realm, Role.AUTHOR))
    asked = realm.invitations.create(email="a@example.com", role=Role.AUTHOR, nonce="x", expires=timezone.now())
    Membership.objects.filter(pk=by.pk).update(role=Role.LEARNER)

    for verb in (
        lambda: people.remove(None, by, member),
        lambda: people.change_role(None, by, member, Role.LEARNER),
        lambda: people.invite(None, by, ["ada@example.com"], Role.ADMINISTRATOR),
        lambda: people.resend(None, by, asked),
        lambda: people.revoke(None, by, asked),
    ):
        with pytest.raises(people.PeopleError, match="Your role does not allow this any more"):
            verb()
    assert set(people.MANAGERS) == {role for role in Role if Right.PEOPLE in RIGHTS[role]}


def test_who_is_removed_and_can_come_back_by_single_sign_on_is_told(realm: Realm, owner: User, settings):
    settings.SSO_TRUSTED_DOMAINS = ["corp.example"]
    held = SignOn.objects.create(realm=realm, is_enabled=True)
    held.domains.create(name="corp.example", proven=timezone.now())
    said = []
    for email in ("ada@corp.example", "ada@elsewhere.example"):
        member = Membership.objects.get(realm=realm, user=make.member(realm, Role.AUTHOR, email=email))
        page = browser(owner).post(reverse("realms:remove_person", args=[realm.slug, member.pk]), follow=True)
        said.append("comes back by single sign-on" in page.text)

    assert said == [True, False]


def test_the_last_owner_stays_owner(realm: Realm, owner: User):
    member = Membership.objects.get(realm=realm, user=owner)
    console = browser(owner)

    demoted = console.post(reverse("realms:person", args=[realm.slug, member.pk]), {"role": "learner"})
    left = console.post(reverse("realms:leave", args=[realm.slug]), follow=True)
    removed = console.post(reverse("realms:remove_person", args=[realm.slug, member.pk]), follow=True)

    assert demoted.status_code == 422
    assert "A realm has at least one owner." in demoted.content.decode()
    assert "A realm has at least one owner." in left.content.decode()
    assert "You cannot remove yourself." in removed.content.decode()
    assert roles(realm) == {owner.email: "owner"}


def test_one_of_two_owners_leaves(realm: Realm, owner: User):
    other = make.member(realm, Role.OWNER)

    browser(owner).post(reverse("realms:leave", args=[realm.slug]))

    assert roles(realm) == {other.email: "owner"}


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays():
    realm = make.realm()
    second = Membership.objects.get(realm=realm, user=make.member(realm, Role.OWNER))
    first = Membership.objects.exclude(pk=second.pk).get(realm=realm)

    wrong = all_at_once(lambda: people.leave(None, first), lambda: people.leave(None, second))

    assert wrong == ["PeopleError: A realm has at least one owner. Make somebody else an owner first."]
    assert Membership.objects.filter(realm=realm, role=Role.OWNER).count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_is_accepted_twice_at_once_makes_one_member():
    realm = make.realm()
    owner = Membership.objects.get(realm=realm)
    ada = make.user("ada@example.com")
    people.invite(None, owner, ["ada@example.com"], Role.AUTHOR)
    invitation = Invitation.objects.get()

    wrong = all_at_once(*[lambda: people.accept(None, invitation, ada)] * 2)

    assert wrong == ["InvitationError: This invitation has been accepted already."]
    assert roles(realm)["ada@example.com"] == "author"


def test_roles_in_applications_are_given_and_taken(realm: Realm, owner: User):
    application, management = make.application(realm), make.application(realm, is_management=True)
    member = Membership.objects.get(user=make.member(realm, Role.LEARNER))
    address = reverse("realms:set_application_roles", args=[realm.slug, member.pk])
    console = browser(owner)

    console.post(address, {f"in-{application.app_id}": "author", f"in-{management.app_id}": "administrator"})
    given = list(member.application_roles.values_list("application", "role"))
    console.post(address, {f"in-{application.app_id}": "owner"})
    unchanged = list(member.application_roles.values_list("application", "role"))
    console.post(address, {f"in-{application.app_id}": ""})

    assert given == unchanged == [(application.pk, "author")]
    assert member.application_roles.count() == 0
    assert [entry[1] for entry in told()] == ["people.application_role"] * 2


def test_the_list_of_people_is_searched_and_takes_the_same_queries(realm: Realm, owner: User):
    console = browser(owner)
    address = reverse("realms:people", args=[realm.slug])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            console.get(address)
        return len(captured)

    console.get(address)
    make.member(realm, Role.AUTHOR, email="mira@example.com", first_name="Mira")
    one = queries()
    for number in range(2):
        make.member(realm, Role.SUPPORT, email=f"s{number}@example.com")
    three = queries()
    found = console.get(address, {"q": "mira"}).context["page"].object_list
    by_role = console.get(address, {"role": "support"}).context["page"].object_list

    assert one == three
    assert [member.user.email for member in found] == ["mira@example.com"]
    assert [member.user.email for member in by_role] == ["s0@example.com", "s1@example.com"]


# --- the audit log ----------------------------------------------------------------------------------------------------


def test_the_log_is_filtered_by_who_what_when_and_application(realm: Realm, owner: User):
    application = make.application(realm)
    other = make.user("other@example.com")
    audit.record(owner, "realm.rename", realm=realm, target=realm)
    audit.record(other, "key.create", realm=realm, application=application, target="Moodle")
    old = audit.record(owner, "key.delete", realm=realm, application=application)
    AuditEntry.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(days=10))
    audit.record(other, "key.create", realm=make.realm(other))
    console = browser(owner)
    address = reverse("realms:audit", args=[realm.slug])
    today = timezone.now().date().isoformat()

    def found(**asked: str) -> list[str]:
        return [row["entry"].action for row in console.get(address, asked).context["rows"]]

    assert found() == ["key.create", "realm.rename", "key.delete"]
    assert found(actor="owner@example.com") == ["realm.rename", "key.delete"]
    assert found(action="key.create") == ["key.create"]
    assert found(application=application.app_id) == ["key.create", "key.delete"]
    assert found(since=today) == ["key.create", "realm.rename"]
    assert found(until=(timezone.now() - timedelta(days=5)).date().isoformat()) == ["key.delete"]
    assert found(since="nonsense", before="nonsense") == ["key.create", "realm.rename", "key.delete"]


def test_the_log_is_paged_without_a_gap_and_with_the_same_queries(realm: Realm, owner: User):
    console = browser(owner)
    address = reverse("realms:audit", args=[realm.slug])
    moment = timezone.now()

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            console.get(path)
        return len(captured)

    audit.record(owner, "realm.rename", realm=realm)
    console.get(address)
    one = queries(address)
    for number in range(119):
        audit.record(owner, "realm.rename", realm=realm, target=str(number))
    AuditEntry.objects.update(created=moment)  # all at one moment: the number decides
    seen, path = [], address
    while path:
        page = console.get(path)
        seen += [row["entry"].pk for row in page.context["rows"]]
        path = f"{address}?before={page.context['older'].replace('+', '%2B')}" if page.context["older"] else ""

    assert seen == sorted(AuditEntry.objects.values_list("pk", flat=True), reverse=True)
    assert queries(address) == one


def test_the_log_is_exported_as_it_is_filtered(realm: Realm, owner: User):
    audit.record(owner, "realm.rename", realm=realm, target="=1+1", details={"name": ["a", "b"]})
    audit.record(owner, "key.create", realm=realm)

    answer = browser(owner).get(reverse("realms:audit_csv", args=[realm.slug]), {"action": "realm.rename"})

    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("When (UTC),Who,Name,Done for them by,Code of the action,Action,")
    assert "owner@example.com,Olga Owner,,realm.rename,Realm renamed,,,'=1+1" in lines[1]
    assert '"{""name"": [""a"", ""b""]}"' in lines[1]
    assert AuditEntry.objects.latest("pk").action == "audit.export"
