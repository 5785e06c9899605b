"""A converter is its file, and draws its prosody reproducibly, whatever was drawn before."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from converting import HEARING, exported, samples

from koeru.data.vocabulary import Names, Voice
from koeru.families.vc.converter import Converted, Converter

NAMES = Names(("Anna", "Ben"), ("Normal", "Happy"))
ANNA, BEN = Voice("Anna", "Normal"), Voice("Ben", "Happy")
HEARD = HEARING.features(samples(0.3), "Anna")


def same(a: Converted, b: Converted) -> bool:
    return all(np.array_equal(getattr(a, field.name), getattr(b, field.name)) for field in fields(Converted))


def made(tmp_path, **changes):
    return exported(tmp_path / "model.safetensors", [("Anna", "Ben")], NAMES, **changes)


@pytest.mark.parametrize("changes", [{}, {"local_prosody": True, "global_prosody": True, "pitch_ar": False}])
def test_a_file_is_all_that_is_needed(tmp_path, changes):
    path, own = made(tmp_path, **changes)
    read = Converter.from_file(path)
    assert (read.couples, read.hearing, read.vocabulary) == ((("Anna", "Ben"),), HEARING, own.vocabulary)
    assert (read.controls, read.least_frames) == (["speaker", "emotion"], 3)
    cuts = (0, 40, 90)
    assert same(read.convert("x", HEARD, ANNA, BEN, cuts), own.convert("x", HEARD, ANNA, BEN, cuts))


def test_the_same_seed_gives_the_same_speech_and_another_seed_another(tmp_path):
    _, own = made(tmp_path, local_prosody=True)
    before = torch.get_rng_state()
    first = own.convert("x", HEARD, ANNA, BEN, seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    assert same(own.convert("x", HEARD, ANNA, BEN, seed=3), first)
    assert not same(own.convert("x", HEARD, ANNA, BEN, seed=4), first)
    assert not same(own.convert("y", HEARD, ANNA, BEN, seed=3), first)
    certain = [own.convert("x", HEARD, ANNA, BEN, seed=seed, temperature=0.0) for seed in (3, 4)]
    np.testing.assert_allclose(certain[0].mel, certain[1].mel, rtol=1e-5)


def test_who_is_unknown_is_told_with_the_nearest_name(tmp_path):
    _, own = made(tmp_path)
    with pytest.raises(ValueError, match=r"x: the model knows no speaker 'ana'; did you mean 'Anna'\?"):
        own.convert("x", HEARD, Voice("ana", "Normal"), BEN)
    with pytest.raises(ValueError, match=r"no emotion 'Sad'; .*Normal, Happy"):
        own.convert("x", HEARD, ANNA, Voice("Ben", "Sad"))


def test_of_whom_there_are_no_statistics_is_not_among_its_speakers(tmp_path):
    _, own = made(tmp_path)
    assert own.speakers == ["Anna", "Ben"]
    alone = {feature: {"Ben": scales["all"]} for feature, scales in own.stats.features.items()}
    own.stats = replace(own.stats, per_speaker=True, features=alone)
    assert own.speakers == ["Ben"]


def test_a_model_that_is_told_of_nobody_says_so(tmp_path):
    _, own = made(tmp_path, emotion=False, reduction_factor=2)
    assert (own.controls, own.least_frames) == (["speaker"], 2)
