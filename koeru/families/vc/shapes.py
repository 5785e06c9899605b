"""Which leaves decide the shapes of which weights: so that what would not fit is told before any job, without torch."""

from __future__ import annotations

from typing import Any

from koeru.families.experiments.shapes import fft_block, postnet, prosody, told
from koeru.families.experiments.weights import Leaves, Shapes, Weights

EMBEDDINGS = ("source_pitch", "source_energy", "pitch", "energy")


def shapes(leaf: Leaves) -> Shapes:
    """The parts of the model that an experiment's leaves and its dataset's `mel.n_mels` describe.

    Each comes with the values that the shapes of its tensors depend on. Names of speakers and emotions are not among
    them: a model that is pretrained has those of its parent.
    """
    hidden, factor = leaf["model.hidden"], leaf["model.reduction_factor"]
    reduced = factor * leaf["mel.n_mels"]
    conformer = _conformer_block(leaf)
    decoder = fft_block(leaf) if leaf["model.decoder"] == "fft" else conformer
    learned = {"aligner.source": (hidden,), "aligner.target": (hidden, reduced)}
    return {
        "source": (hidden, reduced),
        **told(leaf, {"speaker": "speakers", "emotion": "emotions"}),
        **{f"encoder.blocks.{i}": conformer for i in range(leaf["model.encoder_layers"])},
        **(learned if leaf["durations"] == "mas" else {}),
        **prosody(leaf, "prosody.of_units"),
        "variance.duration": (*_predictor(leaf, "duration"), 1),
        "variance.pitch": (*_predictor(leaf, "pitch"), factor, *_recurrent(leaf)),
        "variance.energy": (*_predictor(leaf, "energy"), factor),
        **{f"variance.{name}_embedding": (hidden, factor) for name in EMBEDDINGS},
        **{f"decoder.blocks.{i}": decoder for i in range(leaf["model.decoder_layers"])},
        "to_mel": (hidden, reduced),
        "to_voicing": (hidden, factor),
        **postnet(leaf),
    }


def _conformer_block(leaf: Leaves) -> tuple[Any, ...]:
    sizes = ("hidden", "attention_size", "heads", "expansion", "kernel_size")
    return tuple(leaf[f"model.{size}"] for size in sizes)


def _predictor(leaf: Leaves, name: str) -> tuple[Any, ...]:
    layers, kernel_size = leaf[f"model.{name}_layers"], leaf[f"model.{name}_kernel_size"]
    return leaf["model.hidden"], leaf["model.variance_filter_size"], kernel_size, layers


def _recurrent(leaf: Leaves) -> tuple[Any, ...]:
    return (leaf["model.pitch_ar_size"], leaf["model.pitch_ar_layers"]) if leaf["model.pitch_ar"] else ()


WEIGHTS = Weights(shapes, read_otherwise=("model.heads", "model.reduction_factor"))
