"""Has a package from an address on the web, without being made a way into the network the server stands in.

Only http and https, only public addresses: the host is resolved once, every address it has is checked, and the
connection goes to a checked address, so a name that changes its answer meanwhile gains nothing. Each redirect is
checked anew. Hosts named in ALLOWED_FETCH_HOSTS may be anywhere.
"""

import base64
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from typing import BinaryIO
from urllib.parse import unquote, urlencode, urljoin, urlsplit, urlunsplit

from django.conf import settings

from realms.templatetags.console import size as in_words

from .errors import FetchDenied, FetchError

TIMEOUT = 30  # seconds of silence
MAX_SECONDS = 3600  # for the whole
HEAD_SECONDS = 60  # until the answer begins, and before SLOWEST counts
SLOWEST = 10_000  # bytes a second: a worker waits for no server that sends less
MAX_REDIRECTS = 5
BLOCK = 256 * 1024

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0: the server does not say)


@dataclass(frozen=True)
class Fetched:
    """What came."""

    size: int  # bytes
    file_name: str


def check(url: str) -> str:
    """The address as it will be asked for. Raises FetchError for one that never may be, without any look-up."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise FetchError("This is not a web address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("Only addresses that begin with http:// or https:// can be fetched.")
    if parts.username is not None or parts.password is not None:
        raise FetchError("The address must not contain a user name or password.")
    if port == 0:
        raise FetchError("This is not a web address.")
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, ""))


def fetch(url: str, file: BinaryIO, progress: Progress, login: tuple[str, str] | None = None) -> Fetched:
    """Write what the address holds into the file. Raises FetchError in words for the person who gave the address.

    `login`: user name and password, told to the address's own origin and to none that it leads on to.
    """
    deadline = time.monotonic() + MAX_SECONDS
    origin = urlsplit(url.strip())[:2]
    with _in_words():
        for _ in range(MAX_REDIRECTS + 1):
            url = check(url)
            connection = _connection(url)
            try:
                with _no_longer_than(HEAD_SECONDS, connection):
                    answer = _ask(connection, url, login if urlsplit(url)[:2] == origin else None)
                if answer.status not in (301, 302, 303, 307, 308):
                    return _read(answer, url, file, progress, deadline)
                url = urljoin(url, answer.headers.get("Location") or "")
            finally:
                connection.close()
    raise FetchError(f"The address leads on more than {MAX_REDIRECTS} times.")


def post(url: str, fields: Mapping[str, str]) -> None:
    """Send a form to an address, which may be none that a package could not be had from; redirects are not followed.

    Raises FetchError unless the answer is a 2xx.
    """
    url = check(url)
    with _in_words():
        connection = _connection(url)
        try:
            with _no_longer_than(HEAD_SECONDS, connection):
                kind = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "scormcloud"}
                connection.request("POST", _target(url), urlencode(fields).encode(), kind)
                answer = connection.getresponse()
            if not 200 <= answer.status < 300:
                raise FetchError(f"The server answered {answer.status} {answer.reason}.".replace(" .", "."))
        finally:
            connection.close()


@contextmanager
def _in_words() -> Iterator[None]:
    """What goes wrong on the way, as a FetchError."""
    try:
        yield
    except ssl.SSLError as error:
        raise FetchError(f"The server's certificate is not valid: {error.reason or error}.") from error
    except TimeoutError as error:
        raise FetchError(f"The server did not answer within {TIMEOUT} seconds.") from error
    except (ConnectionError, http.client.HTTPException) as error:
        raise FetchError("The connection to the server broke off.") from error


@contextmanager
def _no_longer_than(seconds: float, connection: http.client.HTTPConnection) -> Iterator[None]:
    """Break the connection off after that time: TIMEOUT counts silence alone, and a server may send byte by byte."""

    def cut() -> None:
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ask(connection: http.client.HTTPConnection, url: str, login: tuple[str, str] | None) -> http.client.HTTPResponse:
    headers = {"User-Agent": "scormcloud", "Accept": "*/*", "Accept-Encoding": "identity"}
    if login:
        headers["Authorization"] = f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"  # RFC 7617
    connection.request("GET", _target(url), headers=headers)
    return connection.getresponse()


def _target(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(("", "", _ascii(parts.path), _ascii(parts.query), ""))


def _ascii(text: str) -> str:
    """Letters that an address may not hold, such as those of a path typed by a person, percent-encoded."""
    return "".join(
        character if "!" <= character <= "~" else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def _read(answer: http.client.HTTPResponse, url: str, file: BinaryIO, progress: Progress, deadline: float) -> Fetched:
    if answer.status != 200:
        error = FetchDenied if answer.status in (401, 403) else FetchError
        raise error(f"The server answered {answer.status} {answer.reason}.".replace(" .", "."))
    announced = int(length) if (length := answer.headers.get("Content-Length") or "").isdecimal() else 0
    _refuse_size(announced)
    done, began = 0, time.monotonic()
    while block := answer.read1(BLOCK):  # what is there: `read` would wait until the block is full
        file.write(block)
        done += len(block)
        _refuse_size(done)
        waited = time.monotonic() - began
        if waited > HEAD_SECONDS and done < waited * SLOWEST:
            raise FetchError("The server sends too slowly.")
        if time.monotonic() > deadline:
            raise FetchError(f"The file was not here within {MAX_SECONDS // 60} minutes.")
        progress(done, announced)
    if done < announced:
        raise FetchError(f"The connection broke off after {in_words(done)} of {in_words(announced)}.")
    if not done:
        raise FetchError("The server sent an empty file.")
    return Fetched(done, _file_name(answer.headers, url))


def _refuse_size(size: int) -> None:
    if size > settings.UPLOAD_MAX_BYTES:
        raise FetchError(f"The file is larger than the {in_words(settings.UPLOAD_MAX_BYTES)} that are allowed.")


def _file_name(headers: Message, url: str) -> str:
    name = headers.get_filename() or unquote(urlsplit(url).path)
    return "".join(filter(str.isprintable, name.replace("\\", "/").rpartition("/")[2])).strip()[:255]


# --- addresses --------------------------------------------------------------------------------------------------------


def _connection(url: str) -> http.client.HTTPConnection:
    """A connection to a checked address of the host, not open yet."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _checked_addresses(host, port)
    if parts.scheme == "https":
        return _PinnedHTTPS(host, port, addresses)
    return _Pinned(host, port, addresses)


