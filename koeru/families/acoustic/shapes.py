"""Which leaves decide the shapes of which weights: so that what would not fit is told before any job, without torch."""

from __future__ import annotations

from koeru.families.experiments.shapes import fft_block, postnet, prosody, told
from koeru.families.experiments.weights import Leaves, Shapes, Weights

TOLD = {
    "accent": "accents",
    "speaker": "speakers",
    "emotion": "emotions",
    "before_emotion": "before_emotions",
}


def shapes(leaf: Leaves) -> Shapes:
    """The parts of the model that an experiment's leaves and its dataset's `mel.n_mels` describe.

    Each comes with the values that the shapes of its tensors depend on. Names of speakers and emotions are not among
    them: a model that is pretrained has those of its parent.
    """
    hidden = leaf["model.hidden"]
    predictor = (hidden, leaf["model.variance_filter_size"], leaf["model.variance_kernel_size"])
    bins = (leaf["model.n_bins"],) if leaf["model.variance_embedding"] == "bins" else ()
    embedding = (hidden, leaf["model.variance_embedding"], *bins)
    stacks = ("encoder", "decoder")
    return {
        "phones": (hidden,),
        "devoiced": (hidden,),
        **told(leaf, TOLD),
        **{f"{stack}.blocks.{i}": fft_block(leaf) for stack in stacks for i in range(leaf[f"model.{stack}_layers"])},
        **prosody(leaf, "prosody"),
        **{f"variance.{name}": predictor for name in ("duration", "pitch", "energy")},
        **{f"variance.{name}_embedding": embedding for name in ("pitch", "energy")},
        "to_mel": (hidden, leaf["mel.n_mels"]),
        **postnet(leaf),
    }


WEIGHTS = Weights(shapes, read_otherwise=("model.heads", "model.pitch_level", "model.energy_level"))
