"""The pages about the applications of a realm: the list, a page for each with its secret keys, where the console works.

Deleting one is in the room of content, which knows what is on its way into it.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import applications as verbs
from . import audit, services
from .access import RealmRequest, Right, need, realm_member
from .forms import ApplicationForm, KeyForm, RotateForm
from .models import Application, Credential, PensKey, Role
from .pages import Pages

PAGE = 50


# --- the list ---------------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.APPLICATIONS)
def application_list(request: RealmRequest) -> HttpResponse:
    """All applications of the realm, with how much each holds and when it was last used."""
    return _list(request, ApplicationForm())


def _list(request: RealmRequest, form: ApplicationForm) -> HttpResponse:
    words = " ".join(request.GET.get("q", "").replace("\0", "")[:200].split())
    found = _found(request, words)
    page = Pages(found, PAGE).get_page(request.GET.get("page"))
    holdings = verbs.holdings(list(page.object_list))
    rows = [(each, holdings[each.pk]) for each in page]
    context = {
        "page": page,
        "rows": rows,
        "words": words,
        "form": form,
        "management": request.realm.applications.filter(is_management=True).first(),
        "is_owner": request.membership.role == Role.OWNER,
        "most": verbs.AT_MOST,
    }
    return render(request, "realms/applications.html", context, status=422 if form.errors else 200)


def _found(request: RealmRequest, words: str) -> Any:
    """By name or App ID; the site's own first."""
    found = request.applications.order_by("-is_internal", "-is_management", "created", "pk")
    by_id = found.filter(app_id=words.upper()) if words else found
    return by_id if words and by_id.exists() else found.filter(name__icontains=words)


@require_POST
@realm_member(needs=Right.APPLICATIONS_OPEN)
def create_application(request: RealmRequest) -> HttpResponse:
    """A new application; `kind=management`, of owners alone, is the one whose keys manage the others."""
    is_management = request.POST.get("kind") == "management"
    if is_management and request.membership.role != Role.OWNER:
        raise Http404
    form = ApplicationForm({"name": verbs.MANAGEMENT_NAME} if is_management else request.POST)
    if form.is_valid():
        try:
            made = verbs.open_application(request.realm, form.cleaned_data["name"], is_management)
        except verbs.ApplicationError as error:
            form.add_error("name", str(error))
        else:
            details = {"management": True} if is_management else None
            _record(request, "application.create", made, made, details)
            messages.success(request, _("The application %(name)s is there.") % {"name": made.name})
            return redirect("realms:application", request.realm.slug, made.app_id)
    return _list(request, form)


# --- one --------------------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.APPLICATIONS)
def application_page(request: RealmRequest, app_id: str) -> HttpResponse:
    """Everything about one application."""
    return _page(request, _application(request, app_id))


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def rename_application(request: RealmRequest, app_id: str) -> HttpResponse:
    application = _application(request, app_id)
    before = application.name
    form = ApplicationForm(request.POST)
    if form.is_valid():
        try:
            verbs.change_application(application, name=form.cleaned_data["name"])
        except verbs.ApplicationError as error:
            form.add_error("name", str(error))
        else:
            _record(request, "application.rename", application, application, {"name": [before, application.name]})
            messages.success(request, _("The name is saved."))
            return _back(request, application)
    return _page(request, application, name_form=form, status=422)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def set_deleting(request: RealmRequest, app_id: str) -> HttpResponse:
    """Whether anything in the application can be deleted by the API, and whether it can be deleted itself."""
    application = _application(request, app_id)
    before, wanted = application.allow_delete, request.POST.get("enabled") == "1"
    words = _("Delete operations are switched on.") if wanted else _("Delete operations are switched off.")
    change = {"allow_delete": [before, wanted]}
    return _done(
        request,
        application,
        lambda: verbs.change_application(application, allow_delete=wanted),
        words,
        lambda: _record(request, "application.deleting", application, application, change),
    )


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_SEE)
def choose_application(request: RealmRequest) -> HttpResponse:
    """Choose the application that the console works in: the library and Add Content; it is remembered."""
    following = request.POST.get("next", request.GET.get("next", ""))
    if not url_has_allowed_host_and_scheme(following, {request.get_host()}, request.is_secure()):
        following = ""
    if request.method == "POST":
        application = _application(request, request.POST.get("application", ""))
        try:
            verbs.work_in(request.membership, application)
        except verbs.ApplicationError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The console works in %(name)s now.") % {"name": application.name})
        return redirect(following or reverse("content:library", args=[request.realm.slug]))
    words = " ".join(request.GET.get("q", "").replace("\0", "")[:200].split())
    found = _found(request, words).filter(is_management=False)
    page = Pages(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "realms/choose_application.html", {"page": page, "words": words, "next": following})


