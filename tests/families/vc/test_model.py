import dataclasses

import pytest
import torch
from acoustic_batches import fastspeech2
from conversion_batches import KINDS, N_MELS, doubled, loosened, make_conversion, make_pairs
from torch import nn

from koeru.families.vc.batches import collate
from koeru.families.vc.entry import Model
from koeru.families.vc.losses import losses
from koeru.families.vc.model import ConformerVc, Sizes
from koeru.families.vc.reduction import n_reduced
from koeru.nn.losses import total_loss

FACTORS = (1, 2, 3, 4)
LENGTHS = [(17, 23), (10, 7), (12, 12), (5, 9)]  # frames of source and target: no factor but 1 divides all
CUTS = (0, 4, 5, 6, 30)
CLOSE = {"rtol": 1e-9, "atol": 1e-9}
OWN = {f"true_{name}": False for name in ("durations", "pitch", "energy", "prosody")}
every_factor = pytest.mark.parametrize("factor", FACTORS)
every_kind = pytest.mark.parametrize("kind", [*KINDS, "mas"])


def model_of(kind, factor=3, **changes):
    if kind == "mas":
        return make_conversion("plain", aligned=False, reduction_factor=factor, **changes)
    return make_conversion(kind, reduction_factor=factor, **changes)


def batch_of(kind, factor=3, lengths=LENGTHS, cuts=CUTS):
    return collate(make_pairs(lengths, factor, cuts, aligned=kind != "mas"), factor)


def sources(batch):
    """The batch without its targets."""
    return dataclasses.replace(batch, **{f.name: None for f in dataclasses.fields(batch) if f.default is None})


def gradients(model, batch):
    model.zero_grad()
    total = total_loss(losses(model(batch), batch), {})
    total.backward()
    return total, {name: parameter.grad for name, parameter in model.named_parameters()}


@every_factor
@every_kind
def test_lengths_that_the_factor_does_not_divide_lose_nothing(kind, factor):
    model, batch = model_of(kind, factor), batch_of(kind, factor)
    frames = [target for _, target in LENGTHS]
    n_target = [n_reduced(target, factor) for target in frames]
    output = model(batch)
    assert output.mel.shape == output.mel_postnet.shape == (4, factor * max(n_target), N_MELS)
    assert output.pitch.shape == output.energy.shape == output.voicing.shape == output.mel.shape[:2]
    assert output.durations.sum(1).tolist() == output.target_mask.sum(1).tolist() == n_target
    assert output.source_mask.sum(1).tolist() == [n_reduced(source, factor) for source, _ in LENGTHS]
    parts = losses(output, batch)
    assert parts["mel"].count == sum(frames) * N_MELS
    assert parts["pitch"].count == parts["energy"].count == parts["voicing"].count == sum(frames)
    total, grads = gradients(model, batch)
    assert total.isfinite() and all(gradient.isfinite().all() for gradient in grads.values())


@every_factor
@every_kind
def test_the_source_is_enough(kind, factor):
    model, batch = model_of(kind, factor).eval(), sources(batch_of(kind, factor))
    with torch.no_grad():
        model.variance.duration.out.bias.fill_(0.3)
        output = model(batch, **OWN)
    made = output.durations.sum(1)
    assert (made >= 1).all() and not output.durations[~output.source_mask].any()
    assert output.target_mask.sum(1).tolist() == made.tolist()
    assert output.final_mel.shape == (4, factor * int(made.max()), N_MELS)
    assert output.final_mel.isfinite().all()


@every_factor
@every_kind
def test_outputs_losses_and_gradients_do_not_see_padding(kind, factor):
    model, tight = model_of(kind, factor).double(), doubled(batch_of(kind, factor))
    loose = loosened(tight, factor, more=7)
    a, b = model(tight), model(loose)
    n_source, n_target = a.source_mask.shape[1], a.target_mask.shape[1]
    real = a.target_mask.repeat_interleave(factor, 1)
    for name in ("mel", "mel_postnet", "pitch", "energy", "voicing"):
        x, y = getattr(a, name), getattr(b, name)[:, : factor * n_target]
        torch.testing.assert_close(x[real], y[real], **CLOSE)
    torch.testing.assert_close(a.log_durations, b.log_durations[:, :n_source], **CLOSE)
    assert torch.equal(a.durations, b.durations[:, :n_source]) and not b.durations[:, n_source:].any()
    parts, others = losses(a, tight), losses(b, loose)
    assert parts.keys() == others.keys()
    for name, part in parts.items():
        torch.testing.assert_close(part.sum, others[name].sum, **CLOSE)
        assert part.count == others[name].count
    (_, grads), (_, grads_b) = gradients(model, tight), gradients(model, loose)
    for name, gradient in grads.items():
        torch.testing.assert_close(gradient, grads_b[name], **CLOSE, msg=name)


