"""Which leaves decide the shapes of which weights: so that what would not fit is told before any job, without torch."""

from __future__ import annotations

from itertools import pairwise

from koeru.families.experiments.weights import Leaves, Shapes, Weights


def shapes(leaf: Leaves) -> Shapes:
    """The parts of the model that an experiment's leaves and its dataset's `mel.n_mels` describe.

    Each comes with the values that the shapes of its tensors depend on. What a language has of symbols is not among
    them: a model that is pretrained knows those of its parent, and then its own.
    """
    stem, tail, top = (leaf[f"model.{name}_channels"] for name in ("stem", "tail", "top"))
    widths = [stem, *leaf["model.channels"]]
    found: Shapes = {"stem": (leaf["mel.n_mels"], stem, leaf["model.stem_kernel_size"], leaf["model.stride"] > 1)}
    for number, ((n_in, n_out), kernel_size) in enumerate(
        zip(pairwise(widths), leaf["model.kernel_sizes"], strict=True)
    ):
        sizes = [n_in, *[n_out] * (leaf["model.repeats"] - 1)]
        found |= {f"blocks.{number}.layers.{i}": (size, n_out, kernel_size) for i, size in enumerate(sizes)}
        found[f"blocks.{number}.past"] = (n_in, n_out)
    found["tail"] = (widths[-1], tail, leaf["model.tail_kernel_size"])
    found["top"] = (tail, top)
    return found | {f"heads.{name}": (top,) for name in leaf["model.heads"]}


WEIGHTS = Weights(shapes, read_otherwise=("model.stride", "model.tail_dilation", "ctc.silences"))
