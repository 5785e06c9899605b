"""Vocoders say what their weights say, whichever of them are taken, and refuse what is not theirs in words."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from koeru.audio.griffin_lim import griffin_lim
from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import GriffinLim
from koeru.families.vocoder.hifigan import Generator, GeneratorConfig, generator
from koeru.families.vocoder.published import Source, read
from koeru.families.vocoder.speaking import SpeakingGenerator, export, load_vocoder, taken
from koeru.graph.store import Place, Store, file_digest, write_json
from koeru.graph.view import mark
from koeru.training.checkpoint import Position, TrainState, save
from koeru.training.machine import Machine

MACHINE = Machine(threads=1, devices=1, processor="a", torch="b")
TRAINED, PUBLISHED = Place("vocoder", "aa", epoch=3), Place("weights", "bb")
SMALL = GeneratorConfig(
    channels=8,
    upsample_rates=(8, 8, 4),
    upsample_kernel_sizes=(16, 16, 8),
    resblock="2",
    resblock_kernel_sizes=(3,),
    resblock_dilations=((1, 2),),
)


def mel(frames: int = 5, n_mels: int = 80) -> np.ndarray:
    return np.random.default_rng(0).normal(-4, 1, (frames, n_mels)).astype(np.float32)


def small(seed: int = 0) -> Generator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Generator(SMALL)


def weights(seed: int, variant: str = "v3", n_mels: int = 80) -> dict[str, torch.Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return generator(variant, n_mels).state_dict()


def state(last: dict[str, torch.Tensor], best: dict[str, torch.Tensor] | None = None) -> TrainState:
    model = {f"generator.{name}": tensor for name, tensor in last.items()}
    log = [{"epoch": epoch, "step": 10 * epoch, "dev": {"mel": error}} for epoch, error in ((1, 3), (2, 1), (3, 2))]
    return TrainState(model, {}, {}, MACHINE, Position(epoch=3, step=30, log=log if best else []), best or {})


def manifest(at: Place, leaf: str, value: str) -> dict:
    return {"stage": at.stage, "key": at.key, "params": {leaf: value}, "parents": {}}


def said(values: dict[str, torch.Tensor], variant: str = "v3") -> np.ndarray:
    """The waveform that a generator with these weights makes, by itself."""
    module = generator(variant)
    module.load_state_dict(values)
    with torch.no_grad():
        return module(torch.from_numpy(mel().T)[None])[0, 0].numpy()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A vocoder at epoch 3, of which another was the best, and published weights."""
    store = Store(tmp_path)
    save(state(weights(1), weights(2)), store.epoch_state_path(TRAINED, 3))
    write_json(store.epoch_path(TRAINED, 3), manifest(TRAINED, "vocoder.variant", "v3"))
    save(state(weights(4)), store.folder(PUBLISHED) / "state.pt")
    write_json(store.node_path(PUBLISHED), manifest(PUBLISHED, "weights.variant", "v3"))
    return store


@pytest.mark.parametrize(
    ("place", "take", "seed"),
    [(TRAINED, "last", 1), (TRAINED, "best", 2), (PUBLISHED, None, 4), (PUBLISHED, "best", 4)],
)
def test_the_weights_that_are_taken_speak(store, place, take, seed):
    vocoder = load_vocoder(store, place, take, 80)
    np.testing.assert_allclose(vocoder(mel()), said(weights(seed)), atol=2e-6)
    assert not np.allclose(vocoder(mel()), said(weights(9)), atol=1e-3)
    assert vocoder.name == mark(place.stage, place.key)


def test_loading_moves_no_global_generator(store):
    before = torch.get_rng_state()
    load_vocoder(store, TRAINED, "best", 80)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("place", "take", "epoch"), [(TRAINED, "best", 2), (TRAINED, "last", 3), (PUBLISHED, None, 3)])
def test_what_is_taken_tells_of_which_epoch_it_is(store, place, take, epoch):
    found = taken(store, place, take)
    assert (found.variant, found.epoch, found.step) == ("v3", epoch, 10 * epoch)


