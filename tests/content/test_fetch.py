"""Packages come from public addresses only, whole, within limits, and errors are told in words."""

import errno
import gzip
import http.server
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from content import fetch, importer, services
from content.errors import FetchError
from content.models import Course
from realms import web
from tests.content.packages import package

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Site(http.server.ThreadingHTTPServer):
    """A web server on this machine; `pages` says what each path answers."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append((self.headers["Host"], self.path))  # type: ignore[attr-defined]
        self.server.pages[self.path.partition("?")[0]](self)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Nothing is written to the terminal."""


def sends(data: bytes, announced: int | None = None, **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if announced != -1:
            handler.send_header("Content-Length", str(announced or len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def leads_to(url: str, status: int = 302) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", url)
        handler.end_headers()

    return answer


@pytest.fixture
def site(settings) -> Iterator[Site]:
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    with Site() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def had(url: str) -> tuple[bytes, str]:
    """What the address holds and the file's name."""
    file = io.BytesIO()
    fetched = fetch.fetch(url, file, lambda done, total: None)
    assert fetched.size == len(file.getvalue())
    return file.getvalue(), fetched.file_name


# --- what comes -------------------------------------------------------------------------------------------------------


def test_a_file_comes_with_its_name_and_its_progress(site):
    site.pages["/a/Sea%20signals.zip"] = sends(b"x" * 600_000)
    seen: list[tuple[int, int]] = []
    file = io.BytesIO()

    fetched = fetch.fetch(site.url("/a/Sea signals.zip?v=1#part"), file, lambda done, total: seen.append((done, total)))

    assert fetched == fetch.Fetched(600_000, "Sea signals.zip")
    assert site.asked == [(f"127.0.0.1:{site.server_port}", "/a/Sea%20signals.zip?v=1")]
    assert seen[-1] == (600_000, 600_000)
    assert len(seen) > 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="course.zip"', "course.zip"),
        ("attachment; filename*=UTF-8''K%C3%B6ln.zip", "Köln.zip"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
    ],
)
def test_the_server_may_name_the_file(site, header, name):
    site.pages["/download"] = sends(b"x", Content_Disposition=header)

    assert had(site.url("/download")) == (b"x", name)


def test_a_file_of_unknown_length_comes(site):
    site.pages["/a.zip"] = sends(b"x" * 1000, announced=-1)

    assert had(site.url("/a.zip")) == (b"x" * 1000, "a.zip")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(site, status):
    site.pages["/old"] = leads_to("new.zip", status)
    site.pages["/new.zip"] = sends(b"x")

    assert had(site.url("/old")) == (b"x", "new.zip")


def test_an_address_becomes_a_course(site, application, django_capture_on_commit_callbacks):
    site.pages["/sea.zip"] = sends(package())

    with django_capture_on_commit_callbacks(execute=True):
        job = services.start_fetch(application, site.url("/sea.zip"))

    job.refresh_from_db()
    assert (job.state, job.file_name, job.size) == ("complete", "sea.zip", len(package()))
    assert Course.objects.get().current_version == job.version


def test_a_fetch_that_failed_can_be_tried_again(site, application, kept):
    site.pages["/sea.zip"] = sends(b"x" * 9, announced=100)
    job = services.start_fetch(application, site.url("/sea.zip"))
    importer.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message, kept()) == (
        "failed",
        "The connection broke off after 9 bytes of 100 bytes.",
        [],
    )

    site.pages["/sea.zip"] = sends(package())
    services.retry_import(job)
    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, Course.objects.count()) == ("complete", 1)


def test_what_could_be_mended_is_fetched_anew_where_it_is_tried_again(site, application, kept):
    site.pages["/sea.zip"] = sends(package({"/absolute.txt": "x"}))
    job = services.start_fetch(application, site.url("/sea.zip"))
    importer.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.can_fix, job.can_retry) == ("failed", True, True)

    site.pages["/sea.zip"] = sends(package())
    services.retry_import(job)
    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.message, Course.objects.count()) == ("complete", "", 1)
    assert kept() == [f"packages/{job.source}"]


# --- what does not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/a.zip",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "/a.zip",
        "http://[::1",
        "",
        "http://example.org:x/",
        "http://example.org:0/",
        "https://olga:secret@example.org/a.zip",
        "gopher://x/",
        "http://a b.example/",
        "http://a%00b.example/",
        'http://a"b.example/',
        "http://[fe80::1%25eth0]/",
        "http://public.example\\@127.0.0.1/",
    ],
)
def test_addresses_that_never_may_be_asked(url, application):
    with pytest.raises(FetchError):
        services.start_fetch(application, url)


