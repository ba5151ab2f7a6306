"""Console pages about stores: the statement viewer, import and export, activity providers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.models import Application

from . import providers as provider_verbs
from . import queries, services
from .access import Caller, caller_of
from .forms import ImportForm, ProviderForm, StatementFilterForm
from .models import Credential
from .queries import MoreError, Query
from .reading import line

PAGE = 50
EMBEDDED = 10
NOT_CHANGED = 204


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def statements(request: RealmRequest) -> HttpResponse:
    """The statements of a store, newest first; the first page renews itself."""
    form = _filter(request)
    caller = caller_of(form.application, form.is_sandbox)
    query = form.query(PAGE)
    more = request.GET.get("more", "")
    if more:
        try:
            query = queries.read_more(caller, more)
        except MoreError:
            return redirect("lrs:statements", request.realm.slug)
    page, following = queries.find(caller, query)
    latest = str(page[0][0]) if page else "0"
    if request.GET.get("seen") == latest and not more:
        return HttpResponse(status=NOT_CHANGED)
    context = {
        "form": form,
        "lines": [line(found) for found in page],
        "more": queries.more_token(caller, following) if following else "",
        "is_later": bool(more),
        "is_renewal": "seen" in request.GET,  # by the same filters: what is shown stays, opened as it is
        "latest": latest,
        "asked": _asked(request),
        "endpoint": request.build_absolute_uri(_endpoint(form)),
    }
    fragment = request.headers.get("HX-Target") == "statements"
    return render(request, f"lrs/{'_' if fragment else ''}statements.html", context)


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def embedded(request: RealmRequest) -> HttpResponse:
    """The newest statements that the filters find, as part of another page, with a link to all of them."""
    form = _filter(request)
    page, following = queries.find(caller_of(form.application, form.is_sandbox), form.query(EMBEDDED))
    context = {"lines": [line(found) for found in page], "has_more": following is not None, "asked": _asked(request)}
    return render(request, "lrs/_embedded.html", context)


def _filter(request: RealmRequest) -> StatementFilterForm:
    return StatementFilterForm(list(request.applications), request.GET)


def _asked(request: RealmRequest) -> str:
    """The filters in the address, without what belongs to one page of it."""
    asked = request.GET.copy()
    for name in ("more", "seen"):
        asked.pop(name, None)
    return asked.urlencode()


def _endpoint(form: StatementFilterForm) -> str:
    address = reverse("lrs_store", args=[form.application.app_id, "statements"]).removesuffix("statements")
    return f"{address}sandbox/" if form.is_sandbox else address


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def export(request: RealmRequest) -> StreamingHttpResponse:
    """What the filters find, oldest first, a statement in a line."""
    form = _filter(request)
    caller = caller_of(form.application, form.is_sandbox)
    audit.record(request, "statements.export", realm=request.realm, application=form.application, details=_told(form))
    response = StreamingHttpResponse(
        _lines(caller, replace(form.query(0), ascending=True)), content_type="application/x-ndjson"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="statements-{form.application.app_id}.jsonl"'
    return response


def _told(form: StatementFilterForm) -> dict[str, str]:
    return {"store": "sandbox" if form.is_sandbox else "main"}


def _lines(caller: Caller, query: Query | None) -> Iterator[str]:
    while query is not None:
        page, query = queries.find(caller, query)
        # a text that came with line breaks between its properties has none inside its strings
        yield "".join(body.replace("\r", " ").replace("\n", " ") + "\n" for _, body in page)


@require_POST
@realm_member(needs=Right.RESULTS_CHANGE)
def import_statements(request: RealmRequest) -> HttpResponse:
    """Store the statements of a file, all of them or none."""
    form = _filter(request)
    back = f"{reverse('lrs:statements', args=[request.realm.slug])}?{_asked(request)}"
    upload = ImportForm(request.POST, request.FILES)
    if not upload.is_valid():
        messages.error(request, gettext("Choose a file of statements, one in each line."))
        return redirect(back)
    try:
        count = services.import_lines(caller_of(form.application, form.is_sandbox), upload.cleaned_data["file"])
    except services.LinesError as error:
        messages.error(request, str(error))
    else:
        about: dict[str, Any] = {"realm": request.realm, "application": form.application}
        audit.record(request, "statements.import", **about, details={"count": count} | _told(form))
        messages.success(request, gettext("%(count)s statements are in the store.") % {"count": count})
    return redirect(back)


# --- activity providers -----------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.APPLICATIONS)
def providers(request: RealmRequest) -> HttpResponse:
    """Who else may write to and read from the realm's stores."""
    return _providers_page(request, ProviderForm(_applications(request)))


def _applications(request: RealmRequest) -> QuerySet[Application]:
    return request.applications


def _providers_page(
    request: RealmRequest, form: ProviderForm, made: Credential | None = None, secret: str = ""
) -> HttpResponse:
    found = Credential.objects.filter(request.realm.within()).select_related("application")
    context = {"providers": found.order_by("-created", "-pk"), "form": form, "made": made, "secret": secret}
    return render(request, "lrs/providers.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
@realm_member(needs=Right.APPLICATIONS)
def add_provider(request: RealmRequest) -> HttpResponse:
    """Make an activity provider; its secret is in this answer and never again."""
    form = ProviderForm(_applications(request), request.POST)
    if not form.is_valid():
        return _providers_page(request, form)
    made, secret = provider_verbs.add_provider(**form.cleaned_data)
    _record(request, "provider.create", made)
    return _providers_page(request, ProviderForm(_applications(request)), made, secret)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def set_provider_enabled(request: RealmRequest, pk: int) -> HttpResponse:
    provider = _provider(request, pk)
    provider_verbs.enable_provider(provider, request.POST.get("enabled") == "1")
    _record(request, "provider.enable" if provider.is_enabled else "provider.disable", provider)
    told = gettext("%(provider)s is enabled.") if provider.is_enabled else gettext("%(provider)s is disabled.")
    messages.success(request, told % {"provider": provider})
    return redirect("lrs:providers", request.realm.slug)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def delete_provider(request: RealmRequest, pk: int) -> HttpResponse:
    provider = _provider(request, pk)
    application, gone = provider.application, audit.Target.of(provider)
    provider.delete()
    audit.record(request, "provider.delete", realm=request.realm, application=application, target=gone)
    messages.success(request, gettext("%(provider)s is deleted. Its statements stay.") % {"provider": provider})
    return redirect("lrs:providers", request.realm.slug)


def _provider(request: RealmRequest, pk: int) -> Credential:
    found = Credential.objects.filter(request.realm.within()).select_related("application")
    return get_object_or_404(found, pk=pk)


def _record(request: RealmRequest, action: str, provider: Credential) -> None:
    audit.record(request, action, realm=request.realm, application=provider.application, target=provider)
