"""PENS 1.0: what an authoring tool announces, checked, and taken in as an import job.

Error codes are those of the specification's table 22. Of several errors the highest is told ("respond with highest
numbered error encountered"); codes from 10000 are the implementation's own.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from realms.models import Application
from realms.services import application_of_pens_key

from . import fetch, services
from .errors import FetchError, OverPlan
from .models import ImportJob, PensCollect
from .pens_notices import EXPIRED, NO_ROOM, VERSION, expiry_of, mail_addresses

UNPARSABLE, INVALID_ARGUMENT, BAD_CREDENTIALS, TOO_OFTEN = 1101, 1201, 10001, 10002
REQUIRED = {  # parameter -> the code that says it is missing or invalid
    "pens-version": 2001,
    "command": 2002,
    "package-type": 2003,
    "package-type-version": 2004,
    "package-format": 2005,
    "package-id": 2007,
    "package-url": 2008,
    "package-url-expiry": 2009,
    "client": 2010,
    "receipt": 2011,
}
MAY_BE_EMPTY = ("package-url-expiry", "client", "package-type-version")  # value space: null string or character string
SECRET = ("package-url-user-id", "package-url-password", "package-url-account", "system-user-id", "system-password")
OPTIONAL = (*SECRET, "alerts", "vendor-data")
LONGEST = 2000  # characters
LONGEST_OF = dict.fromkeys(SECRET, 255) | {"vendor-data": 32_768}  # the specification asks for 4,096 at least
PACKAGE_TYPES = ("aicc-pkg", "scorm-pif")
PACKAGE_FORMATS = ("zip", "jar", "war", "xml", "url")  # what comes is told by its content, whatever it is called
PROTOCOLS = {"ftp": 1304, "ftps": 1306, "sftp": 1306}  # package addresses that are known and not supported
COURSE_ID_LENGTH = 200


class PensError(Exception):
    """A refusal, with its code and words for the authoring tool."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def collect(parameters: Mapping[str, Sequence[str]]) -> ImportJob:
    """Take the announced package in. Raises PensError; the highest of several, as the specification wants."""
    message = _read(parameters)
    application = application_of_pens_key(message["system-user-id"], message["system-password"])
    if application is None:
        raise PensError(BAD_CREDENTIALS, "system-user-id or system-password is wrong")
    return _take(application, message)


def course_id(package_id: str) -> str:
    """The course that a package id stands for: the id itself where it can stand in an address, else what of it can with
    a mark of the whole, so that two ids never meet in one course."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", package_id).strip("-.")[:COURSE_ID_LENGTH]
    if readable == package_id:
        return package_id
    mark = hashlib.sha256(package_id.encode()).hexdigest()[:12]
    return f"{readable}-{mark}" if readable else mark


@transaction.atomic
def _take(application: Application, message: Mapping[str, str]) -> ImportJob:
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)  # a message sent twice makes one job
    kept = {name: value for name, value in message.items() if name not in SECRET}
    waiting = PensCollect.objects.select_related("job").filter(
        job__application=application, job__state=ImportJob.State.WAITING, job__url=fetch.check(message["package-url"])
    )
    if same := next((each for each in waiting if each.message == kept), None):
        return same.job
    wish = services.Wish(course_id=course_id(message["package-id"]), may_create_version=True)
    try:
        job = services.start_fetch(application, message["package-url"], wish, replaces_unused=True)
    except (FetchError, OverPlan) as error:
        raise PensError(NO_ROOM, str(error)) from error
    login = {"user_id": message["package-url-user-id"], "password": message["package-url-password"]}
    PensCollect.objects.create(job=job, message=kept, **login)
    return job


# --- the message ------------------------------------------------------------------------------------------------------


def _read(parameters: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Every parameter of the message, "" for an optional one that is not there. Raises PensError."""
    errors: list[PensError] = []
    message: dict[str, str] = {}
    for name in (*REQUIRED, *OPTIONAL):
        try:
            message[name] = _one(name, parameters.get(name, ()))
        except PensError as error:
            errors.append(error)
    for name, check in CHECKS.items():
        try:
            if name in message:
                check(message[name])
        except PensError as error:
            errors.append(error)
    if errors:
        raise max(errors, key=lambda error: error.code)
    return message