PRIVATE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2001:db8::1", "64:ff9b::a9fe:a9fe", "2002:c0a8:101::1", "168.63.129.16", "::ffff:168.63.129.16",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address):
    assert not web.is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_addresses_that_are_public(address):
    assert web.is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "localhost.", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"),
        "[::ffff:127.0.0.1]",
    ],
)
def test_this_machine_is_not_asked(site, settings, host):
    settings.ALLOWED_FETCH_HOSTS = []

    with pytest.raises(FetchError, match="private network|no server named|not be reached"):
        had(site.url("/a.zip", host))

    assert site.asked == []


def test_a_redirect_does_not_lead_inside(site):
    site.pages["/a"] = leads_to(site.url("/secret", "localhost"))

    with pytest.raises(FetchError, match="localhost is on a private network"):
        had(site.url("/a"))

    assert [path for _, path in site.asked] == ["/a"]


def test_a_redirect_does_not_lead_to_a_file(site):
    site.pages["/a"] = leads_to("file:///etc/passwd")

    with pytest.raises(FetchError, match="http:// or https://"):
        had(site.url("/a"))


def test_a_name_with_one_private_address_is_not_asked(monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)

    with pytest.raises(FetchError, match="private network"):
        had("http://two-faced.example/a.zip")


def test_a_name_is_looked_up_once_and_the_checked_address_is_asked(site, settings, monkeypatch):
    """A name that answers with a public address first and a private one later (DNS rebinding) gains nothing."""
    settings.ALLOWED_FETCH_HOSTS = []
    monkeypatch.setattr(web, "is_public", lambda address: address == "127.0.0.1")  # stands for a public one
    look_up = socket.getaddrinfo
    names: list[str] = []

    def answers(host, *rest, **more):
        names.append(host)
        turned = host == "rebinding.example" and names.count(host) > 1
        return look_up("127.0.0.2" if turned else "127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    site.pages["/a.zip"] = sends(b"x")

    assert had(site.url("/a.zip", "rebinding.example"))[0] == b"x"
    assert names.count("rebinding.example") == 1
    assert site.asked[0][0] == f"rebinding.example:{site.server_port}"


def test_a_file_that_is_too_large_is_not_taken(site, settings):
    settings.UPLOAD_MAX_BYTES = 100
    site.pages["/said.zip"] = sends(b"x" * 101)
    site.pages["/unsaid.zip"] = sends(b"x" * 101, announced=-1)

    for path in ("/said.zip", "/unsaid.zip"):
        with pytest.raises(FetchError, match="larger than the 100 bytes"):
            had(site.url(path))


def test_what_takes_too_long_is_given_up(site, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_SECONDS", -1)
    site.pages["/a.zip"] = sends(b"x")

    with pytest.raises(FetchError, match="was not here within"):
        had(site.url("/a.zip"))


def test_a_way_that_is_lost_is_told_in_words_and_a_disk_that_is_full_is_not_taken_for_it():
    with pytest.raises(web.WebError, match="broke off"), web.in_words():
        raise OSError(errno.EHOSTUNREACH, "No route to host")
    with pytest.raises(OSError, match="No space"), web.in_words():
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_server_is_waited_for_no_longer_than_was_asked(settings):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/a.zip"

        with pytest.raises(FetchError, match="did not answer within 1 seconds"):
            fetch.fetch(address, io.BytesIO(), lambda done, total: None, seconds=1)
        with pytest.raises(FetchError, match="was not here within 0 minutes"):
            fetch.fetch(address, io.BytesIO(), lambda done, total: None, seconds=0)


def test_a_silent_server_is_given_up(monkeypatch, settings):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(FetchError, match="did not answer within"):
        had(f"http://127.0.0.1:{silent.getsockname()[1]}/a.zip")


def test_what_servers_answer_otherwise(site, settings):
    site.pages["/gone"] = lambda handler: handler.send_error(404)
    site.pages["/empty"] = sends(b"", announced=0)
    site.pages["/round"] = leads_to("/round")
    site.pages["/broken"] = lambda handler: handler.wfile.write(b"nonsense\r\n\r\n")

    said = {}
    for path in site.pages:
        with pytest.raises(FetchError) as error:
            had(site.url(path))
        said[path] = str(error.value)

    assert said == {
        "/gone": "The server answered 404 Not Found.",
        "/empty": "The server sent an empty file.",
        "/round": "The address leads on more than 5 times.",
        "/broken": "The connection to the server broke off.",
    }


def test_nobody_listens_and_nobody_has_the_name(settings):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(FetchError, match="cannot be reached: Connection refused"):
        had(f"http://127.0.0.1:{port}/a.zip")
    with pytest.raises(FetchError, match="no server named nowhere.invalid"):
        had("http://nowhere.invalid/a.zip")


# --- servers that mean harm -------------------------------------------------------------------------------------------


def chunked(*pieces: bytes, seconds: float = 0.0, **headers: str) -> Answer:
    """The pieces as they are, each after that time, while anybody takes them."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in (headers | {"Transfer_Encoding": "chunked"}).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        with suppress(OSError):
            for piece in pieces:
                handler.wfile.write(piece)
                time.sleep(seconds)

    return answer


@pytest.mark.parametrize("before", [b"", b"1\r\nx\r\n0\r\n"])
def test_what_is_no_part_of_the_file_does_not_keep_a_worker(site, monkeypatch, before):
    """The length of a piece, byte by byte, and lines after the last piece, without end."""
    monkeypatch.setattr(fetch, "BODY_SECONDS", 0.5)
    site.pages["/a.zip"] = chunked(before, *([b"0"] if not before else [b"a: b\r\n"]) * 2000, seconds=0.05)

    with pytest.raises(FetchError, match="sends too slowly"):
        had(site.url("/a.zip"))


def test_an_answer_that_trickles_in_is_cut_off():
    """Also where the server says that it closes the connection, after which http.client forgets its socket."""
    sent = []

    def serve(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as line:
            line.recv(65536)
            line.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            for _ in range(web.KEPT):
                line.sendall(b"x")
                sent.append(1)
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with suppress(web.WebError), pytest.MonkeyPatch.context() as patched:
            patched.setattr(web, "is_public", lambda address: True)
            web.post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"", {}, seconds=2)
        thread.join()

    assert len(sent) < web.KEPT


def test_a_name_of_thousands_of_addresses_does_not_keep_a_worker(monkeypatch):
    tried = []

    def nobody_answers(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address)
        time.sleep(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", nobody_answers)
    with pytest.raises(TimeoutError):
        web._connect(["192.0.2.1"] * 4000, 80, 0.05)

    assert 1 <= len(tried) <= 3


@pytest.mark.parametrize(
    "answer",
    [
        sends(b"x", announced=-1, Content_Length="9" * 5000),
        sends(b"x", announced=-1, Content_Length="-1"),
        chunked(b"1\r\nx\r\n0\r\n\r\n", Content_Length="500"),
        sends(b"x", Content_Disposition="attachment; filename*=idna''x"),
        sends(b"x", Content_Disposition="attachment; filename*=a%00b''x"),
        sends(b"x", Content_Disposition=f"attachment; filename*{'9' * 4400}*=x"),
        sends(b"x", Content_Disposition='attachment; filename="' + ";" * 60_000),
    ],
)
def test_headers_that_lie_or_make_no_sense(site, answer):
    site.pages["/a.zip"] = answer

    assert had(site.url("/a.zip"))[0] == b"x"


def test_nothing_is_unpacked_on_the_way(site):
    """Whatever a server sends packed though nobody asked for it stays as small as it is."""
    bomb = gzip.compress(bytes(10**6))
    site.pages["/a.zip"] = sends(bomb, Content_Encoding="gzip")

    assert had(site.url("/a.zip"))[0] == bomb


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://[", "not a web address"),
        ("", "answered 302 Found"),
        ("http://a b/", "not a web address"),
        ("http://olga:secret@127.0.0.1/", "user name"),
    ],
)
def test_redirects_that_lead_nowhere(site, location, words):
    site.pages["/a"] = leads_to(location)

    with pytest.raises(FetchError, match=words):
        had(site.url("/a"))


def test_a_redirect_in_other_letters(site):
    site.pages["/a"] = leads_to("/Größe.zip".encode().decode("latin-1"))
    site.pages["/Gr%C3%B6%C3%9Fe.zip"] = sends(b"x")

    assert had(site.url("/a")) == (b"x", "Größe.zip")


def test_what_a_server_says_is_kept_short_and_can_be_shown(site):
    site.pages["/a"] = lambda handler: handler.wfile.write(b"HTTP/1.1 404 No\0\x1b[31m" + b"x" * 1000 + b"\r\n\r\n")

    with pytest.raises(FetchError) as error:
        had(site.url("/a"))

    assert str(error.value) == "The server answered 404 No[31m" + "x" * 94 + "."


def test_a_name_that_is_allowed_with_a_dot_at_its_end(site, settings, monkeypatch):
    settings.ALLOWED_FETCH_HOSTS = ["Files.example"]
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: look_up("127.0.0.1", *rest, **more))
    site.pages["/a.zip"] = sends(b"x")

    assert had(site.url("/a.zip", "files.example."))[0] == b"x"
