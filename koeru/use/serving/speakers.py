"""Who can be asked to speak: a speaker of a voice for each of VOICEVOX's speakers, and of its styles an emotion each.

Numbers and UUIDs are made of the file of the voice and of names, so that they are the same in every run, whatever else
is served. As people like small numbers, those below 1000 stand for the styles in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from koeru.use.serving.query import RequestError, Speaker, Style

NAMESPACE = UUID("b4fce1a5-5c3f-4b32-9b2e-9c1a5a0f7d52")  # koeru's own, drawn once
IN_ORDER = 1000


@dataclass(frozen=True)
class Named:
    """A voice as it is listed: its name, the digest of its file, whom it can be, and in which emotions."""

    name: str
    digest: str
    speakers: Sequence[str]
    emotions: Sequence[str]


@dataclass(frozen=True)
class Chosen:
    """What the number of a style means: the place of a voice, a speaker and an emotion."""

    voice: int
    speaker: str
    emotion: str


class Speakers:
    """The speakers of all voices that are served."""

    def __init__(self, voices: Iterable[Named], version: str) -> None:
        self.listed: list[Speaker] = []
        self._chosen: dict[int, Chosen] = {}
        self._voices: dict[str, int] = {}  # by UUIDs of speakers
        for place, voice in enumerate(voices):
            for speaker in voice.speakers:
                own = uuid5(NAMESPACE, f"{voice.digest}/{speaker}")
                styles = [Style(name=emotion, id=_number(own, emotion)) for emotion in voice.emotions]
                name = f"{speaker} ({voice.name})"
                self.listed.append(Speaker(name=name, speaker_uuid=str(own), styles=styles, version=version))
                self._voices[str(own)] = place
                self._chosen |= {style.id: Chosen(place, speaker, style.name) for style in styles}

    def of(self, style: int) -> Chosen:
        """What the number of a style means. Raises RequestError."""
        in_order = [*self._chosen.values()]
        found = self._chosen.get(style) or (in_order[style] if 0 <= style < min(IN_ORDER, len(in_order)) else None)
        if found is None:
            raise RequestError(f"there is no style {style}: /speakers lists them; 0 to {len(in_order) - 1} count them")
        return found

    def voice_of(self, uuid: str) -> tuple[Speaker, int]:
        """A speaker, and the place of its voice. Raises RequestError."""
        if uuid not in self._voices:
            raise RequestError(f"there is no speaker {uuid!r}: /speakers lists them")
        return next(speaker for speaker in self.listed if speaker.speaker_uuid == uuid), self._voices[uuid]


def _number(speaker: UUID, emotion: str) -> int:
    """A positive number of 31 bits, beyond those that count."""
    return IN_ORDER + uuid5(speaker, emotion).int % (2**31 - IN_ORDER)
