"""What of an acoustic model comes from its data and not from its entry."""

from dataclasses import dataclass

Range = tuple[float, float]  # of normalised values, at the level of the feature


@dataclass(frozen=True)
class Sizes:
    """How many of each there are, and where values lie; the counts of phones and accents include the padding."""

    n_phones: int
    n_accents: int = 0
    n_speakers: int = 0
    n_emotions: int = 0
    n_before_emotions: int = 0
    n_mels: int = 80
    pitch_range: Range | None = None  # bins need them
    energy_range: Range | None = None
