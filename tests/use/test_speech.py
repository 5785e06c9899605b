"""What is wanted of an utterance is in its sound, exactly; and nothing is heard of where sentences join."""

import numpy as np
import pytest
from voices import RECORD, SPEC, voice

from koeru.audio.vocoders import GriffinLim
from koeru.data.contour import Told
from koeru.text.reading import Reading
from koeru.use.manner import Manner
from koeru.use.speech import FADE, Speech, Who

READING = Reading(tuple(RECORD["phones"]), (0,) * 5, ("^", "_", "[", "_", "$"))
WHO = Who("b", "Happy")


def loudness(wav: np.ndarray) -> float:
    return 20 * np.log10(np.sqrt(np.mean(np.square(wav, dtype=np.float64))))


@pytest.fixture(scope="module")
def speech():
    return Speech(voice(), GriffinLim(SPEC, 4), seed=3)


def test_it_says_what_the_voice_says(speech):
    record = WHO.record(READING)
    answer = speech.voice.speak(record, seed=3)
    assert np.array_equal(speech.say(record), speech.sound(answer.mel))
    assert np.array_equal(speech.say(record, speech.told(record)), speech.say(record))
    assert not np.array_equal(Speech(speech.voice, speech.sound, seed=4).say(record), speech.say(record))


def test_durations_are_kept_and_louder_is_louder_by_as_much(speech):
    record = WHO.record(READING)
    durations = np.array([3, 5, 8, 9, 4])
    wav = speech.say(record, Told(durations))
    assert len(wav) == 29 * SPEC.hop_length
    own = speech.voice.contour(record, Told(durations), seed=3)
    louder = speech.say(record, Told(durations, log_energy=own.log_energy + np.log(10) / 20 * -6))
    assert loudness(louder) - loudness(wav) == pytest.approx(-6, abs=1e-3)


def test_a_contour_in_a_manner_is_what_is_then_said(speech):
    """Who changes nothing of it hears the same."""
    record, manner = WHO.record(READING), Manner(speed=0.8, pitch=3, energy=2)
    contour = speech.contour(record, manner)
    again = speech.say(record, Told(contour.durations, contour.log_f0, contour.log_energy))
    np.testing.assert_allclose(again, speech.say(record, speech.told(record, manner)), atol=1e-5)


def test_what_is_asked_of_one_phone_leaves_the_others(speech):
    record, own = WHO.record(READING), None
    durations = np.array([6, 6, 6, 6, 6])
    own = speech.voice.contour(record, Told(durations), seed=3)
    energy = np.full(5, np.nan)
    energy[4] = own.log_energy[4] - 5
    plain, changed = (speech.say(record, Told(durations, log_energy=e)) for e in (None, energy))
    np.testing.assert_allclose(changed[: 20 * SPEC.hop_length], plain[: 20 * SPEC.hop_length], rtol=0, atol=1e-6)
    assert loudness(changed[-2 * SPEC.hop_length :]) < loudness(plain[-2 * SPEC.hop_length :]) - 30


def test_utterances_follow_each_other_after_silence(speech):
    record = WHO.record(READING)
    wav = np.concatenate(list(speech.one_by_one([(record, Told(), 0.2), (record, Told(), 0.0)])))
    one, fade = speech.say(record), round(FADE * SPEC.sample_rate)
    assert len(wav) == 2 * len(one) + round(0.2 * SPEC.sample_rate)
    assert np.array_equal(wav[: len(one) - fade], one[:-fade])
    assert not wav[len(one) : len(one) + round(0.2 * SPEC.sample_rate) - fade].any()
    second = len(one) + round(0.2 * SPEC.sample_rate)
    assert np.array_equal(wav[second + fade :], one[fade:])


def test_what_comes_later_is_asked_for_later(speech):
    asked = []

    def utterances():
        for number in range(3):
            asked.append(number)
            yield WHO.record(READING), Told(), 0.0

    next(iter(speech.one_by_one(utterances())))
    assert asked == [0]
