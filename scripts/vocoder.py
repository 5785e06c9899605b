"""Train a HiFi-GAN for a chunk of epochs and save the full state; a run that was stopped continues exactly."""

import argparse
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch

from koeru.audio.mel import MelSpec
from koeru.families.vocoder.model import Vocoder, build_vocoder
from koeru.families.vocoder.recordings import StoredRecordings
from koeru.families.vocoder.task import VocoderTask
from koeru.graph.store import Place, read_json
from koeru.jobs.command_line import stage_command
from koeru.jobs.features import mel_spec
from koeru.jobs.interruption import Heard
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work
from koeru.training.checkpoint import TrainState, load, save
from koeru.training.chunks import accelerator, latest_state, place_in, running, write_epoch
from koeru.training.loop import train
from koeru.training.parallel import is_first
from koeru.training.parts import common_parts, covered, weights_in_words
from koeru.training.pretraining import Loaded, first_state, load_pretrained
from koeru.training.settings import VocoderSettings

JUDGES = {"discriminators.mpd": "multi-period discriminator", "discriminators.msd": "multi-scale discriminator"}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Train until the epoch, from the latest state there is."""
    with running(work) as told_to_stop:
        _train(work, arguments.start, arguments.epoch, told_to_stop)


def _train(work: Work, start: int, epoch: int, told_to_stop: Heard | None) -> None:
    run: dict = {}
    with timed(run):
        recordings, held_out = (StoredRecordings.of(work, split) for split in ("train", "dev"))
        if not held_out.ids:
            raise ValueError("the dev split is empty, so no epoch is the best: raise splits.dev, or add recordings")
        torch.manual_seed(work["vocoder.train.seed"])
        model = build_vocoder(work.params)
        first, loaded = started(work, start, model)
        state, origin = latest_state(work, start, epoch, first)
        began, behind = place_in(state)
        chosen = settings(work, loaded)
        task = VocoderTask(model, chosen, recordings, held_out, loss_spec(work))
        training = partial(train, task, start_state=state, stop_epoch=epoch)
        if not is_first():
            training()
            return
        steps = len(task.batches(0)) * (epoch - began) - behind
        with Progress(f"vocoder to epoch {epoch}", steps, "steps") as progress:
            state = training(
                rolling_path=work.folder / "rolling.pt",
                log_dir=work.folder / "log",
                progress=progress.step,
                told_to_stop=told_to_stop,
            )
        save(state, work.store.epoch_state_path(work.place, epoch))
    best = min(state.place.log, key=lambda record: record["dev"]["mel"])
    sizes = {name: sum(p.numel() for p in network.parameters()) for name, network in model.named_children()}
    told = {
        "start": began,
        "origin": origin,
        "loaded": loaded,
        "utterances": {"train": len(recordings.ids), "dev": len(held_out.ids)},
        "excluded": [],
        "parameters": {"discriminators": 0} | sizes,
        "workers": chosen.workers,
        "at_start": state.place.at_start,
        "best": {"epoch": best["epoch"], "mel": best["dev"]["mel"]},
    }
    write_epoch(work, epoch, state, told, run)


def started(work: Work, start: int, model: Vocoder) -> tuple[TrainState | None, dict[str, Any] | None]:
    """The state that a run with a start begins with, whose weights the model then has, and what its manifests tell.

    A later chunk, which the start may not outlive, takes what the one before told. Errors: ValueError where the
    generator does not fit, or the start lacks the moments that are to be kept.
    """
    parent = work.parents.get("start")
    if start:
        return None, read_json(work.store.epoch_path(work.place, start))["loaded"]
    if parent is None:
        return None, None
    name = f"{parent.stage}/{parent.key}"
    theirs = load(state_path(work, parent))
    try:
        loaded = load_pretrained(model, theirs, whole=JUDGES)
    except ValueError as error:
        raise ValueError(f"the generator of {name} is another one than vocoder.variant says: {error}") from error
    keep = work["vocoder.optimizer"] == "keep"
    if keep:
        require_moments(name, model, theirs, loaded)
    state = first_state(model, theirs, loaded, work["vocoder.optimizer"])
    told = {
        "from": name,
        "epoch": parent.epoch,
        "tensors": len(state.model),
        **asdict(loaded),
        "optimizer": work["vocoder.optimizer"],
        "step": state.place.step,
        "epochs": epochs_behind(work, parent, theirs) if keep else 0,
        "notes": notes(name, model, theirs, loaded),
    }
    if is_first():
        print(f"vocoder: starts from {name}; {weights_in_words(told)}", file=sys.stderr)
        for note in told["notes"]:
            print(f"vocoder: {note}", file=sys.stderr)
    return state, told


def state_path(work: Work, parent: Place) -> Path:
    """The file with the state of a start: published weights, or a vocoder at an epoch."""
    if parent.epoch is None:
        return work.store.folder(parent) / "state.pt"
    return work.store.epoch_state_path(parent, parent.epoch)


def epochs_behind(work: Work, parent: Place, theirs: TrainState) -> int:
    """How many epochs the learning rate of a start has decayed, those before its own beginning included."""
    before = None if parent.epoch is None else read_json(work.store.epoch_path(parent, parent.epoch))["loaded"]
    return theirs.place.epoch + (before["epochs"] if before else 0)


def require_moments(name: str, model: Vocoder, theirs: TrainState, loaded: Loaded) -> None:
    """Raise ValueError unless the start has the moments of every parameter that was loaded."""
    parameters = dict(model.named_parameters())
    has = {tensor: tensor in theirs.moments for tensor in loaded.copied if tensor in parameters}
    if without := [tensor for tensor, there in has.items() if not there]:
        parts = common_parts(without, [tensor for tensor, there in has.items() if there])
        raise ValueError(
            f"vocoder.optimizer is keep, but {name} has no state of the optimizer for {', '.join(parts)}: choose "
            "reset, or name the file of the published weights that has it (discriminators: do_*)"
        )


def notes(name: str, model: Vocoder, theirs: TrainState, loaded: Loaded) -> list[str]:
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


def loss_spec(work: Work) -> MelSpec:
    """The mel of the loss: that of the data, but for its band, which is the full one."""
    return mel_spec(work, fmax=work["wav.sample_rate"] / 2)


def settings(work: Work, loaded: dict[str, Any] | None) -> VocoderSettings:
    """The settings, from the parameters in the key, those that are not, and the epochs that a run goes on from."""
    return VocoderSettings(
        seed=work["vocoder.train.seed"],
        batch_size=work["vocoder.train.batch_size"],
        segment_length=work["vocoder.train.segment_length"],
        base_lr=work["vocoder.train.base_lr"],
        lr_decay=work["vocoder.train.lr_decay"],
        epochs_before=loaded["epochs"] if loaded else 0,
        adversarial_weight=work["vocoder.train.adversarial_weight"],
        features_weight=work["vocoder.train.features_weight"],
        mel_weight=work["vocoder.train.mel_weight"],
        stft_weight=work["vocoder.train.stft_weight"],
        precision=work["vocoder.train.precision"],
        accelerator=accelerator(work.settings["vocoder.train.device"]),
        devices=work.settings["vocoder.train.devices"],
        threads=work.settings["vocoder.train.threads"],
        workers=work.settings["vocoder.train.workers"],
        compile=work.settings["vocoder.train.compile"],
        cuda_graphs=work.settings["vocoder.train.cuda_graphs"],
        rolling_seconds=work.settings["vocoder.train.checkpoint_every"],
    )


def job_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("--epoch", type=int, help="train until this epoch")
    parser.add_argument("--start", type=int, default=0, help="the saved epoch to start from (0: none)")


if __name__ == "__main__":
    stage_command("vocoder", __doc__, job, job_arguments=job_arguments)
