"""An experiment's model from its section, the names that it knows, and its dataset's statistics."""

from __future__ import annotations

from koeru.data.names import KINDS, Names
from koeru.data.statistics import Stats
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import FastSpeech2
from koeru.families.acoustic.sizes import Sizes
from koeru.languages.japanese.phones import ACCENTS, PHONES

NAMED_ROWS = tuple(f"{kind}.weight" for kind in KINDS)  # tensors with one row a name, in the order of the ids


def build_model(settings: Model, names: Names, stats: Stats) -> FastSpeech2:
    """The model that a section `model` describes, for the speakers and emotions of `names`, the bands of `stats`."""
    if settings.type != "fastspeech2":
        raise ValueError(f"model.type: there is no model {settings.type!r}")
    scale = next(iter(stats.features["mel"].values()))
    bins = settings.variance_embedding == "bins"
    sizes = Sizes(
        n_phones=len(PHONES),
        n_accents=len(ACCENTS),
        n_speakers=len(names.speakers),
        n_emotions=len(names.emotions),
        n_before_emotions=len(names.before_emotions),
        n_mels=len(scale.mean),
        pitch_range=stats.range("log_f0", settings.pitch_level) if bins else None,
        energy_range=stats.range("log_energy", settings.energy_level) if bins else None,
    )
    return FastSpeech2(settings, sizes)
