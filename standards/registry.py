"""The one small interface every standard satisfies, and which of them a package belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from .errors import PackageError
from .package import Package
from .recognition import MANIFEST, find_manifests, no_manifest
from .structure import (
    Activity,
    ActivityState,
    CourseStructure,
    Finding,
    Given,
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
    from . import aicc, cmi5, scorm12, scorm2004, xapi  # noqa: PLC0415 -- each standard imports this package's own modules

    return {
        "SCORM11": scorm12,
        "SCORM12": scorm12,
        "SCORM20042NDEDITION": scorm2004,
        "SCORM20043RDEDITION": scorm2004,
        "SCORM20044THEDITION": scorm2004,
        "AICC": aicc,
        "XAPI": xapi,
        "CMI5": cmi5,
    }


Register = Callable[[CourseStructure, State, str], State]


def at_registration() -> Mapping[str, Register]:
    """What the standards decide at once when a learner is registered: (course, state, now) -> state (cmi5 9.6.1)."""
    from . import cmi5  # noqa: PLC0415 -- as above

    return {"CMI5": cmi5.register}


Begin = Callable[[CourseStructure, State, Given, Mapping[str, str], str], State]


def begins_with() -> Mapping[str, Begin]:
    """How each standard lets a registration begin with progress: (course, state, given, settings, now) -> state.

    What is given of activities goes through the standard's own rollup.
    """
    from . import cmi5, lessons, scorm2004, xapi  # noqa: PLC0415 -- as above

    tracked = dict.fromkeys(("SCORM20042NDEDITION", "SCORM20043RDEDITION", "SCORM20044THEDITION"), scorm2004.begin_with)
    lesson = dict.fromkeys(("SCORM11", "SCORM12", "AICC"), lessons.begin_with)
    return {**tracked, **lesson, "XAPI": xapi.begin_with, "CMI5": cmi5.begin_with}


def detect(package: Package) -> tuple[str, Standard]:
    """The standard a package belongs to, with one of the names its courses carry; `parse` tells the exact edition.

    Raises PackageError that says what was found instead.
    """
    found = _accepting(package)
    if not found:
        raise _unknown(package)
    return found[0][1], found[0][2]


LONGEST_IDENTIFIER = 2600  # bytes in UTF-8: what fits into a row of PostgreSQL's indexes


def read(package: Package) -> CourseStructure:
    """The course of a package of any standard. Raises PackageError where it cannot work, or cannot be kept."""
    found = _accepting(package)
    if not found:
        raise _unknown(package)
    structure = found[0][2].parse(package)
    _refuse_long_identifiers(structure)
    findings = dict.fromkeys((*structure.findings, *package.findings))
    if len(found) > 1:
        names = [name for _, name, _ in found]
        several = Finding(
            "several-standards",
            f"The package is of several standards ({', '.join(names)}); it is played as {structure.standard}.",
            "hint",
            advice="Upload a package of one standard if another one is wanted.",
        )
        findings[several] = None
    return replace(structure, findings=tuple(findings))


def _accepting(package: Package) -> list[tuple[tuple[int, int], str, Standard]]:
    """Every standard that accepts the package, the one to play first: that whose file lies nearest to the top, and of
    those on one level as docs/decisions/0019 orders them."""
    from . import media  # noqa: PLC0415 -- as above

    found: dict[int, tuple[tuple[int, int], str, Standard]] = {}
    for name, standard in (*standards().items(), ("XAPI", media)):
        if id(standard) not in found and standard.accepts(package):
            found[id(standard)] = (_rank(package, name), name, standard)
    return sorted(found.values(), key=lambda entry: entry[0])


_ORDER = {"CMI5": "cmi5.xml", "XAPI": "tincan.xml", "SCORM": MANIFEST, "AICC": ".crs"}
_NO_MARK = 1_000  # deeper than any folder: recognised by something else


def _rank(package: Package, name: str) -> tuple[int, int]:
    """Depth of the file that shows the standard, and the standard's place among those of one level."""
    family = "SCORM" if name.startswith("SCORM") else name
    order = list(_ORDER).index(family) if family in _ORDER else len(_ORDER)
    path = find_manifests(package)[0] if family == "SCORM" else _shortest(package, _ORDER.get(family, "\0"))
    return (path.count("/") if path else _NO_MARK), order


def _refuse_long_identifiers(structure: CourseStructure) -> None:
    for organization in structure.organizations:
        for activity in organization.root.walk():
            if len(activity.identifier.encode("utf-8", "replace")) > LONGEST_IDENTIFIER:
                raise PackageError(
                    f"The identifier {activity.identifier[:60]}… is longer than {LONGEST_IDENTIFIER:,} bytes.",
                    code="identifier-too-long",
                    file=structure.manifest,
                    advice="Give the item a short identifier.",
                )


# What shows that a package is of a standard that cannot be played yet: the end of a member's name.
_OTHERS: tuple[tuple[str, str], ...] = ()


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
