"""An experiment's model from its section, its vocabulary, and its dataset's statistics."""

from __future__ import annotations

from koeru.data.statistics import Stats
from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import FastSpeech2
from koeru.families.acoustic.sizes import Sizes

ROWS_OF = {"symbols": "phones", "marks": "accents"} | {kind: kind for kind in Names.KINDS}
NAMED_ROWS = tuple(f"{part}.weight" for part in ROWS_OF.values())  # tensors with one row an id of the vocabulary


def build_model(settings: Model, vocabulary: Vocabulary, stats: Stats) -> FastSpeech2:
    """The model that a section `model` describes, for what `vocabulary` has ids of, and the bands of `stats`."""
    if settings.type != "fastspeech2":
        raise ValueError(f"model.type: there is no model {settings.type!r}")
    scale = next(iter(stats.features["mel"].values()))
    bins = settings.variance_embedding == "bins"
    sizes = Sizes(
        n_phones=len(vocabulary.symbols),
        n_accents=len(vocabulary.marks),
        n_speakers=len(vocabulary.speakers),
        n_emotions=len(vocabulary.emotions),
        n_before_emotions=len(vocabulary.before_emotions),
        n_mels=len(scale.mean),
        pitch_range=stats.range("log_f0", settings.pitch_level) if bins else None,
        energy_range=stats.range("log_energy", settings.energy_level) if bins else None,
    )
    return FastSpeech2(settings, sizes)
