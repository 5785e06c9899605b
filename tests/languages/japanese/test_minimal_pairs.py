import math
import re

import numpy as np
import pytest
import pyworld

from koeru.languages.japanese.minimal_pairs import CARRIERS, MINIMAL_PAIRS, step_vowels
from koeru.stand_in import voice

ACCENT = re.compile(r"/F:(\d+)_(\d+)#")


def heard(text):
    """Phones of a sentence, and (moras, accent type) of the accent phrase of each."""
    labels = voice.full_context(text)
    accents = [tuple(map(int, found.groups())) if (found := ACCENT.search(one)) else None for one in labels]
    return voice.phones(labels), accents


@pytest.mark.parametrize("carrier", CARRIERS)
def test_only_the_accent_tells_the_words_apart(carrier):
    for pair in MINIMAL_PAIRS:
        phones, high = heard(carrier.format(pair.head_high))
        partner_phones, other = heard(carrier.format(pair.partner))
        assert phones == partner_phones, pair
        second, after = step_vowels(phones)
        assert not any(vowel in phones[: after + 1] for vowel in "AIUEO"), pair

        # word and particle are one accent phrase
        assert high[second] == high[after] and other[second] == other[after], pair
        (moras, accent), (partner_moras, partner_accent) = high[second], other[second]
        assert moras == partner_moras and accent == 1 != partner_accent, pair


def test_the_reading_is_that_of_both_words():
    for pair in MINIMAL_PAIRS:
        for word in (pair.head_high, pair.partner):
            assert voice.kana(CARRIERS[1].format(word)) == f"ツギワ、{pair.kana}ガキマス。"


def test_there_are_enough_pairs_and_none_twice():
    assert len(set(MINIMAL_PAIRS)) == len(MINIMAL_PAIRS) >= 24


@pytest.mark.parametrize(
    ("phones", "expected"),
    [
        ("sil a m e m o k a i m a sh I t a sil", (3, 5)),
        ("sil ts u g i w a pau n i h o N g a k i m a s U sil", (11, 14)),
    ],
)
def test_the_step_is_taken_at_the_end_of_the_word(phones, expected):
    assert step_vowels(phones.split()) == expected


def test_a_sentence_without_the_vowels_is_refused():
    with pytest.raises(ValueError, match="carrier"):
        step_vowels(["sil", "a", "m", "e", "sil"])


@pytest.mark.parametrize("pair", [MINIMAL_PAIRS[0], MINIMAL_PAIRS[7], MINIMAL_PAIRS[30]], ids=range(3))
def test_the_stand_in_voice_makes_the_difference(pair):
    assert measured(pair.head_high) < measured(pair.partner) - 100


def measured(word):
    """The step of F0 in a word's carrier sentence, in cents."""
    speech = voice.speak(CARRIERS[0].format(word))
    f0, times = pyworld.dio(speech.samples.astype(float), voice.SAMPLE_RATE, f0_floor=70, f0_ceil=800)
    middles = [(start + end) / 2 for start, end, _ in speech.intervals]
    log_f0 = np.interp(middles, times[f0 > 0], np.log(f0[f0 > 0]))
    second, after = step_vowels([phone for _, _, phone in speech.intervals])
    return 1200 / math.log(2) * (log_f0[after] - log_f0[second])
