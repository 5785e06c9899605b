"""The configuration as it is read: all entries, by table and name."""

from koeru.config.base import Section
from koeru.config.spk import Corpus, Spk
from koeru.families.acoustic.entry import Exp
from koeru.families.vocoder.entry import Vocoder, Weights


class Config(Section):
    """All entries, by name."""

    corpora: dict[str, Corpus]
    spk: dict[str, Spk]
    exp: dict[str, Exp]
    weights: dict[str, Weights]
    vocoder: dict[str, Vocoder]
