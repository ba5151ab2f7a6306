"""Several writers at the same moment, each with a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def all_at_once(*works: Callable[[], None]) -> list[str]:
    """Run each in a thread of its own; what went wrong."""
    wrong: list[str] = []
    together = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            together.wait()
            work()
        except Exception as error:  # whatever it is, the test shows it
            wrong.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong
