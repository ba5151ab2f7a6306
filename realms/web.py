"""Requests to addresses that tenants name, without being made a way into the network the server stands in.

Only http and https, only public addresses: the host is resolved once, every address it has is checked, and the
connection goes to a checked address, so a name that changes its answer meanwhile gains nothing. Hosts named in
ALLOWED_FETCH_HOSTS may be anywhere.
"""

import errno
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext

TIMEOUT = 30  # seconds of silence
NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)  # on an open connection as well
KEPT = 2_000  # bytes of an answer, for people to read


class WebError(Exception):
    """An address that may not be asked, or that did not answer, in words for the person who gave it."""


@dataclass(frozen=True)
class Answer:
    """What a server said; of its body the beginning."""

    status: int
    body: bytes
    seconds: float


_NO_HOST = re.compile(r"[\x00-\x20\x7f\"%<>\\^`{|}]")  # WHATWG URL 3.1: what no name of a server holds


def check(url: str) -> str:
    """The address as it will be asked for. Raises WebError for one that never may be, without any look-up."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise WebError(gettext("This is not a web address.")) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WebError(gettext("Only addresses that begin with http:// or https:// can be asked."))
    if parts.username is not None or parts.password is not None:
        raise WebError(gettext("The address must not contain a user name or password."))
    if port == 0 or _NO_HOST.search(parts.hostname):
        raise WebError(gettext("This is not a web address."))
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, ""))


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float = TIMEOUT) -> Answer:
    """Send the body; whatever status comes is an answer, and no redirect is followed.

    `seconds`: for the whole. Raises WebError where no answer comes.
    """
    url = check(url)
    began = time.monotonic()
    with in_words(seconds):
        connection = connection_to(url, seconds)
        try:
            with no_longer_than(seconds, connection):
                connection.request("POST", target(url), body, {"User-Agent": "scormcloud", **headers})
                with connection.getresponse() as answer:
                    return Answer(answer.status, answer.read(KEPT), time.monotonic() - began)
        finally:
            connection.close()


@contextmanager
def in_words(seconds: float | None = None) -> Iterator[None]:
    """What goes wrong on the way, as a WebError."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise WebError(
            gettext("The server's certificate is not valid: %(value)s.") % {"value": error.verify_message or error}
        ) from error
    except ssl.SSLError as error:
        raise WebError(
            gettext("There is no secure connection to the server: %(value)s.") % {"value": error.reason or error}
        ) from error
    except TimeoutError as error:
        raise WebError(
            gettext("The server did not answer within %(seconds)s seconds.") % {"seconds": f"{seconds or TIMEOUT:g}"}
        ) from error
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, OSError) and not isinstance(error, ConnectionError) and error.errno not in NO_WAY:
            raise  # of the disk, say
        raise WebError(gettext("The connection to the server broke off.")) from error


@contextmanager
def no_longer_than(seconds: float, connection: "Connection") -> Iterator[None]:
    """Break the connection off after that time: TIMEOUT counts silence alone, and a server may send byte by byte.

    Raises TimeoutError where that ends what goes on.
    """
    is_cut = threading.Event()

    def cut() -> None:
        is_cut.set()
        connection.cut()

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        if is_cut.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()


@contextmanager
def while_it_gets_on(seconds: float, connection: "Connection") -> Iterator[Callable[[], None]]:
    """Break the connection off once the function given has not been called for that time, and raise WebError: between
    two pieces of a body a server may send what is no part of it, byte by byte or without end (RFC 9112 7.1)."""
    latest, is_over, is_cut = time.monotonic(), threading.Event(), threading.Event()

    def got_on() -> None:
        nonlocal latest
        latest = time.monotonic()

    def watch() -> None:
        while not is_over.wait(max(0.01, latest + seconds - time.monotonic())):
            if time.monotonic() - latest >= seconds:
                is_cut.set()
                connection.cut()
                return

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield got_on
    finally:
        is_over.set()
        if is_cut.is_set():  # whatever the cut looked like to who read
            raise WebError(gettext("The server sends too slowly."))


