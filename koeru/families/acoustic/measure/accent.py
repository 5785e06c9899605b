"""Has a voice learned pitch accents? The step of its F0 in words that differ in nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from koeru.data.records import utterance
from koeru.families.acoustic.voice import Voice
from koeru.languages import Probes
from koeru.report.measurement import Metric, Quantity
from koeru.report.metrics import CENTS
from koeru.text.reading import Reading

MARGIN = 100.0  # cents, by which the step of a word that falls must be lower
CONTRAST = Quantity(
    "accent_contrast",
    "Accent contrast",
    digits=2,
    better="higher",
    about="Share of minimal pairs told apart by F0, of the speaker with the smallest",
)


@dataclass(frozen=True)
class Contrast:
    """The steps of F0, in cents, of the two words of a pair in a carrier sentence, as one speaker says them.

    The pair is (the word that falls, its partner, how both are read).
    """

    speaker: str
    pair: tuple[str, str, str]
    carrier: str
    falling_cents: float
    partner_cents: float

    @property
    def passed(self) -> bool:
        """Whether the voice tells them apart."""
        return self.falling_cents - self.partner_cents < -MARGIN


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


def steps(
    voice: Voice,
    reading: Reading,
    vowels: tuple[int, int],
    speakers: Sequence[str],
    emotion: str,
    temperature: float,
) -> list[float]:
    """Of each speaker, the predicted F0 of the second of two `vowels` of a reading, less that of the first, in cents.

    Both words of a pair have the same phones: where prosody is drawn, chance is the same for both.
    """
    said = [utterance(reading, speaker, emotion) for speaker in speakers]
    spoken = voice.contours(said, temperature=temperature)
    first, second = vowels
    return [float(CENTS * (contour.log_f0[second] - contour.log_f0[first])) for contour in spoken]


def by_speaker(found: Sequence[Contrast]) -> dict[str, list[Contrast]]:
    """The contrasts of each speaker, in the order in which they come."""
    return {speaker: [c for c in found if c.speaker == speaker] for speaker in dict.fromkeys(c.speaker for c in found)}


def shares(found: Sequence[Contrast]) -> dict[str, float]:
    """Of each speaker, the share of the pairs that the voice tells apart."""
    return {speaker: sum(one.passed for one in own) / len(own) for speaker, own in by_speaker(found).items()}


def contrast_metric(found: Sequence[Contrast]) -> Metric:
    """The metric of some contrasts, at least one."""
    told = shares(found)
    about = ", ".join(f"{speaker} {share:.0%}" for speaker, share in told.items())
    return CONTRAST.valued(min(told.values()), about=about)
