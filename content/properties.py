"""The Course Properties page: the settings of a course, each with what applies where it says nothing."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from realms.access import RealmRequest, realm_member
from realms.configuration import SETTINGS, Setting, settings_for

from .models import Course
from .services import configure_course


class PropertiesForm(forms.Form):
    """One field a setting; an empty one leaves the setting to its default."""

    def __init__(self, course: Course, data: QueryDict | None = None) -> None:
        super().__init__(data, initial=course.settings)
        for setting in settings_for(course.standard):
            self.fields[setting.id] = _field(setting)

    def groups(self) -> dict[str, list[forms.BoundField]]:
        """The fields by the group they are shown in."""
        grouped: dict[str, list[forms.BoundField]] = {}
        for field in self:
            grouped.setdefault(SETTINGS[field.name].group, []).append(field)
        return grouped

    def explicit(self) -> dict[str, str]:
        """The values that were chosen."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in ("", None)}


def _field(setting: Setting) -> forms.Field:
    default = dict(setting.choices).get(setting.default, setting.default)
    if setting.choices:
        choices = [("", f"Default: {default}"), *setting.choices]
        return forms.ChoiceField(label=setting.label, help_text=setting.help, choices=choices, required=False)
    words = f"{setting.help} Empty: {default}.".strip()
    return forms.IntegerField(
        label=setting.label, help_text=words, min_value=0, max_value=setting.maximum, required=False
    )


@require_http_methods(["GET", "POST"])
@realm_member
def course_properties(request: RealmRequest, pk: int) -> HttpResponse:
    """Show the settings of a course and save them."""
    course = get_object_or_404(Course.objects.in_realm(request.realm), pk=pk)
    form = PropertiesForm(course, request.POST or None)
    if request.method == "POST" and form.is_valid():
        configure_course(course, form.explicit())
        messages.success(request, "The properties are saved. They hold from the next launch on.")
        return redirect("registrations:course", request.realm.slug, course.pk)
    page = {"course": course, "form": form}
    return render(request, "content/properties.html", page, status=422 if form.errors else 200)
