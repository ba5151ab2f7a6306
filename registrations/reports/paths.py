"""How far a registration came through the activities of its course, as a short word the database can group by."""

from collections.abc import Iterable, Mapping

BEGUN, COMPLETED, PASSED, FAILED = 1, 2, 4, 8


def bits(completion: str, success: str) -> int:
    """Of an activity that was begun."""
    found = BEGUN
    if completion == "completed":
        found |= COMPLETED
    if success == "passed":
        found |= PASSED
    if success == "failed":
        found |= FAILED
    return found


def write(pairs: Mapping[int, int]) -> str:
    """`{12: 3, 15: 1}` as "12:3 15:1"; also numbers of launches by slot."""
    return " ".join(f"{key}:{value}" for key, value in sorted(pairs.items()))


def read(text: str) -> Iterable[tuple[int, int]]:
    for pair in text.split():
        key, _, value = pair.partition(":")
        yield int(key), int(value)
