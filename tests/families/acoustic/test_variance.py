import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from koeru.families.acoustic.losses import losses
from koeru.families.acoustic.variance import BinEmbedding, whole_frames

ENDS = st.tuples(st.floats(-4, 4), st.floats(0.1, 5)).map(lambda found: (found[0], sum(found)))


@given(n_bins=st.integers(2, 300), ends=ENDS, seed=st.integers(0, 99))
def test_bins_have_one_width_between_the_ends_and_none_beyond(n_bins, ends, seed):
    low, high = ends
    embedding = BinEmbedding(n_bins, 3, low, high).double()
    width = (high - low) / n_bins
    np.testing.assert_allclose(embedding.edges, low + width * np.arange(1, n_bins), atol=1e-5)
    places = np.random.default_rng(seed).uniform(-0.3, n_bins + 0.3, (2, 50))  # in bins from the low end
    places = places[np.abs(places - places.round()) > 0.01].reshape(1, -1)
    vectors = embedding(torch.from_numpy(low + width * places), torch.ones(places.shape, dtype=torch.bool))
    bins = places.astype(int).clip(0, n_bins - 1)
    assert torch.equal(vectors, embedding.weight[torch.from_numpy(bins)])


def test_the_outermost_bins_are_open():
    embedding = BinEmbedding(8, 3, -2.0, 2.0)
    far = embedding(torch.tensor([[-1e6, -2.5, -1.9, 1.9, 2.5, 1e6]]), torch.ones(1, 6, dtype=torch.bool))[0]
    assert torch.equal(far[:3], embedding.weight[:1].expand(3, -1))
    assert torch.equal(far[3:], embedding.weight[-1:].expand(3, -1))


def test_bins_take_the_numbers_of_a_lower_precision():
    embedding = BinEmbedding(8, 3, -2.0, 2.0)
    values, mask = torch.tensor([[0.1, 0.6]]), torch.ones(1, 2, dtype=torch.bool)
    assert torch.equal(embedding(values.bfloat16(), mask), embedding(values, mask))


@pytest.mark.parametrize("level", ["phone", "frame"])
@pytest.mark.parametrize("embedding", ["conv", "bins"])
def test_under_autocast_every_part_of_the_loss_is_in_float32(make_fastspeech2, make_batch, level, embedding):
    model = make_fastspeech2(pitch_level=level, energy_level=level, variance_embedding=embedding)
    batch = make_batch([6, 4])
    for true in (True, False):
        with torch.autocast("cpu", torch.bfloat16):
            parts = losses(model(batch, true_pitch=true, true_energy=true), batch)
        assert all(part.sum.dtype == torch.float32 and part.sum.isfinite() for part in parts.values())


@pytest.mark.parametrize("ends", [None, (0.3, 0.3), (1.0, -1.0), (float("nan"), 1.0)])
def test_a_range_without_width_is_refused_with_what_to_do(make_fastspeech2, ends):
    with pytest.raises(ValueError, match=r"model.variance_embedding: bins of energy .*choose conv"):
        make_fastspeech2(variance_embedding="bins", energy_range=ends)


def test_edges_are_those_of_the_weights_that_are_loaded(make_fastspeech2, make_batch):
    """A pretrained model means by a bin what its parent meant, whatever its own dataset's statistics."""
    torch.manual_seed(0)
    bins = {"variance_embedding": "bins"}
    parent = make_fastspeech2(**bins).eval()
    child = make_fastspeech2(**bins, pitch_range=(-0.5, 0.5), energy_range=(0.0, 1.0)).eval()
    child.load_state_dict(parent.state_dict())
    batch = make_batch([6, 4])
    assert torch.equal(child(batch).mel, parent(batch).mel)
    assert "variance.pitch_embedding.edges" in parent.state_dict()
    assert "variance.pitch_embedding.edges" not in dict(parent.named_parameters())


@pytest.mark.parametrize("embedding", ["conv", "bins"])
@pytest.mark.parametrize("levels", [("phone", "frame"), ("frame", "phone"), ("frame", "frame"), ("phone", "phone")])
def test_energy_answers_to_energy_and_pitch_to_pitch(make_fastspeech2, make_batch, levels, embedding):
    """What is predicted first hears of nothing else; each value moves the mel in its own way."""
    torch.manual_seed(0)
    model = make_fastspeech2(pitch_level=levels[0], energy_level=levels[1], variance_embedding=embedding).eval()
    batch = make_batch([6, 4])
    names = {name: name if level == "phone" else f"frame_{name}" for name, level in model.variance.levels.items()}
    before = model(batch)
    moved = {name: model(dataclasses.replace(batch, **{own: getattr(batch, own) + 1})) for name, own in names.items()}
    assert not torch.allclose(moved["pitch"].mel, before.mel) and not torch.allclose(moved["energy"].mel, before.mel)
    assert not torch.allclose(moved["pitch"].mel, moved["energy"].mel)
    first, second = ("energy", "pitch") if levels == ("frame", "phone") else ("pitch", "energy")
    assert torch.equal(getattr(moved[second], first), getattr(before, first))
    assert not torch.equal(getattr(moved[first], second), getattr(before, second))
    assert all(torch.equal(output.log_durations, before.log_durations) for output in moved.values())


def test_what_is_given_at_the_other_level_is_not_looked_at(make_fastspeech2, make_batch):
    batch = make_batch([6, 4])
    model = make_fastspeech2(pitch_level="frame").eval()
    without = dataclasses.replace(batch, pitch=None, frame_energy=None)
    assert torch.equal(model(without).mel, model(batch).mel)


@pytest.mark.parametrize(
    ("missing", "level", "message"),
    [("pitch", "phone", "u0: true pitch at phone level"), ("frame_pitch", "frame", "u0: true pitch at frame level")],
)
def test_true_values_that_the_batch_lacks_are_named(make_fastspeech2, make_batch, missing, level, message):
    model = make_fastspeech2(pitch_level=level)
    batch = dataclasses.replace(make_batch([6, 4]), **{missing: None})
    with pytest.raises(ValueError, match=message):
        model(batch)
    model(batch, true_pitch=False)


def test_true_frames_need_true_durations(make_fastspeech2, make_batch):
    model, batch = make_fastspeech2(energy_level="frame"), make_batch([6, 4])
    with pytest.raises(ValueError, match="u0: true energy of frames: only with true durations"):
        model(batch, true_durations=False)
    model(batch, true_durations=False, true_energy=False)


def test_a_predictor_of_frames_tells_the_frames_of_a_phone_apart(make_fastspeech2, make_batch):
    torch.manual_seed(0)
    batch = make_batch([9])
    output = make_fastspeech2(pitch_level="frame").eval()(batch)
    phone_of_frame = torch.arange(9).repeat_interleave(batch.durations[0])
    longest = output.pitch[0][phone_of_frame == batch.durations[0].argmax()]
    assert len(longest) > 1 and longest.unique().numel() > 1


def test_every_real_phone_has_a_frame():
    log_durations = torch.tensor([[-3.0, 0.0, 1.0, 5.0]])
    mask = torch.tensor([[True, True, True, False]])
    assert whole_frames(log_durations, mask).tolist() == [[1, 1, 2, 0]]
