"""Being told to stop before the work is done: by Slurm near a time limit or at a preemption, by `scancel`, by Ctrl-C.

Work that takes long listens, keeps what it has, and leaves with an exit status that means "try again".
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)
EXIT_STATUS = 75  # EX_TEMPFAIL of sysexits.h

Heard = Callable[[], str | None]


class StoppedError(Exception):
    """The work ends here because it was told to, and goes on from here when it is begun again."""


@contextmanager
def listening() -> Iterator[Heard]:
    """Inside, `SIGNALS` do not end the process: heard() is the name of the first that came; None while none did.

    A second Ctrl-C ends it all the same. Errors: ValueError outside the main thread.
    """
    names: list[str] = []

    def hear(number: int, frame: FrameType | None) -> None:
        names.append(signal.Signals(number).name)
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, hear) for number in SIGNALS}
    try:
        yield lambda: names[0] if names else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def deaf(*_: object) -> None:
    """Let this process not hear `SIGNALS`: it serves another one, which listens, and ends with it."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
