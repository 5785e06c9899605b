"""The losses of vocoders, by their definitions, on discriminators small enough to compute them by hand."""

import pytest
import torch

from koeru.audio.mel import MelSpec
from koeru.families.vocoder.adversarial import discriminator_losses, generator_losses, over_segments, spectral_losses
from koeru.nn.losses import Mean

SPEC = MelSpec(fmax=11025)


def judged(scores, features):
    """What nets say of B segments: scores (B, positions) and features (B, ...) a layer."""
    return [torch.tensor(one) for one in scores], [[torch.tensor(layer) for layer in net] for net in features]


REAL = judged(
    [[[1.0, 0.0], [1.0, 1.0]], [[3.0], [1.0]]], [[[[1.0], [2.0]]], [[[0.0, 4.0], [0.0, 0.0]], [[1.0], [1.0]]]]
)
FAKE = judged(
    [[[0.0, 0.0], [2.0, 0.0]], [[1.0], [0.5]]], [[[[2.0], [2.0]]], [[[0.0, 0.0], [0.0, 2.0]], [[0.0], [4.0]]]]
)


def test_discriminators_want_real_ones_at_1_and_others_at_0():
    parts = {name: part.value.item() for name, part in discriminator_losses(REAL, FAKE).items()}
    assert parts["discriminator_real"] == ((0 + 1) / 2 + (2**2) + 0 + 0) / 2
    assert parts["discriminator_fake"] == (0 + (4 + 0) / 2 + 1 + 0.25) / 2


def test_the_generator_wants_its_own_at_1_and_the_features_of_real_ones():
    parts = {name: part.value.item() for name, part in generator_losses(REAL, FAKE).items()}
    assert parts["adversarial"] == (1 + (1 + 1) / 2 + 0 + 0.25) / 2
    assert parts["features"] == ((1 + 0) + ((0 + 4) / 2 + (0 + 2) / 2) + (1 + 3)) / 2


@pytest.mark.parametrize("cut", [1, 3, 4])
def test_the_means_of_the_parts_of_a_batch_join_to_that_of_the_whole(cut):
    wavs = torch.rand(2, 5, 4096, generator=torch.Generator().manual_seed(0)) - 0.5
    whole, *parts = (
        spectral_losses(*wavs[:, rows], SPEC, stft=True) for rows in (slice(None), slice(cut), slice(cut, None))
    )
    assert whole.keys() == {"mel", "stft"}
    for name, mean in whole.items():
        joined = Mean(sum(part[name].sum for part in parts), sum(part[name].count for part in parts))
        torch.testing.assert_close(joined.value, mean.value)


def test_a_mean_counts_segments_and_sums_over_nets():
    mean = over_segments(iter([torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.5, 0.5, 0.5])]))
    assert (mean.sum, mean.count) == (7.5, 3) and mean.count.dtype == torch.int64


def test_the_spectral_losses_are_those_of_waves_alike_and_apart():
    wav = torch.rand(2, 4096, generator=torch.Generator().manual_seed(0)) - 0.5
    alike = spectral_losses(wav, wav, SPEC, stft=True)
    assert {name: part.value.item() for name, part in alike.items()} == {"mel": 0, "stft": 0}
    assert spectral_losses(wav, wav * 0.5, SPEC, stft=False)["mel"].value.item() == pytest.approx(0.693, abs=1e-3)


@pytest.mark.parametrize("losses", [discriminator_losses, generator_losses])
def test_in_bfloat16_the_losses_are_computed_in_float32(losses):
    def lowered(said):
        return [one.bfloat16() for one in said[0]], [[layer.bfloat16() for layer in net] for net in said[1]]

    parts, exact = losses(lowered(REAL), lowered(FAKE)), losses(REAL, FAKE)
    for name, part in parts.items():
        assert part.sum.dtype == torch.float32
        assert torch.equal(part.value, exact[name].value)
