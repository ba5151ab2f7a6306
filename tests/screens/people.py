"""The realm that is pictured: its plan, people, applications and keys."""

from datetime import timedelta
from decimal import Decimal

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group

from accounts import services
from accounts.models import Impersonation, User
from lrs.models import Permission
from lrs.providers import put_provider
from realms import plans
from realms.models import Application, BillingPlan, Membership, Realm, Role, SignOn
from realms.people import token_of
from realms.services import add_credential, make_pens_key
from tests import make

from .things import CAREFUL, LEARNER, NOW, OWNER, STAFF, House, Page, ago


def open_house() -> tuple[Realm, User, BillingPlan]:
    little = BillingPlan.objects.create(
        name="Little",
        monthly_cost=Decimal(90),
        registration_limit=60,
        overage_price=Decimal("2.50"),
        storage_limit=40 * 10**9,
    )
    BillingPlan.objects.create(
        name="Large",
        monthly_cost=Decimal(450),
        registration_limit=1000,
        overage_price=Decimal("1.20"),
        storage_limit=100 * 10**9,
    )
    account = services.create_account(OWNER, make.PASSWORD, "Mira", "Vos")
    realm = account.realm
    Realm.objects.filter(pk=realm.pk).update(
        slug="harbour", name="Harbour Academy", billing_address="Harbour Academy GmbH\nKaistraße 7\n20457 Hamburg"
    )
    realm.refresh_from_db()
    for application, app_id in zip(realm.applications.order_by("pk"), ("CLOUD00001", "FIRST00001"), strict=True):
        Application.objects.filter(pk=application.pk).update(app_id=app_id)
    User.objects.filter(pk=account.user.pk).update(time_zone="Europe/Berlin")
    plans.change_plan(realm.pk, little, account.user)
    realm.refresh_from_db()
    return realm, account.user, little


def person(email: str, first: str, last: str) -> User:
    made = User.objects.create_user(email, make.PASSWORD, first_name=first, last_name=last, time_zone="Europe/Berlin")
    made.emailaddress_set.create(email=email, verified=True, primary=True)
    return made


def hire(house: House, realm: Realm, owner: User, lms: Application) -> None:
    """Members of each role, invitations in each state, and staff of the site."""
    for email, first, last, role in (
        ("noor@harbour.example", "Noor", "Haddad", Role.ADMINISTRATOR),
        ("tomasz@harbour.example", "Tomasz", "Zieliński", Role.AUTHOR),
        ("aiko@harbour.example", "Aiko", "Tanaka", Role.SUPPORT),
        (LEARNER, "Ada", "Lovelace", Role.LEARNER),
    ):
        member = Membership.objects.create(realm=realm, user=person(email, first, last), role=role)
        if role == Role.SUPPORT:
            member.application_roles.create(application=lms, role=Role.AUTHOR)
            house.things["people/<int:pk>"] = member.pk
    for index, (email, role) in enumerate(
        (
            ("jonas@harbour.example", Role.AUTHOR),
            ("priya@partner.example", Role.SUPPORT),
            ("late@partner.example", Role.LEARNER),
        )
    ):
        invitation = realm.invitations.create(
            email=email,
            role=role,
            nonce=f"nonce{index}",
            invited_by=owner,
            sent=ago(days=index * 9),
            expires=NOW + timedelta(days=14 - index * 9),
        )
        if not index:
            house.things |= {
                "people/invitations/<int:pk>": invitation.pk,
                "invitations/<str:token>": token_of(invitation),
            }
        else:
            house.more += [Page("invitation-expired", f"/invitations/{token_of(invitation)}/", "nobody")] * (index == 2)
    sign_on = SignOn.objects.create(
        realm=realm, issuer="https://login.harbour.example", client_id="scormcloud", is_enabled=True, secret=""
    )
    sign_on.domains.create(name="harbour.example", proven=ago(days=12))
    house.things["sign-on/domains/<int:pk>"] = sign_on.domains.create(name="academy.harbour.example").pk
    staff = User.objects.create_superuser(STAFF, make.PASSWORD, first_name="Sam", last_name="Staff")
    Impersonation.objects.create(
        staff=staff, user=owner, reason="Ticket 4711: imports fail", address="192.0.2.7", ended=ago(hours=1)
    )
    Group.objects.create(name="Help desk")
    careful = person(CAREFUL, "Iko", "Brandt")
    make.realm(careful)
    TOTP.activate(careful, generate_totp_secret())


def open_applications(house: House, realm: Realm) -> Application:
    lms = Application.objects.create(realm=realm, name="Moodle of the training department", app_id="MOODLE0001")
    Application.objects.create(realm=realm, name="Customer portal", app_id="PORTAL0001", allow_delete=False)
    Application.objects.create(realm=realm, name="App Management", app_id="MANAGE0001", is_management=True)
    for index, name in enumerate(("Production", "Staging", "Old server")):
        add_credential(lms, name, is_enabled=index < 2)
        lms.credentials.filter(name=name).update(
            created=ago(days=90 + index * 100),
            last_used=ago(hours=3 + 500 * index),
            ending=f"9x{index}Q",
            expires=NOW + timedelta(days=3) if index == 1 else None,
        )
    make_pens_key(lms)
    put_provider(lms, "player-key", "Video player", "a-secret-that-is-long-enough", Permission.values[0])
    provider, _ = put_provider(
        lms, "warehouse", "Learning warehouse (reads)", "a-secret-long-enough-2", Permission.values[-1]
    )
    house.things |= {
        "apps/<str:app_id>": lms.app_id,
        "apps/keys/<int:pk>": lms.credentials.get(name="Production").pk,
        "providers/<int:pk>": provider.pk,
    }
    return lms
