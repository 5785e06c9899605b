"""All of what an experiment's page shows, as plain dataclasses; see `koeru.report.data`."""

from collections.abc import Sequence
from dataclasses import dataclass

from koeru.families.acoustic.page.accents import Accents
from koeru.families.acoustic.page.control import Control
from koeru.families.acoustic.page.prosody import ProsodySection
from koeru.families.experiments.page import ExperimentPage
from koeru.report.data import Picture, check_audio


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


@dataclass(frozen=True, kw_only=True)
class SpeechPage(ExperimentPage):
    """Everything on the page of an experiment that speaks texts."""

    samples: Sequence[Sample]
    accents: Accents | None = None
    prosody: ProsodySection | None = None
    control: Control | None = None
