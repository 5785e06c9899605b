"""Train for a chunk of epochs and save the full state; a run that was stopped continues exactly where it was."""

import argparse

import torch

from koeru.command_line import stage_command
from koeru.data.items import FeatureItems
from koeru.data.reading import Features
from koeru.lock import run_lock
from koeru.models.build import build_model
from koeru.progress import Progress
from koeru.stage import Work
from koeru.store import file_digest, read_json, source_commit, timed, write_json
from koeru.training.checkpoint import TrainState, load, load_pretrained, save
from koeru.training.loop import TrainSettings, train
from koeru.training.schedule import Schedule


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Train until the epoch, from the latest state there is; one process at a time."""
    with run_lock(work.folder / "lock", f"training {work.place.key}"):
        _train(work, arguments.start, arguments.epoch)


def _train(work: Work, start: int, epoch: int) -> None:
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        items, held_out = FeatureItems(features, "train"), FeatureItems(features, "dev")
        torch.manual_seed(work["train.seed"])
        model = build_model(work.params, features.stats)
        state, origin = starting_state(work, start, epoch)
        loaded = load_parent(work, model, features) if state is None and "pretrain" in work.parents else None
        began = state.place.epoch if state is not None else 0
        steps = (epoch - began) * -(-len(items) // work["train.batch_size"])
        with Progress(f"train to epoch {epoch}", steps, "steps") as progress:
            state = train(
                model,
                settings(work),
                items,
                held_out,
                start_state=state,
                stop_epoch=epoch,
                rolling_path=work.folder / "rolling.pt",
                log_dir=work.folder / "log",
                progress=progress.step,
            )
        path = work.store.epoch_state_path(work.place, epoch)
        save(state, path)
    parents = {role: {"stage": p.stage, "key": p.key, "epoch": p.epoch} for role, p in work.parents.items()}
    content = {
        "stage": "train",
        "version": work.version,
        "key": work.place.key,
        "params": dict(work.params),
        "parents": parents,
        "epoch": epoch,
        "start": began,
        "step": state.place.step,
        "origin": origin,
        "loaded": loaded,
        "utterances": {"train": len(items), "dev": len(held_out)},
        "speakers": list(features.stats.speakers),
        "emotions": list(features.stats.emotions),
        "parameters": sum(p.numel() for p in model.parameters()),
        "threads": work.settings["train.threads"],
        "device": settings(work).accelerator,
        "last": state.place.log[-1],
        "log": state.place.log,
        "payload": {"file": path.name, "bytes": path.stat().st_size, "sha256": file_digest(path)},
        "commit": source_commit(),
        "run": run,
    }
    write_json(work.store.epoch_path(work.place, epoch), content)


def starting_state(work: Work, start: int, epoch: int) -> tuple[TrainState | None, str]:
    """The latest state on the way to `epoch`: the rolling checkpoint, a saved epoch, or none; and which it is."""
    rolling = work.folder / "rolling.pt"
    if rolling.exists():
        state = load(rolling)
        if start <= state.place.epoch and (state.place.epoch, state.place.batch) <= (epoch, 0):
            return state, f"rolling checkpoint at epoch {state.place.epoch}, batch {state.place.batch}"
    if start:
        return load(work.store.epoch_state_path(work.place, start)), f"epoch {start}"
    return None, "pretrained weights" if "pretrain" in work.parents else "random weights"


def load_parent(work: Work, model: torch.nn.Module, features: Features) -> dict:
    """Load the weights of the parent training; speakers and emotions must be the same, in the same order."""
    parent = work.parents["pretrain"]
    told = read_json(work.store.epoch_path(parent, parent.epoch))
    for kind in ("speakers", "emotions"):
        own = list(getattr(features.stats, kind))
        if told[kind] != own:
            raise ValueError(f"pretrain: the parent was trained with the {kind} {told[kind]}, this dataset has {own}")
    load_pretrained(model, load(work.store.epoch_state_path(parent, parent.epoch)))
    return {
        "from": f"train/{parent.key}",
        "epoch": parent.epoch,
        "tensors": len(model.state_dict()),
        "optimiser": "reset",
    }


def settings(work: Work) -> TrainSettings:
    """The loop's settings, from the parameters in the key and the settings that are not."""
    cuda = work.settings["train.device"] == "cuda" or (
        work.settings["train.device"] == "auto" and torch.cuda.is_available()
    )
    return TrainSettings(
        seed=work["train.seed"],
        batch_size=work["train.batch_size"],
        group_size=work["train.group_size"],
        schedule=Schedule(
            base_lr=work["train.base_lr"],
            warmup_steps=work["train.warmup_steps"],
            max_lr_scale=work["train.max_lr_scale"],
            anneal_steps=tuple(work["train.anneal_steps"]),
            anneal_rate=work["train.anneal_rate"],
        ),
        clip_norm=work["train.max_grad_norm"],
        precision=work["train.precision"],
        accelerator="cuda" if cuda else "cpu",
        threads=work.settings["train.threads"],
        rolling_seconds=work.settings["train.checkpoint_every"],
    )


def job_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("--epoch", type=int, help="train until this epoch")
    parser.add_argument("--start", type=int, default=0, help="the saved epoch to start from (0: none)")


if __name__ == "__main__":
    stage_command("train", __doc__, job, job_arguments=job_arguments)