@every_kind
def test_a_pair_does_not_see_the_others_in_its_batch(kind):
    model = model_of(kind).double().eval()
    together, alone = doubled(batch_of(kind)), doubled(batch_of(kind, lengths=LENGTHS[:1]))
    for own in ({}, {"true_pitch": False, "true_energy": False}):
        a, b = model(alone, **own), model(together, **own)
        torch.testing.assert_close(a.final_mel[0], b.final_mel[0, : a.mel.shape[1]], **CLOSE)
        torch.testing.assert_close(a.log_durations[0], b.log_durations[0, : a.source_mask.shape[1]], **CLOSE)
    a, b = (model(sources(batch), **OWN, temperature=0.0) for batch in (alone, together))
    assert torch.equal(a.durations[0], b.durations[0, : a.source_mask.shape[1]])
    torch.testing.assert_close(a.final_mel[0], b.final_mel[0, : a.mel.shape[1]], **CLOSE)


@every_kind
@pytest.mark.parametrize("decoder", ["conformer", "fft"])
def test_every_parameter_gets_a_gradient(kind, decoder):
    _, grads = gradients(model_of(kind, decoder=decoder), batch_of(kind))
    assert [name for name, gradient in grads.items() if gradient is None or not gradient.any()] == []


@every_kind
def test_each_true_feature_is_taken_from_the_batch_or_predicted(kind):
    model, batch = model_of(kind).eval(), batch_of(kind)
    forced = model(batch)
    for names in (["pitch"], ["energy"], ["pitch", "energy"]):
        made = model(batch, **{f"true_{name}": False for name in names})
        assert not torch.allclose(made.mel, forced.mel)
        told = {f"target_{name}": getattr(made, name) for name in names}
        torch.testing.assert_close(model(dataclasses.replace(batch, **told)).mel, made.mel)


@every_kind
def test_teacher_forced_is_what_the_loop_says_that_hears_its_own_values(kind):
    """Fed with what it has said, one call over all frames says the same as frame by frame."""
    model, batch = model_of(kind).double().eval(), doubled(batch_of(kind))
    own = model(batch, true_pitch=False)
    told = model(dataclasses.replace(batch, target_pitch=own.pitch))
    torch.testing.assert_close(told.pitch, own.pitch, **CLOSE)
    torch.testing.assert_close(told.mel, own.mel, **CLOSE)


def test_pitch_is_one_recurrent_call_while_training():
    model, batch = model_of("pitch_ar"), batch_of("pitch_ar")
    calls = []
    model.variance.pitch.lstm.register_forward_hook(lambda *_: calls.append(1))
    model(batch)
    assert len(calls) == 1
    model(batch, true_pitch=False)
    assert len(calls) == 1 + batch.target_mels.shape[1] // 3


def test_pitch_hears_only_values_before():
    model, batch = model_of("pitch_ar").eval(), batch_of("pitch_ar", lengths=[(17, 23)])
    pitch = batch.target_pitch.clone()
    pitch[:, 12:] += 1  # of the reduced frames from the fourth on
    changed = model(dataclasses.replace(batch, target_pitch=pitch)).pitch != model(batch).pitch
    assert not changed[:, :15].any() and changed[:, 15:].any()


