"""Speech with exactly known phone times: the HTS voice Mei in three voices and four emotions.

A speaker is a factor on formants and rate (by resampling) together with a net shift of the pitch, and may give some
phones another length; an emotion adds a little to rate and pitch, and a gain. At speed 1.0 the engine gives every
label, synthesised alone, the length it has in the whole sentence: the boundaries are exact, not estimated.
"""

import contextlib
import io
import math
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import sox

from koeru.stand_in.lengths import lengthened
from koeru.text.reading import Interval

with contextlib.redirect_stdout(io.StringIO()):  # pyopenjtalk-plus warns on stdout: that is the caller's
    import pyopenjtalk

SAMPLE_RATE = 48_000
PEAK = 0.89  # of full scale: room for the overshoot of later resampling
Lengths = tuple[tuple[str, float], ...]  # phone, factor on its length
PHONE = re.compile(r"-([A-Za-z]+)\+")


@dataclass(frozen=True)
class Manner:
    """rate: factor on formants and tempo; semitones: net shift of F0; gain: dB. Two manners add up.

    lengths: factors on the lengths of some phones, beyond the rate.
    """

    rate: float
    semitones: float
    gain: float
    lengths: Lengths = ()

    def __add__(self, other: "Manner") -> "Manner":
        both = self.rate * other.rate, self.semitones + other.semitones, self.gain + other.gain
        return Manner(*both, self.lengths + other.lengths)


# These gains keep nearly every sentence of every voice and emotion below PEAK: the guard is the exception.
SPEAKERS = {
    "Teacher": Manner(1.0, 0.0, -7.5),
    "MStudent": Manner(0.84, -5.0, -7.5),
    "FStudent": Manner(1.12, 1.0, -7.5),
}
EMOTIONS = {
    "Normal": Manner(1.0, 0.0, 0.0),
    "Happy": Manner(1.05, 2.0, 2.0),
    "Sad": Manner(0.93, -2.5, -5.0),
    "Angry": Manner(1.09, -1.0, 4.0),
}


@dataclass(frozen=True)
class Speech:
    """samples: int16 (N,) at SAMPLE_RATE; intervals: contiguous from 0 to their end; guarded: made softer."""

    samples: np.ndarray
    intervals: tuple[Interval, ...]
    guarded: bool

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def full_context(text: str, change: Callable[[list[Any]], list[Any]] = list) -> list[str]:
    """Full-context labels of a sentence; ValueError when nothing in it can be spoken.

    `change` may change its words, as pyopenjtalk's front end has analysed them.
    """
    labels = pyopenjtalk.make_label(change(pyopenjtalk.run_frontend(text)))
    if not labels:
        raise ValueError(f"the stand-in voice cannot speak {text!r}: use kana, kanji or digits")
    return labels


def phones(labels: list[str]) -> list[str]:
    """The phone of every full-context label."""
    return [PHONE.search(label)[1] for label in labels]


def kana(text: str) -> str:
    """The katakana reading of a sentence."""
    return pyopenjtalk.g2p(text, kana=True)


def speak(text: str, speaker: str = "Teacher", emotion: str = "Normal") -> Speech:
    """Speaks one sentence; the same arguments give the same samples."""
    return render(full_context(text), SPEAKERS[speaker] + EMOTIONS[emotion])


def render(labels: list[str], manner: Manner) -> Speech:
    """Speaks full-context labels of one sentence; the same arguments give the same samples."""
    source_rate = round(SAMPLE_RATE * manner.rate)
    rate = source_rate / SAMPLE_RATE
    half_tone = manner.semitones - 12 * math.log2(rate)  # resampling moves the pitch as well

    wave = _synthesize(labels, half_tone, manner.lengths)
    lengths = [len(_synthesize([label], half_tone, manner.lengths)) for label in labels]
    if sum(lengths) != len(wave):
        raise RuntimeError(f"the lengths of the phones do not add up to the sentence {' '.join(phones(labels))}")

    wave = resample(wave, source_rate, SAMPLE_RATE) * 10 ** (manner.gain / 20)
    peak = float(np.abs(wave).max())
    guarded = peak > PEAK
    samples = np.round(wave * (PEAK / peak if guarded else 1.0) * 32767).astype(np.int16)

    bounds = np.cumsum([0, *lengths]) / source_rate
    bounds[-1] = len(samples) / SAMPLE_RATE  # resampling rounds the length to a whole sample
    spans = zip(bounds[:-1].tolist(), bounds[1:].tolist(), phones(labels), strict=True)
    return Speech(samples, tuple(Interval(*span) for span in spans), guarded)


def resample(wave: np.ndarray, source_rate: int, sample_rate: int) -> np.ndarray:
    """Resamples float samples (N,) with SoX, at a quarter of their level, so that SoX never clips them."""
    if source_rate == sample_rate:
        return wave
    resampler = sox.Transformer()
    resampler.set_output_format(rate=sample_rate, bits=32, encoding="floating-point")
    made = resampler.build_array(input_array=(wave / 4).astype(np.float32), sample_rate_in=source_rate)
    if abs(len(made) - len(wave) * sample_rate / source_rate) > 2:
        raise ChildProcessError(f"SoX made {len(made)} samples of {len(wave)} at {source_rate} to {sample_rate} Hz")
    return 4 * made


def _synthesize(labels: list[str], half_tone: float, lengths: Lengths) -> np.ndarray:
    """Samples in units of full scale (which they may exceed), float64 (N,) at SAMPLE_RATE."""
    engine = _engine(lengths)
    if (sample_rate := engine.get_sampling_frequency()) != SAMPLE_RATE:
        raise RuntimeError(f"the HTS voice has {sample_rate} Hz, not {SAMPLE_RATE}")
    engine.set_speed(1.0)
    engine.add_half_tone(half_tone)
    return engine.synthesize(labels) / 32768


@cache
def _engine(lengths: Lengths) -> pyopenjtalk.HTSEngine:
    """The engine with the voice Mei, some phones of another length."""
    voice = Path(pyopenjtalk.DEFAULT_HTS_VOICE.decode()).read_bytes()
    with tempfile.NamedTemporaryFile(suffix=".htsvoice") as file:  # the engine reads files only
        file.write(lengthened(voice, dict(lengths)) if lengths else voice)
        file.flush()
        return pyopenjtalk.HTSEngine(file.name.encode())
