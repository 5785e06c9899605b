import dataclasses

import pytest
import torch
from torch import nn

from koeru.families.acoustic.losses import losses
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


@every_setting
def test_samples_are_those_of_the_seed(make_model, make_batch, setting):
    model, batch = make_model(setting).eval(), make_batch([6, 4])

    def mel(seed, temperature=1.0):
        sources = [f"{seed} {name}" for name in batch.ids]
        return model(batch, true_prosody=False, temperature=temperature, sources=sources).mel

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
        return torch.cat([part.flatten() for part in (known.of_units, known.of_utterances) if part is not None])

    assert torch.equal(likely(batch), likely(other)) is independent
    assert not torch.equal(model(batch).mel, model(other).mel)


@every_setting
def test_text_alone_is_enough(make_model, make_batch, setting):
    full = make_batch([6, 4])
    features = ("durations", "pitch", "energy", "mels", "frame_pitch", "frame_energy", "packing", "n_frames")
    text = dataclasses.replace(full, **dict.fromkeys(features))
    own = {"true_durations": False, "true_pitch": False, "true_energy": False, "true_prosody": False}
    assert make_model(setting).eval()(text, **own).mel.isfinite().all()


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
