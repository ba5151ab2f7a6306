"""What a setting is. Ids and values are those of the public API: all values are strings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Choices = tuple[tuple[str, str], ...]

YES_NO: Choices = (("YES", "Yes"), ("NO", "No"))
TRUE_FALSE: Choices = (("True", "Yes"), ("False", "No"))

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
STANDARDS = tuple(STANDARD_NAMES)

SINGLE, MULTI, EITHER = "singleScoOnly", "multiScoOnly", "either"


@dataclass(frozen=True)
class Setting:
    """One setting: `choices` where it takes one of a few values, a text of `length` characters at most, or else a whole
    number from 0 to `maximum`."""

    id: str
    group: str
    label: str
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
    help: str = ""

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
        return dict(self.choices).get(value, value)

    @property
    def allowed(self) -> str:
        """What it can be, in words for whoever gave something else."""
        if self.choices:
            return "one of " + ", ".join(value for value, _ in self.choices)
        if self.is_address:
            return "an address that begins with http:// or https:// and names no user"
        if self.length:
            return f"a text of at most {self.length} characters, in one line"
        return f"a whole number from 0 to {self.maximum}"


def _is_address(value: str) -> bool:
    return not value or re.fullmatch(r"https?://[^\s/?#@\\]+([/?#]\S*)?", value, re.IGNORECASE) is not None


def yes_no(id: str, group: str, label: str, default: str, help: str = "", **more: object) -> Setting:
    return Setting(id, group, label, default, YES_NO, help=help, **more)  # type: ignore[arg-type]
