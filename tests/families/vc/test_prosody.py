from dataclasses import replace

import numpy as np
import pytest
import torch
from conversion_batches import make_conversion, make_pair, make_pairs

from koeru.families.vc.batches import collate
from koeru.families.vc.losses import losses
from koeru.families.vc.prosody import sentence_frames, sentence_of
from koeru.nn.losses import total_loss

SETTINGS = {"local": (True, False), "global": (False, True), "both": (True, True)}
LENGTHS = [(17, 23), (10, 7), (5, 9)]
CUTS = {"one": (0,), "some": (0, 6, 12), "collapsed": tuple(range(23))}
OWN = {f"true_{name}": False for name in ("durations", "pitch", "energy", "prosody")}
every_setting = pytest.mark.parametrize("setting", SETTINGS)


def model_of(setting, **changes):
    local, global_ = SETTINGS[setting]
    return make_conversion("wgmm", local_prosody=local, global_prosody=global_, **changes)


def gradients(model, batch, **weights):
    model.zero_grad()
    total_loss(losses(model(batch), batch), weights).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


def without(grads):
    return {name for name, gradient in grads.items() if gradient is None or not gradient.any()}


@every_setting
@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("aligned", [True, False])
def test_any_number_of_sentences_trains_and_is_converted(setting, cuts, aligned):
    """Also where a learned alignment, known only within the model, leaves a sentence without a source."""
    model = model_of(setting, aligned=aligned)
    batch = collate(make_pairs(LENGTHS, 3, CUTS[cuts], aligned=aligned), 3)
    output = model(batch)
    known = output.likelihoods.mask
    assert known[:, 0].any() and (known.sum(1) >= 1).all() and (known.sum(1) <= batch.n_sentences).all()
    if aligned:
        assert torch.equal(known.sum(1), batch.n_sentences)
    if cuts == "one":
        assert batch.n_sentences.tolist() == [1, 1, 1]
    grads = gradients(model, batch)
    assert all(gradient.isfinite().all() for gradient in grads.values() if gradient is not None)
    sources = collate([replace(item, target=None, durations=None) for item in make_pairs(LENGTHS, 3, CUTS[cuts])], 3)
    assert model.eval()(sources, **OWN).mel.isfinite().all()


def test_sentences_have_the_frames_of_what_begins_in_them():
    """Sentences begin at the reduced frames 0, 2 and 4 of 6; the third frame of the source becomes nothing."""
    item = replace(make_pair(12, 18, 3, (0, 6, 12)), durations=np.array([1, 2, 0, 3]))
    batch = collate([item], 3)
    assert batch.cuts.tolist() == [[0, 2]]  # nothing begins at 4 or later
    assert sentence_of(batch.cuts, batch.durations).tolist() == [[0, 0, 1, 1]]
    assert sentence_frames(batch, torch.ones(1, 2, dtype=torch.bool), 3).tolist() == [[6, 12]]
    assert sentence_frames(batch, torch.tensor([[True, False]]), 3).tolist() == [[6, 0]]


@every_setting
def test_the_frames_of_sentences_are_all_of_the_target(setting):
    batch = collate(make_pairs(LENGTHS, 3, CUTS["some"]), 3)
    known = torch.arange(batch.cuts.shape[1]) < batch.n_sentences[:, None]
    assert sentence_frames(batch, known, 3).sum(1).tolist() == (3 * batch.target_lengths).tolist()


@every_setting
def test_every_parameter_learns_but_not_the_extractor_from_likelihoods(setting):
    model, batch = model_of(setting), collate(make_pairs(LENGTHS, 3, CUTS["some"]), 3)
    assert without(gradients(model, batch)) == set()
    others = ("mel", "mel_postnet", "pitch", "energy", "duration", "voicing")
    silent = without(gradients(model, batch, **dict.fromkeys(others, 0.0)))
    names = {name for name, _ in model.named_parameters()}
    heard = {n for n in names if n.startswith(("prosody.of_units.extractor", "prosody.of_units.embedding"))}
    assert heard <= silent and not [n for n in silent if n.startswith("prosody.of_units.predictor")]
    only_mel = without(gradients(model, batch, local_prosody=0.0, global_prosody=0.0))
    assert only_mel == {n for n in names if n.startswith("prosody.of_units.predictor")}


@every_setting
def test_samples_are_those_of_the_seed_and_at_no_temperature_the_likeliest(setting):
    model, batch = model_of(setting).eval(), collate(make_pairs(LENGTHS, 3, CUTS["some"]), 3)

    def mel(seed, temperature=1.0):
        sources = [f"{seed} {name}" for name in batch.ids]
        return model(batch, true_prosody=False, temperature=temperature, sources=sources).mel

    assert torch.equal(mel(1), mel(1)) and not torch.equal(mel(1), mel(2))
    assert torch.equal(mel(1, 0.0), mel(2, 0.0))
    assert model(batch, true_prosody=False).likelihoods is None


def test_a_sentence_is_heard_in_its_own_frames_and_added_to_what_becomes_it():
    prosody = model_of("local").prosody.eval()
    batch = collate([replace(make_pair(12, 18, 3, (0, 9)), durations=np.array([1, 2, 1, 2]))], 3)
    louder = replace(batch, target_mels=batch.target_mels.clone())
    louder.target_mels[:, 9:] += 1
    x, mask = torch.randn(1, 4, 8), torch.ones(1, 4, dtype=torch.bool)
    one, other = (prosody(x, mask, heard, batch.durations)[0] for heard in (batch, louder))
    assert (one != other).any(2).tolist() == [[False, False, True, True]]
    assert torch.equal(one[:, 0], one[:, 1]) and not torch.equal(one[:, 1], one[:, 2])
