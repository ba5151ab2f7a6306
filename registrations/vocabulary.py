"""The words of the standards that content reports in, for pages in other languages."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    # cmi.core.lesson_status (SCORM 1.2 RTE 3.4.4), cmi.completion_status and cmi.success_status (SCORM 2004 RTE 4.2)
    "completed": _("completed"),
    "incomplete": _("incomplete"),
    "not attempted": _("not attempted"),
    "browsed": _("browsed"),
    "passed": _("passed"),
    "failed": _("failed"),
    "unknown": _("unknown"),
    # cmi.mode, and modes of cmi5 (10.2.2)
    "normal": _("normal"),
    "browse": _("browse"),
    "review": _("review"),
    # cmi.interactions.n.result
    "correct": _("correct"),
    "incorrect": _("incorrect"),
    "wrong": _("wrong"),
    "unanticipated": _("unanticipated"),
    "neutral": _("neutral"),
    # cmi.interactions.n.type
    "choice": _("choice"),
    "true-false": _("true or false"),
    "fill-in": _("fill-in"),
    "long-fill-in": _("long fill-in"),
    "matching": _("matching"),
    "performance": _("performance"),
    "sequencing": _("putting in order"),
    "likert": _("Likert scale"),
    "numeric": _("numeric"),
    "other": _("other"),
}


def word_of_standard(value: str) -> str:
    """The word in the language of the page; what is in no vocabulary stays as it was reported."""
    return str(WORDS.get(str(value).lower(), value))
