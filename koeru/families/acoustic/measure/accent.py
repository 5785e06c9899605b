"""Has a voice learned pitch accents? The step of its F0 in words that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from koeru.data.names import NO_TURN
from koeru.families.acoustic.voice import Voice
from koeru.languages.japanese.accents import Reading, read_labels
from koeru.languages.japanese.front_end import FrontEnd
from koeru.languages.japanese.minimal_pairs import CARRIERS, MINIMAL_PAIRS, MinimalPair, step_vowels

CENTS_PER_NAT = 1200 / np.log(2)
EMOTION = "Normal"


@dataclass(frozen=True)
class Contrast:
    """The steps of F0, in cents, of the two words of a pair in a carrier sentence, as one speaker says them."""

    speaker: str
    pair: MinimalPair
    carrier: str
    head_high_cents: float
    partner_cents: float


def contrasts(
    voice: Voice,
    speakers: Sequence[str],
    emotion: str,
    pairs: Sequence[MinimalPair] = MINIMAL_PAIRS,
    carriers: Sequence[str] = CARRIERS,
    *,
    temperature: float = 1.0,
) -> Iterator[Contrast]:
    """Every pair in every carrier by some speakers, in one emotion.

    They are named, as a voice that was pretrained knows speakers whose statistics its dataset does not have.
    """
    words = sorted({word for pair in pairs for word in (pair.head_high, pair.partner)})
    with FrontEnd() as front_end:
        readings = {(w, c): read_labels(front_end.labels(c.format(w))) for w in words for c in carriers}
    told = {key: steps(voice, reading, speakers, emotion, temperature) for key, reading in readings.items()}
    for number, speaker in enumerate(speakers):
        for pair in pairs:
            for carrier in carriers:
                head_high, partner = (told[word, carrier][number] for word in (pair.head_high, pair.partner))
                yield Contrast(speaker, pair, carrier, head_high, partner)


def neutral(emotions: Sequence[str]) -> str:
    """The emotion in which contrasts are measured: the normal one, where there is one."""
    return EMOTION if EMOTION in emotions else emotions[0]


def steps(voice: Voice, reading: Reading, speakers: Sequence[str], emotion: str, temperature: float) -> list[float]:
    """Of each speaker, the predicted F0 of the vowel after the word's second vowel, less that of the second, in cents.

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
    second, after = step_vowels(reading.phones)
    return [float(CENTS_PER_NAT * (contour.log_f0[after] - contour.log_f0[second])) for contour in spoken]
