"""Means that see no padding, and their weighted sum."""

import pytest
import torch

from koeru.nn.losses import Mean, masked_mean, total_loss


def test_masked_mean_ignores_what_is_masked():
    values = torch.tensor([[1.0, 2.0, float("nan")], [3.0, float("inf"), 1e9]])
    mask = torch.tensor([[True, True, False], [True, False, False]])
    assert masked_mean(values, mask).value.item() == 2.0
    assert masked_mean(values[..., None].expand(-1, -1, 4), mask).value.item() == 2.0


def test_the_total_weighs_its_parts():
    parts = {name: Mean(torch.tensor(total), torch.tensor(2)) for name, total in (("mel", 4.0), ("pitch", 6.0))}
    assert total_loss(parts, {}).item() == 5.0
    assert total_loss(parts, {"mel": 3.0, "pitch": 0.0, "nothing": 7.0}).item() == pytest.approx(6.0)
