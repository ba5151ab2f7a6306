"""Progress on a terminal: a bar where the end is known, else the seconds. Somewhere else: a line when it is over."""

import time
from typing import TextIO

WIDTH = 30
OFTEN = 0.1  # seconds between two drawings


class Progress:
    def __init__(self, stream: TextIO, is_shown: bool = True) -> None:
        self.stream, self.is_shown = stream, is_shown
        self.is_terminal = stream.isatty()
        self._words, self._began, self._drawn = "", 0.0, 0.0

    def begin(self, words: str) -> None:
        self.end()
        self._words, self._began, self._drawn = words, time.monotonic(), 0.0
        if self.is_shown and not self.is_terminal:
            print(f"{words} …", file=self.stream, flush=True)

    def at(self, done: int, of: int) -> None:
        """So many of so many bytes or rows."""
        share = done / of if of else 1.0
        filled = round(WIDTH * share)
        self._draw(f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%}", is_last=done >= of)

    def tick(self) -> None:
        """It goes on, and nobody knows how long."""
        self._draw(f"{time.monotonic() - self._began:.0f} s")

    def end(self) -> None:
        if self._words and self.is_shown and self.is_terminal and self._drawn:
            print(file=self.stream, flush=True)
        self._words = ""

    def _draw(self, text: str, is_last: bool = False) -> None:
        now = time.monotonic()
        if not self.is_shown or not self.is_terminal or (now - self._drawn < OFTEN and not is_last):
            return
        self._drawn = now
        print(f"\r\x1b[K{self._words} {text}", end="", file=self.stream, flush=True)
