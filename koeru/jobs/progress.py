"""Progress of a long loop, as plain lines that read as well in a log file as on a terminal."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from koeru.jobs.interruption import StoppedError


def duration(seconds: float) -> str:
    """A length of time for people: ``9 s``, ``4 min 05 s``, ``2 h 07 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class Progress:
    """Counts the steps of a loop and reports them, at most one line every ``every_s`` seconds.

    ::

        with Progress("pitch 003", len(records)) as progress:
            for record in records:
                ...
                progress.step()

    ``total`` may be None where the number of steps is unknown; no remaining time is then given.
    A loop that ends by an exception says how far it came. ``clock`` is a monotonic clock in seconds.
    """

    def __init__(
        self,
        label: str,
        total: int | None,
        unit: str = "utterances",
        stream: TextIO | None = None,
        every_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.label, self.total, self.unit = label, total, unit
        self.done = 0
        self._stream = stream
        self._every_s, self._clock = every_s, clock
        self._start = self._last = clock()

    def __enter__(self) -> Self:
        self._start = self._last = self._clock()
        return self

    def step(self, n: int = 1, note: str = "") -> None:
        """Counts ``n`` finished steps; ``note`` is put at the end of the line if one is due."""
        self.done += n
        now = self._clock()
        if now - self._last >= self._every_s and self.done != self.total:
            self._last = now
            self._say(self._line(now - self._start) + (f" ({note})" if note else ""))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spent = duration(self._clock() - self._start)
        if kind is None:
            self._say(f"{self.done} {self.unit} in {spent}")
        else:
            by = "" if kind is StoppedError else f" by {kind.__name__}"
            self._say(f"stopped{by} after {self._count()} in {spent}")

    def _count(self) -> str:
        return f"{self.done} {self.unit}" if self.total is None else f"{self.done} of {self.total} {self.unit}"

    def _line(self, spent: float) -> str:
        line = f"{self._count()}, {duration(spent)}"
        if self.total is None or not 0 < self.done < self.total:
            return line
        return f"{line}, about {duration(spent / self.done * (self.total - self.done))} left"

    def _say(self, text: str) -> None:
        print(f"{self.label}: {text}", file=self._stream or sys.stderr, flush=True)
