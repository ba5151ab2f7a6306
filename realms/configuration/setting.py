"""What a setting is. Ids and values are those of the public API: all values are strings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Words = str | Promise  # in the language of who reads them
Choices = tuple[tuple[str, Words], ...]

YES_NO: Choices = (("YES", _("Yes")), ("NO", _("No")))
TRUE_FALSE: Choices = (("True", _("Yes")), ("False", _("No")))

# Names of courses' standards. AICC is played by the rules of SCORM 1.2: what the LMS decides there, settings decide.
SCORM_12 = ("SCORM11", "SCORM12", "AICC")
SCORM_2004 = ("SCORM20042NDEDITION", "SCORM20043RDEDITION", "SCORM20044THEDITION")
SCORM = (*SCORM_12, *SCORM_2004)
STANDARD_NAMES: Mapping[str, str] = {
    "SCORM11": "SCORM 1.1",
    "SCORM12": "SCORM 1.2",
    "SCORM20042NDEDITION": "SCORM 2004 2nd Edition",
    "SCORM20043RDEDITION": "SCORM 2004 3rd Edition",
    "SCORM20044THEDITION": "SCORM 2004 4th Edition",
    "AICC": "AICC",
    "XAPI": "xAPI (Tin Can)",
    "CMI5": "cmi5",
}

SINGLE, MULTI, EITHER = "singleScoOnly", "multiScoOnly", "either"


@dataclass(frozen=True)
class Setting:
    """One setting: `choices` where it takes one of a few values, a text of `length` characters at most, or else a whole
    number from 0 to `maximum`."""

    id: str
    group: Words
    label: Words
    default: str
    choices: Choices = ()
    maximum: int = 0
    length: int = 0
    is_address: bool = False  # a text that is a web address, or empty
    is_secret: bool = False  # a text that pages do not show
    is_of_launch: bool = True  # a launch fixes it when it begins; else what is set holds at once, for all
    standards: tuple[str, ...] = ()  # that it means something for; empty: all
    variant: str = EITHER  # means something for courses of one activity, of several, or both
    defaults: Mapping[str, str] = field(default_factory=dict)  # standard -> its default, where it differs
    levels: tuple[str, ...] = ()  # where it can be set; empty: at all
    help: Words = ""

    def accepts(self, value: str) -> bool:
        """Whether the value is one the setting can have."""
        if self.choices:
            return value in dict(self.choices)
        if self.length:
            return len(value) <= self.length and value.isprintable() and (not self.is_address or _is_address(value))
        return value.isascii() and value.isdigit() and len(value) <= 9 and int(value) <= self.maximum

    def default_for(self, standard: str) -> str:
        return self.defaults.get(standard, self.default)

    def means_something(self, standard: str = "", is_single: bool | None = None) -> bool:
        """For courses of the standard with one activity or with several; "" and None are any."""
        if standard and self.standards and standard not in self.standards:
            return False
        return is_single is None or self.variant == EITHER or (self.variant == SINGLE) is is_single

    def in_words(self, value: str) -> str:
        """The value as people read it."""
        return str(dict(self.choices).get(value, value))

    @property
    def description(self) -> str:
        """Label and help as sentences, without the last full stop."""
        return ". ".join(part for part in (str(self.label), str(self.help).rstrip(".")) if part)

    @property
    def allowed(self) -> str:
        """What it can be, in words for whoever gave something else."""
        if self.choices:
            return gettext("one of %(values)s") % {"values": ", ".join(value for value, _words in self.choices)}
        if self.is_address:
            return gettext("an address that begins with http:// or https:// and names no user")
        if self.length:
            return gettext("a text of at most %(length)d characters, in one line") % {"length": self.length}
        return gettext("a whole number from 0 to %(maximum)d") % {"maximum": self.maximum}


def _is_address(value: str) -> bool:
    return not value or re.fullmatch(r"https?://[^\s/?#@\\]+([/?#]\S*)?", value, re.IGNORECASE) is not None


def yes_no(id: str, group: Words, label: Words, default: str, help: Words = "", **more: object) -> Setting:
    return Setting(id, group, label, default, YES_NO, help=help, **more)  # type: ignore[arg-type]
