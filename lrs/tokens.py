"""Bearer tokens for an application's stores: OAuth 2 client credentials (RFC 6749 4.4).

The client is the application with one of its secret keys, or one of its activity providers. A token of the application
opens its store and the sandbox's, as the secret does.
"""

from collections.abc import Mapping

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt

from . import services
from .access import ALL, READ, REALM, SCOPES, WRONG, AccessError, Client, Rights, client_of, name_and_secret

SECONDS = 3600
WHOLE = {  # the scope that is all a client may do
    ALL: ["all"],
    READ: ["all/read"],
    Rights.WRITE | Rights.READ_OWN: ["statements/write", "statements/read/mine", "state", "profile"],
    Rights.WRITE: ["statements/write"],
}
HEADERS = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}

PREFLIGHT = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Authorization, Content-Type"}


class TokenError(Exception):
    """A refusal in OAuth's words (RFC 6749 5.2)."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


@csrf_exempt
def token(request: HttpRequest, app_id: str) -> HttpResponse:
    """A token for the client that proves itself, within what it may do."""
    if request.method == "OPTIONS":
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
        }
        return HttpResponse(status=204, headers=HEADERS | allowed)
    try:
        if request.method != "POST":
            raise TokenError("invalid_request", "A token is asked for with POST", 405)
        return JsonResponse(_given(_form(request), request.headers.get("Authorization", ""), app_id), headers=HEADERS)
    except TokenError as error:
        told = {"error": error.code, "error_description": error.description}
        response = JsonResponse(told, status=error.status, headers=HEADERS)
        if error.status == 401:
            response.headers["WWW-Authenticate"] = REALM
        return response


def _given(form: Mapping[str, str], header: str, app_id: str) -> dict[str, object]:
    client = _client(form, header, app_id)
    if form.get("grant_type") != "client_credentials":
        code = "unsupported_grant_type" if form.get("grant_type") else "invalid_request"
        raise TokenError(code, "grant_type must be client_credentials")
    scope = _scope(form.get("scope", ""), client)
    made = services.give_token(client, scope, SECONDS)
    return {"access_token": made, "token_type": "Bearer", "expires_in": SECONDS, "scope": scope}


def _client(form: Mapping[str, str], header: str, app_id: str) -> Client:
    """By the header, else by the form (RFC 6749 2.3.1)."""
    scheme, _, value = header.partition(" ")
    try:
        if scheme.lower() == "basic":
            found = client_of(*name_and_secret(value), app_id)
        else:
            found = client_of(form.get("client_id", ""), form.get("client_secret", ""), app_id)
    except AccessError as error:
        raise TokenError("invalid_client", error.message, 401) from None
    if found is None:
        raise TokenError("invalid_client", WRONG, 401)
    return found


def _scope(asked: str, client: Client) -> str:
    """Of the words asked for those that the client may have; all it may do where it asks for none (RFC 6749 3.3)."""
    words = list(dict.fromkeys(asked.split()))
    if unknown := next((word for word in words if word not in SCOPES), None):
        raise TokenError("invalid_scope", f"There is no scope {unknown[:60]}; there are {', '.join(SCOPES)}")
    granted = [word for word in words or WHOLE[client.rights] if SCOPES[word] in client.rights]
    if not granted:
        raise TokenError("invalid_scope", "This client may do nothing of that")
    return " ".join(granted)


def _form(request: HttpRequest) -> dict[str, str]:
    """The form, each parameter once (RFC 6749 3.2)."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise TokenError("invalid_request", "Send a form: application/x-www-form-urlencoded")
    try:
        form = QueryDict(request.body, encoding="utf-8")
    except RequestDataTooBig:
        raise TokenError("invalid_request", "The form is too large", 413) from None
    if any(len(values) > 1 for _, values in form.lists()):
        raise TokenError("invalid_request", "A parameter is given twice")
    found = {name: str(value) for name, value in form.items()}
    if any("\0" in text for pair in found.items() for text in pair):
        raise TokenError("invalid_request", "A parameter holds the character NUL")
    return found
