"""Which leaves decide the shapes of which weights: so that what would not fit is told before any job, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from koeru.training.parts import common_parts, covered

READ_OTHERWISE = (
    "model.heads",
    "model.pitch_level",
    "model.energy_level",
)  # leaves with which the same weights fit, and mean something else


def shapes(leaf: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The parts of the model that an experiment's leaves and its dataset's `mel.n_mels` describe.

    Each comes with the values that the shapes of its tensors depend on. Names of speakers and emotions are not among
    them: a model that is pretrained has those of its parent.
    """
    hidden, mels = leaf["model.hidden"], leaf["mel.n_mels"]
    predictor = (hidden, leaf["model.variance_filter_size"], leaf["model.variance_kernel_size"])
    bins = (leaf["model.n_bins"],) if leaf["model.variance_embedding"] == "bins" else ()
    embedding = (hidden, leaf["model.variance_embedding"], *bins)
    block = (hidden, leaf["model.filter_size"], leaf["model.kernel_sizes"])
    optional = {
        "accents": leaf["model.accent"],
        "speakers": leaf["model.speaker"],
        "emotions": leaf["model.emotion"],
        "before_emotions": leaf["model.before_emotion"],
    }
    stacks = ("encoder", "decoder")
    return {
        "phones": (hidden,),
        "devoiced": (hidden,),
        **{name: (hidden,) for name, present in optional.items() if present},
        **{f"{stack}.blocks.{i}": block for stack in stacks for i in range(leaf[f"model.{stack}_layers"])},
        **_prosody(leaf),
        **{f"variance.{name}": predictor for name in ("duration", "pitch", "energy")},
        **{f"variance.{name}_embedding": embedding for name in ("pitch", "energy")},
        "to_mel": (hidden, mels),
        **_postnet(leaf["model.postnet_layers"], mels),
    }


def _prosody(leaf: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    local, of_utterances = leaf["model.local_prosody"], leaf["model.global_prosody"]
    if not (local or of_utterances):
        return {}
    hidden, emb_dim, size = leaf["model.hidden"], leaf["model.prosody_emb_dim"], leaf["model.prosody_filter_size"]
    gru_size = leaf["model.prosody_gru_size"]
    numbers = 1 + 2 * emb_dim  # weight, mean and deviation of one Gaussian
    found = {
        "prosody.extractor.convs": (),
        "prosody.extractor.gru": (leaf["mel.n_mels"], emb_dim),
        "prosody.predictor.convs": (hidden, size),
        "prosody.predictor.norms": (size,),
        "prosody.embedding": (emb_dim, hidden),
    }
    if of_utterances:
        found["prosody.extractor.global_gru"] = (emb_dim,)
        found["prosody.predictor.global_.gru"] = (size, gru_size)
        found["prosody.predictor.global_.head"] = (gru_size, leaf["model.global_num_gaussians"] * numbers)
    if local:
        found["prosody.predictor.local.embedding"] = (emb_dim,)
        found["prosody.predictor.local.gru"] = (size + emb_dim, gru_size)
        found["prosody.predictor.local.head"] = (gru_size + size, leaf["model.num_gaussians"] * numbers)
    return found


def _postnet(layers: int, mels: int) -> dict[str, tuple[Any, ...]]:
    sizes = [mels, *["inner"] * (layers - 1), mels] if layers else []
    convs = {f"postnet.convs.{i}": ends for i, ends in enumerate(pairwise(sizes))}
    return convs | {f"postnet.norms.{i}": () for i in range(layers - 1)}


def misfits(parent: Mapping[str, Any], own: Mapping[str, Any], partial: tuple[str, ...]) -> dict[str, list[str]]:
    """The leaves with which a parent's weights would not fit: leaf -> the parts that it decides and `partial` lacks."""
    theirs, ours = shapes(parent), shapes(own)
    differing = [p for p in theirs | ours if theirs.get(p) != ours.get(p) and not covered(p, partial)]
    found = {}
    for leaf in (leaf for leaf in own if own[leaf] != parent[leaf]):
        flips = [(theirs, shapes({**parent, leaf: own[leaf]})), (ours, shapes({**own, leaf: parent[leaf]}))]
        decided = [p for p in differing if any(_changed(p, *flip, p in theirs and p in ours) for flip in flips)]
        if decided:
            found[leaf] = common_parts(decided, {*theirs, *ours}.difference(decided))
    return found


def _changed(part: str, before: Mapping[str, Any], after: Mapping[str, Any], in_both: bool) -> bool:
    """Whether another value of a leaf changes a part's shapes; of what one model lacks, whether the part is there."""
    if in_both:
        return part in after and after[part] != before[part]
    return (part in after) != (part in before)
