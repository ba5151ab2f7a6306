"""Finds courses for the library: filters, order and columns, the same for its page, saved views and bulk jobs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Course

EVERY = "all"  # application of the filter: all of the realm
MEGABYTE = 1_000_000

SORTS = {
    "-updated": ("-updated", "-pk"),
    "updated": ("updated", "pk"),
    "-created": ("-created", "-pk"),
    "created": ("created", "pk"),
    "title": ("title", "pk"),
    "-title": ("-title", "-pk"),
    "standard": ("standard", "title", "pk"),
    "-standard": ("-standard", "title", "pk"),
    "-size": ("-current_version__archive_size", "-pk"),
    "size": ("current_version__archive_size", "pk"),
}

COLUMNS: Mapping[str, str | Promise] = {
    "application": _("Application"),
    "standard": _("Standard"),
    "tags": _("Tags"),
    "version": _("Version"),
    "size": _("Size"),
    "warnings": pgettext_lazy("of an import", "Warnings"),
    "registrations": _("Registrations"),
    "created": _("Created"),
    "updated": _("Updated"),
}
USUAL_COLUMNS = ("standard", "tags", "version", "size", "updated")
SORTED_COLUMNS = ("standard", "size", "created", "updated")


def known_columns(names: Sequence[str]) -> list[str]:
    """Those of the names that are columns, in the order of the table."""
    return [name for name in COLUMNS if name in names]


def found(applications: Sequence[int], asked: Mapping[str, Any]) -> QuerySet[Course]:
    """The courses of these applications that match; `asked` is LibraryForm.asked()."""
    courses = Course.objects.filter(application__in=applications)  # by id, not by join: indexes serve it
    courses = courses.matching(asked.get("q", ""))
    if asked.get("standard"):
        courses = courses.filter(standard=asked["standard"])
    if asked.get("tag"):
        courses = courses.filter(tags__name=asked["tag"])
    for moment in ("created", "updated"):
        if since := asked.get(f"{moment}_from"):
            courses = courses.filter(**{f"{moment}__gte": _midnight(since)})
        if until := asked.get(f"{moment}_to"):
            courses = courses.filter(**{f"{moment}__lt": _midnight(until + timedelta(days=1))})
    if asked.get("larger") is not None:
        courses = courses.filter(current_version__archive_size__gte=asked["larger"] * MEGABYTE)
    if asked.get("smaller") is not None:
        courses = courses.filter(current_version__archive_size__lte=asked["smaller"] * MEGABYTE)
    if asked.get("warnings"):
        some = {"yes": {"gt": 0}, "no": {"lte": 0}}[asked["warnings"]]
        courses = courses.filter(**{f"current_version__warning_count__{how}": value for how, value in some.items()})
    if asked.get("registered"):
        real = Exists(_registrations().filter(course=OuterRef("pk"), is_sandbox=False))
        courses = courses.filter(real if asked["registered"] == "yes" else ~real)
    return courses.order_by(*SORTS[asked.get("sort") or "-updated"])


def _midnight(day: date) -> datetime:
    """Where the day begins for the person who asks."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _registrations() -> QuerySet[Any]:
    """By the reverse relation: they are in a room above this one."""
    related: Any = Course._meta.get_field("registrations").related_model
    return related._default_manager.all()
