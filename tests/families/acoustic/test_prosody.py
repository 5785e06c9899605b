import dataclasses

import pytest
import torch
from torch import nn
from torch.nn import functional

from koeru.data.packing import pack_phones
from koeru.families.acoustic.losses import losses
from koeru.families.acoustic.prosody import PhoneConv
from koeru.nn.losses import total_loss

SIZES = {
    "prosody_emb_dim": 6,
    "num_gaussians": 3,
    "global_num_gaussians": 2,
    "prosody_filter_size": 12,
    "prosody_gru_size": 10,
    "prosody_dropout": 0.0,
    "prosody_gru_dropout": 0.0,
}
SETTINGS = {
    "local": (True, False),
    "global": (False, True),
    "both": (True, True),
}  # of the memo: LINE_9, LINE_10, LINE_7
every_setting = pytest.mark.parametrize("setting", SETTINGS)


@pytest.fixture
def make_model(make_fastspeech2):
    def make(setting, **changes):
        torch.manual_seed(0)
        local, global_ = SETTINGS[setting]
        return make_fastspeech2(local_prosody=local, global_prosody=global_, **{**SIZES, **changes})

    return make


def gradients(model, batch, **weights):
    model.zero_grad()
    total_loss(losses(model(batch), batch), weights).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


def without(grads):
    return [name for name, gradient in grads.items() if gradient is None or not gradient.any()]


def heard(model, batch):
    """The vectors of phones and of utterances."""
    return model.eval().prosody.extractor(batch)


@every_setting
def test_every_parameter_learns(make_model, make_batch, setting):
    assert without(gradients(make_model(setting), make_batch([6, 4, 5]))) == []


@every_setting
def test_the_extractor_does_not_learn_from_likelihoods_nor_the_predictor_from_the_rest(make_model, make_batch, setting):
    model, batch = make_model(setting), make_batch([6, 4, 5])
    only_likelihood = dict.fromkeys(("mel", "mel_postnet", "pitch", "energy", "duration"), 0.0)
    names = [name for name, _ in model.named_parameters()]
    silent = without(gradients(model, batch, **only_likelihood))
    assert {n for n in names if n.startswith(("prosody.extractor", "prosody.embedding"))} <= set(silent)
    assert not [n for n in silent if n.startswith("prosody.predictor")]
    only_mel = without(gradients(model, batch, local_prosody=0.0, global_prosody=0.0))
    assert set(only_mel) == {n for n in names if n.startswith("prosody.predictor")}


def test_without_its_weight_the_global_mixture_learns_nothing(make_model, make_batch):
    silent = without(gradients(make_model("both"), make_batch([6, 4]), global_prosody=0.0))
    assert silent and all(name.startswith("prosody.predictor.global_") for name in silent)


def test_the_weights_of_the_global_model_are_all_but_the_local_part_of_both(make_model):
    single, both = make_model("global").state_dict(), make_model("both").state_dict()
    assert single.keys() <= both.keys()
    assert all(single[name].shape == both[name].shape for name in single)
    new = both.keys() - single.keys()
    assert new and all(name.startswith("prosody.predictor.local.") for name in new)


def test_the_convolution_is_that_of_each_phone_alone():
    conv = PhoneConv().eval()
    durations = torch.tensor([[3, 0, 1, 5], [2, 2, 0, 0]])
    mels = torch.randn(2, 11, 7)
    packing = pack_phones(durations, 11)
    x = conv(mels.flatten(0, 1)[packing.frames], packing.begins)
    segments = [part for mel, row in zip(mels, durations, strict=True) for part in mel[: row.sum()].split(row.tolist())]
    expected = [
        conv.norm(functional.conv2d(part[None, None], conv.conv.weight[:, None], padding=1)).relu()[0, 0]
        for part in segments
        if len(part)
    ]
    torch.testing.assert_close(x, torch.cat(expected))


@every_setting
def test_a_phone_hears_its_own_frames_and_no_others(make_model, make_batch, setting):
    model, batch = make_model(setting), make_batch([6, 4])
    ends = batch.durations[0].cumsum(0)
    phone = int(batch.durations[0].argmax())
    first = int(ends[phone] - batch.durations[0, phone])
    changed = batch.mels.clone()
    changed[0, first : ends[phone]] += 1
    before, after = heard(model, batch), heard(model, dataclasses.replace(batch, mels=changed))
    differs = (before[0] != after[0]).any(-1)
    assert differs.nonzero().tolist() == [[0, phone]]
    if after[1] is not None:
        assert (before[1] != after[1]).any(-1).tolist() == [True, False]


