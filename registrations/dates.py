"""When instances were played and completed; a registration keeps that of all of them, or of its newest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, Min, OuterRef, Q

from .models import Instance, Registration


@dataclass(frozen=True)
class Dates:
    first_access: datetime | None
    last_access: datetime | None
    completed: datetime | None


def dates_of_registration(registration: Registration) -> Dates:
    return Dates(registration.first_access, registration.last_access, registration.completed_at)


def dates_of(instances: Iterable[Instance]) -> dict[int, Dates]:
    """By primary key, by one query: of the launches of each, where the registration had more than one.

    `registration` is at hand.
    """
    newer = Instance.objects.filter(registration=OuterRef("registration"), number__gt=OuterRef("number"))
    held = {each.pk: each for each in instances}
    rows = (
        Instance.objects.filter(pk__in=held)
        .order_by()
        .annotate(
            is_older=Exists(newer),
            first=Min("launches__started"),
            last=Max("launches__last_seen"),
            over=Min("launches__last_seen", filter=Q(launches__completion="completed")),
        )
    )
    found = {}
    for pk, is_older, first, last, over in rows.values_list("pk", "is_older", "first", "last", "over"):
        whole = dates_of_registration(held[pk].registration)
        is_first = held[pk].number == 0
        if is_first and not is_older:
            found[pk] = whole
        else:
            began = whole.first_access if is_first else first
            found[pk] = Dates(began, last, (over or last) if is_older else whole.completed)
    return found
