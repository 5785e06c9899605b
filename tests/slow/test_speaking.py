"""The demo's voices do as a person tells them: accents by hand, speed, and pitch, as it is heard."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from koeru.audio.vocoders import GriffinLim
from koeru.audio.world import f0
from koeru.data.records import Spoken
from koeru.families.acoustic.voice import Voice
from koeru.use.manner import Manner
from koeru.use.speech import Speech, Who

pytestmark = pytest.mark.slow

CENTS = 1200 / np.log(2)
WORDS = (  # four moras each, none of which is devoiced
    *(
        "アマドリ",
        "サクラバ",
        "ナガモリ",
        "ヤマカワ",
        "タカハマ",
        "オモムキ",
        "ミズウミ",
        "カミナリ",
        "トモダチ",
        "サトヤマ",
    ),
    *(
        "ノリモノ",
        "イロエリ",
        "ハマナス",
        "モノガタ",
        "ワカモノ",
        "ムラサキ",
        "アオゾラ",
        "キノハナ",
        "ユキダル",
        "エダマメ",
    ),
)
BEHIND, MORAS = "カラモ", 7  # what follows each word in its phrase, which then has as many moras
PHRASES = ("{}", "ソレワ/{}", "ソレワ/{}/ミエ'ル")
NUCLEI = (1, 2, 3, 4)
FALL = 50.0  # cents: less is none
SENTENCES = (
    "アシタ'ワ/ア'メガ/フ'ルデショー",
    "キョ'オノ/カイギワ/ゴ'ゴ/サ'ンジカラ/ハジマリマ'ス",
    "キノ'オ/トモダチト/エ'イガオ/ミ'ニ/イキマ'シタ",
    "コノ/ミチオ/マッス'グ/イクト/エ'キガ/ミエマ'ス",
    "セ'ンセエノ/ハナシ'ワ/トテモ/オモシロ'カッタデス",
    "モオスコ'シ/ユック'リ/ハナ'シテ/クダサ'イ",
)


def spoken_by(folder: Path, name: str) -> Speech:
    """A voice of the demo, whose mels Griffin-Lim speaks."""
    voice = Voice.from_file(folder / "exp" / name / "model.safetensors")
    return Speech(voice, GriffinLim(voice.mel_spec, 60))


def log_f0_of(voice: Voice, speaker: str, phrase: str, word: str, nucleus: int) -> np.ndarray:
    """The predicted F0 (MORAS,), in cents, of the vowels of a word and what is behind it, for an accent nucleus."""
    moras = word + BEHIND
    marked = f"{moras[:nucleus]}'{moras[nucleus:]}" if nucleus else moras
    reading = voice.language.from_notation(phrase.format(marked))
    contour = voice.contour(Who(speaker, voice.vocabulary.emotions[0]).record(reading), temperature=0.0)
    vowels = np.flatnonzero(np.isin(reading.phones, [*voice.language.vowels]))
    before = sum(letter in "ソレワ" for letter in phrase.split("{")[0])
    return CENTS * contour.log_f0[vowels[before : before + MORAS]]


def obeyed(voice: Voice) -> Iterator[bool]:
    """Of each word, nucleus, phrase and speaker: whether F0 falls steepest where it is told to.

    That is, beside the word without a fall, from the nucleus to the next mora, or from that to the one after: the
    recordings' F0 often falls late.
    """
    for speaker in voice.speakers:
        for phrase in PHRASES:
            for word in WORDS:
                flat = log_f0_of(voice, speaker, phrase, word, 0)
                for nucleus in NUCLEI:
                    steps = np.diff(log_f0_of(voice, speaker, phrase, word, nucleus) - flat)
                    yield steps.min() < -FALL and int(steps.argmin()) in (nucleus - 1, nucleus)


@pytest.mark.parametrize("name", ["LINE_8", "LINE_14", "LINE_15"])
def test_accents_by_hand_are_obeyed(voices, name):
    found = [*obeyed(spoken_by(voices, name).voice)]
    print(f"{name}: F0 falls where it is told to in {sum(found)} of {len(found)}")
    assert len(found) == len(WORDS) * len(NUCLEI) * len(PHRASES) * 3
    assert np.mean(found) >= 0.95


def test_without_accent_marks_none_is(voices):
    assert not any(obeyed(spoken_by(voices, "LINE_14_no_accent").voice))


def sentences(voice: Voice) -> Iterator[Spoken]:
    """All sentences by all speakers."""
    for speaker in voice.speakers:
        for kana in SENTENCES:
            yield Who(speaker, voice.vocabulary.emotions[0]).record(voice.language.from_notation(kana))


@pytest.mark.parametrize("name", ["LINE_8", "LINE_15"])
def test_speed_is_exact_to_a_frame_of_each_phone(voices, name):
    speech = spoken_by(voices, name)
    for record in sentences(speech.voice):
        own, fast = (speech.contour(record, Manner(speed=speed)).durations for speed in (1, 1.25))
        assert np.abs(fast - own / 1.25).max() <= 1
        assert fast.sum() == pytest.approx(own.sum() / 1.25, abs=1)


@pytest.mark.parametrize("semitones", [-2, 2])
def test_pitch_is_heard_to_be_exact(voices, semitones):
    """The median, over all frames that are voiced, of what separates them from those of the voice as it is."""
    speech, moved = spoken_by(voices, "LINE_15"), []
    for record in sentences(speech.voice):
        own, other = (
            f0(speech.say(record, speech.told(record, manner)), speech.sample_rate, 256, "harvest")
            for manner in (Manner(), Manner(pitch=semitones))
        )
        both = (own > 0) & (other > 0)
        moved.append(CENTS * np.log(other[both] / own[both]))
    found = float(np.median(np.concatenate(moved)))
    print(f"{semitones:+d} semitones: {found:+.1f} cents")
    assert found == pytest.approx(100 * semitones, abs=10)
