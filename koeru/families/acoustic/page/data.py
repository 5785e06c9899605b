"""All of what an experiment's page shows, as plain dataclasses; see `koeru.report.data`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from koeru.report.data import Metric, Picture, Setting, Speaking, StageRun, check_audio


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
