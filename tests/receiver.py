"""A customer's system: a web server on this machine that keeps what is posted to it."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message


@dataclass(frozen=True)
class Posted:
    path: str
    headers: Message
    body: bytes


class Receiver(http.server.ThreadingHTTPServer):
    """Answers each request with the next of `statuses`, with 200 where there is none."""

    def __init__(self) -> None:
        self.got: list[Posted] = []
        self.statuses: list[int] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(Posted(self.path, self.headers, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Location", "/elsewhere")  # only a redirect would mean it
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"heard\0")

    def log_message(self, *_: object) -> None:
        """Nothing is written to the terminal."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()
