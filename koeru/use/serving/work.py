"""The models' work: one thread does it, in turn; requests wait for it, and those who hung up for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from starlette.requests import Request

T = TypeVar("T")


class BusyError(RuntimeError):
    """More requests wait than may."""


class GoneError(RuntimeError):
    """Whoever asked has hung up."""


class Stop:
    """Whether work goes on: it asks before every part of it."""

    def __init__(self) -> None:
        self._told = Event()

    def tell(self) -> None:
        """Let the work end."""
        self._told.set()

    def check(self) -> None:
        """Raise GoneError if the work is to end."""
        if self._told.is_set():
            raise GoneError("who asked has hung up")


class Worker:
    """The thread, and how many may wait for it, the one it works for included."""

    def __init__(self, limit: int) -> None:
        self.limit, self.waiting = limit, 0
        self._thread = ThreadPoolExecutor(1, "koeru")

    def close(self) -> None:
        """End the thread; what waits for it is not done."""
        self._thread.shutdown(cancel_futures=True)

    async def do(self, request: Request, work: Callable[[Stop], T]) -> T:
        """What the work gives. Raises BusyError, GoneError where the client hangs up before, and what the work does."""
        if self.waiting >= self.limit:
            raise BusyError(f"{self.waiting} requests wait already: ask again later")
        loop, stop = asyncio.get_running_loop(), Stop()
        self.waiting += 1

        def done(_: Future) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._ended)

        future = self._thread.submit(work, stop)
        future.add_done_callback(done)
        answer, gone = asyncio.wrap_future(future), asyncio.create_task(_gone(request))
        try:
            await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise GoneError("who asked has hung up")
            return answer.result()
        finally:
            stop.tell()
            answer.cancel()
            gone.cancel()

    def _ended(self) -> None:
        self.waiting -= 1


async def _gone(request: Request) -> None:
    """Wait until the client hangs up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