def test_phones_without_frames_have_no_prosody_and_end_nothing(make_model, make_batch):
    """A segmentation that stops at the first of them leaves the rest of an utterance without prosody."""
    model, batch = make_model("local"), make_batch([8], seed=5)
    empty = batch.durations == 0
    assert empty.any() and not empty[0, -1]
    vectors, _ = heard(model, batch)
    assert (vectors[empty] == 0).all()
    assert vectors[~empty].any(-1).all()
    known = model(batch).likelihoods
    assert torch.equal(known.phone_mask, ~empty)


def test_the_global_vector_hears_every_phone_of_its_utterance(make_model, make_batch):
    model, batch = make_model("global"), make_batch([6, 4])
    mels = batch.mels.clone().requires_grad_()
    _, pooled = heard(model, dataclasses.replace(batch, mels=mels))
    pooled[1].sum().backward()
    frames = int(batch.durations[1].sum())
    assert mels.grad[1, :frames].any(-1).all()
    assert not mels.grad[0].any() and not mels.grad[1, frames:].any()


def test_a_phone_is_likely_given_those_before_it(make_model, make_batch):
    predictor = make_model("local").eval().prosody.predictor
    batch, h = make_batch([6]), torch.randn(1, 6, 12)
    vectors = torch.randn(1, 6, 6)
    changed = vectors.clone()
    changed[0, 2] += 1

    def likely(spoken):
        return predictor.local(h, spoken, None).log_prob(vectors)

    assert batch.phones.shape == (1, 6)
    assert (likely(vectors) != likely(changed)).tolist() == [[False, False, False, True, True, True]]


@pytest.mark.parametrize("setting", ["local", "both"])
def test_one_call_is_the_same_as_one_phone_after_the_other(make_model, setting):
    local = make_model(setting).eval().prosody.predictor.local
    h, spoken = torch.randn(2, 5, 12), torch.randn(2, 5, 6)
    pooled = torch.randn(2, 6) if setting == "both" else None
    at_once, state = local(h, spoken, pooled), None
    before = [torch.zeros(2, 1, 6), *spoken.split(1, dim=1)]
    for phone in range(5):
        mixture, state = local.step(h[:, phone : phone + 1], before[phone], pooled, state)
        for part in ("log_weights", "means", "scales"):
            expected = getattr(at_once, part)[:, phone : phone + 1]
            torch.testing.assert_close(getattr(mixture, part), expected, rtol=1e-5, atol=1e-5)


@every_setting
def test_samples_are_those_of_the_seed(make_model, make_batch, setting):
    model, batch = make_model(setting).eval(), make_batch([6, 4])

    def mel(seed, temperature=1.0):
        torch.manual_seed(seed)
        return model(batch, true_prosody=False, temperature=temperature).mel

    assert torch.equal(mel(1), mel(1))
    assert not torch.equal(mel(1), mel(2))
    assert torch.equal(mel(1, 0.0), mel(2, 0.0))
    assert model(batch, true_prosody=False).likelihoods is None


@every_setting
@pytest.mark.parametrize("independent", [True, False])
def test_the_predictor_is_told_the_speaker_or_not(make_model, make_batch, setting, independent):
    model, batch = make_model(setting, prosody_speaker_independence=independent).eval(), make_batch([6, 4])
    other = dataclasses.replace(batch, speakers=batch.speakers + 1)

    def likely(batch):
        known = model(batch).likelihoods
        return torch.cat([part.flatten() for part in (known.of_phones, known.of_utterances) if part is not None])

    assert torch.equal(likely(batch), likely(other)) is independent
    assert not torch.equal(model(batch).mel, model(other).mel)


@every_setting
def test_text_alone_is_enough(make_model, make_batch, setting):
    full = make_batch([6, 4])
    features = ("durations", "pitch", "energy", "mels", "frame_pitch", "frame_energy", "packing", "n_frames")
    text = dataclasses.replace(full, **dict.fromkeys(features))
    own = {"true_durations": False, "true_pitch": False, "true_energy": False, "true_prosody": False}
    assert make_model(setting).eval()(text, **own).mel.isfinite().all()


def test_dropout_takes_the_place_of_zoneout(make_model):
    local = make_model("local", prosody_gru_dropout=0.5).prosody.predictor.local
    assert isinstance(local.gru, nn.GRU) and local.gru.dropout == 0.5 and local.dropout.p == 0.5


@every_setting
def test_under_autocast_recurrent_layers_are_in_float32(make_model, make_batch, setting):
    """cuDNN would take float16, in which the extractor's gradients vanish."""
    model = make_model(setting)
    seen = []
    for module in model.modules():
        if isinstance(module, nn.GRU):
            module.register_forward_hook(lambda gru, inputs, outputs: seen.append(outputs[1].dtype))
    with torch.autocast("cpu", torch.bfloat16):
        model(make_batch([6, 4, 5]))
    assert seen and set(seen) == {torch.float32}
