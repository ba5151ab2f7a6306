"""A process whose parent is killed gets a signal, on Linux: a killed supervisor leaves none of the product behind."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def ending_with_parent(orphaned: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before its program, made in its parent; None where the system has no such thing."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, orphaned)
        if os.getppid() != parent:  # it died before the line above
            os.kill(os.getpid(), orphaned)

    return prepare


def end_with_parent(orphaned: signal.Signals) -> None:
    """Ask for it in a process that runs already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, orphaned)
