"""A progress bar on standard error: a line that is drawn anew on a terminal, else a line every tenth of the way."""

import sys
import time

WIDTH = 30  # characters of the bar
PAUSE = 0.2  # seconds between two drawings


class Progress:
    """How far something is that has `total` steps; `what` says what they are."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, max(total, 1), 0
        self._began = self._drawn = time.monotonic()
        self._tenth = 0

    def step(self, steps: int = 1) -> None:
        """So many more are done."""
        self._done += steps
        now, tenth = time.monotonic(), 10 * self._done // self._total
        if sys.stderr.isatty() and (now - self._drawn > PAUSE or self._done >= self._total):
            self._drawn = now
            print(f"\r{self._line()}", end="", file=sys.stderr, flush=True)
        elif not sys.stderr.isatty() and tenth > self._tenth:
            self._tenth = tenth
            print(self._line(), file=sys.stderr, flush=True)

    def end(self) -> float:
        """The seconds that it took; the next one begins on a line of its own."""
        if sys.stderr.isatty():
            print(f"\r{self._line()}", file=sys.stderr, flush=True)
        return time.monotonic() - self._began

    def _line(self) -> str:
        filled = WIDTH * min(self._done, self._total) // self._total
        seconds = time.monotonic() - self._began
        return f"[{'#' * filled:{WIDTH}}] {self._done:>10,} of {self._total:,} {self._what}, {seconds:.0f} s"
