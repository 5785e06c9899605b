"""The shapes of what models of several families are made of, by the leaves that all of these call the same."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from koeru.families.experiments.weights import Leaves, Shapes


def fft_block(leaf: Leaves) -> tuple[Any, ...]:
    """What the shapes of a feed-forward Transformer block depend on."""
    return leaf["model.hidden"], leaf["model.filter_size"], leaf["model.kernel_sizes"]


def told(leaf: Leaves, names: dict[str, str]) -> Shapes:
    """The embeddings of what a model may be told, of leaf -> part: those that are on."""
    return {part: (leaf["model.hidden"],) for name, part in names.items() if leaf[f"model.{name}"]}


def prosody(leaf: Leaves, part: str) -> Shapes:
    """The parts within a `koeru.nn.prosody.Prosody`."""
    local, of_utterances = leaf["model.local_prosody"], leaf["model.global_prosody"]
    if not (local or of_utterances):
        return {}
    hidden, emb_dim, size = leaf["model.hidden"], leaf["model.prosody_emb_dim"], leaf["model.prosody_filter_size"]
    gru_size = leaf["model.prosody_gru_size"]
    numbers = 1 + 2 * emb_dim  # weight, mean and deviation of one Gaussian
    found = {
        "extractor.convs": (),
        "extractor.gru": (leaf["mel.n_mels"], emb_dim),
        "predictor.convs": (hidden, size),
        "predictor.norms": (size,),
        "embedding": (emb_dim, hidden),
    }
    if of_utterances:
        found["extractor.global_gru"] = (emb_dim,)
        found["predictor.global_.gru"] = (size, gru_size)
        found["predictor.global_.head"] = (gru_size, leaf["model.global_num_gaussians"] * numbers)
    if local:
        found["predictor.local.embedding"] = (emb_dim,)
        found["predictor.local.gru"] = (size + emb_dim, gru_size)
        found["predictor.local.head"] = (gru_size + size, leaf["model.num_gaussians"] * numbers)
    return {f"{part}.{name}": values for name, values in found.items()}


def postnet(leaf: Leaves) -> Shapes:
    """The parts of the postnet."""
    layers, mels = leaf["model.postnet_layers"], leaf["mel.n_mels"]
    sizes = [mels, *["inner"] * (layers - 1), mels] if layers else []
    convs = {f"postnet.convs.{i}": ends for i, ends in enumerate(pairwise(sizes))}
    return convs | {f"postnet.norms.{i}": () for i in range(layers - 1)}
