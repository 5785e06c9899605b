"""The training of conversion models; what all trainings have in common is tested in tests/training."""

from dataclasses import replace
from functools import partial
from itertools import count

import pytest
import torch
from acoustic_batches import without_dropout
from tiny_conversion import KINDS, PairList, make_model, make_pairs, with_a_bad_one
from tiny_training import EPOCHS, SETTINGS, STEPS, assert_same, changed, run

from koeru.data.sampling import epoch_batches, padding_share
from koeru.families.vc import task as conversion
from koeru.training.checkpoint import load
from koeru.training.pretraining import freeze, load_pretrained
from koeru.training.sums import NonFiniteLossError
from koeru.training.supervised import ADAM

PROSODY = {"local_prosody", "global_prosody"}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def whole(kind):
    return run(kind)


def test_parts_are_those_of_the_model(kind, whole):
    always = {"mel", "mel_postnet", "pitch", "energy", "duration", "voicing"}
    more = {"conversion": set(), "conversion_wgmm": PROSODY | {"alignment"}}[kind]
    for record in whole.position.log:
        assert record["train"].keys() - {"total"} == record["dev"].keys() - {"total"} == always | more


def test_the_development_loss_hears_what_the_model_says_itself(kind):
    """True pitch and energy are only compared with."""

    def dev(**changes):
        pairs = make_pairs(kind, 4, 1)
        items = (replace(p, target=replace(p.target, **{n: f(p.target) for n, f in changes.items()})) for p in pairs)
        return run(kind, 1, dev_items=PairList(items)).position.log[0]["dev"]

    plain = dev()
    other = dev(pitch=lambda sound: sound.pitch + 9, energy=lambda sound: sound.energy - 9)
    assert {name for name in plain if plain[name] != other[name]} == {"pitch", "energy", "total"}


def test_it_learns_its_pairs_by_heart(kind):
    settings = changed(SETTINGS, warmup_steps=20, max_lr_scale=0.2)
    log = run(kind, 10, model=without_dropout(make_model(kind)), settings=settings).position.log
    assert log[-1]["train"]["total"] < 0.9 * log[0]["train"]["total"]


def test_the_total_is_the_weighted_sum(kind):
    weights = {"local_prosody": 0.5, "global_prosody": 0.0}
    record = run(kind, 1, settings=changed(SETTINGS, beta=0.5, g_beta=0.0)).position.log[0]
    for parts in (record["train"], record["dev"]):
        expected = sum(weights.get(name, 1.0) * value for name, value in parts.items() if name != "total")
        assert parts["total"] == pytest.approx(expected)


def test_batches_may_have_a_frame_budget_of_the_longer_side(kind, tmp_path):
    settings = changed(SETTINGS, batch_frames=40)
    lengths = make_pairs(kind, 13, 0).frame_lengths
    steps = count()
    whole = run(kind, settings=settings, progress=lambda *_: next(steps))
    epochs = [epoch_batches(lengths, 3, 2, settings.seed, epoch, 40) for epoch in range(EPOCHS)]
    assert next(steps) == whole.position.step == sum(map(len, epochs))
    for record, batches in zip(whole.position.log, epochs, strict=True):
        assert (record["frames"], record["padding"]) == (sum(lengths), padding_share(lengths, batches))

    def stop(*_):
        if next(steps) == whole.position.step + len(epochs[0]) + 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(kind, settings=settings, rolling_path=tmp_path / "a.pt", progress=stop)
    assert_same(run(kind, settings=settings, start_state=load(tmp_path / "a.pt")), whole)


def test_a_loss_that_is_not_finite_stops_the_step_before_it_spoils_the_weights(kind):
    model, steps = make_model(kind), count()
    with pytest.raises(NonFiniteLossError) as error:
        run(kind, 1, model=model, train_items=with_a_bad_one(kind), progress=lambda *_: next(steps))
    message = str(error.value)
    assert message.startswith(f"step {next(steps) + 1} (batch")
    assert "p5" in message and "pitch nan" in message and "duration nan" not in message
    assert all(tensor.isfinite().all() for tensor in model.state_dict().values())


def test_epoch_averages_are_weighted_by_positions():
    """With no learning and no dropout, the averages over unequal batches are those over one batch of all."""

    def averages(batch_size):
        settings = changed(SETTINGS, base_lr=0.0, batch_size=batch_size)
        return run("conversion", 1, model=without_dropout(make_model("conversion")), settings=settings).position.log[0]

    several, one = averages(3), averages(13)
    assert several["train"] == pytest.approx(one["train"], rel=1e-5)
    assert several["dev"] == pytest.approx(one["dev"], rel=1e-5)


def test_frozen_parts_keep_their_weights(kind):
    model = make_model(kind)
    freeze(model, ["decoder"])
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = run(kind, 1, model=model)
    for name, tensor in state.model.items():
        assert torch.equal(tensor, before[name]) == name.startswith("decoder."), name
    assert not any(name.startswith("decoder.") for name in state.moments)


def test_bfloat16_trains_on_the_cpu_and_its_losses_are_float32(kind, monkeypatch):
    seen, losses = set(), conversion.losses

    def noted(*arguments):
        parts = losses(*arguments)
        seen.update(part.sum.dtype for part in parts.values())
        return parts

    monkeypatch.setattr(conversion, "losses", noted)
    state = run(kind, settings=changed(SETTINGS, precision="bf16"))
    assert seen == {torch.float32}
    assert all(tensor.dtype != torch.bfloat16 and tensor.isfinite().all() for tensor in state.model.values())
    assert state.position.log[-1]["train"]["mel"] < state.position.log[0]["train"]["mel"]


@pytest.mark.slow  # what a compiler reads of a model takes longer than its training
def test_a_compiled_training_is_the_same_but_for_rounding(kind, monkeypatch):
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    monkeypatch.setitem(ADAM, "eps", 1e-3)
    settings = changed(SETTINGS, batch_size=13)
    plain, compiled = (
        run(kind, 1, model=without_dropout(make_model(kind)), settings=changed(settings, compile=compile))
        for compile in (False, True)
    )
    assert compiled.model.keys() == plain.model.keys()
    for name, tensor in plain.model.items():
        torch.testing.assert_close(compiled.model[name], tensor, rtol=1e-3, atol=1e-5)


def test_fine_tuning_starts_from_the_weights_alone(kind, whole):
    model = make_model(kind)
    load_pretrained(model, whole)
    tuned = run(kind, 1, model=model)
    assert tuned.position.step == STEPS
    assert tuned.position.log[0]["train"]["mel"] < whole.position.log[0]["train"]["mel"]
