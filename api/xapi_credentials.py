"""xAPI credentials: who else may write to and read from the application's record stores."""

from typing import ClassVar, Literal

from django.http import HttpResponse
from ninja import Query

from lrs import providers
from lrs.models import Credential, make_key
from realms import audit

from .access import ApiRequest
from .auditing import record
from .errors import BadValue, NotFound
from .paging import ListQuery, resume
from .sections import Section
from .wire import StringResultSchema, Wire

credentials = Section("Xapi", "xapicredential")


class XapiCredentialAuthTypeSchema(Wire):
    """BASICAUTH: the id and the secret open the stores. OAUTH: they get a bearer token, and only that opens them."""

    xapi_credential_auth_type: Literal["BASICAUTH", "OAUTH"] | None = None


class XapiCredentialPermissionsLevelSchema(Wire):
    """DEFAULT and ROOT: everything. USER: write, and read what it wrote itself. READONLY, WRITEONLY."""

    xapi_credential_permissions_level: Literal["DEFAULT", "USER", "ROOT", "READONLY", "WRITEONLY"] | None = None


class XapiCredentialPostSchema(Wire):
    """`secret`: of which only a digest is kept; ******** leaves the one there is."""

    name: str
    info: str | None = None
    secret: str
    is_enabled: bool
    auth: XapiCredentialAuthTypeSchema
    permissions_level: XapiCredentialPermissionsLevelSchema


class XapiCredentialSchema(Wire):
    """`id` is the user name. `secret` is ********: it is not kept."""

    id: str | None = None
    name: str
    info: str | None = None
    secret: str
    is_enabled: bool
    auth: XapiCredentialAuthTypeSchema
    permissions_level: XapiCredentialPermissionsLevelSchema


class XapiCredentialsListSchema(Wire):
    xapi_credentials: list[XapiCredentialSchema]
    more: str | None = None


class XapiCredentialQuery(ListQuery):
    columns: ClassVar = {"created": "created", "updated": "updated", "credential_id": "key"}

    filter_by: Literal["credential_id"] = "credential_id"
    order_by: Literal["updated_asc", "updated_desc", "created_asc", "created_desc"] = "updated_asc"


@credentials.post("/xapi/credentials", "createXapiCredential", StringResultSchema)
def create_xapi_credential(request: ApiRequest, body: XapiCredentialPostSchema) -> StringResultSchema:
    """A new credential; the answer is its id, the user name."""
    key = make_key()
    _put(request, key, body)
    return StringResultSchema(result=key)


@credentials.get("/xapi/credentials", "getXapiCredentials", XapiCredentialsListSchema)
def get_xapi_credentials(
    request: ApiRequest, query: Query[XapiCredentialQuery], response: HttpResponse
) -> XapiCredentialsListSchema:
    """The credentials of the application, a page at a time."""
    asked = resume("getXapiCredentials", request.caller, query)
    page = asked.page(Credential.objects.filter(application=request.application))
    page.count_in(response)
    return XapiCredentialsListSchema(xapi_credentials=[_told(each) for each in page.rows], more=page.more)


@credentials.get("/xapi/credentials/{xapi_credential_id}", "getXapiCredential", XapiCredentialSchema)
def get_xapi_credential(request: ApiRequest, xapi_credential_id: str) -> XapiCredentialSchema:
    """One credential, without its secret."""
    return _told(_credential(request, xapi_credential_id))


@credentials.put("/xapi/credentials/{xapi_credential_id}", "setXapiCredential")
def set_xapi_credential(request: ApiRequest, xapi_credential_id: str, body: XapiCredentialPostSchema) -> None:
    """Change a credential as a whole, or make one whose id the caller chooses."""
    _put(request, xapi_credential_id, body)


@credentials.delete("/xapi/credentials/{xapi_credential_id}", "deleteXapiCredential")
def delete_xapi_credential(request: ApiRequest, xapi_credential_id: str) -> None:
    """Delete a credential with the tokens it got. Its statements stay."""
    found = _credential(request, xapi_credential_id)
    gone = audit.Target.of(found)
    found.delete()
    record(request, "provider.delete", gone)


def _credential(request: ApiRequest, key: str) -> Credential:
    found = Credential.objects.filter(application=request.application, key=key).first()
    if found is None:
        raise NotFound("xAPI credential", key)
    return found


def _put(request: ApiRequest, key: str, body: XapiCredentialPostSchema) -> None:
    auth = body.auth.xapi_credential_auth_type
    permission = body.permissions_level.xapi_credential_permissions_level
    if auth is None:
        raise BadValue("auth.xapiCredentialAuthType", "it is missing.")
    if permission is None:
        raise BadValue("permissionsLevel.xapiCredentialPermissionsLevel", "it is missing.")
    application = request.application
    made, is_new = providers.put_provider(
        application, key, body.name, body.secret, permission, auth, body.is_enabled, body.info or ""
    )
    action = "provider.create" if is_new else "provider.change"
    record(request, action, made, permission=permission, auth=auth, enabled=body.is_enabled)


def _told(credential: Credential) -> XapiCredentialSchema:
    return XapiCredentialSchema.model_validate(
        {
            "id": credential.key,
            "name": credential.name,
            "info": credential.info or None,
            "secret": providers.HIDDEN,
            "is_enabled": credential.is_enabled,
            "auth": {"xapi_credential_auth_type": credential.auth},
            "permissions_level": {"xapi_credential_permissions_level": credential.permission},
        }
    )
