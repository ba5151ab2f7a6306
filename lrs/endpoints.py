"""The endpoints of an application's stores: /lrs/<app id>/ and below it sandbox/, each also with v2/."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from standards.xapi.versions import V1_0_3, V2_0_0

from .access import REALM, Caller, authenticate
from .http import answer


@csrf_exempt
def endpoint(
    request: HttpRequest, app_id: str, resource: str, is_sandbox: bool = False, v2: bool = False
) -> HttpResponse:
    """Answer a request to a resource of a store, whoever it is: the Authorization header tells."""

    def who(header: str) -> Caller:
        return authenticate(header, app_id, is_sandbox)

    return answer(request, resource, who, V2_0_0 if v2 else V1_0_3, challenge=REALM)
