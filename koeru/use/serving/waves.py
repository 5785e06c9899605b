"""Sound as wav files: made of samples, cut out of base64, resampled, joined."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from koeru.audio.files import resample
from koeru.report.listening import within_full_scale
from koeru.use.serving.query import RequestError

MAX_SAMPLES = 100_000_000  # of joined waves, in all channels


def wav_bytes(samples: np.ndarray, sample_rate: int, wanted: int, stereo: bool) -> bytes:
    """Samples (N,) as a wav file of 16 bits at the wanted rate in Hz; stereo has them in both channels.

    Where they would clip, all are turned down.
    """
    samples = within_full_scale(samples)[0]
    if wanted != sample_rate:
        with TemporaryDirectory() as folder:
            source, target = Path(folder, "source.wav"), Path(folder, "target.wav")
            soundfile.write(source, samples, sample_rate, subtype="FLOAT")
            resample(source, target, wanted)
            samples, _ = soundfile.read(target, dtype="int16")
    return _file(np.stack([samples] * 2, axis=1) if stereo else samples, wanted)


def _file(samples: np.ndarray, sample_rate: int) -> bytes:
    content = io.BytesIO()
    soundfile.write(content, samples, sample_rate, "PCM_16", format="WAV")
    return content.getvalue()


def joined(waves: Sequence[str]) -> bytes:
    """Wav files in base64 as one of 16 bits, one behind the other. Raises RequestError: they must be alike."""
    parts, kinds, count = [], set(), 0
    for number, wave in enumerate(waves, 1):
        with _opened(wave, number) as file:
            count += file.frames * file.channels
            if count > MAX_SAMPLES:
                raise RequestError(f"the waves have more than {MAX_SAMPLES} samples together")
            kinds.add((file.samplerate, file.channels))
            parts.append(file.read(dtype="int16", always_2d=True))
    if len(kinds) != 1:
        told = ", ".join(f"{rate} Hz with {channels} channels" for rate, channels in sorted(kinds))
        raise RequestError(f"waves are joined that are alike, and these are {told or 'none'}")
    ((rate, _),) = kinds
    return _file(np.concatenate(parts), rate)


def _opened(wave: str, number: int) -> soundfile.SoundFile:
    """A wav file in base64. Raises RequestError where it is none."""
    try:
        file = soundfile.SoundFile(io.BytesIO(base64.b64decode(wave, validate=True)))
    except (ValueError, soundfile.SoundFileError) as error:
        raise RequestError(f"wave {number} is no wav file in base64") from error
    if file.format not in ("WAV", "WAVEX"):
        raise RequestError(f"wave {number} is no wav file, but {file.format}")
    return file
