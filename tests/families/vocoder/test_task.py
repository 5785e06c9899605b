"""The training of vocoders: the published step, the discriminators that the generator meets, what is kept and told."""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from published_step import PublishedStep
from tiny_training import STEPS, changed, run
from tiny_vocoder import SETTINGS, SPEC, Spoken, make_task, make_vocoder, with_a_bad_one
from torch.nn.functional import normalize
from torch.utils._python_dispatch import TorchDispatchMode

from koeru.audio.mel import log_mel
from koeru.families.vocoder import task as vocoder
from koeru.families.vocoder.adversarial import generator_losses
from koeru.families.vocoder.clips import clip_of, held_out
from koeru.families.vocoder.task import VocoderTask
from koeru.training.checkpoint import Position, load
from koeru.training.loader import Share
from koeru.training.parallel import launch
from koeru.training.sums import NonFiniteLossError, averages, to_host

SHARE = Share((0, 4, 7), epoch=2)
LENGTH = SETTINGS.segment_length // SPEC.hop_length


def ready(seed=1, **changes):
    """A task before a step, its spectral norms in the midst of their iterations; and a batch."""
    model = changes.pop("model", None) or make_vocoder(seed=seed)
    for name, buffer in model.named_buffers():
        assert name.endswith(("weight_u", "weight_v"))
        buffer.copy_(normalize(torch.randn_like(buffer), dim=0))
    task = make_task(model=model, **changes)
    task.set_up(launch(task.settings))
    task.model.train()
    return task, task.load(SHARE)


def flat(model):
    return torch.cat([tensor.flatten() for tensor in model.state_dict().values()])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_step_is_the_published_one(seed):
    task, batch = ready(seed)
    plain = PublishedStep(copy.deepcopy(task.model), task.settings, SPEC)
    before = flat(task.model)
    for _ in range(2):
        told, loss = task.step(batch, Position()).scalars["loss"], plain.step(batch)
        assert told == pytest.approx(loss, rel=1e-6)
    own, other = flat(task.model), flat(plain.model)
    assert ((own - before).abs() > 1e-4).float().mean() > 0.75
    assert (own - other).abs().max() < 1e-4
    assert ((own - other).abs() > 1e-6).sum() <= len(own) * 1e-5


def test_the_generator_meets_the_discriminators_as_they_are_after_their_step():
    (task, batch), (stale, _) = (ready(settings=changed(SETTINGS, base_lr=1e-2)) for _ in range(2))
    fake = task.model.generator(batch.mels).detach()
    told = averages(task.step(batch, Position()).sums, {})

    @torch.no_grad()
    def said(judges):
        """What discriminators say in the generator's step; of u and v, they have those of its end."""
        judges.eval()
        return averages(to_host([], generator_losses(judges.judge(batch.wavs), judges.judge(fake)))[1], {})

    updated, before = said(task.model.discriminators), said(stale.model.discriminators)
    for name in ("adversarial", "features"):
        assert told[name] == pytest.approx(updated[name], rel=1e-2)
        assert told[name] != pytest.approx(before[name], rel=5e-2)


def test_the_discriminators_get_gradients_once_a_step_and_the_generator_from_what_they_say():
    task, batch = ready()
    times = dict.fromkeys(dict(task.model.named_parameters()), 0)

    def noted(name, _):
        times[name] += 1

    for name, parameter in task.model.named_parameters():
        parameter.register_hook(partial(noted, name))
    task.step(batch, Position())
    assert set(times.values()) == {1}
    assert all(parameter.requires_grad for parameter in task.model.parameters())
    spectral, same_batch = ready(settings=changed(SETTINGS, adversarial_weight=0, features_weight=0))
    spectral.step(same_batch, Position())
    gradients = [
        torch.cat([parameter.grad.flatten() for parameter in one.model.generator.parameters()])
        for one in (task, spectral)
    ]
    assert not torch.allclose(*gradients, rtol=1e-3)


