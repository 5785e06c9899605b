"""All of what an experiment's page shows, as plain dataclasses; see `koeru.report.data`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from koeru.families.acoustic.page.accents import Accents
from koeru.families.acoustic.page.control import Control
from koeru.families.acoustic.page.prosody import ProsodySection
from koeru.report.data import Picture, Setting, Speaking, StageRun, check_audio
from koeru.report.measurement import Metric


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
class Experiment:
    """Everything on an experiment's page. ``vocoder`` is "griffin-lim" or a vocoder's name, ``speaking`` tells of it.

    ``parents`` are texts such as "LINE_14 at epoch 100"; ``facts`` are further short facts (name → text),
    such as steps, parameters of the model, device. ``lang`` is the code of the language that is spoken. ``entries``
    names all experiments that are this run; ``excluded`` tells of each utterance that was not trained on.
    """

    name: str
    key: str
    dataset: str
    vocoder: str
    lang: str
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
    accents: Accents | None = None
    prosody: ProsodySection | None = None
    control: Control | None = None
    speaking: Speaking | None = None
    warnings: Sequence[str] = ()
