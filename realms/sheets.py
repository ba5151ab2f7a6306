"""Tables as CSV files for people, sent as they are read: words in the person's language, times in their zone.

What programs read has stable English names, and times in UTC. See docs/decisions/0025.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

MARK = "\ufeff"  # without a byte order mark spreadsheets take UTF-8 for another encoding


class _Line:
    """What csv.writer writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_response(file_name: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A CSV file, written while the rows come."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8", headers=headers)


def csv_bytes(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same at once, for a file that is kept."""
    return "".join(_lines(header, rows)).encode()


def _lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield MARK + writer.writerow([str(cell) for cell in header])
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])


def safe(cell: Any) -> Any:
    """The cell so that no spreadsheet takes text of others for a formula (OWASP: CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def timed(name: Any) -> str:
    """The header of a column of `clock`: with the zone in which it tells the time."""
    return f"{name} ({timezone.get_current_timezone_name()})"


def clock(at: datetime | None) -> str:
    """The time in the person's zone, as spreadsheets understand it; "" for none."""
    return "" if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
