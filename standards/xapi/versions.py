"""The versions of xAPI that are spoken, and how their statements differ.

1.0.0 to 1.0.3 share one data model (1.0.3 Data 2.4.10). 2.0.0 is IEEE 9274.1.1.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """What depends on the version a request is made in."""

    name: str  # the latest of its line, as X-Experience-API-Version is answered
    statement_version: str  # given to a statement that names none (1.0.3 Data 2.4.10; 2.0 4.2.4.3)
    accepts: re.Pattern[str]  # what a statement's `version` may be
    context_agents: bool  # contextAgents and contextGroups (2.0 4.2.2.5)
    zone_required: bool  # timestamps are RFC 3339, with a time zone (2.0 4.2.7); else any ISO 8601 date and time


V1_0_3 = Version("1.0.3", "1.0.0", re.compile(r"1\.0(?:\.[0-9]{1,9})?", re.ASCII), False, False)
V2_0_0 = Version("2.0.0", "2.0.0", re.compile(r"(?:1\.0|2\.0)(?:\.[0-9]{1,9})?", re.ASCII), True, True)
VERSIONS = (V1_0_3, V2_0_0)

_LINES = ((re.compile(r"1\.0(?:\.[0-9]{1,9})?", re.ASCII), V1_0_3), (re.compile(r"2\.0(?:\.[0-9]{1,9})?"), V2_0_0))


def version_of(header: str) -> Version | None:
    """The version an X-Experience-API-Version header asks for; None for one that is not spoken.

    1.0 stands for 1.0.0 (1.0.3 Communication 3.3).
    """
    return next((version for pattern, version in _LINES if pattern.fullmatch(header)), None)
