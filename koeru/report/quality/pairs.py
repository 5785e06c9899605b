"""What the page shows of parallel pairs, as plain dataclasses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from koeru.report.data import Picture, check_audio


@dataclass(frozen=True)
class CoupleAccount:
    """Parallel pairs of two speakers: how many, and of each side how many utterances are in none, by reason."""

    source: str
    target: str
    pairs: int
    source_in: int
    target_in: int
    source_excluded: Mapping[str, int]
    target_excluded: Mapping[str, int]


@dataclass(frozen=True)
class Doubtful:
    """A pair that should be listened to; ids, texts and recordings of source and target.

    ``similarity`` is that of the texts, None where one is not known; ``distance_db`` is the mel-cepstral distance after
    alignment, where it was measured.
    """

    id: str
    utterances: tuple[str, str]
    texts: tuple[str, str]
    audio: tuple[str, str]
    ratio: float
    similarity: float | None
    distance_db: float | None

    def __post_init__(self) -> None:
        for audio in self.audio:
            check_audio(audio, self.id)


@dataclass(frozen=True)
class PairsAccount:
    """The parallel pairs of a dataset. ``picture`` shows the ratios of source to target duration.

    Of ``without_text`` pairs nobody knows what is said; ``aligned`` of them were aligned. ``doubtful`` are the pairs
    that are least alike: first those without texts, by their sound, then those whose texts differ.
    """

    couples: Sequence[CoupleAccount]
    max_duration_ratio: float
    picture: Picture | None = None
    without_text: int = 0
    aligned: int = 0
    doubtful: Sequence[Doubtful] = ()

    @property
    def pairs(self) -> int:
        return sum(couple.pairs for couple in self.couples)

    @property
    def reasons(self) -> list[str]:
        """Why utterances are in no pair, over all couples."""
        return list(
            dict.fromkeys(r for c in self.couples for side in (c.source_excluded, c.target_excluded) for r in side)
        )
