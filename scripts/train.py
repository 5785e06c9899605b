"""Train for a chunk of epochs and save the full state; a run that was stopped continues exactly where it was."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from itertools import accumulate
from typing import Any

import torch

from koeru.data.names import Names, in_words
from koeru.data.reading import Features
from koeru.families.acoustic.build import NAMED_ROWS, build_model
from koeru.families.acoustic.items import FeatureItems
from koeru.families.acoustic.task import AcousticTask
from koeru.families.acoustic.warnings import training_warnings
from koeru.graph.store import read_json, replacing
from koeru.jobs.command_line import stage_command
from koeru.jobs.interruption import Heard
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work
from koeru.report.schedule import schedule_file
from koeru.training.checkpoint import TrainState, load, save
from koeru.training.chunks import accelerator, latest_state, place_in, running, write_epoch
from koeru.training.loop import train
from koeru.training.parallel import is_first
from koeru.training.parts import weights_in_words
from koeru.training.pretraining import first_state, freeze, load_pretrained
from koeru.training.schedule import Schedule
from koeru.training.settings import TrainSettings


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Train until the epoch, from the latest state there is."""
    with running(work) as told_to_stop:
        _train(work, arguments.start, arguments.epoch, told_to_stop)


def _train(work: Work, start: int, epoch: int, told_to_stop: Heard | None) -> None:
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        own_names = features.stats.names
        names = known_names(work, start, own_names)
        items = FeatureItems(features, "train", names, work["train.max_frames"])
        held_out = FeatureItems(features, "dev", names)
        torch.manual_seed(work["train.seed"])
        model = build_model(work.params, names, features.stats)
        freeze(model, work["train.freeze"])
        first, loaded = pretrained(work, start, model, own_names)
        state, origin = latest_state(work, start, epoch, first)
        began, behind = place_in(state)
        chosen = settings(work)
        training = partial(train, AcousticTask(model, chosen, items, held_out), start_state=state, stop_epoch=epoch)
        if not is_first():
            training()
            return
        steps = sum(chosen.n_batches(items.frame_lengths, number) for number in range(began, epoch)) - behind
        foretell(work, chosen, items.frame_lengths, loaded)
        with Progress(f"train to epoch {epoch}", steps, "steps") as progress:
            state = training(
                rolling_path=work.folder / "rolling.pt",
                log_dir=work.folder / "log",
                progress=progress.step,
                told_to_stop=told_to_stop,
            )
        save(state, work.store.epoch_state_path(work.place, epoch))
    told = {
        "start": began,
        "origin": origin,
        "loaded": loaded,
        "utterances": {"train": len(items), "dev": len(held_out)},
        "excluded": items.excluded,
        "excluded_seconds": round(sum(utterance["seconds"] for utterance in items.excluded), 3),
        **names.to_dict(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "frozen": sum(p.numel() for p in model.parameters() if not p.requires_grad),
        "workers": chosen.workers,
    }
    write_epoch(work, epoch, state, told, run)


def foretell(work: Work, chosen: TrainSettings, frame_lengths: Sequence[int], loaded: dict[str, Any] | None) -> None:
    """Say what the run is warned of, and draw its schedule in its folder: to the last epoch that an entry asks for."""
    begins_after = loaded["step"] if loaded else 0
    epochs = range(max(work.settings["saved"]))
    ends = list(accumulate((chosen.n_batches(frame_lengths, number) for number in epochs), initial=begins_after))[1:]
    for warning in training_warnings(work.params, ends[-1], pretrained=loaded is not None):
        print(f"train: warning: {warning}", file=sys.stderr)
    with replacing(work.folder / "schedule.svg") as temporary:
        temporary.write_bytes(schedule_file(chosen.schedule, ends, begins_after + 1))


def known_names(work: Work, start: int, own: Names) -> Names:
    """The names that the model knows, given those of its dataset: the same at every start of a run.

    The names of a parent keep their ids, so that a speaker of both keeps its embedding, and the dataset's new names
    follow. A saved epoch tells the names to the next chunk, which the parent may not outlive.
    """
    parent = work.parents.get("pretrain")
    if start:
        return Names.of(read_json(work.store.epoch_path(work.place, start)))
    if parent is not None:
        return Names.of(read_json(work.store.epoch_path(parent, parent.epoch))).followed_by(own)
    return own


def pretrained(
    work: Work, start: int, model: torch.nn.Module, own: Names
) -> tuple[TrainState | None, dict[str, Any] | None]:
    """The state that a run with a parent begins with, whose weights the model then has, and what its manifests tell.

    Where a rolling checkpoint of the first chunk replaces the state at once, they still tell of the parent. A later
    chunk, which the parent may not outlive, takes what the one before told.
    """
    parent = work.parents.get("pretrain")
    if start:
        return None, read_json(work.store.epoch_path(work.place, start))["loaded"]
    if parent is None:
        return None, None
    theirs = load(work.store.epoch_state_path(parent, parent.epoch))
    loaded = load_pretrained(model, theirs, extend=NAMED_ROWS, partial=work["partial"])
    state = first_state(model, theirs, loaded, work["optimizer"])
    told = {
        "from": f"train/{parent.key}",
        "epoch": parent.epoch,
        "tensors": len(state.model),
        **asdict(loaded),
        "optimizer": work["optimizer"],
        "step": state.place.step,
        **Names.of(read_json(work.store.epoch_path(parent, parent.epoch))).compared_with(own),
    }
    if is_first():
        names = in_words(told) or "no new names"
        words = f"pretrained from {told['from']} at epoch {parent.epoch}; {names}; {weights_in_words(told)}"
        print(f"train: {words}", file=sys.stderr)
    return state, told


def settings(work: Work) -> TrainSettings:
    """The settings, from the parameters in the key and those that are not."""
    return TrainSettings(
        seed=work["train.seed"],
        batch_size=work["train.batch_size"],
        group_size=work["train.group_size"],
        batch_frames=work["train.batch_frames"],
        weights={"local_prosody": work["train.beta"], "global_prosody": work["train.g_beta"]},
        schedule=Schedule.of(work.params),
        clip_norm=work["train.max_grad_norm"],
        precision=work["train.precision"],
        accelerator=accelerator(work.settings["train.device"]),
        devices=work.settings["train.devices"],
        threads=work.settings["train.threads"],
        workers=work.settings["train.workers"],
        compile=work.settings["train.compile"],
        rolling_seconds=work.settings["train.checkpoint_every"],
    )


def job_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("--epoch", type=int, help="train until this epoch")
    parser.add_argument("--start", type=int, default=0, help="the saved epoch to start from (0: none)")


if __name__ == "__main__":
    stage_command("train", __doc__, job, job_arguments=job_arguments)
