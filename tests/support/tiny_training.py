"""A training that takes a second, and the processes that tests of resuming and of several devices start.

Also a program, as the ranks of a training run one command line: `python tiny_training.py FOLDER`, see `on_two_devices`.
"""

import multiprocessing
import os
import signal
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from unittest.mock import patch

import numpy as np
import tiny_conversion
import tiny_vocoder
import torch
from acoustic_batches import fastspeech2, without_dropout

from koeru.config.training import Supervised
from koeru.families.acoustic.item import Item
from koeru.families.acoustic.task import AcousticTask
from koeru.families.vc.task import ConversionTask
from koeru.families.vocoder.schedule import ADAMW
from koeru.families.vocoder.task import VocoderTask
from koeru.training.checkpoint import load, save
from koeru.training.loop import train
from koeru.training.parallel import is_first
from koeru.training.pretraining import freeze
from koeru.training.sums import NonFiniteLossError
from koeru.training.supervised import ADAM

EPOCHS = 3
STEPS = 5  # an epoch: 13 items in batches of 3, of which the last has one
ALWAYS = 1e-9  # seconds between rolling checkpoints: one after every step
SETTINGS = Supervised(
    batch_size=3, group_size=2, warmup_steps=100, max_lr_scale=0.05, anneal_steps=(12,), threads=1, device="cpu",
    checkpoint_every=ALWAYS,
)  # fmt: skip
PROSODY = {
    "local_prosody": True, "global_prosody": True, "num_gaussians": 2, "global_num_gaussians": 3, "prosody_emb_dim": 4,
    "prosody_filter_size": 8, "prosody_gru_size": 8, "prosody_gru_dropout": 0.2,
}  # fmt: skip
MODELS = {"fastspeech2": {}, "wgmm": PROSODY}
SETTINGS_OF = dict.fromkeys([*MODELS, *tiny_conversion.KINDS], SETTINGS) | {"vocoder": tiny_vocoder.SETTINGS}
ALL_PARTS = [kind for kind in SETTINGS_OF if kind != "conversion"]  # which has none that conversion_wgmm lacks
TASKS = dict.fromkeys(MODELS, AcousticTask) | dict.fromkeys(tiny_conversion.KINDS, ConversionTask)
TASKS["vocoder"] = VocoderTask


class ItemList(list[Item]):
    """Items in memory."""

    @property
    def frame_lengths(self):
        return [int(item.durations.sum()) for item in self]


def make_items(n_items, seed):
    rng = np.random.default_rng(seed)

    def item(number):
        n_phones = int(rng.integers(2, 8))
        durations = rng.integers(1, 4, n_phones)
        ids = [rng.integers(1, 6, n_phones) for _ in range(2)]
        pitch, energy = rng.normal(size=(2, n_phones)).astype(np.float32)
        mel = (ids[0].repeat(durations)[:, None] - np.arange(4)).astype(np.float32)
        return Item(
            f"u{number}", *ids, ids[0] % 2, number % 2, 0, 0, durations, pitch, energy, mel
        )  # fmt: skip

    return ItemList(item(number) for number in range(n_items))


def changed(settings, **leaves):
    """Settings with other values of some leaves, which are not checked."""
    return settings.model_copy(update=leaves)


def with_a_bad_one():
    items = make_items(13, 0)
    items[5] = replace(items[5], pitch=np.full_like(items[5].pitch, np.nan))
    return items


def make_model(kind="fastspeech2", **changes):
    torch.manual_seed(1)
    small = {
        "n_phones": 6, "n_accents": 6, "n_speakers": 2, "n_emotions": 1, "n_mels": 4, "hidden": 8, "encoder_layers": 1,
        "decoder_layers": 1, "filter_size": 16, "kernel_sizes": (3, 1), "variance_filter_size": 8, "postnet_layers": 2,
    }  # fmt: skip
    return fastspeech2(**small, **MODELS[kind], **changes)


def arguments_of_task(kind, dev):
    """A task's own arguments, unless a test has others."""
    if kind == "vocoder":
        return tiny_vocoder.arguments_of_task(dev)
    if kind in tiny_conversion.KINDS:
        return tiny_conversion.arguments_of_task(kind, SETTINGS, dev)
    items = {"train_items": make_items(13, 0), "dev_items": make_items(dev, 1)}
    return {"model": make_model(kind), "settings": SETTINGS, **items}


