"""Train for a chunk of epochs and save the full state; a run that was stopped continues exactly where it was."""

import argparse
import sys
from typing import Any

import torch

from koeru.command_line import stage_command
from koeru.data.items import FeatureItems
from koeru.data.names import Names, in_words
from koeru.data.reading import Features
from koeru.lock import run_lock
from koeru.models.build import NAMED_ROWS, build_model
from koeru.progress import Progress
from koeru.stage import Work
from koeru.store import file_digest, read_json, source_commit, timed, write_json
from koeru.training.checkpoint import TrainState, load, save
from koeru.training.loop import TrainSettings, train
from koeru.training.pretraining import load_pretrained
from koeru.training.schedule import Schedule


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Train until the epoch, from the latest state there is; one process at a time."""
    with run_lock(work.folder / "lock", f"training {work.place.key}"):
        _train(work, arguments.start, arguments.epoch)


def _train(work: Work, start: int, epoch: int) -> None:
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        own_names = features.stats.names
        names = known_names(work, start, own_names)
        items, held_out = FeatureItems(features, "train", names), FeatureItems(features, "dev", names)
        torch.manual_seed(work["train.seed"])
        model = build_model(work.params, names, features.stats)
        state, origin = starting_state(work, start, epoch)
        loaded = loaded_weights(work, start, model, own_names)
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
        **names.to_dict(),
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


def loaded_weights(work: Work, start: int, model: torch.nn.Module, own: Names) -> dict[str, Any] | None:
    """Load the parent's weights at the beginning of a run; what it began with, for its manifests.

    Where a rolling checkpoint of the first chunk replaces them at once, the manifest still tells of the parent.
    """
    parent = work.parents.get("pretrain")
    if start:
        return read_json(work.store.epoch_path(work.place, start))["loaded"]
    if parent is None:
        return None
    loaded = load_pretrained(model, load(work.store.epoch_state_path(parent, parent.epoch)), extend=NAMED_ROWS)
    compared = Names.of(read_json(work.store.epoch_path(parent, parent.epoch))).compared_with(own)
    origin = f"train/{parent.key} at epoch {parent.epoch}"
    print(f"train: pretrained from {origin}; {in_words(compared) or 'no new names'}", file=sys.stderr)
    return {
        "from": f"train/{parent.key}",
        "epoch": parent.epoch,
        "tensors": len(model.state_dict()),
        "copied": list(loaded.copied),
        "extended": list(loaded.extended),
        "optimiser": "reset",
        **compared,
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
