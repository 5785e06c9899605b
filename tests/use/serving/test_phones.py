"""Accent phrases of clients and phones of voices: what each becomes, to the frame."""

import math
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from languages.japanese.test_phrases import spoken

from koeru.data.contour import Contour
from koeru.languages import language
from koeru.use.serving.phones import (
    Sentence,
    Sound,
    accent_phrases,
    pause,
    places,
    replaced,
    sentences,
    sound_of,
    spoken_phrases,
    told,
)
from koeru.use.serving.query import AccentPhrase, AudioQuery, Mora, RequestError

OWN = language("japanese")
SILENT = {"prePhonemeLength": 0.0, "postPhonemeLength": 0.0}
FRAME = 256 / 22050
TEXT = OWN.phrases(OWN.from_notation("ア'メガ、_シ'ッ/フルゾオ'？"))


def contour(n_phones: int, seed: int = 1) -> Contour:
    rng = np.random.default_rng(seed)
    durations = rng.integers(0, 20, n_phones)
    log_f0 = rng.normal(5.3, 0.2, n_phones).astype(np.float32)
    return Contour(
        log_f0, np.repeat(log_f0, durations), np.zeros(n_phones, np.float32), durations, durations.astype(np.float32)
    )


def query_of(phrases, own: Contour, **changes) -> AudioQuery:
    sound = sound_of(own, FRAME)
    plain = {
        "speedScale": 1.0,
        "pitchScale": 0.0,
        "intonationScale": 1.0,
        "volumeScale": 1.0,
        "prePhonemeLength": sound.seconds[0],
        "postPhonemeLength": sound.seconds[-1],
        "outputSamplingRate": 22050,
        "outputStereo": False,
    }
    return AudioQuery(**{"accent_phrases": accent_phrases(OWN, phrases, sound), **plain, **changes})


def phones_of(phrases) -> tuple[str, ...]:
    return OWN.reading_of(phrases).phones


def decided(phrases, own, **changes):
    return told_of(query_of(phrases, own, **changes), own)


def told_of(query, own):
    """What a query of one sentence tells."""
    return told(OWN, query, Sentence(query.accent_phrases, query.before, query.after), own, FRAME)


def test_moras_are_told_with_kana_phones_lengths_and_pitch():
    phones = phones_of(TEXT)
    sound = Sound(np.arange(len(phones)) / 10, 5 + np.arange(len(phones)) / 100)
    first, second, third = accent_phrases(OWN, TEXT, sound)
    assert phones[:8] == ("sil", "a", "m", "e", "g", "a", "pau", "sh")
    rain, falls = first.moras[0], first.moras[1]
    assert (rain.text, rain.consonant, rain.consonant_length, rain.vowel) == ("ア", None, None, "a")
    assert (falls.text, falls.consonant, falls.vowel) == ("メ", "m", "e")
    assert (falls.consonant_length, falls.vowel_length, falls.pitch) == (0.2, 0.3, 5.03)
    assert (first.accent, second.accent, third.accent) == (1, 1, 4)  # the last: flat
    assert first.pause_mora == Mora(text="、", vowel="pau", vowel_length=0.6, pitch=0)
    assert second.pause_mora is third.pause_mora is None
    assert [(mora.vowel, mora.pitch) for mora in second.moras] == [("I", 0), ("cl", 0)]
    assert (first.is_interrogative, third.is_interrogative) == (False, True)


@given(spoken())
def test_phrases_come_back(some):
    nothing = np.zeros(len(phones_of(some)))
    assert spoken_phrases(OWN, accent_phrases(OWN, some, Sound(nothing, nothing))) == some


@given(spoken())
def test_every_phone_has_one_place(some):
    found = [at for moras, pause in places(some) for at in (*chain(*moras), pause) if at is not None]
    assert found == [*range(1, len(phones_of(some)) - 1)]


@given(spoken(), st.integers(0, 99))
def test_what_is_not_changed_is_told_exactly_as_it_was(some, seed):
    own = contour(len(phones_of(some)), seed)
    if own.durations.sum():
        same = decided(some, own)
        assert (same.durations == own.durations).all() and np.isnan(same.log_f0).all()


@given(spoken(), st.floats(0.25, 4), st.integers(0, 99))
def test_a_changed_speed_keeps_the_whole_to_a_frame_and_each_phone_to_one(some, speed, seed):
    own = contour(len(phones_of(some)), seed)
    if own.durations.sum() > speed:
        frames = decided(some, own, speedScale=speed).durations
        assert abs(frames.sum() - own.durations.sum() / speed) <= 0.5 + 1e-6
        assert np.abs(frames - own.durations / speed).max() <= 1 + 1e-6


def test_pauses_are_as_long_as_they_are_told():
    own = contour(len(phones_of(TEXT)))
    at = phones_of(TEXT).index("pau")
    assert decided(TEXT, own, pauseLength=20 * FRAME).durations[at] == 20
    assert decided(TEXT, own, pauseLength=20 * FRAME, pauseLengthScale=0.5).durations[at] == 10
    assert decided(TEXT, own, pauseLengthScale=0).durations[at] == 0


