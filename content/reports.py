"""What an import found, as others read it: the API's parserWarnings and a file of JSON."""

from collections.abc import Iterable
from typing import Any

from standards.rules import explained, rule_of
from standards.structure import Finding

from .models import ImportJob

FORMAT = 1  # of the JSON; counts up when a key goes or means something else


def parser_warnings(job: ImportJob) -> list[str]:
    """`parserWarnings` of an import result (API v2, ImportResultSchema): one string a finding, never markup."""
    return [as_words(finding) for finding in job.read_findings()]


def as_words(finding: Finding) -> str:
    """`imsmanifest.xml:12: [href-spelling] Resource R1: … (IMS CP 1.1)`."""
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    clause = finding.clause or rule_of(finding.code).clause
    return "".join(
        (f"{place}: " if place else "", f"[{finding.code}] {finding.message}", f" ({clause})" if clause else "")
    )


def report_json(findings: Iterable[Finding], **about: Any) -> dict[str, Any]:
    """The whole report; every key is always there."""
    listed = list(findings)
    return {
        "format": FORMAT,
        **about,
        **{
            f"{severity}s": sum(finding.count for finding in listed if finding.severity == severity)
            for severity in ("error", "warning", "hint")
        },
        "findings": [explained(finding) for finding in listed],
    }