@pytest.mark.parametrize("name", ["pitch", "energy", "duration"])
@pytest.mark.parametrize("stopped", [True, False])
@every_kind
def test_what_is_stopped_does_not_teach_the_encoder(kind, name, stopped):
    flags = {f"stop_gradient_{name}": stopped}
    model, batch = model_of(kind, **flags), batch_of(kind)
    losses(model(batch), batch)[name].value.backward()
    taught = {n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    assert any(n.startswith("encoder.") for n in taught) is not stopped
    assert any(n.startswith(f"variance.{name}.") for n in taught)
    if stopped:  # it learns with what it is given of the source
        given = {"pitch": {"variance.source_pitch_embedding"}, "energy": {"variance.source_energy_embedding"}}
        others = {n for n in taught if not n.startswith(f"variance.{name}.")}
        assert {n.rpartition(".conv.")[0] for n in others} == given.get(name, set())


@every_kind
def test_voicing_teaches_its_own_layer_only(kind):
    model, batch = model_of(kind), batch_of(kind)
    losses(model(batch), batch)["voicing"].value.backward()
    taught = {name for name, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    assert taught == {"to_voicing.weight", "to_voicing.bias"}


@pytest.mark.parametrize("part", ["speaker", "emotion"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_who_speaks_and_how_matters_on_both_sides_if_used(part, side):
    batch = batch_of("plain")
    field = f"{side}_{part}s"
    other = dataclasses.replace(batch, **{field: (getattr(batch, field) + 1) % 2})
    for used in (True, False):
        model = model_of("plain", **{part: used}).eval()
        assert torch.equal(model(batch).mel, model(other).mel) is not used


def test_the_decoder_can_begin_as_that_of_fastspeech2():
    sizes = {"n_phones": 4, "n_accents": 4, "n_speakers": 1, "n_emotions": 1, "n_mels": N_MELS}
    same = {"hidden": 8, "decoder_layers": 2, "filter_size": 12, "kernel_sizes": (3, 1)}
    parent = fastspeech2(**same, **sizes)
    model = make_conversion("plain", decoder="fft", heads=2, **same)
    model.decoder.load_state_dict(parent.decoder.state_dict())
    x, mask = torch.randn(1, 6, 8), torch.ones(1, 6, dtype=torch.bool)
    torch.testing.assert_close(model.eval().decoder(x, mask), parent.eval().decoder(x, mask))


@every_kind
def test_no_step_waits_for_the_device(kind):
    """On the meta device there are no values, so whatever the host would have to read is an error."""
    model, batch = model_of(kind).to("meta"), batch_of(kind).to("meta")
    if kind == "mas":  # the alignment looks at lengths
        with pytest.raises(RuntimeError, match="meta"):
            model(batch)
        return
    total_loss(losses(model(batch), batch), {}).backward()
    with pytest.raises(RuntimeError, match="meta"):
        model(batch, **OWN)


def test_without_a_postnet_the_mel_is_final():
    output = model_of("plain", postnet_layers=0)(batch_of("plain"))
    assert output.mel_postnet is None and output.final_mel is output.mel


def test_a_learned_alignment_is_taught_and_used():
    model, batch = model_of("mas"), batch_of("mas")
    output = model(batch)
    parts = losses(output, batch)
    assert parts["alignment"].count == batch.target_lengths.sum() and parts["alignment"].sum > 0
    parts["alignment"].value.backward()
    assert all(parameter.grad.any() for parameter in model.aligner.parameters() if parameter.ndim > 1)
    assert model.source.weight.grad.any() and not model.to_mel.weight.grad


@pytest.mark.parametrize("kind", ["pitch_ar", "wgmm"])
def test_under_autocast_recurrent_layers_are_in_float32(kind):
    """cuDNN would take float16 where bfloat16 is asked for."""
    model, seen = model_of(kind), []
    for module in model.modules():
        if isinstance(module, nn.GRU):
            module.register_forward_hook(lambda _, inputs, outputs: seen.append(outputs[1].dtype))
        if isinstance(module, nn.LSTM):
            module.register_forward_hook(lambda _, inputs, outputs: seen.append(outputs[0].dtype))
    with torch.autocast("cpu", torch.bfloat16):
        model(batch_of(kind))
    assert set(seen) == {torch.float32}


def test_a_source_frame_is_aligned_before_it_has_heard_the_others():
    """Else the alignment could be of where frames are, and not of what they are."""
    model, batch, heard = model_of("mas"), batch_of("mas"), []
    model.aligner.register_forward_pre_hook(lambda aligner, inputs: heard.append(inputs[0]))
    changed = batch.source_mels.clone()
    changed[0, 12] += 1
    model(batch)
    model(dataclasses.replace(batch, source_mels=changed))
    assert (heard[0] != heard[1]).any(2).nonzero().tolist() == [[0, 12 // model.factor]]


def counts(model):
    return {name: sum(p.numel() for p in part.parameters()) / 1e6 for name, part in model.named_children()}


def test_the_published_sizes():
    """Millions of parameters of the public configuration, without anybody's row; the reduction factor is 3."""
    with torch.device("meta"):
        own = counts(ConformerVc(Model(speaker=False, emotion=False), Sizes(1, 1), aligned=True))
    assert sum(own.values()) == pytest.approx(22.3, rel=0.02)
    parts = {"encoder": 7.0, "decoder": 7.0, "variance": 3.75, "postnet": 4.35}
    assert {name: own[name] for name in parts} == pytest.approx(parts, rel=0.02)


def test_the_published_sizes_with_prosody():
    """As above. The predictor has 0.6 million fewer than published; what there is said of its parts gives no more."""
    settings = Model(local_prosody=True, global_prosody=True, pitch_ar=False, speaker=False, emotion=False)
    with torch.device("meta"):
        model = ConformerVc(settings, Sizes(1, 1), aligned=True)
    assert sum(counts(model).values()) == pytest.approx(34.8, rel=0.02)
    own = counts(model.prosody.of_units)
    assert own["extractor"] == pytest.approx(1.05, rel=0.02) and own["predictor"] == pytest.approx(12.16, rel=0.02)
