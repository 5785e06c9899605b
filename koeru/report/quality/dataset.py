"""What a dataset's quality page shows, as plain dataclasses; units and conventions as in ``koeru.report.data``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from koeru.report.data import Gate, Picture, Setting, StageRun, check_audio
from koeru.report.quality.inner import Inner
from koeru.report.quality.pairs import PairsAccount
from koeru.report.quality.texts import Differing, Followed, Reconciled, Remarked

LISTED = 50  # rows of a long table on the page, of each reason for an exclusion; a file beside it has all of them


@dataclass(frozen=True)
class Reason:
    """Exclusions of one stage for one reason. ``seconds`` is None where the audio could not be read."""

    reason: str
    count: int
    seconds: float | None = None


@dataclass(frozen=True)
class StageAccount:
    """In = kept + excluded, in items and in seconds, of one stage.

    ``trimmed_s`` is silence that the stage cut away on purpose from kept items. ``made`` names what kept
    items became if that changes the count, such as "812 segments". Seconds are None where a stage reads no
    audio.
    """

    stage: str
    count_in: int
    count_kept: int
    seconds_in: float | None = None
    seconds_kept: float | None = None
    trimmed_s: float = 0.0
    reasons: Sequence[Reason] = ()
    unit: str = "utterances"
    made: str = ""

    def __post_init__(self) -> None:
        if self.count_in != self.count_kept + self.excluded:
            raise ValueError(
                f"stage {self.stage}: {self.count_in} in is not {self.count_kept} kept + {self.excluded} excluded"
            )
        if self.seconds_in is not None and self.seconds_kept is not None and self.all_timed:
            out = self.seconds_kept + self.trimmed_s + self.excluded_s
            if abs(self.seconds_in - out) > 0.01 + 1e-6 * self.seconds_in:
                raise ValueError(
                    f"stage {self.stage}: {self.seconds_in:.3f} s in is not {out:.3f} s kept, trimmed and excluded"
                )

    @property
    def excluded(self) -> int:
        return sum(reason.count for reason in self.reasons)

    @property
    def excluded_s(self) -> float:
        return sum(reason.seconds or 0.0 for reason in self.reasons)

    @property
    def all_timed(self) -> bool:
        return all(reason.seconds is not None for reason in self.reasons)


@dataclass(frozen=True)
class Group:
    """What one speaker keeps in one emotion, and how many of its items any stage excluded.

    ``untimed``: there are exclusions whose seconds nobody knows, and which are therefore not in ``excluded_s``.
    """

    speaker: str
    emotion: str
    kept: int
    kept_s: float
    excluded: int = 0
    excluded_s: float = 0.0
    untimed: bool = False


@dataclass(frozen=True)
class Split:
    """Size of train, dev or eval; ``groups`` counts its dialogues (or sentences), ``speakers`` its items."""

    name: str
    groups: int
    count: int
    seconds: float
    speakers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Exclusion:
    """One utterance (or segment) that a stage left out."""

    id: str
    stage: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Suspect:
    """A kept utterance that somebody should listen to, and why."""

    id: str
    speaker: str
    emotion: str
    text: str
    why: str
    audio: str | None
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_audio(self.audio, self.id)


@dataclass(frozen=True)
class Removed:
    """A stretch that silence trimming removed, or muted within the speech: its level, and where it lies.

    ``audio`` is what was removed around it, turned up by ``gain_db``, as silence is hardly audible. ``removed_s`` is
    how much of its recording went at the ends, or within the speech.
    """

    utterance: str
    speaker: str
    where: Literal["head", "tail", "within"]
    dbfs: float
    at_s: float
    removed_s: float
    audio: str
    gain_db: float

    def __post_init__(self) -> None:
        check_audio(self.audio, self.utterance)


@dataclass(frozen=True)
class Trimming:
    """What silence trimming took away from ``touched`` of ``recordings`` recordings; thresholds in dBFS."""

    silence_thresh_h: float
    silence_thresh_t: float
    keep_silence_ms: int
    recordings: int
    touched: int
    seconds: float
    energy_share: float
    loudest: Sequence[Removed] = ()
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True)
class Source:
    """The recordings of one speaker that were delivered in one form; ``encoding`` in words.

    ``bandwidth_hz`` is what nine tenths of them reach, by length; 0 where it could not be measured.
    """

    speaker: str
    sample_rate: int
    n_channels: int
    encoding: str
    recordings: int
    seconds: float
    bandwidth_hz: float


@dataclass(frozen=True)
class Speaker:
    """The measures of one speaker.

    ``gated`` are the values that gates judge, by the gate's leaf; F0 in Hz as 5th percentile, median, 95th percentile.
    """

    name: str
    segments: int
    gated: Mapping[str, float]
    f0_hz: tuple[float, float, float]
    level_dbfs: float
    phones_per_second: float
    trimmed_s: float


@dataclass(frozen=True)
class Quality:
    """Everything on a dataset's page. ``unit`` is what is counted once it is built (segments, utterances).

    ``names`` are the ids of "speakers" and "emotions"; ``remarks`` are what the corpora were listed with.

    Of exclusions, for each stage and reason, and of readings that differ, no more than LISTED need be here.
    Raises ValueError where the account does not sum up: so many exclusions must be in the list, and the splits must
    hold what the groups hold.
    """

    name: str
    key: str
    corpora: Sequence[str]
    accounts: Sequence[StageAccount]
    groups: Sequence[Group]
    splits: Sequence[Split]
    gates: Sequence[Gate]
    exclusions: Sequence[Exclusion]
    suspects: Sequence[Suspect]
    settings: Sequence[Setting]
    provenance: Sequence[StageRun]
    unit: str = "segments"
    warnings: Sequence[str] = ()
    remarks: Sequence[str] = ()
    speakers: Sequence[Speaker] = ()
    sources: Sequence[Source] = ()
    names: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    histograms: Sequence[Picture] = ()
    account_picture: Picture | None = None
    trimming: Trimming | None = None
    inner: Inner | None = None
    reconciled: Sequence[Reconciled] = ()
    differing: Sequence[Differing] = ()
    followed: Sequence[Followed] = ()
    remarked: Sequence[Remarked] = ()
    pairs: PairsAccount | None = None

    def __post_init__(self) -> None:
        told = Counter({(a.stage, r.reason): r.count for a in self.accounts for r in a.reasons if r.count})
        listed = Counter((e.stage, e.reason) for e in self.exclusions)
        for stage, reason in sorted(set(told) | set(listed)):
            if not min(told[stage, reason], LISTED) <= listed[stage, reason] <= told[stage, reason]:
                raise ValueError(
                    f"dataset {self.name}: stage {stage} counts {told[stage, reason]} × {reason!r}, "
                    f"the list of exclusions {listed[stage, reason]}"
                )
        if self.kept != sum(split.count for split in self.splits):
            raise ValueError(
                f"dataset {self.name}: speakers keep {self.kept} {self.unit}, "
                f"the splits hold {sum(split.count for split in self.splits)}"
            )
        split_s = sum(split.seconds for split in self.splits)
        if abs(self.kept_s - split_s) > 0.1 + 1e-3 * self.kept_s:
            raise ValueError(f"dataset {self.name}: speakers keep {self.kept_s:.1f} s, the splits hold {split_s:.1f} s")

    @property
    def kept(self) -> int:
        return sum(group.kept for group in self.groups)

    @property
    def kept_s(self) -> float:
        return sum(group.kept_s for group in self.groups)

    @property
    def left_out(self) -> int:
        """All exclusions."""
        return sum(account.excluded for account in self.accounts)

    @property
    def excluded_s(self) -> float:
        return sum(account.excluded_s for account in self.accounts)

    @property
    def untimed(self) -> int:
        """Exclusions whose seconds nobody knows, and which are therefore not in ``excluded_s``."""
        return sum(r.count for account in self.accounts for r in account.reasons if r.seconds is None)
