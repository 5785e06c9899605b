"""The length of a recording, by its header, agrees with what libsndfile says, and what makes no sense is told."""

import struct

import numpy as np
import pytest
import soundfile

from koeru.corpora.header import seconds_of

FORMAT = struct.pack("<HHIIHH", 1, 1, 24000, 48000, 2, 16)


def chunk(name, content, length=None):
    """A chunk, padded to an even length, which its header may misstate."""
    told = len(content) if length is None else length
    return name + struct.pack("<I", told) + content + bytes(len(content) % 2)


def wav(*chunks, riff=b"RIFF", length=None):
    body = b"WAVE" + b"".join(chunks)
    return riff + struct.pack("<I", len(body) if length is None else length) + body


def seconds(tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    return seconds_of(path)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [16000, 22050, 48000])
@pytest.mark.parametrize(
    ("container", "coding"),
    [
        *(("WAV", coding) for coding in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW")),
        ("WAVEX", "PCM_16"),
        ("WAVEX", "PCM_24"),
        ("RF64", "PCM_16"),
    ],
)
def test_it_agrees_with_libsndfile(tmp_path, container, coding, rate, channels):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((12345, channels)), rate, subtype=coding, format=container)
    assert seconds_of(path) == pytest.approx(soundfile.info(path).duration, abs=1e-9)
    assert seconds_of(path) == pytest.approx(12345 / rate, abs=1e-9)


@pytest.mark.parametrize(("name", "codec"), [("a.flac", "PCM_16"), ("a.ogg", "VORBIS"), ("a.MP3", "MPEG_LAYER_III")])
def test_other_forms_are_told_by_libsndfile(tmp_path, name, codec):
    soundfile.write(tmp_path / name, np.zeros(24000), 16000, codec, format=name[2:].upper())
    assert seconds_of(tmp_path / name) == pytest.approx(1.5)
    (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"Format not recognised|File does not exist or is not a regular file"):
        seconds_of(tmp_path / name)  # libsndfile's words


def test_other_chunks_are_passed_over_also_odd_and_long_ones(tmp_path):
    notes = chunk(b"LIST", b"x" * 5001)
    content = wav(notes, chunk(b"fmt ", FORMAT), notes, chunk(b"data", bytes(48000)), notes)
    assert seconds(tmp_path, content) == 1.0


def test_a_recording_without_samples_lasts_no_time(tmp_path):
    assert seconds(tmp_path, wav(chunk(b"fmt ", FORMAT), chunk(b"data", b""), chunk(b"LIST", bytes(800)))) == 0.0


@pytest.mark.parametrize("told", [0xFFFFFFFF, 0x7FFFF000, 0])
def test_where_the_length_was_not_known_yet_all_that_is_there_counts(tmp_path, told):
    content = wav(chunk(b"fmt ", FORMAT), chunk(b"data", bytes(24000), told), length=told)
    assert seconds(tmp_path, content) == 0.5


def test_of_a_recording_that_is_cut_off_what_is_there_counts(tmp_path):
    content = wav(chunk(b"fmt ", FORMAT), chunk(b"data", bytes(48000)))
    assert seconds(tmp_path, content[: 44 + 12000]) == 0.25


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "does not begin as a wav file"),
        (b"RIFF", "does not begin as a wav file"),
        (b"fLaC" + bytes(100), "does not begin as a wav file"),
        (wav(chunk(b"data", bytes(100))), "no chunk `fmt ` before the samples"),
        (wav(chunk(b"fmt ", FORMAT)), "no chunk `data`"),
        (wav(chunk(b"fmt ", FORMAT[:10]), chunk(b"data", bytes(100))), "too short"),
        (wav(chunk(b"fmt ", struct.pack("<HHIIHH", 2, 1, 24000, 12000, 512, 4))), "the way 2"),
        (wav(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 0, 24000, 0, 0, 16))), "0 channels"),
        (wav(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 0, 0, 2, 16))), "0 Hz"),
        (wav(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, 24000, 48000, 2, 16))), "2 channels"),
        (wav(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 24000, 24000, 2, 16))), "24000 bytes a second"),
    ],
)
def test_a_header_that_makes_no_sense_is_told(tmp_path, content, problem):
    with pytest.raises(ValueError, match=problem):
        seconds(tmp_path, content)
