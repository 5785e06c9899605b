"""An experiment's model from its section, its vocabulary, and its dataset's statistics."""

from __future__ import annotations

from koeru.data.statistics import Stats
from koeru.data.vocabulary import Vocabulary
from koeru.families.vc.entry import Model
from koeru.families.vc.model import ConformerVc, Sizes

NAMED_ROWS = ("speakers.weight", "emotions.weight")  # tensors with one row an id of the vocabulary


def build_model(settings: Model, vocabulary: Vocabulary, stats: Stats, *, aligned: bool) -> ConformerVc:
    """The model that a section `model` describes; where pairs are not `aligned` before, it learns to."""
    if settings.type != "conformer_vc":
        raise ValueError(f"model.type: there is no model {settings.type!r}")
    scale = next(iter(stats.features["mel"].values()))
    sizes = Sizes(len(vocabulary.speakers), len(vocabulary.emotions), len(scale.mean))
    return ConformerVc(settings, sizes, aligned=aligned)
