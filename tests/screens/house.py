"""The realm that is pictured, made in an empty data directory; says as JSON where its pages are.

A process of its own (`python -m tests.screens.house`), run before the product starts there. Dates count from now, all
else is the same each time.
"""

import json
import sys
from dataclasses import asdict
from urllib.parse import urlsplit

import django

django.setup()

from allauth.account.forms import default_token_generator  # noqa: E402
from allauth.account.models import EmailConfirmationHMAC  # noqa: E402
from allauth.account.utils import user_pk_to_url_str  # noqa: E402
from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from accounts import onboarding  # noqa: E402
from accounts.mailbox import mails  # noqa: E402
from accounts.models import User  # noqa: E402
from content.models import Course  # noqa: E402
from realms.administration import site  # noqa: E402
from realms.models import Realm  # noqa: E402
from registrations.links import launch_url, preview_url  # noqa: E402
from standards.structure import Learner  # noqa: E402

from .beside import fill_account, fill_rest, fill_statements, fill_webhooks  # noqa: E402
from .library import fill_imports, fill_library  # noqa: E402
from .people import hire, open_applications, open_house  # noqa: E402
from .results import fill_registrations, sandbox  # noqa: E402
from .routes import ELSEWHERE, Route, address, routes  # noqa: E402
from .things import LEARNER, OWNER, House, Page  # noqa: E402

NOBODY = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "accounts:invitation",
    "accounts:find_sign_on",
    "accounts:sign_on",
    "accounts:unsubscribe",
}
WHO = {
    "registrations:mine": "learner",
    "registrations:my_results": "learner",
    "mfa_authenticate": "careful",
    "realms:closed": "owner",
}


def who(route: Route) -> str:
    return "staff" if route.is_of_staff else "nobody" if route.name in NOBODY else WHO.get(route.name, "owner")


def admin_things() -> dict[str, object]:
    """Of each kind of row that staff see, the newest."""
    meant = {Realm: Realm.objects.filter(slug="harbour"), User: User.objects.filter(email=OWNER)}
    found = {}
    for model in filter(site.is_registered, apps.get_models()):
        if row := meant.get(model, model._default_manager).order_by("-pk").first():
            place = f"{model._meta.app_label}/{model._meta.model_name}"
            found |= {f"{place}/<path:object_id>": row.pk, f"{place}/<int:pk>": row.pk}
    return found


def whole_addresses(realm: Realm, owner: User) -> dict[str, str]:
    """Of the routes that an id alone does not fill."""
    address_row = User.objects.get(email=LEARNER).emailaddress_set.create(email="countess@harbour.example")
    mail = next(each for each in mails() if each.html)
    reset = f"/accounts/password/reset/key/{user_pk_to_url_str(owner)}-{default_token_generator.make_token(owner)}/"
    return {
        "account_confirm_email": f"/accounts/confirm-email/{EmailConfirmationHMAC(address_row).key}/",
        "account_reset_password_from_key": reset,
        "accounts:mail": f"/mail/{mail.name}/",
        "accounts:mail_html": f"/mail/{mail.name}/html/",
        "accounts:sign_on": f"/sso/{realm.slug}/",
        "accounts:unsubscribe": urlsplit(onboarding.unsubscribe_url(owner)).path,
        "admin:app_list": "/site/realms/",
        "admin:view_on_site": "/site/r/1/1/",
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    house = House()
    realm, owner, little = open_house()
    lms = open_applications(house, realm)
    hire(house, realm, owner, lms)
    courses = fill_library(house, realm, owner)
    fill_imports(house, realm, owner)
    fill_registrations(house, realm, courses)
    fill_webhooks(house, lms)
    fill_statements(lms, realm.applications.get(is_internal=True))
    fill_account(house, realm, little)
    fill_rest(house, realm, owner, courses)
    connection.close()
    house.things = {"<str:realm_slug>": realm.slug, "sso/<str:slug>": realm.slug, **house.things, **admin_things()}
    house.whole |= whole_addresses(realm, owner)
    house.more.append(Page("account-reset-password-from-key", house.whole["account_reset_password_from_key"], "nobody"))
    pages = [Page("player-" + name, path, "nobody", "content") for name, path in players(courses).items()]
    found = [
        Page(
            each.name.replace(":", "-").replace("_", "-"),
            address(each, house.things, house.whole),
            who(each),
            route=each.name,
        )
        for each in routes("config.urls_console")
        if each.name not in ELSEWHERE and "unnamed" not in each.name and not each.path.startswith("lrs/")
    ]
    json.dump({"pages": [asdict(each) for each in [*found, *house.more, *pages]]}, sys.stdout)


def players(courses: dict[str, Course]) -> dict[str, str]:
    """Launch links: the player with a menu, without, of a medium, of a preview, and one that opens nothing."""
    links = {
        "menu": launch_url(sandbox(courses["chapters"], "tim@harbour.example")),
        "lesson": launch_url(sandbox(courses["sample"], "lise@harbour.example")),
        "many-items": launch_url(sandbox(courses["large"], "tu@harbour.example")),
        "sequenced": launch_url(sandbox(courses["sequenced"], "tu@harbour.example")),
        "pdf": launch_url(sandbox(courses["pdf"], "tu@harbour.example")),
        "film": launch_url(sandbox(courses["film"], "tu@harbour.example")),
        "preview": preview_url(courses["sample"].current_version, Learner("p", "Pat", "Preview")),
        "problem": "http://x/launch/not-a-token/",
    }
    return {name: "/" + link.split("/", 3)[3] for name, link in links.items()}


if __name__ == "__main__":
    main()