def _page(request: RealmRequest, application: Application, status: int = 200, **words: Any) -> HttpResponse:
    store = reverse("lrs_store", args=[application.app_id, "statements"]).removesuffix("statements")
    page = {
        "shown": application,
        "holding": verbs.holdings([application])[application.pk],
        "keys": application.credentials.order_by("created", "pk"),
        "pens_key": PensKey.objects.filter(application=application).first(),
        "may_open": not application.is_management or request.member.may(Right.ACCOUNT),
        "form": KeyForm(auto_id="key-%s"),
        "name_form": ApplicationForm(initial={"name": application.name}, auto_id="rename-%s"),
        "api_url": settings.CONSOLE_ORIGIN + reverse("api:reference").removesuffix("/reference"),
        "lrs_url": settings.CONSOLE_ORIGIN + store,
        "sandbox_url": f"{settings.CONSOLE_ORIGIN}{store}sandbox/",
        "pens_url": settings.CONSOLE_ORIGIN + reverse("content:pens"),
    }
    return render(request, "realms/application.html", page | words, status=status)


def _application(request: RealmRequest, app_id: str) -> Application:
    return get_object_or_404(request.applications, app_id=app_id)


def _back(request: RealmRequest, application: Application) -> HttpResponse:
    return redirect("realms:application", request.realm.slug, application.app_id)


def _done(
    request: RealmRequest, application: Application, verb: Callable[[], Any], words: str, note: Callable[[], Any]
) -> HttpResponse:
    """Do it, note it and say so, or say why not; back to the application's page."""
    try:
        verb()
    except verbs.ApplicationError as error:
        messages.error(request, str(error))
    else:
        note()
        messages.success(request, words)
    return _back(request, application)


def _record(
    request: RealmRequest, action: str, application: Application, target: Any, details: dict[str, Any] | None = None
) -> None:
    audit.record(request, action, realm=request.realm, application=application, target=target, details=details)


# --- secret keys ------------------------------------------------------------------------------------------------------


def _key(request: RealmRequest, pk: int) -> Credential:
    found = Credential.objects.filter(request.realm.within()).select_related("application")
    return get_object_or_404(found, pk=pk)


def _need_to_open(request: RealmRequest, application: Application) -> None:
    """Raises PermissionDenied where a key would open what the person may not see: the realm's plan and usage."""
    if application.is_management:
        need(request, Right.ACCOUNT)


@require_POST
@never_cache
@realm_member(needs=Right.APPLICATIONS)
def create_key(request: RealmRequest, app_id: str) -> HttpResponse:
    """Make a secret key and show it in this answer and never again: only its hash is kept."""
    application = _application(request, app_id)
    _need_to_open(request, application)
    form = KeyForm(request.POST, auto_id="key-%s")
    if form.is_valid():
        try:
            made, secret = verbs.add_key(application, form.cleaned_data["name"])
        except verbs.ApplicationError as error:
            form.add_error("name", str(error))
        else:
            _record(request, "key.create", application, made)
            return _page(request, application, new_key=secret)
    return _page(request, application, form=form, status=422)


