"""Has a package from an address on the web; which addresses may be asked is decided in realms.web.

Each redirect is checked anew.
"""

import base64
import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import responses
from typing import BinaryIO
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext

from realms import web
from realms.templatetags.console import size as in_words

from .errors import FetchDenied, FetchError

MAX_SECONDS = 3600  # for the whole
HEAD_SECONDS = 60  # until the answer begins, and before SLOWEST counts
BODY_SECONDS = 60  # between two pieces of the body
SLOWEST = 10_000  # bytes a second: a worker waits for no server that sends less
MAX_REDIRECTS = 5
BLOCK = 256 * 1024
LONGEST_DISPOSITION = 4096  # characters

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0: the server does not say)


@dataclass(frozen=True)
class Fetched:
    """What came."""

    size: int  # bytes
    file_name: str


def check(url: str) -> str:
    """The address as it will be asked for. Raises FetchError for one that never may be, without any look-up."""
    with _as_fetch_errors():
        return web.check(url)


def fetch(
    url: str,
    file: BinaryIO,
    progress: Progress,
    login: tuple[str, str] | None = None,
    seconds: int | None = None,
) -> Fetched:
    """Write what the address holds into the file. Raises FetchError in words for the person who gave the address.

    `login`: user name and password, told to the address's own origin and to none that it leads on to. `seconds`: for
    the whole, where that is less than MAX_SECONDS.
    """
    most = MAX_SECONDS if seconds is None else seconds
    deadline = time.monotonic() + most
    origin = urlsplit(url.strip())[:2]
    with _as_fetch_errors(), web.in_words(None if seconds is None else min(seconds, web.TIMEOUT)):
        for _ in range(MAX_REDIRECTS + 1):
            url = check(url)
            left = deadline - time.monotonic()
            if left <= 0:
                raise _too_late(most)
            connection = web.connection_to(url, left)
            try:
                with web.no_longer_than(min(HEAD_SECONDS, left), connection):
                    answer = _ask(connection, url, login if urlsplit(url)[:2] == origin else None)
                with answer:
                    if answer.status not in (301, 302, 303, 307, 308):
                        with web.while_it_gets_on(min(BODY_SECONDS, left), connection) as got_on:
                            return _read(answer, url, file, _both(progress, got_on), deadline, most)
                    url = _next(url, answer)
            finally:
                connection.close()
    raise FetchError(
        gettext("The address leads on more than %(max_redirects)s times.") % {"max_redirects": MAX_REDIRECTS}
    )


def post(url: str, fields: Mapping[str, str]) -> None:
    """Send a form to an address, which may be none that a package could not be had from; redirects are not followed.

    Raises FetchError unless the answer is a 2xx.
    """
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with _as_fetch_errors():
        answer = web.post(url, urlencode(fields).encode(), kind, HEAD_SECONDS)
    if not 200 <= answer.status < 300:
        raise FetchError(f"The server answered {answer.status} {responses.get(answer.status, '')}.".replace(" .", "."))


@contextmanager
def _as_fetch_errors() -> Iterator[None]:
    try:
        yield
    except web.WebError as error:
        raise FetchError(str(error)) from error


def _ask(connection: http.client.HTTPConnection, url: str, login: tuple[str, str] | None) -> http.client.HTTPResponse:
    headers = {"User-Agent": "scormcloud", "Accept": "*/*", "Accept-Encoding": "identity"}
    if login:
        headers["Authorization"] = f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"  # RFC 7617
    connection.request("GET", web.target(url), headers=headers)
    return connection.getresponse()


def _too_late(seconds: int) -> FetchError:
    return FetchError(gettext("The file was not here within %(value)s minutes.") % {"value": seconds // 60})


def _both(progress: Progress, got_on: Callable[[], None]) -> Progress:
    def tell(done: int, announced: int) -> None:
        got_on()
        progress(done, announced)

    return tell


def _next(url: str, answer: http.client.HTTPResponse) -> str:
    """Where a redirect leads to. Raises FetchError where that is nowhere."""
    location = answer.headers.get("Location") or ""
    if not location:
        raise FetchError(_said(answer))
    with suppress(UnicodeError):  # headers are read as Latin-1; browsers take UTF-8
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchError(gettext("This is not a web address.")) from error


def _read(
    answer: http.client.HTTPResponse, url: str, file: BinaryIO, progress: Progress, deadline: float, seconds: int
) -> Fetched:
    if answer.status != 200:
        error = FetchDenied if answer.status in (401, 403) else FetchError
        raise error(_said(answer))
    announced = answer.length or 0
    _refuse_size(announced)
    done, began = 0, time.monotonic()
    while block := answer.read1(BLOCK):  # what is there: `read` would wait until the block is full
        file.write(block)
        done += len(block)
        _refuse_size(done)
        waited = time.monotonic() - began
        if waited > HEAD_SECONDS and done < waited * SLOWEST:
            raise FetchError(gettext("The server sends too slowly."))
        if time.monotonic() > deadline:
            raise _too_late(seconds)
        progress(done, announced)
    if done < announced:
        raise FetchError(
            gettext("The connection broke off after %(done)s of %(announced)s.")
            % {"done": in_words(done), "announced": in_words(announced)}
        )
    if not done:
        raise FetchError(gettext("The server sent an empty file."))
    return Fetched(done, _file_name(answer.headers, url))


def _said(answer: http.client.HTTPResponse) -> str:
    return f"The server answered {answer.status} {_printable(answer.reason)[:100]}.".replace(" .", ".")


def _refuse_size(size: int) -> None:
    if size > settings.UPLOAD_MAX_BYTES:
        raise FetchError(
            gettext("The file is larger than the %(upload_max_bytes)s that are allowed.")
            % {"upload_max_bytes": in_words(settings.UPLOAD_MAX_BYTES)}
        )


def _file_name(headers: Message, url: str) -> str:
    name = _said_name(headers) or unquote(urlsplit(url).path)
    return _printable(name.replace("\\", "/").rpartition("/")[2]).strip()[:255]


def _said_name(headers: Message) -> str:
    """Of Content-Disposition; "" where there is none, or none that can be read."""
    if len(headers.get("Content-Disposition") or "") > LONGEST_DISPOSITION:
        return ""
    try:
        return headers.get_filename() or ""
    except ValueError:  # of a codec that takes no names, a part's number of thousands of digits
        return ""


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))