class Reads(TorchDispatchMode):
    """Counts how often the host asks for a number."""

    def __init__(self):
        super().__init__()
        self.times = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.times += function is torch.ops.aten._local_scalar_dense.default
        return function(*args, **(kwargs or {}))


def test_a_step_waits_for_the_device_once(monkeypatch):
    task, batch = ready()
    task.step(batch, Position())
    asked = []

    def noted(*arguments):
        asked.append(to_host(*arguments))
        return asked[-1]

    monkeypatch.setattr(vocoder, "to_host", noted)
    with Reads() as reads:
        task.step(batch, Position())
    assert (reads.times, len(asked)) == (0, 1)
    with Reads() as reads:
        batch.wavs.sum().item()
    assert reads.times == 1


def test_without_weight_nothing_of_a_part_is_computed(monkeypatch):
    """Neither discriminators, which the model then lacks, nor spectra at many scales."""
    plain = changed(SETTINGS, adversarial_weight=0, features_weight=0)
    state = run("vocoder", settings=plain, model=make_vocoder(None))
    assert all(name.startswith("generator.") for name in state.model) and state.moments.keys() == state.model.keys()
    for record in state.position.log:
        assert record["train"].keys() == {"mel", "total"} and record["dev"].keys() == {"mel"}
    assert state.position.log[-1]["dev"]["mel"] < state.position.at_start["mel"]


def test_every_part_that_has_weight_is_in_the_total():
    weights = {"adversarial": 0.5, "features": 3.0, "mel": 7.0, "stft": 2.0}
    settings = changed(SETTINGS, segment_length=2048, **{f"{name}_weight": value for name, value in weights.items()})
    record = run("vocoder", 1, settings=settings).position.log[0]
    means = record["train"]
    assert means["total"] == pytest.approx(sum(weight * means[name] for name, weight in weights.items()))
    assert means.keys() == {*weights, "discriminator_real", "discriminator_fake", "total"}
    assert record["dev"].keys() == {"mel", "stft"}
    without = changed(settings, adversarial_weight=0.0)
    assert "adversarial" not in run("vocoder", 1, settings=without).position.log[0]["train"]


def test_the_learning_rate_is_a_function_of_the_place_alone():
    for place in (Position(), Position(epoch=3, step=999), Position(epoch=3)):
        told = []
        for before in (0, 100):
            task, batch = ready(epochs_before=before)
            told.append(task.step(batch, place).scalars["learning_rate"])
            assert {group["lr"] for optimiser in (task.optimiser, task.optimiser_of_judges)
                    for group in optimiser.param_groups} == {told[-1]}  # fmt: skip
        assert told == pytest.approx([1e-3 * 0.9**place.epoch, 1e-3 * 0.9 ** (100 + place.epoch)])


def test_a_loss_that_is_not_finite_stops_before_a_checkpoint_could_be_written(tmp_path):
    model = make_vocoder()
    with pytest.raises(NonFiniteLossError) as error:
        run("vocoder", model=model, train_recordings=with_a_bad_one(), rolling_path=tmp_path / "a.pt")
    message = str(error.value)
    assert "v5" in message and "mel nan" in message and "discriminator_real nan" in message
    assert "discriminator_fake nan" not in message
    number = int(message.split()[1])
    assert 1 <= number <= STEPS
    assert all(tensor.isfinite().all() for tensor in model.generator.state_dict().values())
    if number > 1:
        rolling = load(tmp_path / "a.pt")
        assert rolling.position.step == number - 1
        assert all(tensor.isfinite().all() for tensor in rolling.model.values())


