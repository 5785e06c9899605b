"""How the training of a model that knows names begins: its vocabulary and its first weights."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from torch import nn

from koeru.data.splits import nothing_left
from koeru.data.vocabulary import Vocabulary, in_words
from koeru.graph.store import read_json, write_json
from koeru.jobs.stage import Work
from koeru.training.checkpoint import TrainState, load
from koeru.training.manifest import Beginning, ModelManifest
from koeru.training.parallel import is_first
from koeru.training.pretraining import first_state, load_pretrained


class Chosen(Protocol):
    """The items of a split, and those of it that are left out: each with id, frames, seconds and reason."""

    frame_lengths: Sequence[int]
    excluded: Sequence[Mapping[str, Any]]

    def __len__(self) -> int: ...


def require_some(items: Chosen, max_frames: int | None) -> None:
    """Raise ValueError where nothing is left to train on, with the remedy."""
    if len(items):
        return
    if not items.excluded:
        raise ValueError(nothing_left("train"))
    shortest = min(utterance["frames"] for utterance in items.excluded)
    raise ValueError(f"train.max_frames: {max_frames} leaves nothing to train on: the shortest has {shortest} frames")


def told_of(items: Chosen, held_out: Chosen, vocabulary: Vocabulary, model: nn.Module) -> dict[str, Any]:
    """What `ModelManifest` reads."""
    return {
        "utterances": {"train": len(items), "dev": len(held_out)},
        "excluded": items.excluded,
        "excluded_seconds": round(sum(utterance["seconds"] for utterance in items.excluded), 3),
        **vocabulary.to_dict(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "frozen": sum(p.numel() for p in model.parameters() if not p.requires_grad),
    }


def known(work: Work, start: int, own: Vocabulary) -> Vocabulary:
    """The vocabulary of the model, given that of its dataset: the same at every start of a run.

    What a parent knows keeps its ids, so that a speaker of both keeps its embedding, and what is new in the dataset
    follows. A saved epoch tells it to the next chunk, which the parent may not outlive, and a file in the folder of the
    run to whoever goes on before one is saved, perhaps with another koeru that has other symbols.
    """
    begun, parent = work.folder / "vocabulary.json", work.parents.get("pretrain")
    if start:
        return saved(work, start).vocabulary
    if begun.exists():
        return Vocabulary.of(read_json(begun))
    if parent is not None:
        own = work.store.read_node(parent, ModelManifest).vocabulary.followed_by(own)
    if is_first():
        write_json(begun, own.to_dict())
    return own


def saved(work: Work, epoch: int) -> ModelManifest:
    """The manifest of an epoch that the run has saved."""
    return work.store.read_node(replace(work.place, epoch=epoch), ModelManifest)


def pretrained(
    work: Work, start: int, model: nn.Module, own: Vocabulary, extend: Collection[str]
) -> tuple[TrainState | None, Beginning | None]:
    """The state that a run with a parent begins with, whose weights the model then has, and what its manifests tell.

    The tensors named in `extend` have one row an id of the vocabulary (`koeru.training.pretraining`). The parent may be
    another kind of model, with parts in common.

    Where a rolling checkpoint of the first chunk replaces the state at once, they still tell of the parent. A later
    chunk, which the parent may not outlive, takes what the one before told.
    """
    parent = work.parents.get("pretrain")
    if start:
        return None, saved(work, start).loaded
    if parent is None:
        return None, None
    theirs = load(work.store.epoch_state_path(parent, parent.epoch))
    alike = parent.stage == work.place.stage
    weights = load_pretrained(model, theirs, extend=extend, partial=work["partial"], alike=alike)
    state = first_state(model, theirs, weights, work["optimizer"])
    compared = work.store.read_node(parent, ModelManifest).vocabulary.compared_with(own)
    source, step = f"{parent.stage}/{parent.key}", state.position.step
    loaded = Beginning(source, parent.epoch, len(state.model), weights, work["optimizer"], step, compared)
    if is_first():
        words = f"{in_words(compared) or 'no new names'}; {loaded.in_words}"
        print(f"{work.place.stage}: pretrained from {source} at epoch {parent.epoch}; {words}", file=sys.stderr)
    return state, loaded
