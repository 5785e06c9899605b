"""A vocoder before it is trained: its recordings, and the weights that it begins with."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from koeru.config.base import over
from koeru.data.splits import nothing_left
from koeru.families.vocoder.entry import JUDGED_BY, VocoderEntry
from koeru.families.vocoder.manifest import VocoderManifest
from koeru.families.vocoder.model import HifiGan, build_hifigan
from koeru.families.vocoder.recordings import StoredRecordings
from koeru.families.vocoder.task import VocoderTask
from koeru.graph.store import Place
from koeru.jobs.features import mel_spec
from koeru.jobs.stage import Work
from koeru.training.checkpoint import TrainState, load
from koeru.training.manifest import Beginning
from koeru.training.parallel import is_first
from koeru.training.parts import common_parts, covered
from koeru.training.pretraining import Loaded, first_state, load_pretrained
from koeru.training.run import Prepared
from koeru.training.taking import best_row

JUDGES = {"discriminators.mpd": "multi-period discriminator", "discriminators.msd": "multi-scale discriminator"}


def prepare(work: Work, start: int) -> Prepared:
    """The training of a node from its saved epoch `start` (0: from its beginning)."""
    entry = over(VocoderEntry, work, "vocoder.")
    recordings, held_out = (StoredRecordings.of(work, split) for split in ("train", "dev"))
    if not held_out.ids:
        raise ValueError(f"no epoch would be the best: {nothing_left('dev')}")
    torch.manual_seed(entry.train.seed)
    model = build_hifigan(entry, work["mel.n_mels"], work["mel.hop_length"])
    first, loaded = started(work, entry, start, model)
    spec = mel_spec(work, fmax=work["wav.sample_rate"] / 2)  # of the loss: that of the data, but in the full band
    task = VocoderTask(model, entry.train, recordings, held_out, spec, loaded.more["epochs"] if loaded else 0)

    def told(state: TrainState) -> dict[str, Any]:
        best = best_row(state.position.log, JUDGED_BY)
        sizes = {name: sum(p.numel() for p in network.parameters()) for name, network in model.named_children()}
        return {
            "utterances": {"train": len(recordings.ids), "dev": len(held_out.ids)},
            "excluded": [],
            "parameters": {"discriminators": 0} | sizes,
            "best": {"epoch": best["epoch"], "mel": best["dev"][JUDGED_BY]},
        }

    return Prepared(task, first, loaded, told)


def started(work: Work, entry: VocoderEntry, start: int, model: HifiGan) -> tuple[TrainState | None, Beginning | None]:
    """The state that a run with a start begins with, whose weights the model then has, and what its manifests tell.

    A later chunk, which the start may not outlive, takes what the one before told. Errors: ValueError where the
    generator does not fit, or the start lacks the moments that are to be kept.
    """
    parent = work.parents.get("start")
    if start:
        return None, work.store.read_node(replace(work.place, epoch=start), VocoderManifest).loaded
    if parent is None:
        return None, None
    name = f"{parent.stage}/{parent.key}"
    theirs = load(state_path(work, parent))
    try:
        weights = load_pretrained(model, theirs, whole=JUDGES)
    except ValueError as error:
        raise ValueError(f"the generator of {name} is another one than vocoder.variant says: {error}") from error
    keep = entry.optimizer == "keep"
    if keep:
        require_moments(name, model, theirs, weights)
    state = first_state(model, theirs, weights, entry.optimizer)
    more = {
        "epochs": epochs_behind(work, parent, theirs) if keep else 0,
        "notes": notes(name, model, theirs, weights),
    }
    step = state.position.step
    loaded = Beginning(name, parent.epoch, len(state.model), weights, entry.optimizer, step, more)
    if is_first():
        print(f"vocoder: starts from {name}; {loaded.in_words}", file=sys.stderr)
        for note in more["notes"]:
            print(f"vocoder: {note}", file=sys.stderr)
    return state, loaded


def state_path(work: Work, parent: Place) -> Path:
    """The file with the state of a start: published weights, or a vocoder at an epoch."""
    if parent.epoch is None:
        return work.store.folder(parent) / "state.pt"
    return work.store.epoch_state_path(parent, parent.epoch)


def epochs_behind(work: Work, parent: Place, theirs: TrainState) -> int:
    """How many epochs the learning rate of a start has decayed, those before its own beginning included."""
    before = None if parent.epoch is None else work.store.read_node(parent, VocoderManifest).loaded
    return theirs.position.epoch + (before.more["epochs"] if before else 0)


def require_moments(name: str, model: HifiGan, theirs: TrainState, loaded: Loaded) -> None:
    """Raise ValueError unless the start has the moments of every parameter that was loaded."""
    parameters = dict(model.named_parameters())
    has = {tensor: tensor in theirs.moments for tensor in loaded.copied if tensor in parameters}
    if without := [tensor for tensor, there in has.items() if not there]:
        parts = common_parts(without, [tensor for tensor, there in has.items() if there])
        raise ValueError(
            f"vocoder.optimizer is keep, but {name} has no state of the optimizer for {', '.join(parts)}: choose "
            "reset, or name the file of the published weights that has it (discriminators: do_*)"
        )


def notes(name: str, model: HifiGan, theirs: TrainState, loaded: Loaded) -> list[str]:
    """What is said aloud of the discriminators: which begin with random weights, and whether others are not used."""
    if model.discriminators is None:
        left = any(covered(tensor, JUDGES) for tensor in theirs.model)
        return [f"the discriminators of {name} are not used: here they have no weight"] if left else []
    why = {
        net: "has none of these widths" if any(covered(tensor, [part]) for tensor in theirs.model) else "has none"
        for part, net in JUDGES.items()
        if any(covered(tensor, [part]) for tensor in loaded.fresh)
    }
    if len(set(why.values())) == 1 and len(why) == len(JUDGES):
        return [f"the discriminators begin with random weights: {name} {why.popitem()[1]}"]
    return [f"the {net} begins with random weights: {name} {reason}" for net, reason in why.items()]