def target(url: str) -> str:
    """What the request line names."""
    parts = urlsplit(url)
    return urlunsplit(("", "", _ascii(parts.path), _ascii(parts.query), ""))


def _ascii(text: str) -> str:
    """Letters that an address may not hold, such as those of a path typed by a person, percent-encoded."""
    return "".join(
        character if "!" <= character <= "~" else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def connection_to(url: str, seconds: float | None = None) -> "Connection":
    """A connection to a checked address of the host, not open yet."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _checked_addresses(host, port)
    silence = min(seconds or TIMEOUT, TIMEOUT)
    if parts.scheme == "https":
        return _PinnedHTTPS(host, port, addresses, silence)
    return _Pinned(host, port, addresses, silence)


def _checked_addresses(host: str, port: int) -> list[str]:
    """The addresses of the host. Raises WebError where one is not public and the host is not allowed by name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise WebError(gettext("There is no server named %(host)s.") % {"host": host}) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if _plain(host) in map(_plain, settings.ALLOWED_FETCH_HOSTS):
        return addresses
    if not addresses or not all(is_public(address) for address in addresses):
        raise WebError(
            gettext(
                "%(host)s is on a private network; only public addresses are asked. Who runs this site can "
                "allow the host by name (FETCH_ALLOWED_HOSTS)."
            )
            % {"host": host}
        )
    return addresses


def _plain(host: str) -> str:
    """A name with a dot at its end is the same one, in full (RFC 1034 3.1)."""
    return host.lower().removesuffix(".")


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, also where it carries an IPv4 address inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1]) or _translated(ip)
        if inner:
            return is_public(str(inner))
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip in _LOCAL_NAT64):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip not in _HOSTERS


_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")  # RFC 8215
_HOSTERS = frozenset({ipaddress.ip_address("168.63.129.16")})  # public, yet the inside of a cloud: Azure's WireServer
_COMPATIBLE = ipaddress.ip_network("::/96")  # RFC 4291 2.5.5.1


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64 or ip in _COMPATIBLE:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


class _Pinned(http.client.HTTPConnection):
    """Connects to one of the given addresses, whatever the name resolves to by now."""

    _line: socket.socket | None = None  # `sock` is forgotten once an answer that closes the connection begins

    def __init__(self, host: str, port: int, addresses: list[str], silence: float) -> None:
        super().__init__(host, port, timeout=silence)
        self._addresses, self._silence = addresses, silence

    def connect(self) -> None:
        self.sock = self._line = _connect(self._addresses, self.port, self._silence)

    def cut(self) -> None:
        """Whoever waits for the server waits no more."""
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)


class _PinnedHTTPS(_Pinned, http.client.HTTPSConnection):
    """The same with TLS, the certificate checked against the name."""

    def __init__(self, host: str, port: int, addresses: list[str], silence: float) -> None:
        self._tls = ssl.create_default_context()
        http.client.HTTPSConnection.__init__(self, host, port, timeout=silence, context=self._tls)
        self._addresses, self._silence = addresses, silence

    def connect(self) -> None:
        super().connect()
        self.sock = self._line = self._tls.wrap_socket(self.sock, server_hostname=_plain(self.host))


Connection = _Pinned  # of either kind


def _connect(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """`seconds`: for one address; all of them, and a name may have thousands, have twice as long."""
    reason: OSError | None = None
    until = time.monotonic() + 2 * seconds
    for address in addresses:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            line = socket.create_connection((address, port), timeout=min(seconds, left))
        except OSError as error:
            reason = error
        else:
            line.settimeout(seconds)
            return line
    if isinstance(reason, TimeoutError):
        raise reason
    raise WebError(
        gettext("The server cannot be reached: %(value)s.")
        % {"value": reason.strerror if reason else "it has no address"}
    ) from reason
