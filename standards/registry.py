"""The one small interface every standard satisfies, and which of them a package belongs to."""

from collections.abc import Mapping
from typing import Protocol

from .errors import PackageError
from .package import Package
from .recognition import no_manifest
from .structure import (
    Activity,
    ActivityState,
    CourseStructure,
    Launch,
    Learner,
    Report,
    Request,
    State,
)


class Standard(Protocol):
    """A module satisfies it. Settings are the effective configuration, id -> value, as plain strings."""

    def accepts(self, package: Package) -> bool:
        """Whether the package is of this standard, by its content."""

    def parse(self, package: Package) -> CourseStructure:
        """The course structure with its findings. Raises PackageError where it cannot work."""

    def navigate(
        self, course: CourseStructure, state: State, request: Request, now: str, settings: Mapping[str, str]
    ) -> State:
        """The state after a navigation request; `start` also resumes. `now` is an ISO 8601 UTC time.

        Ends the current attempt where the request does so, rolls up, and delivers the next activity
        (`state.current`) or ends the session (`state.ended`). Never raises for a request that is not allowed:
        the state then stays, with a message.
        """

    def launch(self, course: CourseStructure, state: State, learner: Learner, settings: Mapping[str, str]) -> Launch:
        """What the player shows in this state: the activity delivered with its initial data, the menu, the controls."""

    def accept(
        self, activity: Activity, held: ActivityState, report: Report, settings: Mapping[str, str]
    ) -> ActivityState:
        """One activity's state after a report that does not finish it, without what the rest of the tree makes of it.

        `record` does the same and rolls up. Where the outcome stays as it was, nothing else can have changed: the
        server then stores this alone.
        """

    def record(self, course: CourseStructure, state: State, report: Report, settings: Mapping[str, str]) -> State:
        """The state after a report, rolled up. Raises RequestError for an activity that is not being delivered."""


def standards() -> Mapping[str, Standard]:
    """Every standard by the names courses carry."""
    from . import aicc, scorm12, scorm2004  # noqa: PLC0415 -- each standard imports this package's own modules

    return {
        "SCORM11": scorm12,
        "SCORM12": scorm12,
        "SCORM20042NDEDITION": scorm2004,
        "SCORM20043RDEDITION": scorm2004,
        "SCORM20044THEDITION": scorm2004,
        "AICC": aicc,
    }


def detect(package: Package) -> tuple[str, Standard]:
    """The standard a package belongs to, with one of the names its courses carry; `parse` tells the exact edition.

    Raises PackageError that says what was found instead.
    """
    seen: list[Standard] = []
    for name, standard in standards().items():
        if standard not in seen and standard.accepts(package):
            return name, standard
        seen.append(standard)
    raise _unknown(package)


# What shows that a package is of a standard that cannot be played yet: the end of a member's name.
_OTHERS = (("cmi5.xml", "cmi5"), ("tincan.xml", "xAPI (Tin Can)"))


def _unknown(package: Package) -> PackageError:
    for ending, standard in _OTHERS:
        if path := _shortest(package, ending):
            return PackageError(
                f"This package is of the standard {standard} ({path}). That kind is recognised but not supported yet.",
                code="standard-unsupported",
                file=path,
                advice="Export the course as SCORM 1.2 or SCORM 2004, if the tool that made it can.",
            )
    if path := _shortest(package, ".zip"):
        return PackageError(
            f"There is no imsmanifest.xml in the zip file, but another zip file: {path}.",
            code="no-manifest",
            file=path,
            advice="Upload the inner zip file alone.",
        )
    return no_manifest(package)


def _shortest(package: Package, ending: str) -> str:
    """The member with that ending that lies nearest to the top, or ""."""
    found = (path for path in package.members if path.lower().endswith(ending))
    return min(found, key=lambda path: (path.count("/"), len(path)), default="")