@pytest.mark.parametrize("errors", [[3.0, 2.0, 2.5, 2.0], [1.0, 2.0, 3.0, 0.5], [float("nan"), 4.0, 5.0, 4.5]])
def test_the_generator_of_the_best_epoch_is_kept(monkeypatch, errors):
    """The first of the lowest errors counts; what the start weights reach is told, and is no epoch."""
    told = iter([0.1, *errors])
    monkeypatch.setattr(VocoderTask, "evaluate", lambda task: {"mel": next(told)})
    whole = run("vocoder", len(errors))
    assert whole.position.at_start == {"mel": 0.1}
    best = 1 + int(np.nanargmin(errors))
    monkeypatch.undo()
    there = run("vocoder", best).model
    assert whole.best.keys() == {name.removeprefix("generator.") for name in there if name.startswith("generator.")}
    assert all(torch.equal(tensor, there[f"generator.{name}"]) for name, tensor in whole.best.items())
    last = whole.model["generator.conv_pre.weight_v"]
    assert torch.equal(whole.best["conv_pre.weight_v"], last) == (best == len(errors))


def test_the_dev_error_is_that_of_the_mels_of_all_held_out_clips():
    task, _ = ready(dev_recordings=(recordings := Spoken(7, 5)))
    errors = []
    for index, start in held_out(recordings.frame_lengths, LENGTH):
        clip = clip_of(recordings, index, start, LENGTH)
        with torch.no_grad():
            fake = task.model.generator(torch.from_numpy(clip.mel.T[None].copy()))[0, 0].numpy()
        errors.append(np.abs(log_mel(fake, SPEC) - log_mel(clip.wav, SPEC)).mean())
    assert len(errors) > len(recordings.ids)
    with torch.no_grad():
        assert task.evaluate() == pytest.approx({"mel": np.mean(errors)}, rel=1e-4)


def test_an_epoch_tells_real_frames_and_padding():
    recordings = Spoken(13, 0)
    assert min(recordings.frame_lengths) < LENGTH < max(recordings.frame_lengths)
    frames = sum(min(frames, LENGTH) for frames in recordings.frame_lengths)
    for record in run("vocoder", 2, train_recordings=recordings).position.log:
        assert (record["frames"], record["padding"]) == (frames, pytest.approx(1 - frames / (13 * LENGTH)))


def test_bfloat16_trains_with_finite_losses_and_spectra_in_float32(monkeypatch):
    seen, log_mels = set(), []

    def noted(fake, real, spec, stft):
        parts = plain(fake, real, spec, stft=stft)
        seen.update(part.sum.dtype for part in parts.values())
        log_mels.append((fake.dtype, real.dtype, torch.is_autocast_enabled("cpu")))
        return parts

    plain = vocoder.spectral_losses
    monkeypatch.setattr(vocoder, "spectral_losses", noted)
    state = run("vocoder", settings=changed(SETTINGS, precision="bf16"))
    assert seen == {torch.float32} and set(log_mels) == {(torch.float32, torch.float32, False)}
    assert all(tensor.dtype == torch.float32 and tensor.isfinite().all() for tensor in state.model.values())
    assert all(np.isfinite(list(record["train"].values())).all() for record in state.position.log)
    assert state.position.log[-1]["train"]["total"] < state.position.log[0]["train"]["total"]
    exact = run("vocoder", 1).position
    assert state.position.at_start == exact.at_start
    assert state.position.log[0]["train"]["discriminator_real"] != exact.log[0]["train"]["discriminator_real"]


def test_a_compiled_training_is_the_same_but_for_rounding(monkeypatch):
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    monkeypatch.setitem(vocoder.ADAMW, "eps", 1e-3)
    plain, compiled = (run("vocoder", 1, settings=changed(SETTINGS, compile=compile)) for compile in (False, True))
    assert compiled.model.keys() == plain.model.keys() and compiled.moments.keys() == plain.moments.keys()
    for name, tensor in plain.model.items():
        torch.testing.assert_close(compiled.model[name], tensor, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"segment_length": 66}, r"segment_length: 66 samples; a multiple of mel.hop_length \(4\) and at least 16"),
        ({"segment_length": 12}, "12 samples; .* at least 16 are wanted"),
        ({"segment_length": 1024, "stft_weight": 1.0}, "1024 samples; .* at least 2048 are wanted"),
    ],
)
def test_clips_that_are_too_short_for_the_spectra_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        make_task(settings=changed(SETTINGS, **changes))
