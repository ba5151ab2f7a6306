"""A package file, against the same file by the plain static server; and what clients that do not read hold up."""

import zipfile
from contextlib import ExitStack
from pathlib import Path

from bench.figure import Figure, median, note, p95, tell, workplace
from bench.material import LARGE, PAGE, served_package
from bench.server import Client, Server, ask_all, get, serving

ROUNDS, CLIENTS, EACH = 5, 4, 500
STALLED, THREADS = 6, 4  # more clients that read nothing than there are threads


def measure() -> list[Figure]:
    with workplace() as folder:
        files = take_in(folder)
        # The plain static server is WhiteNoise in the same process; it too sends what was pressed beforehand.
        page, plain = f"{files}{PAGE}", "/static/bench/page.html"
        with serving() as server:
            rates, costs = rounds(server, page, plain)
        with serving(threads=THREADS, workers=1) as server:
            alone, held_up = stalled(server, page, f"{files}{LARGE}")
    note(f"{median(rates[page]):.0f} package files a second, {median(rates[plain]):.0f} static files")
    return [
        Figure("package file, CPU", median(costs[page]) * 1e6, "us", median(costs[plain]) * 1e6),
        Figure("package file, time between two", 1e6 / median(rates[page]), "us", 1e6 / median(rates[plain])),
        Figure("p95 beside 6 stalled 10 MB downloads", p95(held_up) * 1e3, "ms", p95(alone) * 1e3, goal=3),
    ]


def take_in(folder: Path) -> str:
    """Import the package, lay its page among the static files too; returns where its files are."""
    from player.files import files_url  # noqa: PLC0415 -- Django is set up only now
    from tests import make  # noqa: PLC0415

    archive = folder / "package.zip"
    served_package(archive)
    with zipfile.ZipFile(archive) as opened:
        (folder / "static" / "bench").mkdir()
        page = folder / "static" / "bench" / "page.html"
        page.write_bytes(opened.read(PAGE))
    from whitenoise.compress import Compressor  # noqa: PLC0415

    list(Compressor(quiet=True, use_brotli=False).compress(str(page)))
    course = make.course_of_zip(archive.read_bytes())
    return files_url(course.current_version)


def rounds(server: Server, *paths: str) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Requests a second and CPU seconds a request of each path, in turns."""
    rates: dict[str, list[float]] = {path: [] for path in paths}
    costs: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(ROUNDS):
        for path in paths:
            request = get(server.port, path)
            before = server.cpu_seconds()
            rate, _ = ask_all(server, [lambda _, request=request: request] * CLIENTS, EACH)
            rates[path].append(rate)
            costs[path].append((server.cpu_seconds() - before) / (CLIENTS * EACH))
    return rates, costs


def stalled(server: Server, small: str, large: str) -> tuple[list[float], list[float]]:
    """Seconds of small requests, alone and while clients have asked for the large file and read nothing of it."""
    request = get(server.port, small)
    _, alone = ask_all(server, [lambda _: request] * 2, EACH)
    with ExitStack() as open_clients:
        for _ in range(STALLED):
            open_clients.enter_context(Client(server.port)).send(get(server.port, large))
        _, held_up = ask_all(server, [lambda _: request] * 2, EACH)
    return alone, held_up


if __name__ == "__main__":
    tell(measure)
