"""The console page that registers a learner on a course."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from content.models import Course, CourseVersion
from realms.access import RealmRequest, Right, realm_member

from .auditing import record
from .errors import RegistrationError
from .registering import NewRegistration, register
from .tags import clean

OFFERED = 200  # courses to choose from by their name; any other by its id


class RegisterForm(forms.Form):
    """A learner, and the course they are registered on; `course` is fixed or among `courses`."""

    course = forms.CharField(
        label=_("Course"), max_length=255, widget=forms.TextInput({"list": "courses", "autocomplete": "off"}),
        help_text=_("Its id; those changed last are offered."),
    )  # fmt: skip
    version = forms.ChoiceField(label=_("Version"), required=False)
    learner_id = forms.CharField(label=_("Learner id"), max_length=255, help_text=_("What tells learners apart."))
    first_name = forms.CharField(label=_("First name"), max_length=255, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=255, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=255, required=False)
    registration_id = forms.CharField(
        label=_("Registration id"), max_length=255, required=False, help_text=_("Empty: one is made.")
    )
    tags = forms.CharField(label=_("Tags"), max_length=6000, required=False, help_text=_("Separated by commas."))

    def __init__(self, courses: Any, fixed: Course | None, data: Any = None) -> None:
        super().__init__(data)
        self.courses, self.fixed = courses, fixed
        if fixed is None:
            del self.fields["version"]
            return
        del self.fields["course"]
        numbers = fixed.versions.order_by("-number").values_list("pk", "number")
        choices: Any = [(str(pk), self._version_words(pk, number)) for pk, number in numbers]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]
        self.initial["version"] = str(fixed.current_version_id or "")

    def _version_words(self, pk: int, number: int) -> str:
        assert self.fixed is not None
        is_current = pk == self.fixed.current_version_id
        return gettext("%d (current)") % number if is_current else str(number)

    def clean_course(self) -> Course:
        said = self.cleaned_data["course"].strip()
        found = list(self.courses.filter(course_id=said)[:2]) or list(self.courses.filter(title=said)[:2])
        if not found:
            raise forms.ValidationError(gettext("There is no course with this id."))
        if len(found) > 1:
            raise forms.ValidationError(
                gettext("Several courses are called so. Register the learner from the page of the course.")
            )
        return found[0]

    def clean_tags(self) -> list[str]:
        try:
            return clean(self.cleaned_data["tags"].split(","))
        except RegistrationError as error:
            raise forms.ValidationError(str(error)) from error

    def version_wanted(self) -> CourseVersion | None:
        course = self.fixed or self.cleaned_data["course"]
        pk = int(self.cleaned_data.get("version") or course.current_version_id or 0)
        versions = CourseVersion.objects.select_related("course__application").defer("structure")
        return versions.filter(pk=pk, course=course).first()


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.RESULTS_CHANGE)
def create(request: RealmRequest) -> HttpResponse:
    """Register a learner on a course of the realm; `?course=` fixes it, by primary key."""
    courses = Course.objects.in_realm(request.realm).select_related("application")
    wanted = request.GET.get("course", "")
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < 19
    fixed = get_object_or_404(courses, pk=int(wanted)) if is_number else None
    form = RegisterForm(courses, fixed, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _register(request, form)
        if made is not None:
            messages.success(request, gettext("The learner is registered. That counts at the first launch."))
            return redirect("registrations:registration", request.realm.slug, made.pk)
    offered = courses.order_by("-updated", "-pk")[:OFFERED] if fixed is None else ()
    context = {"form": form, "course": fixed, "offered": offered}
    return render(request, "registrations/create.html", context, status=422 if form.errors else 200)


def _register(request: RealmRequest, form: RegisterForm) -> Any:
    """The registration; None with the error on the form."""
    version, said = form.version_wanted(), form.cleaned_data
    if version is None:
        form.add_error(None, gettext("This course has no content yet."))
        return None
    new = NewRegistration(
        registration_id=said["registration_id"] or str(uuid.uuid4()),
        learner_id=said["learner_id"],
        first_name=said["first_name"],
        last_name=said["last_name"],
        email=said["email"],
        tags=tuple(said["tags"]),
    )
    try:
        made = register(version, new)
    except RegistrationError as error:
        form.add_error(None, str(error))
        return None
    record(request, "registration.create", made, {"registration": made.registration_id})
    return made
