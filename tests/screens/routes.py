"""Every address of the URL configurations, with what it is about put in; those that are no pages are told apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

# These have no page of their own when they are asked plainly. Whatever else answers with none ends `make screens`.
ELSEWHERE = {
    "healthz": "for monitors: JSON",
    "accounts:mail_html": "stands in the page of its mail",
    "accounts:home": "leads to the dashboard",
    "account_confirm_login_code": "sign-in by a code is off",
    "account_set_password": "leads to changing it: everybody has one",
    "account_reset_password_from_key": "leads to itself without the key in the address; pictured by hand",
    "mfa_reauthenticate": "leads on: nobody here is asked for a code",
    "mfa_reauthenticate_webauthn": "leads on: nobody here has a passkey",
    "mfa_deactivate_totp": "there is none to deactivate",
    "mfa_view_recovery_codes": "there are none",
    "mfa_generate_recovery_codes": "there is nothing they would stand in for",
    "mfa_download_recovery_codes": "there are none",
    "mfa_remove_webauthn": "there is no passkey",
    "mfa_edit_webauthn": "there is no passkey",
    "saml_acs": "for identity providers",
    "saml_finish_acs": "for identity providers",
    "saml_sls": "for identity providers",
    "saml_metadata": "for identity providers: XML",
    "saml_login": "leads to an identity provider",
    "openid_connect_login": "leads to an identity provider",
    "openid_connect_callback": "for identity providers",
    "socialaccount_signup": "of a sign-on that is under way",
    "realms:closed": "of a realm that is closed; pictured by hand",
    "content:uploads": "for uploads: tus",
    "content:upload": "for uploads: tus",
    "mfa_activate_totp": "asks for the password first; pictured by hand",
    "mfa_add_webauthn": "asks for the password first; pictured by hand",
    "mfa_login_webauthn": "leads to the sign-in; for its script: JSON",
    "admin:password_change": "leads to the console's page",
    "admin:login": "leads to the console's sign-in",
    "admin:logout": "takes a form",
    "admin:view_on_site": "leads to the page of a row",
    "admin:autocomplete": "for scripts: JSON",
    "api:root": "the API",
    "api:realm_root": "the API",
}


@dataclass(frozen=True)
class Route:
    name: str  # with its namespace
    path: str  # as the URL configuration has it

    @property
    def is_of_staff(self) -> bool:
        return self.name.startswith("admin:")


def routes(urlconf: str) -> list[Route]:
    return list(_routes(get_resolver(urlconf), "", ""))


def _routes(resolver: URLResolver, above: str, namespace: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        path = above + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _routes(each, path, inner)
        elif isinstance(each, URLPattern):
            yield Route(f"{namespace}{each.name or 'unnamed'}", path)


class MissingThing(Exception):
    """A route is about something that the pictured realm does not have."""


def address(route: Route, things: Mapping[str, object], whole: Mapping[str, str]) -> str:
    """The route's path with ids in it: `whole` by the route's name, otherwise by what stands before each place."""
    if route.name in whole:
        return whole[route.name]
    path = "/" + route.path
    for place, value in things.items():
        path = path.replace(place, f"{place.partition('<')[0]}{value}")
    if set(path) & set("<^("):
        raise MissingThing(f"{route.name} ({route.path}) is about something that tests/screens/house.py does not make")
    return path