def run(kind="fastspeech2", stop_epoch=EPOCHS, dev=4, **arguments):
    """Train a tiny model of a kind; the arguments are those of its task, or of the loop."""
    own = {name: arguments.pop(name, value) for name, value in arguments_of_task(kind, dev).items()}
    return train(TASKS[kind](**own), stop_epoch=stop_epoch, **arguments)


def assert_same(a, b):
    """Two states are the same bit for bit, but for the time they took."""
    for part in ("model", "moments", "generators", "best"):
        x, y = flat(getattr(a, part)), flat(getattr(b, part))
        assert x.keys() == y.keys()
        for key, value in x.items():
            assert torch.equal(value, y[key]), key
    assert (a.position.epoch, a.position.batch, a.position.step) == (
        b.position.epoch,
        b.position.batch,
        b.position.step,
    )
    assert a.position.at_start == b.position.at_start
    assert without_times(a.position.log) == without_times(b.position.log)


def flat(value, name=""):
    if isinstance(value, dict):
        return {key: leaf for k, v in value.items() for key, leaf in flat(v, f"{name}/{k}").items()}
    return {name: value}


def without_times(records):
    return [{k: v for k, v in record.items() if "seconds" not in k} for record in records]


def training_process(folder, kind, workers=0, epochs=EPOCHS, die_in_save=None, begun=None):
    """Train to the end, from the rolling checkpoint if there is one; die within a save, or be killed from outside.

    The connection `begun` is told, when the training begins and at each step, which processes it has started.
    """
    saves, rolling, fsync = count(1), Path(folder) / "rolling.pt", os.fsync

    def fsync_or_die(descriptor):
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".partial") and next(saves) == die_in_save:
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(descriptor)

    def tell(*_):
        if begun is not None:
            begun.send(children())

    os.fsync = fsync_or_die
    multiprocessing.set_start_method(None, force=True)  # the workers of this one start as those of any training
    tell()
    run(
        kind,
        epochs,
        settings=changed(SETTINGS_OF[kind], workers=workers),
        start_state=load(rolling) if rolling.exists() else None,
        rolling_path=rolling,
        log_dir=Path(folder),
        progress=tell,
    )


def children():
    """The processes that this one has started."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


FROZEN = {kind: [] for kind in ALL_PARTS} | {"wgmm, frozen": ["prosody.extractor"]}  # of what is trained


def settings_of(case, devices):
    return changed(SETTINGS_OF[case.partition(",")[0]], devices=devices)


def run_without_dropout(case, devices, **arguments):
    """Adam shall make no steps of what is nothing but rounding; the gradients of the vocoder are large."""
    kind = case.partition(",")[0]
    model = without_dropout(arguments_of_task(kind, 0)["model"])
    freeze(model, FROZEN[case])
    with patch.dict(ADAM, eps=1e-3), patch.dict(ADAMW, eps=1.0):
        return run(kind, model=model, settings=settings_of(case, devices), **arguments)


def on_two_devices(folder):
    """Trainings of each model, whole and from the first epoch of one device, and some with an utterance that is bad."""
    for case in FROZEN:
        for name, start in (("whole", None), ("resumed", load(folder / f"{case}.first.pt"))):
            state = run_without_dropout(case, 2, start_state=start)
            if is_first():
                save(state, folder / f"{case}.{name}.pt")
    bad = {"fastspeech2": {"train_items": with_a_bad_one()}}
    bad["conversion"] = {"train_items": tiny_conversion.with_a_bad_one("conversion")}
    bad["vocoder"] = {"train_recordings": tiny_vocoder.with_a_bad_one()}
    for kind, utterances in bad.items():
        try:
            run(kind, **utterances, settings=changed(settings_of(kind, 2), batch_size=13))
        except NonFiniteLossError as error:
            (folder / f"{kind}.{os.environ['LOCAL_RANK']}.txt").write_text(str(error))


if __name__ == "__main__":
    on_two_devices(Path(sys.argv[1]))
