import dataclasses
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.families.acoustic.losses import losses
from koeru.nn.losses import total_loss

LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=4)
VARIANCES = [
    {"pitch_level": pitch, "energy_level": energy, "variance_embedding": embedding}
    for pitch, energy, embedding in product(("phone", "frame"), ("phone", "frame"), ("conv", "bins"))
]
every_variance = pytest.mark.parametrize("variance", VARIANCES, ids=lambda variance: "-".join(variance.values()))


def gradients(model, batch):
    model.zero_grad()
    total = total_loss(losses(model(batch), batch), {})
    total.backward()
    return total, {name: parameter.grad for name, parameter in model.named_parameters()}


def doubled(batch):
    """The batch in float64, where rounding cannot hide a leak."""
    names = ("pitch", "energy", "mels", "frame_pitch", "frame_energy")
    values = {name: getattr(batch, name).double() for name in names}
    return dataclasses.replace(batch, **values)


@every_variance
@settings(max_examples=4, deadline=None)
@given(lengths=LENGTHS, more=st.integers(1, 30), seed=st.integers(0, 99))
def test_outputs_and_gradients_do_not_see_padding(make_fastspeech2, make_batch, variance, lengths, more, seed):
    torch.manual_seed(seed)
    model = make_fastspeech2(**variance).double()
    tight = doubled(make_batch(lengths, seed))
    loose = doubled(make_batch(lengths, seed, more=more, garbage=True))
    a, b = model(tight), model(loose)
    phones, frames = a.phone_mask.shape[1], a.frame_mask.shape[1]
    close = {"rtol": 1e-9, "atol": 1e-9}
    for name in ("mel", "mel_postnet"):
        x, y = getattr(a, name)[a.frame_mask], getattr(b, name)[:, :frames][a.frame_mask]
        torch.testing.assert_close(x, y, **close)
    torch.testing.assert_close(a.log_durations, b.log_durations[:, :phones], **close)
    for name, level in a.levels.items():
        length = phones if level == "phone" else frames
        torch.testing.assert_close(getattr(a, name), getattr(b, name)[:, :length], **close)
    (loss_a, grads_a), (loss_b, grads_b) = gradients(model, tight), gradients(model, loose)
    torch.testing.assert_close(loss_a, loss_b, **close)
    for name, gradient in grads_a.items():
        torch.testing.assert_close(gradient, grads_b[name], **close, msg=name)


def test_in_single_precision_padding_changes_no_loss(make_fastspeech2, make_batch):
    torch.manual_seed(0)
    model = make_fastspeech2()
    tight, loose = make_batch([6, 3, 9]), make_batch([6, 3, 9], more=20, garbage=True)
    total_tight, total_loose = (total_loss(losses(model(batch), batch), {}) for batch in (tight, loose))
    torch.testing.assert_close(total_tight, total_loose, rtol=1e-6, atol=1e-6)


@every_variance
def test_an_utterance_does_not_see_the_others_in_its_batch(make_fastspeech2, make_batch, variance):
    model = make_fastspeech2(**variance).double().eval()
    alone, together = doubled(make_batch([5])), doubled(make_batch([5, 9, 2]))
    a = model(alone, true_pitch=False, true_energy=False)
    b = model(together, true_pitch=False, true_energy=False)
    torch.testing.assert_close(a.final_mel[0], b.final_mel[0, : alone.n_frames], rtol=1e-5, atol=1e-5)


@every_variance
def test_every_parameter_gets_a_gradient(make_fastspeech2, make_batch, variance):
    _, grads = gradients(make_fastspeech2(**variance), make_batch([6, 4, 5]))
    assert [name for name, gradient in grads.items() if gradient is None or not gradient.any()] == []


@every_variance
def test_each_true_feature_is_taken_from_the_batch_or_predicted(make_fastspeech2, make_batch, variance):
    model = make_fastspeech2(**variance).eval()
    batch = make_batch([6, 4])
    forced = model(batch)
    own_pitch = model(batch, true_pitch=False)
    own_energy = model(batch, true_energy=False)
    own_both = model(batch, true_pitch=False, true_energy=False)
    assert not torch.allclose(forced.mel, own_pitch.mel)
    assert not torch.allclose(forced.mel, own_energy.mel)
    names = {name: name if level == "phone" else f"frame_{name}" for name, level in own_both.levels.items()}
    given_own = dataclasses.replace(batch, **{names[name]: getattr(own_both, name) for name in names})
    torch.testing.assert_close(model(given_own).mel, own_both.mel)
    given_pitch = dataclasses.replace(batch, **{names["pitch"]: own_pitch.pitch})
    torch.testing.assert_close(model(given_pitch).mel, own_pitch.mel)
    assert torch.equal(own_both.durations, batch.durations)


@every_variance
def test_text_alone_is_enough_for_a_mel(make_fastspeech2, make_batch, variance):
    model = make_fastspeech2(**variance).eval()
    full = make_batch([6, 4])
    features = ("n_frames", "durations", "pitch", "energy", "mels", "frame_pitch", "frame_energy", "packing")
    text = dataclasses.replace(full, **dict.fromkeys(features))
    output = model(text, true_durations=False, true_pitch=False, true_energy=False)
    assert output.frame_mask.sum(1).tolist() == output.durations.sum(1).tolist()
    assert (output.durations[output.phone_mask] >= 1).all()
    assert (output.durations[~output.phone_mask] == 0).all()
    n_frames = int(output.durations.sum(1).max())
    assert output.final_mel.shape == (2, n_frames, 5)
    shapes = {"phone": (2, 6), "frame": (2, n_frames)}
    assert output.pitch.shape == shapes[variance["pitch_level"]]
    assert output.energy.shape == shapes[variance["energy_level"]]
    expected = torch.expm1(output.log_durations).round().clamp(min=1)
    assert torch.equal(output.durations[output.phone_mask], expected[output.phone_mask].long())


@pytest.mark.parametrize("part", ["accent", "speaker", "emotion", "before_emotion"])
def test_optional_inputs_matter_if_and_only_if_used(make_fastspeech2, make_batch, part):
    batch = make_batch([6, 4])
    field = f"{part}s"
    changed = dataclasses.replace(batch, **{field: (getattr(batch, field) + 1) % 3})
    for use in (True, False):
        model = make_fastspeech2(**{part: use}).eval()
        same = torch.equal(model(batch).mel, model(changed).mel)
        assert same is not use


@every_variance
def test_no_step_waits_for_the_device(make_fastspeech2, make_batch, variance):
    """On the meta device there are no values, so whatever the host would have to read is an error."""
    model, batch = make_fastspeech2(**variance).to("meta"), make_batch([6, 4]).to("meta")
    total_loss(losses(model(batch), batch), {}).backward()
    assert model(batch, true_pitch=False, true_energy=False).mel.shape == batch.mels.shape
    with pytest.raises(RuntimeError, match="meta"):
        model(batch, true_durations=False, true_pitch=False, true_energy=False)


def test_without_a_postnet_the_mel_is_final(make_fastspeech2, make_batch):
    output = make_fastspeech2(postnet_layers=0)(make_batch([3]))
    assert output.mel_postnet is None
    assert output.final_mel is output.mel


def test_a_long_utterance_is_not_cropped(make_fastspeech2, make_batch):
    batch = make_batch([2500])
    assert batch.n_frames > 4000
    assert make_fastspeech2().eval()(batch).mel.shape[1] == batch.n_frames


def test_a_missing_count_is_named(make_fastspeech2):
    with pytest.raises(ValueError, match=r"model\.speaker is on, but there is no speaker"):
        make_fastspeech2(n_speakers=0)
