"""What a dataset's quality page shows, as plain dataclasses; units and conventions as in ``koeru.report.data``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from koeru.report.data import Gate, Picture, Setting, StageRun, check_audio
from koeru.report.quality.inner import Inner

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
class Reconciled:
    """Of one speaker of one corpus: segments whose text was compared with the phones of their times.

    ``agreed`` of ``compared`` have the same reading; of them ``substituted`` have phones that were heard as another one
    of their class, and ``spread`` have phones that share the time of others, which a machine had aligned. ``readings``
    and ``times`` count all kept segments by where the reading and the times come from, ``means`` those whose reading
    was to follow the recording, or delivered kana, by how it does.
    """

    corpus: str
    speaker: str
    compared: int
    agreed: int
    substituted: int
    readings: Mapping[str, int]
    times: Mapping[str, int]
    means: Mapping[str, int] = field(default_factory=dict)
    spread: int = 0


@dataclass(frozen=True)
class Followed:
    """A kept segment whose reading has the phones of its recording, in place of those that its text was read with.

    Or whose reading is not that of a machine's labels, whose times were spread over it: ``means`` says which, and
    ``phones`` are those of the recording. ``kana`` is the reading with its accents, ``correction`` the line of a file
    of corrections that says it.
    """

    id: str
    speaker: str
    text: str
    means: str
    kana: str
    phones: Sequence[str]
    audio: str
    correction: str

    def __post_init__(self) -> None:
        check_audio(self.audio, self.id)


@dataclass(frozen=True)
class Remarked:
    """A kind of what is remarked of texts: of how many segments, and ``examples`` as (id, text, remark)."""

    kind: str
    count: int
    examples: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Differing:
    """A segment that was excluded because text and recording have different phones.

    ``columns`` are both readings side by side: (said, heard) phones, "" where one side has none. ``correction`` is a
    line for a file of corrections, whose kana is empty where nobody knows it.
    """

    id: str
    speaker: str
    text: str
    columns: Sequence[tuple[str, str]]
    audio: str | None = None
    correction: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        check_audio(self.audio, self.id)

    @property
    def said(self) -> str:
        return " ".join(phone for phone, _ in self.columns if phone)

    @property
    def heard(self) -> str:
        return " ".join(phone for _, phone in self.columns if phone)


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
