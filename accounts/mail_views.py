"""Which mails a person wants: the page among their settings, and the link in each mail that ends them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from . import onboarding, services
from .forms import MailsForm


@require_http_methods(["GET", "POST"])
@login_required
def mails(request: HttpRequest) -> HttpResponse:
    """Tips by mail and the first steps; the hidden field tells a form with nothing ticked from none."""
    form = MailsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your choice of mails is saved."))
        return redirect("accounts:mails")
    return render(request, "accounts/mails.html", {"form": form}, status=422 if form.errors else 200)


@csrf_exempt  # mail programs post here (RFC 8058); the token says whose mails end, and nothing else can be done with it
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, for links are followed by machines too; POST ends the mails, with nobody signed in."""
    reader = onboarding.reader_of(token)
    if reader is None:
        raise Http404
    if request.method == "POST":
        services.want_tips(reader, False)
        return render(request, "accounts/unsubscribe.html", {"is_done": True})
    return render(request, "accounts/unsubscribe.html", {"is_done": not reader.wants_tips})


@require_POST
@login_required
def hide_steps(request: HttpRequest) -> HttpResponse:
    """The checklist of the dashboard goes, for this person."""
    services.hide_steps(request.user, True)  # type: ignore[arg-type]
    messages.success(request, _("The first steps are hidden. Your settings for mails bring them back."))
    return redirect("accounts:home")
