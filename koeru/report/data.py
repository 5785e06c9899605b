"""What pages show, and all of what an experiment's page shows, as plain dataclasses that the stages fill in.

Seconds are seconds of speech unless a name says otherwise. ``None`` means "not known" or "does not apply"
and is shown as a dash. Audio paths are relative to the page; pictures are data URIs made by
``koeru.report.plots``.
"""

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
    """A measured value and its limit. ``relation`` says how the value must stand to the threshold.

    A value of the unit "share" is shown in per cent. ``about`` says what is measured, ``worst`` where the value was
    found, ``remedy`` what to do when the gate fails, ``leaf`` which leaf of the configuration is the threshold.
    """

    name: str
    value: float
    relation: Literal["<=", ">=", "<", ">"]
    threshold: float
    unit: str = ""
    about: str = ""
    worst: str = ""
    remedy: str = ""
    leaf: str = ""

    @property
    def passed(self) -> bool:
        """NaN passes no gate."""
        return self.passes(self.value)

    def passes(self, value: float) -> bool:
        """Whether another value, such as another speaker's, would pass."""
        limit = self.threshold
        return {"<=": value <= limit, ">=": value >= limit, "<": value < limit, ">": value > limit}[self.relation]


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
    utterances (``koeru.report.metrics.bootstrap_ratio``); without it no certainty is claimed."""

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
    better: Literal["lower", "higher", "nearer to 1"] = "lower"
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
    """One held-out utterance, from the recording to what the model says by itself, and pictures.

    ``natural`` is the natural mel through the vocoder, and so are ``teacher_forced``, the model's mel of the true
    durations, pitch, energy and prosody, and ``synthesised``, of its own; ``again`` is this with prosody drawn anew.
    """

    id: str
    text: str
    speaker: str
    emotion: str
    recording: str | None
    natural: str | None
    teacher_forced: str | None
    synthesised: str | None
    pictures: Sequence[Picture] = ()
    note: str = ""
    again: Sequence[str] = ()

    def __post_init__(self) -> None:
        for src in (self.recording, self.natural, self.teacher_forced, self.synthesised, *self.again):
            check_audio(src, self.id)


@dataclass(frozen=True)
class Speaking:
    """The trained vocoder that speaks for an experiment. Without ``curve`` it is published weights as they are."""

    facts: Mapping[str, str]
    warnings: Sequence[str] = ()
    curve: Picture | None = None
    losses: Picture | None = None


@dataclass(frozen=True)
class Prosody:
    """How far F0 of a phone varies between samples of a text at ``temperature``, and what the model leaves unexplained.

    Both in cents with their 95 % intervals; ``picture`` shows the spread by temperature.
    """

    temperature: float
    spread: float
    spread_interval: tuple[float, float]
    unexplained: float
    unexplained_interval: tuple[float, float]
    picture: Picture


@dataclass(frozen=True)
class Group:
    """A speaker in an emotion: the mean F0 in Hz of the corpus, and of the voice."""

    speaker: str
    emotion: str
    corpus_hz: float
    voice_hz: float


@dataclass(frozen=True)
class Control:
    """Mean F0 as every speaker in every emotion; ``reversed`` are the pairs, lower and higher in the corpus, that the
    voice orders the other way round. ``texts`` is how many the voice said, ``margin_cents`` what a pair must differ by.
    """

    groups: Sequence[Group]
    reversed: Sequence[tuple[str, str]]
    texts: int
    margin_cents: float
    picture: Picture


@dataclass(frozen=True)
class Experiment:
    """Everything on an experiment's page. ``vocoder`` is "griffin-lim" or a vocoder's name, ``speaking`` tells of it.

    ``parents`` are texts such as "LINE_14 at epoch 100"; ``facts`` are further short facts (name → text),
    such as steps, parameters of the model, device. ``entries`` names all experiments that are this run; ``excluded``
    tells of each utterance that was not trained on.
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
    facts: Mapping[str, str] = field(default_factory=dict)
    entries: str = ""
    losses: Sequence[Picture] = ()
    schedule: Picture | None = None
    excluded: Sequence[str] = ()
    accent_pairs: Sequence[AccentPair] = ()
    accent_picture: Picture | None = None
    prosody: Prosody | None = None
    control: Control | None = None
    speaking: Speaking | None = None
    warnings: Sequence[str] = ()
