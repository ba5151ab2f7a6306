"""The web server as `manage.py serve` starts it, and clients that ask it as fast as it answers."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import ROOT, free_port

Ask = Callable[[int], bytes]  # number of the request -> the request


class Server:
    """A running granian and what its processes have used."""

    def __init__(self, port: int, process: subprocess.Popen) -> None:
        self.port = port
        self.process = process

    def cpu_seconds(self) -> float:
        """User and system time of the server and of the processes below it."""
        ticks = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.process.pid:  # its process group
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(
    *options: str, threads: int = 32, workers: int = 2, application: str = "config.wsgi:application"
) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", application, "--port", str(port)]
    command += [
        "--workers",
        str(workers),
        "--blocking-threads",
        str(threads),
        "--no-ws",
        "--log-level",
        "error",
        *options,
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PORT": str(port)}, start_new_session=True)
    try:
        _wait_for(port)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with Client(port) as client:
                client.ask(get(port, "/healthz"))
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("error: the server did not start")


def get(port: int, path: str, host: str = "127.0.0.1") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def post(port: int, path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._reader = self._socket.makefile("rb")

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._socket.close()

    def send(self, request: bytes) -> None:
        self._socket.sendall(request)

    def ask(self, request: bytes) -> int:
        """The status of the answer, its body read."""
        return self._exchange(request)[0]

    def answer(self, request: bytes) -> bytes:
        """The body of an answer that must be 200."""
        status, body = self._exchange(request)
        if status != 200:
            raise SystemExit(f"error: {status} {body[:300]!r}")
        return body

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        self.send(request)
        status = int(self._reader.readline().split()[1])
        headers = {}
        while (line := self._reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        if headers.get(b"transfer-encoding") != b"chunked":
            return status, self._reader.read(int(headers.get(b"content-length", 0)))
        body = b""
        while size := int(self._reader.readline(), 16):
            body += self._reader.read(size + 2)[:-2]
        self._reader.readline()
        return status, body


def ask_all(server: Server, requests: list[Ask], each: int) -> tuple[float, list[float]]:
    """Let one client a request maker ask `each` times at once: requests a second, and the seconds each took."""
    seconds: list[float] = []
    failed: list[int] = []

    def run(make: Ask) -> None:
        with Client(server.port) as client:
            for number in range(1, each + 1):
                request = make(number)
                began = time.perf_counter()
                status = client.ask(request)
                seconds.append(time.perf_counter() - began)
                if status != 200:
                    failed.append(status)

    threads = [threading.Thread(target=run, args=(make,)) for make in requests]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed or len(seconds) != each * len(requests):
        raise SystemExit(f"error: {each * len(requests) - len(seconds)} requests got no answer, others {set(failed)}")
    return len(seconds) / (time.perf_counter() - began), seconds
