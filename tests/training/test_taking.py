"""Which epoch is the best, and that its weights are there."""

from math import nan
from pathlib import Path

import pytest
import torch

from koeru.training.checkpoint import Position, TrainState
from koeru.training.machine import Machine
from koeru.training.taking import best_row, best_weights

FILE = Path("store/train/ab/epoch_0003.pt")


def log(*values):
    """The rows of epochs with these losses of the dev split, None where it has none."""
    return [{"epoch": 1 + i, "dev": {} if value is None else {"total": value}} for i, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "best"),
    [((3.0, 1.0, 2.0), 2), ((1.0, 1.0), 1), ((nan, 2.0, -1.0), 3), ((None, 2.0), 2), ((None, nan), None), ((), None)],
)
def test_the_best_epoch_is_the_first_of_the_lowest(values, best):
    rows = log(*values)
    found = best_row(rows, "total")
    assert (found and found["epoch"]) == best
    assert found is None or any(found is row for row in rows)


def test_weights_that_were_not_kept_are_refused_with_a_remedy():
    state = TrainState({"a": torch.ones(1)}, {}, {}, Machine(1, 1, "a", "b"), Position())
    with pytest.raises(ValueError, match=r"epoch_0003\.pt keeps no weights of its best epoch: set take: last"):
        best_weights(state, FILE, "take")
    state.best = {"a": torch.zeros(1)}
    assert best_weights(state, FILE, "take") == state.best
