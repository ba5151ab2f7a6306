"""Bearer tokens: asked for with a secret key, by either of two operations."""

from datetime import timedelta
from typing import Annotated

from django.utils import timezone
from ninja import Form
from pydantic import BaseModel, Field

from realms.models import Application

from .access import ApiRequest
from .errors import BadValue
from .sections import NO_TOKEN, Section
from .tokens import check_scopes, make_token
from .wire import MAX_INT, Moment, StringResultSchema, Wire

authentication = Section("Authentication", "")
tokens = Section("ApplicationManagement", "appmgmt")
EITHER = (False, True)


class TokenForm(BaseModel):
    """`scope` with spaces between; `expiration` in seconds."""

    scope: str
    expiration: Annotated[int, Field(ge=1, le=MAX_INT)] = 300


class ApplicationToken(BaseModel):
    """The names are OAuth's."""

    access_token: str
    expires_in: int
    token_type: str


class PermissionsSchema(Wire):
    """`applicationName`: id or name of the application that the token opens; without it, the one that asks."""

    scopes: list[str] = []
    application_name: str | None = None


class TokenRequestSchema(Wire):
    permissions: PermissionsSchema
    expiry: Moment


@authentication.post(
    "/oauth/authenticate/application/token",
    "getAppToken",
    ApplicationToken,
    kinds=EITHER,
    scopes=NO_TOKEN,
    accepts="application/x-www-form-urlencoded",
)
def get_app_token(request: ApiRequest, form: Form[TokenForm]) -> ApplicationToken:
    """A bearer token for the application that asks."""
    scopes = check_scopes(form.scope.split(), "scope")
    expires = timezone.now() + timedelta(seconds=form.expiration)
    token = make_token(request.application, request.caller.credential, scopes, expires)
    return ApplicationToken(access_token=token, expires_in=form.expiration, token_type="bearer")  # noqa: S106


@tokens.post("/appManagement/token", "createToken", StringResultSchema, kinds=EITHER, scopes=NO_TOKEN)
def create_token(request: ApiRequest, body: TokenRequestSchema) -> StringResultSchema:
    """A bearer token until a moment; the management application may ask for one of any application of the realm."""
    application = _opened(request, body.permissions.application_name or "")
    return StringResultSchema(
        result=make_token(application, request.caller.credential, body.permissions.scopes, body.expiry)
    )


def _opened(request: ApiRequest, name: str) -> Application:
    own = request.application
    if name in ("", own.app_id, own.name):
        return own
    if request.caller.is_management:
        of_realm = Application.objects.filter(realm=own.realm_id)
        found = of_realm.filter(app_id=name).first() or of_realm.filter(name=name).first()
        if found is not None:
            return found
    raise BadValue("applicationName", f"there is no application “{name[:100]}” that these credentials open.")