def _checked_addresses(host: str, port: int) -> list[str]:
    """The addresses of the host. Raises FetchError where one is not public and the host is not allowed by name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise FetchError(f"There is no server named {host}.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if host.lower() in (allowed.lower() for allowed in settings.ALLOWED_FETCH_HOSTS):
        return addresses
    if not addresses or not all(is_public(address) for address in addresses):
        raise FetchError(
            f"{host} is on a private network; files are fetched from public addresses only."
            " Who runs this site can allow the host by name (FETCH_ALLOWED_HOSTS)."
        )
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, also where it carries an IPv4 address inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1]) or _translated(ip)
        if inner:
            return is_public(str(inner))
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip in _LOCAL_NAT64):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")  # RFC 8215
_COMPATIBLE = ipaddress.ip_network("::/96")  # RFC 4291 2.5.5.1


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64 or ip in _COMPATIBLE:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


class _Pinned(http.client.HTTPConnection):
    """Connects to one of the given addresses, whatever the name resolves to by now."""

    def __init__(self, host: str, port: int, addresses: list[str]) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._addresses = addresses

    def connect(self) -> None:
        self.sock = _connect(self._addresses, self.port)


class _PinnedHTTPS(http.client.HTTPSConnection):
    """The same with TLS, the certificate checked against the name."""

    def __init__(self, host: str, port: int, addresses: list[str]) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT, context=self._tls)
        self._addresses = addresses

    def connect(self) -> None:
        self.sock = self._tls.wrap_socket(_connect(self._addresses, self.port), server_hostname=self.host)


def _connect(addresses: list[str], port: int) -> socket.socket:
    reason: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=TIMEOUT)
        except OSError as error:
            reason = error
    if isinstance(reason, TimeoutError):
        raise reason
    raise FetchError(f"The server cannot be reached: {reason.strerror if reason else 'it has no address'}.") from reason
