"""A voice answers in natural units, and draws its prosody reproducibly, whatever was drawn before."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from voices import MELS, NAMES, RECORD, SCALES, natural, voice

from koeru.data.statistics import Scale, Stats
from koeru.evaluation.voice import Answer, Contour, Voice

SHORT = {"id": "b_1", "phones": ["a", "i", "u"], "accents": ["_", "[", "_"], "devoiced": [0, 1, 0], "speaker": "b"}
OTHER = RECORD | SHORT | {"emotion": "Happy", "durations": [1, 2, 3]}


def same(a: Answer, b: Answer) -> bool:
    return all(np.array_equal(getattr(a, field.name), getattr(b, field.name)) for field in fields(Answer))


VOICES = pytest.mark.parametrize(("local", "global_"), [(True, True), (True, False), (False, True)])


@VOICES
def test_the_same_seed_gives_the_same_speech_and_another_seed_another(local, global_):
    own = voice(local, global_)
    first = own.speak(RECORD, natural(RECORD), seed=3)
    torch.rand(7)
    assert same(own.speak(RECORD, natural(RECORD), seed=3), first)
    assert not np.allclose(own.speak(RECORD, natural(RECORD), seed=4).log_f0, first.log_f0)
    renamed = RECORD | {"id": "a_2"}
    assert not np.allclose(own.speak(renamed, natural(RECORD), seed=3).log_f0, first.log_f0)


def test_speaking_moves_no_global_generator():
    before = torch.get_rng_state()
    voice().samples(RECORD, n=3)
    assert torch.equal(torch.get_rng_state(), before)


@VOICES
def test_samples_differ_and_without_temperature_they_do_not(local, global_):
    own = voice(local, global_)
    drawn = np.stack([answer.log_f0 for answer in own.samples(RECORD, natural(RECORD), n=4)])
    assert (drawn.std(axis=0) > 0).all()
    certain = np.stack([answer.log_f0 for answer in own.samples(RECORD, natural(RECORD), n=4, temperature=0.0)])
    np.testing.assert_allclose(certain, np.repeat(certain[:1], 4, axis=0), rtol=1e-6)


def test_a_plain_voice_draws_nothing():
    plain = voice(False, False)
    assert not plain.draws_prosody and voice().draws_prosody
    assert same(plain.speak(RECORD, seed=1), plain.speak(RECORD, seed=2, temperature=0.0))
    assert plain.likelihoods(RECORD, natural(RECORD)) == {}


@pytest.mark.parametrize("level", ["phone", "frame"])
def test_f0_is_told_by_phone_and_by_frame_whatever_its_level(level):
    answer = voice(pitch_level=level).speak(RECORD, natural(RECORD))
    assert answer.log_f0.shape == (5,) and answer.frame_log_f0.shape == (12,) and answer.mel.shape == (12, MELS)
    pieces = np.split(answer.frame_log_f0, np.cumsum(RECORD["durations"])[:-1])
    for phone, piece in enumerate(pieces):
        if len(piece):
            assert answer.log_f0[phone] == pytest.approx(piece.mean(), rel=1e-6)
            assert (np.ptp(piece) == 0) == (level == "phone")
    assert np.isfinite(answer.log_f0).all()


@pytest.mark.parametrize("level", ["phone", "frame"])
def test_texts_spoken_together_go_as_they_do_alone(level):
    plain = voice(False, False, pitch_level=level)
    for record, contour in zip([RECORD, OTHER], plain.contours([RECORD, OTHER]), strict=True):
        alone = plain.speak(record)
        for field in fields(Contour):
            one, both = getattr(alone, field.name), getattr(contour, field.name)
            assert one.shape == both.shape, field.name
            np.testing.assert_allclose(both, one, rtol=1e-4, atol=1e-5, err_msg=field.name)


@VOICES
def test_what_is_spoken_goes_as_its_first_sample(local, global_):
    own = voice(local, global_)
    (contour,) = own.samples(RECORD, natural(RECORD), n=1, seed=5)
    answer = own.speak(RECORD, natural(RECORD), seed=5)
    assert all(np.array_equal(getattr(contour, field.name), getattr(answer, field.name)) for field in fields(Contour))


@VOICES
def test_likelihoods_are_of_phones_with_frames_and_of_the_utterance(local, global_):
    found = voice(local, global_).likelihoods(RECORD, natural(RECORD))
    counts = {"local_prosody": 4} if local else {}
    assert {name: part.count for name, part in found.items()} == counts | ({"global_prosody": 1} if global_ else {})
    assert all(np.isfinite(part.total) for part in found.values())


def test_the_identity_of_the_extractor_is_that_of_its_weights_and_of_what_it_hears():
    one, same_one, other = voice(), voice(), voice(seed=2)
    assert one.extractor() == same_one.extractor() != other.extractor()
    with torch.no_grad():
        same_one.model.prosody.predictor.convs[0].conv.weight.add_(1)
    assert one.extractor() == same_one.extractor()
    louder = SCALES | {"mel": Scale(9, np.full(MELS, -4.0), np.full(MELS, 2.0))}
    elsewhere = Stats(NAMES, False, {name: {"all": scale} for name, scale in louder.items()})
    assert Voice(one.model, NAMES, elsewhere).extractor() != one.extractor()


def test_a_voice_says_what_it_is_told_of():
    assert voice().controls == ["speaker", "emotion"]
    assert voice(use_emotion=False).controls == ["speaker"]