def test_a_best_epoch_that_is_not_kept_is_refused(store):
    save(state(weights(1)), store.epoch_state_path(TRAINED, 3))
    assert taken(store, TRAINED, "last").epoch == 3
    with pytest.raises(ValueError, match=r"epoch_0003\.pt keeps no weights of its best epoch: set vocoder\.take: last"):
        taken(store, TRAINED, "best")


def test_what_is_exported_can_be_read_as_published_weights(store, tmp_path):
    path = tmp_path / "vocoder.safetensors"
    export(taken(store, TRAINED, "best"), MelSpec(fmax=7600), path)
    with safe_open(path, "pt") as file:
        told = json.loads(file.metadata()["koeru"])
    assert told == {"variant": "v3", "epoch": 2, "step": 20, "mel": asdict(MelSpec(fmax=7600))}
    again = read(Source("own", "v3", path, file_digest(path)))
    assert again.position.step == 20 and set(again.model) == {f"generator.{name}" for name in weights(2)}
    assert all(torch.equal(again.model[f"generator.{name}"], own) for name, own in weights(2).items())


@pytest.mark.parametrize("frames", [1, 7, 40])
def test_speech_has_a_hop_of_samples_a_frame_within_full_scale(frames):
    loud = small()
    with torch.no_grad():
        loud.conv_post.weight_g.mul_(1e4)
    wav = SpeakingGenerator(loud, "loud")(mel(frames))
    assert wav.shape == (frames * 256,) and wav.dtype == np.float32
    assert 0.9 < np.abs(wav).max() <= 1


def test_folded_weights_say_the_same():
    plain = small()
    with torch.no_grad():
        before = plain(torch.from_numpy(mel().T)[None])[0, 0].numpy()
    vocoder = SpeakingGenerator(plain, "a")
    assert not any(name.endswith(("weight_g", "weight_v")) for name, _ in vocoder.generator.named_parameters())
    np.testing.assert_allclose(vocoder(mel()), before, atol=1e-6)


@pytest.mark.parametrize("wrong", [mel(5, 40), mel().ravel(), mel(0), np.full((5, 80), np.nan, np.float32)])
def test_what_is_no_mel_is_refused(wrong):
    with pytest.raises(ValueError, match=r"a: a finite log-mel \(T, 80\) of at least a frame is wanted"):
        SpeakingGenerator(small(), "a")(wrong)


def test_a_state_without_a_generator_is_refused(store):
    path = store.epoch_state_path(TRAINED, 3)
    save(TrainState({"encoder.weight": torch.zeros(1)}, {}, {}, MACHINE, Position()), path)
    with pytest.raises(ValueError, match=r"epoch_0003\.pt holds no generator: no tensor's name begins with 'generator"):
        load_vocoder(store, TRAINED, "best", 80)


def test_a_generator_of_another_variant_is_refused(store):
    write_json(store.node_path(PUBLISHED), manifest(PUBLISHED, "weights.variant", "v2"))
    with pytest.raises(ValueError, match=r"state\.pt does not hold a generator of V2: (.|\n)*resblocks"):
        load_vocoder(store, PUBLISHED, None, 80)


def test_mels_of_another_size_are_refused(store):
    with pytest.raises(ValueError, match=r"mels of 80 bands, these have 40: set mel\.n_mels"):
        load_vocoder(store, PUBLISHED, None, 40)
    save(state(weights(1, n_mels=40)), store.folder(PUBLISHED) / "state.pt")
    assert load_vocoder(store, PUBLISHED, None, 40)(mel(3, 40)).shape == (768,)


def test_griffin_lim_is_what_it_was():
    spec = MelSpec()
    vocoder = GriffinLim(spec, 2)
    np.testing.assert_array_equal(vocoder(mel(20)), griffin_lim(mel(20), spec, 2))
    assert vocoder.name == "griffin-lim" and len(vocoder(mel(20))) == 20 * 256
