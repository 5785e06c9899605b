"""A voice answers in natural units, and draws its prosody reproducibly, whatever was drawn before."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from voices import MELS, NAMES, RECORD, SCALES, SPEC, STATS, VOCABULARY, natural, voice

from koeru.data.contour import Answer, Contour, Told
from koeru.data.statistics import Scale, Stats
from koeru.families.acoustic.batches import collate
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.item import make_item
from koeru.families.acoustic.voice import Voice

SHORT = {"id": "b_1", "phones": ["a", "i", "u"], "accents": ["_", "[", "_"], "devoiced": [0, 1, 0], "speaker": "b"}
TIMED = Told(np.array(RECORD["durations"]))
OTHER = RECORD | SHORT | {"emotion": "Happy", "durations": [1, 2, 3]}


def same(a: Answer, b: Answer) -> bool:
    return all(np.array_equal(getattr(a, field.name), getattr(b, field.name)) for field in fields(Answer))


VOICES = pytest.mark.parametrize(("local", "global_"), [(True, True), (True, False), (False, True)])


@VOICES
def test_the_same_seed_gives_the_same_speech_and_another_seed_another(local, global_):
    own = voice(local, global_)
    first = own.speak(RECORD, TIMED, seed=3)
    torch.rand(7)
    assert same(own.speak(RECORD, TIMED, seed=3), first)
    assert not np.allclose(own.speak(RECORD, TIMED, seed=4).log_f0, first.log_f0)
    renamed = RECORD | {"id": "a_2"}
    assert not np.allclose(own.speak(renamed, TIMED, seed=3).log_f0, first.log_f0)


def test_speaking_moves_no_global_generator():
    before = torch.get_rng_state()
    voice().samples(RECORD, n=3)
    assert torch.equal(torch.get_rng_state(), before)


@VOICES
def test_samples_differ_and_without_temperature_they_do_not(local, global_):
    own = voice(local, global_)
    drawn = np.stack([answer.log_f0 for answer in own.samples(RECORD, TIMED, n=4)])
    assert (drawn.std(axis=0) > 0).all()
    certain = np.stack([answer.log_f0 for answer in own.samples(RECORD, TIMED, n=4, temperature=0.0)])
    np.testing.assert_allclose(certain, np.repeat(certain[:1], 4, axis=0), rtol=1e-6)


def test_a_plain_voice_draws_nothing():
    plain = voice(False, False)
    assert not plain.draws_prosody and voice().draws_prosody
    assert same(plain.speak(RECORD, seed=1), plain.speak(RECORD, seed=2, temperature=0.0))
    assert plain.likelihoods(RECORD, natural(RECORD)) == {}


@pytest.mark.parametrize("level", ["phone", "frame"])
def test_f0_is_told_by_phone_and_by_frame_whatever_its_level(level):
    answer = voice(pitch_level=level).speak(RECORD, TIMED)
    assert answer.log_f0.shape == (5,) and answer.frame_log_f0.shape == (12,) and answer.mel.shape == (12, MELS)
    pieces = np.split(answer.frame_log_f0, np.cumsum(RECORD["durations"])[:-1])
    for phone, piece in enumerate(pieces):
        if len(piece):
            assert answer.log_f0[phone] == pytest.approx(piece.mean(), rel=1e-6)
            assert (np.ptp(piece) == 0) == (level == "phone")
    assert np.isfinite(answer.log_f0).all()


def alike(a: Contour, b: Contour) -> None:
    """The same but for rounding: in a batch, sums are in another order."""
    for field in fields(Contour):
        one, other = getattr(a, field.name), getattr(b, field.name)
        assert one.shape == other.shape, field.name
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5, err_msg=field.name)


@pytest.mark.parametrize("level", ["phone", "frame"])
@pytest.mark.parametrize(("local", "global_"), [(True, True), (True, False), (False, True), (False, False)])
def test_texts_spoken_together_go_as_they_do_alone(level, local, global_):
    own = voice(local, global_, pitch_level=level)
    for record, contour in zip([RECORD, OTHER], own.contours([RECORD, OTHER], seed=2), strict=True):
        alike(own.speak(record, seed=2), contour)


@VOICES
def test_samples_are_what_is_spoken_with_the_seeds_that_follow(local, global_):
    own = voice(local, global_)
    for seed, sample in enumerate(own.samples(RECORD, TIMED, n=3, seed=4), 4):
        alike(own.speak(RECORD, TIMED, seed=seed), sample)


@pytest.fixture(params=["phone", "frame"])
def level(request):
    return request.param


@pytest.mark.parametrize("energy_level", ["phone", "frame"])
@VOICES
def test_a_contour_is_that_of_what_is_spoken(level, energy_level, local, global_):
    own = voice(local, global_, pitch_level=level, energy_level=energy_level)
    told = Told(log_f0=np.array([np.nan, 5.5, np.nan, 5.0, np.nan]))
    for asked in (Told(), TIMED, told):
        contour, answer = (said(RECORD, asked, seed=5) for said in (own.contour, own.speak))
        assert all(np.array_equal(getattr(contour, f.name), getattr(answer, f.name)) for f in fields(Contour))
        # and telling a voice what it would do anyway changes nothing
        again = Told(contour.durations, contour.log_f0, contour.log_energy)
        np.testing.assert_allclose(own.speak(RECORD, again, seed=5).mel, answer.mel, rtol=0, atol=1e-4)


@pytest.mark.parametrize("energy_level", ["phone", "frame"])
def test_what_is_told_is_obeyed_and_the_rest_is_its_own(level, energy_level):
    own = voice(pitch_level=level, energy_level=energy_level)
    free = own.speak(RECORD)
    durations = np.array([1, 4, 0, 5, 2])
    assert np.array_equal(own.speak(RECORD, Told(durations)).durations, durations)
    for name in ("log_f0", "log_energy"):
        wanted = getattr(free, name).copy()
        wanted[1] += 0.3
        only = np.full(5, np.nan)
        only[1] = wanted[1]
        said = own.speak(RECORD, Told(**{name: only}))
        np.testing.assert_allclose(getattr(said, name), wanted, rtol=0, atol=1e-5)
        assert np.array_equal(said.durations, free.durations) and not np.allclose(said.mel, free.mel, atol=1e-4)


def test_a_curve_of_frames_is_moved_and_keeps_its_form():
    own = voice(pitch_level="frame")
    free = own.speak(RECORD, TIMED)
    moved = own.speak(RECORD, Told(TIMED.durations, free.log_f0 + np.array([0.1, 0, 0, -0.2, 0])))
    expected = np.repeat([0.1, 0, 0, -0.2, 0], TIMED.durations)
    np.testing.assert_allclose(moved.frame_log_f0 - free.frame_log_f0, expected, rtol=0, atol=1e-5)


def test_what_is_told_of_other_phones_is_refused():
    with pytest.raises(ValueError, match="a_1: log_f0 of 2 phones are told, and it has 5"):
        voice().speak(RECORD, Told(log_f0=np.zeros(2)))


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
    assert Voice(one.model, VOCABULARY, elsewhere, SPEC).extractor() != one.extractor()


def test_a_voice_says_what_it_is_told_of():
    assert voice().controls == ["speaker", "emotion"]
    assert voice(emotion=False).controls == ["speaker"]


# ---- teacher-forced ------------------------------------------------------------------------------------------------

FRAMES = {"pitch_level": "frame", "energy_level": "frame"}
BINS = {"variance_embedding": "bins"}


KINDS = {
    "plain": lambda: voice(False, False),
    "postnet": lambda: voice(False, False, seed=4, postnet_layers=2),
    "frames": lambda: voice(False, False, **FRAMES),
    "bins": lambda: voice(False, False, **BINS),
    "bins of frames": lambda: voice(False, False, **FRAMES, **BINS),
    "local": lambda: voice(True, False),
    "global": lambda: voice(False, True),
    "both": lambda: voice(True, True, seed=4, postnet_layers=2),
    "both of frames": lambda: voice(True, True, **FRAMES),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]()


@pytest.mark.parametrize("records", [[RECORD], [RECORD, OTHER]], ids=["alone", "in a batch"])
def test_a_teacher_forced_mel_is_what_the_model_makes_when_told_everything(kind, records):
    items = [make_item(r, **natural(r), stats=STATS, vocabulary=VOCABULARY) for r in records]
    with torch.no_grad():
        out = kind.model(
            collate(items), true_durations=True, true_pitch=True, true_energy=True, true_prosody=True
        ).final_mel
    for record, normalised in zip(records, out.numpy(), strict=True):
        mel, frames = kind.teacher_forced(record, natural(record)), sum(record["durations"])
        assert mel.shape == (frames, MELS) and mel.dtype == np.float32
        scale = SCALES["mel"]
        np.testing.assert_allclose(mel, normalised[:frames] * scale.std + scale.mean, rtol=0, atol=1e-5)


def test_a_teacher_forced_mel_has_the_scale_of_its_speaker():
    """The statistics of another speaker normalise what is heard, and undo it, but do not change the model."""
    own = voice(False, False)
    scales = {"a": SCALES["mel"], "b": Scale(9, np.full(MELS, 3.0), np.full(MELS, 0.5))}
    groups = {name: {"a": scale, "b": scale} for name, scale in SCALES.items()} | {"mel": scales}
    by_speaker = Voice(own.model, VOCABULARY, Stats(NAMES, True, groups), SPEC)
    told = natural(OTHER)
    expected = (own.teacher_forced(OTHER, told) + 5) / 2 * 0.5 + 3
    np.testing.assert_allclose(by_speaker.teacher_forced(OTHER, told), expected, rtol=0, atol=1e-5)


def test_a_teacher_forced_mel_is_always_the_same(kind):
    first = kind.teacher_forced(RECORD, natural(RECORD))
    before = torch.get_rng_state()
    torch.rand(7)
    assert np.array_equal(kind.teacher_forced(RECORD, natural(RECORD)), first)
    torch.set_rng_state(before)
    kind.speak(RECORD, TIMED, temperature=0.3, seed=5)
    assert np.array_equal(kind.teacher_forced(RECORD, natural(RECORD)), first)
    assert torch.equal(torch.get_rng_state(), before)
    kind.model.train()  # dropout would show
    assert np.array_equal(Voice(kind.model, VOCABULARY, STATS, SPEC).teacher_forced(RECORD, natural(RECORD)), first)


@VOICES
def test_its_prosody_is_heard_and_not_drawn(local, global_, monkeypatch):
    own = voice(local, global_)
    heard = own.teacher_forced(RECORD, natural(RECORD))
    assert not np.allclose(heard, own.speak(RECORD, TIMED).mel, atol=1e-3)
    monkeypatch.setattr(own.model.prosody, "sample", lambda *_: pytest.fail("prosody was drawn"))
    otherwise = natural(RECORD) | {"mel": natural(RECORD, seed=8)["mel"]}
    assert np.abs(own.teacher_forced(RECORD, otherwise) - heard).max() > 5e-5  # far above the rounding of a mel


def test_a_plain_voice_hears_no_mel_but_pitch_and_energy():
    own, told = voice(False, False), natural(RECORD)
    first, others = own.teacher_forced(RECORD, told), natural(RECORD, seed=8)
    assert np.array_equal(own.teacher_forced(RECORD, told | {"mel": others["mel"]}), first)
    for name in ("log_f0", "log_energy"):
        assert not np.allclose(own.teacher_forced(RECORD, told | {name: others[name]}), first, atol=1e-3), name


def test_features_of_other_frames_than_the_durations_are_refused():
    longer = natural(RECORD | {"durations": [2, 3, 0, 4, 4]})
    with pytest.raises(ValueError, match="a_1: frame counts disagree"):
        voice().teacher_forced(RECORD, longer)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_a_voice_answers_as_on_the_cpu(kind):
    told = natural(RECORD)
    here, drawn, likely = kind.teacher_forced(RECORD, told), kind.speak(RECORD, TIMED, temperature=0), None
    if kind.draws_prosody:
        likely = kind.likelihoods(RECORD, told), kind.extractor()
    there = Voice(kind.model.to("cuda"), VOCABULARY, STATS, SPEC)
    assert there.device.type == "cuda"
    np.testing.assert_allclose(there.teacher_forced(RECORD, told), here, rtol=0, atol=0.02)  # convolutions in TF32
    np.testing.assert_allclose(there.speak(RECORD, TIMED, temperature=0).mel, drawn.mel, rtol=0, atol=0.02)
    before = torch.cuda.get_rng_state()
    assert same(there.speak(RECORD, TIMED, seed=3), there.speak(RECORD, TIMED, seed=3))
    assert torch.equal(torch.cuda.get_rng_state(), before)
    if likely is not None:
        assert there.extractor() == likely[1]
        for name, part in there.likelihoods(RECORD, told).items():
            assert part.total == pytest.approx(likely[0][name].total, rel=0.02, abs=0.05)


def test_a_voice_of_an_older_koeru_speaks_a_newer_mark_as_what_it_learned_in_its_place():
    """An inner question was a boundary of phrases then, or nothing before a pause."""
    vocabulary = replace(VOCABULARY, marks=VOCABULARY.marks[:8])
    model = build_model(Model(local_prosody=False, global_prosody=False, hidden=16), vocabulary, STATS)
    old = Voice(model, vocabulary, STATS, SPEC)
    asked, plain = (RECORD | {"accents": ["^", "_", "[", mark, "$"]} for mark in "¿_")
    assert same(old.speak(asked), old.speak(plain))
    assert not same(voice(False, False).speak(asked), voice(False, False).speak(plain))
