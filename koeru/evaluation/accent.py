"""Has a voice learned pitch accents? The step of its F0 in words that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from koeru.data.batches import text_item
from koeru.evaluation.minimal_pairs import CARRIERS, MINIMAL_PAIRS, MinimalPair, step_vowels
from koeru.evaluation.voice import Voice
from koeru.text.accents import Reading, read_labels
from koeru.text.front_end import FrontEnd

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
    voice: Voice, pairs: Sequence[MinimalPair] = MINIMAL_PAIRS, carriers: Sequence[str] = CARRIERS
) -> Iterator[Contrast]:
    """Every pair in every carrier by every speaker of the voice."""
    words = sorted({word for pair in pairs for word in (pair.head_high, pair.partner)})
    with FrontEnd() as front_end:
        readings = {(w, c): read_labels(front_end.labels(c.format(w))) for w in words for c in carriers}
    for speaker in voice.stats.speakers:
        steps = {key: step(voice, reading, speaker) for key, reading in readings.items()}
        for pair in pairs:
            for carrier in carriers:
                yield Contrast(speaker, pair, carrier, steps[pair.head_high, carrier], steps[pair.partner, carrier])


def step(voice: Voice, reading: Reading, speaker: str) -> float:
    """Predicted F0 of the vowel after the word's second vowel, less that of the second vowel, in cents."""
    emotions = voice.stats.emotions
    record = {
        "id": " ".join(reading.phones),
        "phones": reading.phones,
        "devoiced": reading.devoiced,
        "accents": reading.accents,
        "speaker": speaker,
        "emotion": EMOTION if EMOTION in emotions else emotions[0],
    }
    log_f0 = voice.speak(text_item(record, voice.stats.speakers, emotions)).log_f0
    second, after = step_vowels(reading.phones)
    return float(CENTS_PER_NAT * (log_f0[after] - log_f0[second]))
