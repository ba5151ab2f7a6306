"""Raw scores as shares of their range."""

import math

USUAL = 0.0, 100.0  # of content that names no range (SCORM 1.2 RTE 3.4.4 cmi.core.score.raw)


def share(raw: float, low: float | None, high: float | None) -> float:
    """The raw score as a share of its range, -1..1; of the usual one where there is none, or one of no width.

    A range of which only one end is told has the other of the usual range.
    """
    start, end = USUAL[0] if low is None else low, USUAL[1] if high is None else high
    if not (start < end and math.isfinite(end - start)):
        start, end = USUAL
    return max(-1.0, min(1.0, (raw - start) / (end - start)))
