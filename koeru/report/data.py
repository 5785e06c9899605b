"""What the pages show, as plain dataclasses that the stages fill in.

Seconds are seconds of speech unless a name says otherwise. ``None`` means "not known" or "does not apply"
and is shown as a dash. Audio paths are relative to the page; pictures are data URIs made by
``koeru.report.plots``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit


def check_audio(src: str | None, owner: str) -> None:
    """Raises ValueError, naming the owner, unless ``src`` is a plain path below the page's folder."""
    if src is None:
        return
    parts = urlsplit(src)
    path = PurePosixPath(src)
    if parts.scheme or parts.netloc or path.is_absolute() or ".." in path.parts or not src:
        raise ValueError(f"{owner}: audio {src!r} must be a path relative to the page and inside its folder")


@dataclass(frozen=True)
class Picture:
    """A plot: ``src`` a data URI, ``alt`` what it shows, for those who cannot see it."""

    src: str
    alt: str
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.src.startswith("data:image/"):
            raise ValueError(f"picture {self.alt!r}: src must be a data URI; pages load nothing from elsewhere")


@dataclass(frozen=True)
class Setting:
    """A leaf of the configuration that differs from its default; ``source`` is the entry that set it."""

    name: str
    value: Any
    default: Any
    source: str = ""


@dataclass(frozen=True)
class Gate:
    """A measured value and its limit. ``relation`` says how the value must stand to the threshold."""

    name: str
    value: float
    relation: Literal["<=", ">=", "<", ">"]
    threshold: float
    unit: str = ""
    about: str = ""

    @property
    def passed(self) -> bool:
        """NaN passes no gate."""
        a, b = self.value, self.threshold
        return {"<=": a <= b, ">=": a >= b, "<": a < b, ">": a > b}[self.relation]


@dataclass(frozen=True)
class StageRun:
    """Where one node came from, as in its ``node.json``. ``seconds`` is wall time."""

    stage: str
    key: str
    when: str
    seconds: float | None = None
    host: str = ""
    commit: str = ""


# ---- experiment page --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Baseline:
    """What a metric is held against. ``ratio`` is the 95 % interval of metric / baseline on the same
    utterances (``koeru.evaluation.metrics.bootstrap_ratio``); without it no certainty is claimed."""

    name: str
    value: float
    interval: tuple[float, float] | None = None
    ratio: tuple[float, float] | None = None


@dataclass(frozen=True)
class Metric:
    """One headline number. ``key`` is its name in metrics.json, ``interval`` its 95 % interval."""

    key: str
    label: str
    value: float
    interval: tuple[float, float] | None = None
    unit: str = ""
    digits: int = 3
    better: Literal["lower", "higher"] = "lower"
    about: str = ""
    baselines: Sequence[Baseline] = ()


@dataclass(frozen=True)
class AccentPair:
    """One minimal pair of one speaker: the F0 step in cents of the head-high word and of its partner."""

    speaker: str
    head_high: str
    partner: str
    carrier: str
    head_high_cents: float
    partner_cents: float


@dataclass(frozen=True)
class Sample:
    """One held-out utterance: its audio (natural through the same vocoder, synthesised) and pictures."""

    id: str
    text: str
    speaker: str
    emotion: str
    natural: str | None
    synthesised: str | None
    pictures: Sequence[Picture] = ()
    note: str = ""

    def __post_init__(self) -> None:
        check_audio(self.natural, self.id)
        check_audio(self.synthesised, self.id)


@dataclass(frozen=True)
class Experiment:
    """Everything on an experiment's page. ``vocoder`` is "griffin-lim" or a vocoder's name.

    ``parents`` are texts such as "LINE_14 at epoch 100"; ``facts`` are further short facts (name → text),
    such as steps, parameters of the model, device.
    """

    name: str
    key: str
    dataset: str
    vocoder: str
    metrics: Sequence[Metric]
    samples: Sequence[Sample]
    settings: Sequence[Setting]
    provenance: Sequence[StageRun]
    parents: Sequence[str] = ()
    note: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    gates: Sequence[Gate] = ()
    losses: Sequence[Picture] = ()
    accent_pairs: Sequence[AccentPair] = ()
    accent_picture: Picture | None = None
    warnings: Sequence[str] = ()


# ---- quality page -----------------------------------------------------------------------------------------


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
    """What one speaker keeps in one emotion, and how many of its items any stage excluded."""

    speaker: str
    emotion: str
    kept: int
    kept_s: float
    excluded: int = 0
    excluded_s: float | None = None


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
class Quality:
    """Everything on a dataset's page. ``unit`` is what is counted once it is built (segments, utterances).

    Raises ValueError where the account does not sum up: every exclusion must be in the list, and the splits
    must hold what the groups hold.
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
    note: str = ""
    warnings: Sequence[str] = ()
    histograms: Sequence[Picture] = ()
    account_picture: Picture | None = None

    def __post_init__(self) -> None:
        told = Counter({(a.stage, r.reason): r.count for a in self.accounts for r in a.reasons if r.count})
        listed = Counter((e.stage, e.reason) for e in self.exclusions)
        for stage, reason in sorted(set(told) | set(listed)):
            if told[stage, reason] != listed[stage, reason]:
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
    def excluded_s(self) -> float:
        return sum(account.excluded_s for account in self.accounts)

    @property
    def untimed(self) -> int:
        """Exclusions whose seconds nobody knows, and which are therefore not in ``excluded_s``."""
        return sum(r.count for account in self.accounts for r in account.reasons if r.seconds is None)
