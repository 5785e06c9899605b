"""The entries of a configuration: every leaf with its kind, its unit and its default."""

from koeru.entries.base import NAME, Section, at_epoch, defaults, leaves
from koeru.entries.data import Corpus, F0Range, Gates, Mel, Selection, Spk, StandIn, Wav
from koeru.entries.experiment import GRIFFIN_LIM, Exp, Train
from koeru.entries.vocoder import Vocoder, Weights

__all__ = [
    "GRIFFIN_LIM",
    "NAME",
    "Config",
    "Corpus",
    "Exp",
    "F0Range",
    "Gates",
    "Mel",
    "Section",
    "Selection",
    "Spk",
    "StandIn",
    "Train",
    "Vocoder",
    "Wav",
    "Weights",
    "at_epoch",
    "defaults",
    "leaves",
]


class Config(Section):
    """All entries, by name."""

    corpora: dict[str, Corpus]
    spk: dict[str, Spk]
    exp: dict[str, Exp]
    weights: dict[str, Weights]
    vocoder: dict[str, Vocoder]
