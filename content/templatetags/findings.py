"""The import report: findings by code, with what the catalogue says of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from standards.repair import key_of
from standards.rules import Group, grouped
from standards.structure import Finding

from ..sentences import in_language

register = template.Library()
PLURALS = {"error": _("errors"), "warning": _("warnings"), "hint": _("hints")}


@register.filter
def by_rule(findings: Iterable[Mapping[str, Any]]) -> list[Group]:
    """The findings, as JSON, in groups."""
    return grouped(Finding.from_json(finding) for finding in findings)


register.filter("in_language", in_language)


@register.filter
def key(finding: Finding) -> str:
    """What a repair of this finding alone is asked for by."""
    return key_of(finding)


@register.filter
def severities(groups: Iterable[Group]) -> list[tuple[str, str, int]]:
    """Severity, its plural and how many, of those that are there."""
    counts: dict[str, int] = {"error": 0, "warning": 0, "hint": 0}
    for group in groups:
        for finding in group.findings:
            counts[finding.severity] += finding.count
    return [(severity, str(PLURALS[severity]), count) for severity, count in counts.items() if count]


@register.filter
def total(groups: Iterable[Group]) -> int:
    return sum(group.count for group in groups)


@register.filter
def are_fixable(groups: Iterable[Group]) -> bool:
    return any(group.is_fixable for group in groups)
