"""What a job computes on."""

import pytest
import torch

from koeru.training.devices import accelerator


@pytest.mark.parametrize(
    ("wanted", "there", "device"),
    [("auto", False, "cpu"), ("auto", True, "cuda"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_a_gpu_is_used_where_there_is_one(monkeypatch, wanted, there, device):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: int(there))
    assert accelerator(wanted) == device


def test_a_gpu_that_is_wanted_and_not_there_is_told(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ValueError, match=r"train\.device is cuda, but torch finds no GPU"):
        accelerator("cuda")
