"""All that the handlers of requests share: the voices, the thread that they work in, and the user's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request

from koeru.use.serving.speakers import Chosen, Speakers
from koeru.use.serving.voices import Served
from koeru.use.serving.words import UserDictionary
from koeru.use.serving.work import Stop, Worker

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What one request may ask for, and how many may wait; bytes of bodies."""

    waiting: int = 64
    characters: int = 1000
    queries: int = 100
    body: int = 2 << 20
    waves: int = 32 << 20  # of a body that has waves to be joined


class Engine:
    """The voices that are served. Close it in the end."""

    def __init__(
        self, voices: Sequence[Served], dictionary: UserDictionary, version: str, limits: Limits | None = None
    ) -> None:
        self.voices, self.dictionary, self.version = voices, dictionary, version
        self.limits = limits or Limits()
        self.speakers = Speakers((voice.listed for voice in voices), version)
        self.worker = Worker(self.limits.waiting)

    def close(self) -> None:
        """End the work, and the readers."""
        self.worker.close()
        for texts in {id(voice.texts): voice.texts for voice in self.voices}.values():
            texts.close()

    async def do(self, request: Request, style: int, work: Callable[[Served, Chosen, Stop], T]) -> T:
        """What work of the voice gives that a style stands for. Raises KeyError where there is none, and as Worker."""
        chosen = self.speakers.of(style)
        voice = self.voices[chosen.voice]
        return await self.worker.do(request, lambda stop: work(voice, chosen, stop))
