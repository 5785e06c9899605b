"""A small recogniser learns, resumes exactly, and says what its losses are."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from speech_batches import N_MELS, TINY, network

from koeru.families.recogniser.batches import Item
from koeru.families.recogniser.ctc import LengthError
from koeru.families.recogniser.entry import BlankLoss, Ctc, Train
from koeru.families.recogniser.task import RecogniserTask
from koeru.training.loop import train

HEADS = {"phones": 5}
WIDER = TINY.model_copy(
    update={"stem_channels": 24, "channels": (24,), "kernel_sizes": (5,), "tail_channels": 24, "top_channels": 32}
)
SETTINGS = {"batch_size": 4, "group_size": 2, "base_lr": 0.01, "warmup_steps": 5, "threads": 1, "device": "cpu"}


@dataclass
class Taught:
    """The sections that say what is taught."""

    ctc: Ctc = field(default_factory=Ctc)
    blank_loss: BlankLoss = field(default_factory=BlankLoss)
    train: Train = field(default_factory=lambda: Train(**SETTINGS))


class Items(list):
    """Utterances in memory: labels of 6 frames each, a band of its own for each, with pauses of 4 between."""

    def __init__(self, count, seed):
        rng = np.random.default_rng(seed)
        for number in range(count):
            labels = rng.integers(2, 5, rng.integers(2, 5))
            mel = np.full((4 + 10 * len(labels), N_MELS), -9.0, np.float32)
            for at, label in enumerate(labels):
                mel[4 + 10 * at : 10 + 10 * at, label] = -1.0
            mel += rng.normal(0, 0.3, mel.shape)
            self.append(Item(f"u{number}", mel.astype(np.float32), {"phones": labels}))

    @property
    def frame_lengths(self):
        return [len(item.mel) for item in self]


def task(taught=None, items=None, model=TINY):
    return RecogniserTask(network(model, HEADS), taught or Taught(), items or Items(16, 0), Items(6, 1), 0.01)


def log_of(state):
    return state.position.log


def test_resumed_is_uninterrupted():
    taught = Taught(Ctc(edge_blank_steps=6), BlankLoss(reading="hinge", begin_step=6))
    whole = train(task(taught), stop_epoch=3)
    first = train(task(taught), stop_epoch=1)
    second = train(task(taught), start_state=first, stop_epoch=3)
    for name, tensor in whole.model.items():
        assert torch.equal(tensor, second.model[name]), name


def test_it_learns_and_the_blank_loss_takes_the_blanks_out_of_speech():
    items = Items(32, 0)

    def trained(**own):
        own = BlankLoss(begin_step=60, weight=3.0, pause_ms=20, **own)
        state = train(task(Taught(blank_loss=own), items, WIDER), stop_epoch=16)
        net = network(WIDER, HEADS)
        net.load_state_dict(state.model)
        made = task(items=items, model=WIDER)
        batch = made.collate(items)
        heard, speech = net.eval()(batch).logits["phones"].argmax(2) == 0, made._gate(batch).loud
        return log_of(state), float((heard & speech).sum() / speech.sum())

    (plain, spiky), (filled, lasting) = trained(), trained(reading="hinge")
    for log in (plain, filled):
        assert log[-1]["dev"]["errors_phones"] < 0.1 < 0.9 < log[0]["dev"]["errors_phones"]
        assert log[-1]["dev"]["total"] == pytest.approx(log[-1]["dev"]["ctc_phones"])
    assert lasting < 0.05 and spiky > 0.2
    begun = [row["epoch"] for row in filled if "blank_phones" in row["train"]]
    assert begun == list(range(8, 17))  # of 8 steps each
    assert not any("blank_phones" in row["train"] for row in plain)


def test_a_text_longer_than_its_frames_stops_a_training_and_names_the_utterance():
    items = Items(4, 0)
    items[2] = Item("long", items[2].mel[:4], {"phones": np.array([2, 3, 4])})
    with pytest.raises(LengthError, match=r"^long: the text is longer than its frames"):
        train(task(items=items), stop_epoch=1)


@pytest.mark.parametrize("reading", ["hinge", "spared"])
@pytest.mark.parametrize("gate", ["none", "energy"])
def test_every_reading_trains(reading, gate):
    taught = Taught(Ctc(blank_weight=0.3), BlankLoss(reading=reading, gate=gate, begin_step=0, pause_ms=20))
    log = log_of(train(task(taught), stop_epoch=2))
    assert all(np.isfinite(list(row["train"].values())).all() for row in log)
    assert log[0]["train"]["total"] == pytest.approx(
        log[0]["train"]["ctc_phones"] + taught.blank_loss.weight * log[0]["train"]["blank_phones"]
    )
