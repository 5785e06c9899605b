"""An acoustic model before it is trained: its data, its vocabulary, the weights it begins with, what is foretold."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import torch

from koeru.config.base import over
from koeru.data.reading import Features
from koeru.data.sampling import n_batches
from koeru.data.splits import nothing_left
from koeru.data.vocabulary import Vocabulary, in_words
from koeru.families.acoustic.build import NAMED_ROWS, build_model
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.items import FeatureItems
from koeru.families.acoustic.manifest import AcousticManifest
from koeru.families.acoustic.task import AcousticTask
from koeru.families.acoustic.warnings import training_warnings
from koeru.graph.store import read_json, replacing, write_json
from koeru.jobs.stage import Work
from koeru.report.schedule import schedule_file
from koeru.training.checkpoint import TrainState, load
from koeru.training.manifest import Beginning
from koeru.training.parallel import is_first
from koeru.training.pretraining import first_state, freeze, load_pretrained
from koeru.training.run import Prepared


def prepare(work: Work, start: int) -> Prepared:
    """The training of a node from its saved epoch `start` (0: from its beginning)."""
    exp = over(Exp, work)
    features = Features.of(work)
    vocabulary = known(work, start, features.vocabulary)
    items = FeatureItems(features, "train", vocabulary, exp.train.max_frames)
    if not len(items):
        raise ValueError(_nothing(items, exp.train.max_frames))
    held_out = FeatureItems(features, "dev", vocabulary)
    torch.manual_seed(exp.train.seed)
    model = build_model(exp.model, vocabulary, features.stats)
    freeze(model, exp.train.freeze)
    first, loaded = pretrained(work, exp, start, model, features.vocabulary)
    if is_first():
        foretell(work, exp, items.frame_lengths, loaded)

    def told(state: TrainState) -> dict[str, Any]:
        return {
            "utterances": {"train": len(items), "dev": len(held_out)},
            "excluded": items.excluded,
            "excluded_seconds": round(sum(utterance["seconds"] for utterance in items.excluded), 3),
            **vocabulary.to_dict(),
            "parameters": sum(p.numel() for p in model.parameters()),
            "frozen": sum(p.numel() for p in model.parameters() if not p.requires_grad),
        }

    return Prepared(AcousticTask(model, exp.train, items, held_out), first, loaded, told)


def _nothing(items: FeatureItems, max_frames: int | None) -> str:
    """What to tell where no utterance is left to train on."""
    if not items.excluded:
        return nothing_left("train")
    shortest = min(utterance["frames"] for utterance in items.excluded)
    return f"train.max_frames: {max_frames} leaves no utterance to train on: the shortest has {shortest} frames"


def foretell(work: Work, exp: Exp, frame_lengths: Sequence[int], loaded: Beginning | None) -> None:
    """Say what the run is warned of, and draw its schedule in its folder: to the last epoch that an entry asks for."""
    begins_after, train = loaded.step if loaded else 0, exp.train
    counts = (
        n_batches(frame_lengths, train.batch_size, train.group_size, train.seed, number, train.batch_frames)
        for number in range(max(work.settings["saved"]))
    )
    ends = list(accumulate(counts, initial=begins_after))[1:]
    for warning in training_warnings(work.params, ends[-1], pretrained=loaded is not None):
        print(f"train: warning: {warning}", file=sys.stderr)
    with replacing(work.folder / "schedule.svg") as temporary:
        temporary.write_bytes(schedule_file(train, ends, begins_after + 1))


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
        own = work.store.read_node(parent, AcousticManifest).vocabulary.followed_by(own)
    if is_first():
        write_json(begun, own.to_dict())
    return own


def saved(work: Work, epoch: int) -> AcousticManifest:
    """The manifest of an epoch that the run has saved."""
    return work.store.read_node(replace(work.place, epoch=epoch), AcousticManifest)


def pretrained(
    work: Work, exp: Exp, start: int, model: torch.nn.Module, own: Vocabulary
) -> tuple[TrainState | None, Beginning | None]:
    """The state that a run with a parent begins with, whose weights the model then has, and what its manifests tell.

    Where a rolling checkpoint of the first chunk replaces the state at once, they still tell of the parent. A later
    chunk, which the parent may not outlive, takes what the one before told.
    """
    parent = work.parents.get("pretrain")
    if start:
        return None, saved(work, start).loaded
    if parent is None:
        return None, None
    theirs = load(work.store.epoch_state_path(parent, parent.epoch))
    weights = load_pretrained(model, theirs, extend=NAMED_ROWS, partial=exp.partial)
    state = first_state(model, theirs, weights, exp.optimizer)
    compared = work.store.read_node(parent, AcousticManifest).vocabulary.compared_with(own)
    source, step = f"train/{parent.key}", state.position.step
    loaded = Beginning(source, parent.epoch, len(state.model), weights, exp.optimizer, step, compared)
    if is_first():
        words = f"{in_words(compared) or 'no new names'}; {loaded.in_words}"
        print(f"train: pretrained from {source} at epoch {parent.epoch}; {words}", file=sys.stderr)
    return state, loaded