@require_http_methods(["GET", "POST"])
@never_cache
@realm_member(needs=Right.APPLICATIONS)
def rotate_key(request: RealmRequest, pk: int) -> HttpResponse:
    """Make a new key in place of an old one, which goes on until a time that is chosen."""
    old = _key(request, pk)
    _need_to_open(request, old.application)
    if request.method == "GET":
        form = RotateForm(initial={"name": old.name, "overlap": "86400"})
        return render(request, "realms/rotate_key.html", {"key": old, "form": form})
    form = RotateForm(request.POST)
    if form.is_valid():
        try:
            made, secret = verbs.rotate_key(old, form.cleaned_data["name"], form.ends(timezone.now()))
        except verbs.ApplicationError as error:
            form.add_error(None, str(error))
        else:
            _record(request, "key.rotate", old.application, old, {"new": str(made), "ends": str(old.expires)})
            return _page(request, old.application, new_key=secret, rotated=old)
    return render(request, "realms/rotate_key.html", {"key": old, "form": form}, status=422)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def keep_key(request: RealmRequest, pk: int) -> HttpResponse:
    """Take back that a key that was rotated ends."""
    key = _key(request, pk)
    _need_to_open(request, key.application)
    words = _("%(key)s does not end any more.") % {"key": key}
    note = lambda: _record(request, "key.keep", key.application, key)  # noqa: E731
    return _done(request, key.application, lambda: verbs.keep_key(key), words, note)


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.APPLICATIONS)
def rename_key(request: RealmRequest, pk: int) -> HttpResponse:
    key = _key(request, pk)
    before = key.name
    form = KeyForm(request.POST if request.method == "POST" else None, initial={"name": key.name})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change_key(key, name=form.cleaned_data["name"])
        except verbs.ApplicationError as error:
            form.add_error("name", str(error))
        else:
            _record(request, "key.rename", key.application, key, {"name": [before, key.name]})
            messages.success(request, _("The name is saved."))
            return _back(request, key.application)
    return render(request, "realms/rename_key.html", {"key": key, "form": form}, status=422 if form.errors else 200)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def set_key_enabled(request: RealmRequest, pk: int) -> HttpResponse:
    key = _key(request, pk)
    wanted = request.POST.get("enabled") == "1"
    if wanted:
        _need_to_open(request, key.application)
    words = _("%(key)s is enabled.") if wanted else _("%(key)s is disabled.")
    action = "key.enable" if wanted else "key.disable"
    return _done(
        request,
        key.application,
        lambda: verbs.change_key(key, is_enabled=wanted),
        words % {"key": key},
        lambda: _record(request, action, key.application, key),
    )


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def delete_key(request: RealmRequest, pk: int) -> HttpResponse:
    key = _key(request, pk)
    gone = audit.Target.of(key)
    if Credential.objects.filter(pk=key.pk).delete()[0]:  # of two at once one has deleted it
        _record(request, "key.delete", key.application, gone)
    messages.success(request, _("%(key)s is deleted.") % {"key": gone.text})
    return _back(request, key.application)


# --- PENS -------------------------------------------------------------------------------------------------------------


@require_POST
@never_cache
@realm_member(needs=Right.APPLICATIONS)
def make_pens_key(request: RealmRequest, app_id: str) -> HttpResponse:
    """Make or replace the PENS key and show it in this answer and never again."""
    application = _application(request, app_id)
    if application.is_management:
        raise Http404  # it takes no packages
    secret = services.make_pens_key(application)
    _record(request, "pens_key.create", application, f"{application.name} (…{secret[-4:]})")
    return _page(request, application, new_pens_key=secret)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def delete_pens_key(request: RealmRequest, app_id: str) -> HttpResponse:
    application = _application(request, app_id)
    if PensKey.objects.filter(application=application).delete()[0]:
        _record(request, "pens_key.delete", application, application)
    words = _("%(name)s takes no packages by PENS any more.") % {"name": application.name}
    messages.success(request, words)
    return _back(request, application)