def _one(name: str, values: Sequence[str]) -> str:
    if len(set(values)) > 1:
        raise PensError(INVALID_ARGUMENT, f"{name} is given more than once")
    value = values[0] if values else ""
    if name not in SECRET:
        value = value.strip()
    if name in REQUIRED and (not values or (not value and name not in MAY_BE_EMPTY)):
        raise PensError(REQUIRED[name], f"message incomplete; {name} invalid or not specified")
    if len(value) > LONGEST_OF.get(name, LONGEST):
        raise PensError(REQUIRED.get(name, INVALID_ARGUMENT), f"{name} is too long")
    forbidden = r"[\0\ud800-\udfff]" if name == "vendor-data" else r"[\x00-\x1f\x7f\ud800-\udfff]"
    if re.search(forbidden, value):
        raise PensError(REQUIRED.get(name, INVALID_ARGUMENT), f"{name} has characters that are not allowed")
    return value


def _version(value: str) -> None:
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", value):
        raise PensError(2001, "pens-version is not of the form x.x.x")
    if value != VERSION:
        raise PensError(1420, f"PENS version not supported: this is {VERSION}")


def _command(value: str) -> None:
    if value != "collect":
        raise PensError(1421, "command not supported: only collect is")


def _type(value: str) -> None:
    if value not in PACKAGE_TYPES:
        raise PensError(1430, f"package type not supported: only {' and '.join(PACKAGE_TYPES)} are")


def _format(value: str) -> None:
    if value not in PACKAGE_FORMATS:
        raise PensError(2005, f"package-format must be one of {', '.join(PACKAGE_FORMATS)}")


def _package_url(value: str) -> None:
    try:
        scheme = urlsplit(value).scheme
    except ValueError:
        scheme = ""
    if scheme in PROTOCOLS:
        raise PensError(PROTOCOLS[scheme], f"unable to retrieve package via {scheme.upper()}")
    try:
        fetch.check(value)
    except FetchError as error:
        raise PensError(2008, f"package-url is invalid: {error}") from error


def _expiry(value: str) -> None:
    if not value:
        return
    try:
        expiry = expiry_of(value)
    except ValueError as error:
        raise PensError(1320, "package-url-expiry is not a time by ISO 8601") from error
    if expiry < timezone.now():
        raise PensError(EXPIRED, "package-url-expiry has passed")


def _listener(value: str, unsupported: int, invalid: int) -> None:
    try:
        scheme = urlsplit(value).scheme
        if scheme == "mailto":
            mail_addresses(value)
        elif scheme in ("http", "https"):
            fetch.check(value)
        else:
            raise PensError(unsupported, "only mailto:, http: and https: addresses are written to")
    except (ValueError, FetchError) as error:
        raise PensError(invalid, f"not an address that can be written to: {error}") from error


def _receipt(value: str) -> None:
    _listener(value, 1510, REQUIRED["receipt"])


def _alerts(value: str) -> None:
    if value:
        _listener(value, 1520, INVALID_ARGUMENT)


CHECKS = {
    "pens-version": _version,
    "command": _command,
    "package-type": _type,
    "package-format": _format,
    "package-url": _package_url,
    "package-url-expiry": _expiry,
    "receipt": _receipt,
    "alerts": _alerts,
}


def answer(code: int, text: str, job_id: uuid.UUID | None = None) -> str:
    """The answer of Appendix A 1.2; pens-data names the job."""
    data = f"import-job={job_id}" if job_id else ""
    return f"error={code}\r\nerror-text={' '.join(text.split())}\r\nversion={VERSION}\r\npens-data={data}"
