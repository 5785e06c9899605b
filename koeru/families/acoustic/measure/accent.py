"""Has a voice learned pitch accents? The step of its F0 in words that differ in nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from koeru.data.vocabulary import NO_TURN
from koeru.families.acoustic.voice import Voice
from koeru.languages import Probes
from koeru.text.reading import Reading

CENTS_PER_NAT = 1200 / np.log(2)
EMOTION = "Normal"


@dataclass(frozen=True)
class Contrast:
    """The steps of F0, in cents, of the two words of a pair in a carrier sentence, as one speaker says them.

    The pair is (the word that falls, its partner, how both are read).
    """

    speaker: str
    pair: tuple[str, str, str]
    carrier: str
    head_high_cents: float
    partner_cents: float


def contrasts(
    voice: Voice,
    speakers: Sequence[str],
    emotion: str,
    probes: Probes,
    read: Callable[[str], Reading],
    *,
    temperature: float = 1.0,
) -> Iterator[Contrast]:
    """Every pair of a language's probes in every carrier by some speakers, in one emotion; `read` reads a text.

    They are named, as a voice that was pretrained knows speakers whose statistics its dataset does not have.
    """
    words = sorted({word for falling, partner, _ in probes.pairs for word in (falling, partner)})
    readings = {(word, carrier): read(carrier.format(word)) for word in words for carrier in probes.carriers}
    told = {
        key: steps(voice, reading, probes.vowels(reading.phones), speakers, emotion, temperature)
        for key, reading in readings.items()
    }
    for number, speaker in enumerate(speakers):
        for pair in probes.pairs:
            for carrier in probes.carriers:
                falling, partner = (told[word, carrier][number] for word in pair[:2])
                yield Contrast(speaker, pair, carrier, falling, partner)


def neutral(emotions: Sequence[str]) -> str:
    """The emotion in which contrasts are measured: the normal one, where there is one."""
    return EMOTION if EMOTION in emotions else emotions[0]


def steps(
    voice: Voice,
    reading: Reading,
    vowels: tuple[int, int],
    speakers: Sequence[str],
    emotion: str,
    temperature: float,
) -> list[float]:
    """Of each speaker, the predicted F0 of the second of two `vowels` of a reading, less that of the first, in cents.

    The id is made of the phones, which both words of a pair have: where prosody is drawn, chance is the same for both.
    """
    record = {
        "id": " ".join(reading.phones),
        "phones": reading.phones,
        "devoiced": reading.devoiced,
        "accents": reading.accents,
        "emotion": emotion,
        "before_emotion": NO_TURN,
    }
    spoken = voice.contours([record | {"speaker": speaker} for speaker in speakers], temperature=temperature)
    first, second = vowels
    return [float(CENTS_PER_NAT * (contour.log_f0[second] - contour.log_f0[first])) for contour in spoken]