def test_a_pitch_that_is_told_moves_its_mora_with_the_consonant():
    own = contour(len(phones_of(TEXT)))
    query = query_of(TEXT, own)
    query.accent_phrases[0].moras[1].pitch = 5.5
    wanted = told_of(query, own).log_f0
    assert wanted[3] == pytest.approx(5.5)
    assert wanted[2] - own.log_f0[2] == pytest.approx(wanted[3] - own.log_f0[3])
    assert np.isnan(np.delete(wanted, [2, 3])).all()
    query.accent_phrases[0].moras[2].pitch += 0.3
    silent = told_of(query, own).log_f0 - own.log_f0
    assert 0.3 > silent[6] > silent[7] > silent[8] > 0  # a pause, and a mora without pitch, lie between two
    query = query_of(TEXT, own)
    query.accent_phrases[0].moras[1].pitch = 0
    assert np.isnan(told_of(query, own).log_f0).all()  # left to the voice


def test_the_pitch_of_all_is_scaled_as_the_api_says():
    own = contour(len(phones_of(TEXT)))
    voiced = [1, 3, 5, *range(phones_of(TEXT).index("cl") + 2, len(phones_of(TEXT)) - 1, 2)][:4]
    higher = decided(TEXT, own, pitchScale=0.1).log_f0
    assert higher == pytest.approx(own.log_f0 * 2**0.1, rel=1e-6)
    heard = [p for p in (mora.pitch for phrase in query_of(TEXT, own).accent_phrases for mora in phrase.moras) if p]
    wider = decided(TEXT, own, intonationScale=2.0).log_f0
    mean = np.mean(heard)
    assert wider[voiced] == pytest.approx(mean + 2 * (own.log_f0[voiced] - mean))
    flat = decided(TEXT, own, intonationScale=0.0).log_f0
    assert flat == pytest.approx(np.full(len(flat), mean))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pitchScale": 1.0}, r"a pitch \d+ times the voice's own, or as much lower: 4 times is the most"),
        ({"pitchScale": -1.0}, r"a pitch \d+.* times the voice's own"),
        (
            {"speedScale": 100.0} | SILENT,
            "there is nothing to hear: the lengths make less than a frame, which has 0.0116 s",
        ),
    ],
)
def test_what_is_out_of_bounds_is_told(change, message):
    phrases = OWN.phrases(OWN.from_notation("アメ"))
    own = contour(len(phones_of(phrases)))
    with pytest.raises(RequestError, match=message):
        decided(phrases, own, **change)


def mora(vowel: str = "a", consonant: str | None = None) -> Mora:
    return Mora(text="?", consonant=consonant, vowel=vowel, vowel_length=0.1, pitch=0.0)


@pytest.mark.parametrize(
    "wrong", [mora("k"), mora("pau"), mora("sil"), mora("N", "k"), mora("a", "a"), mora("a", "cl"), mora("x")]
)
def test_what_is_no_mora_is_refused_with_its_phrase(wrong):
    with pytest.raises(RequestError, match=r"accent phrase 2: .* is no mora"):
        spoken_phrases(OWN, [AccentPhrase(moras=[mora()], accent=1), AccentPhrase(moras=[wrong], accent=1)])


def test_an_accent_lies_on_a_mora():
    assert spoken_phrases(OWN, [AccentPhrase(moras=[mora()], accent=0)])[0].nucleus == 0
    with pytest.raises(RequestError, match="accent phrase 1 has 1 moras, and its accent is 2"):
        spoken_phrases(OWN, [AccentPhrase(moras=[mora()], accent=2)])


def test_only_some_of_moras_is_replaced():
    one, other = (accent_phrases(OWN, TEXT, sound_of(contour(len(phones_of(TEXT)), seed), FRAME)) for seed in (1, 2))
    lengths = replaced(one, other, "consonant_length", "vowel_length")
    assert [m.vowel_length for p in lengths for m in p.moras] == [m.vowel_length for p in other for m in p.moras]
    assert [m.pitch for p in lengths for m in p.moras] == [m.pitch for p in one for m in p.moras]
    assert lengths[0].pause_mora == other[0].pause_mora
    assert replaced(lengths, other, "pitch") == other


def test_numbers_that_are_none_are_refused():
    for wrong in (math.nan, math.inf, -1.0, 61.0):
        with pytest.raises(ValueError):
            query_of(TEXT, contour(len(phones_of(TEXT))), prePhonemeLength=wrong)


def test_sentences_end_with_full_stops():
    phrases = accent_phrases(OWN, TEXT, sound_of(contour(len(phones_of(TEXT))), FRAME))
    assert sentences(phrases) == [phrases]
    phrases[0].pause_mora = pause(0.5, "。")
    phrases[-1].pause_mora = pause(0.5, "。")
    assert sentences(phrases) == [phrases[:1], phrases[1:]]
