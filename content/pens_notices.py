"""Receipts and alerts of PENS: what an authoring tool hears of a package it announced, sent until it is heard.

They are rows of the transaction that makes them true, so none is lost and none is sent of what did not happen.
"""

import logging
import re
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils import timezone

from . import fetch
from .errors import FetchError
from .models import ImportJob, PensCollect, PensNotice

log = logging.getLogger(__name__)

VERSION = "1.0.0"
RECEIPT, ALERT = "receipt", "alert"
INVALID_URL, DENIED, EXPIRED, PACKAGE_ERROR, NO_ROOM = 1310, 1312, 1322, 1432, 1440  # PENS 6.3 table 22
ERRORS = {
    "fetch-failed": INVALID_URL,
    "fetch-denied": DENIED,
    "storage-limit": NO_ROOM,
    "course-limit": NO_ROOM,
    "disk-full": NO_ROOM,
}  # by a finding's code
MAX_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=30)  # doubled after each attempt: an hour in all
MAILS_AT_MOST = 10  # addresses in one mailto:
CLAIM = timedelta(minutes=10)  # how long one sender has a notice to itself; an attempt is over long before
ECHOED = ("package-type", "package-type-version", "package-format", "package-id", "package-url", "package-url-expiry")


def login(job_id: uuid.UUID) -> tuple[str, str] | None:
    """User name and password for the package's address, where the authoring tool gave them."""
    collect = PensCollect.objects.filter(job_id=job_id).exclude(user_id="").first()
    return (collect.user_id, collect.password) if collect else None


def note_fetched(job_id: uuid.UUID) -> None:
    """The package is here: the receipt is owed (PENS 5.1), and the password for its address is needed no more."""
    collect = PensCollect.objects.filter(job_id=job_id).first()
    if collect is None:
        return
    PensCollect.objects.filter(pk=collect.pk).update(user_id="", password="")
    _owe(collect, RECEIPT, 0, "package successfully collected")


def note_end(job_id: uuid.UUID) -> None:
    """The import is over: an alert is owed, and where the package could not be collected the receipt that says so."""
    collect = PensCollect.objects.select_related("job").filter(job_id=job_id).first()
    if collect is None:
        return
    job = collect.job
    if job.state == ImportJob.State.COMPLETE:
        _owe(collect, ALERT, 0, "package successfully deployed", f"course-id={job.course_id}")
        return
    error = next((ERRORS[finding.code] for finding in job.read_findings() if finding.code in ERRORS), PACKAGE_ERROR)
    if error in (INVALID_URL, DENIED) and _is_expired(collect):
        error = EXPIRED  # of several errors the highest
    if not collect.notices.filter(command=RECEIPT, error=0).exists():
        _owe(collect, RECEIPT, error, job.message)
    _owe(collect, ALERT, error, job.message)


def expiry_of(value: str) -> datetime:
    """A package-url-expiry: "ISO 8601 format expressed as UTC". Raises ValueError."""
    # A + that was not percent-encoded came as a blank
    moment = datetime.fromisoformat(re.sub(r" (?=[0-9:]+\Z)", "+", value) if "T" in value else value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_expired(collect: PensCollect) -> bool:
    value = str(collect.message.get("package-url-expiry", ""))
    return bool(value) and expiry_of(value) < timezone.now()


def _owe(collect: PensCollect, command: str, error: int, text: str, data: str = "") -> None:
    if address_of(collect, command):
        kept = {"text": " ".join(text.split())[:500], "data": data, "due": timezone.now()}
        PensNotice.objects.get_or_create(collect=collect, command=command, error=error, defaults=kept)


def address_of(collect: PensCollect, command: str) -> str:
    """Where notices of this kind go; "" where the tool wants none."""
    return str(collect.message.get("alerts" if command == ALERT else "receipt", ""))


# --- sending ----------------------------------------------------------------------------------------------------------


def send_due(now: datetime | None = None) -> None:
    """Send what is due, the receipt of a package before its alerts."""
    now = now or timezone.now()
    for pk, due in list(PensNotice.objects.filter(due__lte=now).order_by("pk").values_list("pk", "due")):
        # Compare-and-set: of several senders one has it; where that one dies it is due again
        if PensNotice.objects.filter(pk=pk, due=due).update(due=now + CLAIM):
            _send(PensNotice.objects.select_related("collect").get(pk=pk))


def _send(notice: PensNotice) -> None:
    attempts = notice.attempts + 1
    try:
        _deliver(address_of(notice.collect, notice.command), notice)
    except (FetchError, OSError) as error:  # smtplib's errors are OSErrors
        log.warning("%s %s of PENS was not delivered: %s", notice.command, notice.pk, error)
        again = None if attempts >= MAX_ATTEMPTS else timezone.now() + FIRST_DELAY * 2 ** (attempts - 1)
        PensNotice.objects.filter(pk=notice.pk).update(attempts=attempts, due=again, failure=str(error)[:500])
    else:
        PensNotice.objects.filter(pk=notice.pk).update(attempts=attempts, due=None, sent=timezone.now(), failure="")


def _deliver(address: str, notice: PensNotice) -> None:
    if not address.lower().startswith("mailto:"):
        fetch.post(address, _fields(notice))
        return
    subject = f"PENS {notice.command}: {notice.text}"[:200]
    body = "".join(f"{name}={value}\r\n" for name, value in _fields(notice).items())
    EmailMessage(subject, body, to=list(mail_addresses(address))).send()


def _fields(notice: PensNotice) -> dict[str, str]:
    """The message of PENS Appendix A 1.1: what was announced, and what became of it."""
    said = notice.collect.message
    return {
        "command": notice.command,
        "pens-version": VERSION,
        **{name: said.get(name, "") for name in ECHOED},
        "client": "SCORM Cloud",
        "error": str(notice.error),
        "error-text": notice.text,
        "version": VERSION,
        "pens-data": notice.data,
    }


def mail_addresses(url: str) -> tuple[str, ...]:
    """The addresses of a mailto: URL, without any header it would set. Raises ValueError."""
    addresses = tuple(part.strip() for part in unquote(urlsplit(url).path).split(",") if part.strip())
    if not 1 <= len(addresses) <= MAILS_AT_MOST:
        raise ValueError(f"from 1 to {MAILS_AT_MOST} mail addresses")
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValueError(f"{address} is no mail address") from error
    return addresses
