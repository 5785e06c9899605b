"""Broken recordings are named, sound ones resampled without a change of level."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
import sox
from hypothesis import given
from hypothesis import strategies as st

from koeru.audio import files
from koeru.audio.files import UnfitError, WavError, check, inspect, read_wav, resample

RATE = 48000


@pytest.fixture
def write(tmp_path):
    """Return a function that writes samples to a file and returns its path."""

    def write(samples, name="a.wav", rate=RATE, subtype="PCM_16"):
        path = tmp_path / name
        soundfile.write(path, samples, rate, subtype=subtype)
        return path

    return write


def sine(level: float, hz: float = 300.0, seconds: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * hz * np.arange(int(RATE * seconds)) / RATE)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_a_sound_file_has_no_problem_and_keeps_its_level(write, tmp_path, subtype):
    path = write(sine(0.5), subtype=subtype)
    info = inspect(path)
    assert (info.sample_rate, info.n_channels, info.n_samples, info.clipped) == (RATE, 1, RATE // 2, 0)
    assert info.peak == pytest.approx(0.5, abs=0.01)
    assert check(path, 0)
    done = resample(path, tmp_path / "b.wav", 22050)
    samples, rate = read_wav(tmp_path / "b.wav")
    assert (rate, samples.dtype, done.gain_db) == (22050, np.int16, 0)
    assert len(samples) == done.n_samples == 22050 // 2
    assert np.abs(samples[2000:-2000]).max() / 32768 == pytest.approx(0.5, abs=0.01)


def test_extensible_headers_are_read(write):
    soundfile.write(path := write(sine(0.5)), sine(0.5), RATE, format="WAVEX", subtype="PCM_24")
    assert check(path, 0)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_a_constant_stays_the_same_at_any_rate(write, tmp_path, rate):
    resample(write(np.full(rate, 0.25), rate=rate), tmp_path / "b.wav", 22050)
    samples, _ = read_wav(tmp_path / "b.wav")
    assert np.abs(samples[3000:-3000] - 8192).max() <= 1


def test_channels_are_averaged(write, tmp_path):
    resample(write(np.stack([np.full(RATE, 0.5), np.full(RATE, -0.25)], axis=1)), tmp_path / "b.wav", RATE)
    samples, _ = read_wav(tmp_path / "b.wav")
    assert np.abs(samples - 4096).max() <= 1


def test_resampling_twice_gives_the_same_bytes(write, tmp_path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, RATE)
    path = write(noise, subtype="PCM_24")
    for name in ("b.wav", "c.wav"):
        resample(path, tmp_path / name, 22050)
    assert (tmp_path / "b.wav").read_bytes() == (tmp_path / "c.wav").read_bytes()


@pytest.mark.parametrize(("level", "subtype"), [(0.99, "PCM_16"), (3.0, "FLOAT")])
def test_a_hot_file_is_turned_down_not_clipped(write, tmp_path, level, subtype):
    square = level * np.sign(sine(1.0) + 1e-9)
    path = write(square, subtype=subtype)
    done = resample(path, tmp_path / "b.wav", 22050)
    samples, _ = read_wav(tmp_path / "b.wav")
    assert done.gain_db < 0
    plateau = np.median(np.abs(samples.astype(float))) / 32768
    assert plateau == pytest.approx(level * 10 ** (done.gain_db / 20), rel=0.05)
    assert np.abs(samples.astype(int)).max() < 32767


@pytest.mark.parametrize("peak", [1.0, 1.25, 2.0])
def test_floats_beyond_full_scale_are_turned_down_whole(write, tmp_path, peak):
    """As recorders and editors of 32 bit float write them: nothing was cut off."""
    wave = sine(1.0, hz=297.0) * np.hanning(RATE // 2)
    path = write(wave * peak / np.abs(wave).max(), subtype="FLOAT")
    info = check(path, max_clipped=0)
    assert (info.peak, info.clipped) == (pytest.approx(peak), 0)
    done = resample(path, tmp_path / "b.wav", RATE)
    samples, _ = read_wav(tmp_path / "b.wav")
    assert 0 <= -np.ceil(20 * np.log10(peak)) - done.gain_db <= 1  # 1.0 is a step beyond 16 bits
    assert np.abs(samples / 32768 - wave * peak * 10 ** (done.gain_db / 20)).max() < 1e-3


def test_a_name_with_wildcards_is_only_a_name(write, tmp_path):
    write(sine(0.9), name="a1.wav")
    resample(write(sine(0.2), name="a[1].wav"), tmp_path / "-b [2] *.wav", 22050)
    samples, _ = read_wav(tmp_path / "-b [2] *.wav")
    assert np.abs(samples).max() / 32768 == pytest.approx(0.2, abs=0.01)


def unfit(path, max_clipped=1.0, excerpt=None):
    """Why a recording is not fit for use: (reason, detail)."""
    with pytest.raises(UnfitError) as caught:
        check(path, max_clipped, excerpt)
    return caught.value.reason, caught.value.detail


def test_truncated_files_are_named(write):
    path = write(sine(0.5))
    path.write_bytes(path.read_bytes()[:-1001])
    assert unfit(path)[0] == "truncated" and "1001 bytes" in unfit(path)[1]


@pytest.mark.parametrize("size", [0, 3, 11, 30, 43])
def test_a_broken_header_is_unreadable_or_truncated(write, size):
    path = write(sine(0.5))
    path.write_bytes(path.read_bytes()[:size])
    assert unfit(path)[0] in ("unreadable", "truncated")


@pytest.mark.parametrize(
    ("name", "container", "codec"),
    [
        ("a.flac", "FLAC", "PCM_16"),
        ("a.aiff", "AIFF", "PCM_24"),
        ("a.ogg", "OGG", "VORBIS"),
        ("a.opus", "OGG", "OPUS"),
        ("a.mp3", "MP3", "MPEG_LAYER_III"),
    ],
)
def test_every_form_of_recording_is_read_whole_or_refused(tmp_path, name, container, codec):
    path = tmp_path / name
    soundfile.write(path, sine(0.5, seconds=3.0), RATE, codec, format=container)
    content = path.read_bytes()
    info = check(path, 0)
    assert (info.sample_rate, info.encoding, info.n_samples) == (RATE, codec, 3 * RATE)
    resample(path, tmp_path / "b.wav", 22050)
    samples, _ = read_wav(tmp_path / "b.wav")
    assert len(samples) == 3 * 22050 and np.abs(samples[4000:-4000]).max() / 32768 == pytest.approx(0.5, abs=0.02)
    for cut in (0.2, 0.6, 0.98):
        path.write_bytes(content[: int(len(content) * cut)])
        assert unfit(path)[0] in ("truncated", "unreadable")
    path.write_bytes(content[:-1] if codec != "MPEG_LAYER_III" else content[:-500])
    assert unfit(path)[0] in ("truncated", "unreadable")


def test_a_form_that_is_not_read_is_told_with_the_remedy(tmp_path):
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(4000))
    reason, detail = unfit(tmp_path / "a.m4a")
    assert reason == "unreadable" and "Format not recognised. Convert it to wav or FLAC" in detail


def test_a_length_that_the_writer_did_not_know_is_no_truncation(write):
    path = write(sine(0.5))
    data = bytearray(path.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert check(path, 0)


@pytest.mark.parametrize(
    ("samples", "subtype", "reason"),
    [
        (np.zeros(0), "PCM_16", "no samples"),
        (np.zeros(999), "PCM_16", "digital silence"),
        (np.array([0, np.nan, 0.5]), "FLOAT", "not finite"),
        (np.array([0, -np.inf, 0.5]), "DOUBLE", "not finite"),
        (np.tile([0.0] * 12 + [1.0] * 12, 9), "PCM_16", "clipped"),
        (np.tile([0.0] * 12 + [-1.0] * 12, 9), "PCM_24", "clipped"),
        (np.tile([0.0] * 12 + [1.0] * 12, 9), "PCM_U8", "clipped"),
        (np.tile([0.0] * 12 + [1.5] * 12, 9), "FLOAT", "clipped"),
    ],
)
def test_unfit_recordings_are_named(write, samples, subtype, reason):
    path = write(samples, subtype=subtype)
    assert unfit(path, 0.49)[0] == reason
    if reason == "clipped":
        assert inspect(path).clipped == 0.5
        assert check(path, max_clipped=0.5)


READS = {"check": lambda path: check(path, 1.0), "read_wav": read_wav, "inspect": inspect}


def test_a_file_that_is_not_there_is_no_unfit_one(tmp_path):
    missing = tmp_path / "gone.wav"
    for read in (
        inspect,
        read_wav,
        lambda path: resample(path, tmp_path / "b.wav", 22050),
        lambda path: check(path, 1),
    ):
        with pytest.raises(FileNotFoundError, match=r"gone\.wav"):
            read(missing)


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_the_disk_does_not_give_is_no_fault_of_the_file(write, read, monkeypatch):
    """libsndfile calls both a system error, or gives less than it said: then all bytes of the file are asked for."""
    path = write(np.full(2000, 0.25))
    decode, whole = files._decoded, Path.read_bytes

    def not_by_itself(source, *more):
        if isinstance(source, str):
            raise soundfile.LibsndfileError(2)
        return decode(source, *more)

    monkeypatch.setattr(files, "_decoded", not_by_itself)
    assert read(path)  # what was wrong for a moment
    monkeypatch.setattr(files, "_decoded", lambda *_: (_ for _ in ()).throw(soundfile.LibsndfileError(2)))
    monkeypatch.setattr(Path, "read_bytes", lambda self: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(OSError, match="Input/output error"):
        read(path)
    monkeypatch.setattr(Path, "read_bytes", whole)
    with pytest.raises((WavError, UnfitError), match="cannot be read"):
        read(path)


def test_a_decoder_that_gives_less_than_it_said_is_not_believed(write, monkeypatch):
    path = write(np.full(2000, 0.25))
    read = soundfile.SoundFile.read
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda self, *a, **k: read(self, *a, **k)[:1500])
    with pytest.raises(WavError, match="2000 samples are wanted, 1500 could be decoded"):
        read_wav(path)


def test_sox_is_not_believed(write, tmp_path, monkeypatch):
    """It ends with 0 where the disk is full."""
    source, build = write(np.full(4000, 0.25), rate=22050), sox.Transformer.build

    def cut(self, *arguments, output_filepath, **more):
        done = build(self, *arguments, output_filepath=output_filepath, **more)
        os.truncate(output_filepath, Path(output_filepath).stat().st_size - 200)
        return done

    monkeypatch.setattr(sox.Transformer, "build", cut)
    with pytest.raises(OSError, match=r"SoX wrote 3900 samples where 4000 are due.*is the disk full"):
        resample(source, tmp_path / "b.wav", 22050)


@given(st.integers(1, 3000), st.sampled_from([8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000]))
def test_a_resampled_recording_lasts_as_long_as_it_did(n_samples, rate):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "a.wav"
        soundfile.write(source, np.full(n_samples, 0.25), rate)
        made = resample(source, Path(folder) / "b.wav", 22050)
        assert abs(made.n_samples - n_samples * 22050 / rate) <= files.ROUNDED


def test_what_has_no_finite_samples_is_not_resampled(write, tmp_path):
    for samples in (np.zeros(0), np.array([0, np.nan])):
        with pytest.raises(WavError, match=r"a\.wav"):
            resample(write(samples, subtype="FLOAT"), tmp_path / "b.wav", 22050)


def test_read_wav_wants_one_channel(write):
    with pytest.raises(WavError, match="2 channels"):
        read_wav(write(np.zeros((10, 2))))


def test_an_excerpt_is_that_part_and_nothing_else(write, tmp_path):
    samples = np.concatenate([np.zeros(RATE), sine(0.5), np.zeros(RATE)])
    path = write(samples)
    end = 1 + len(sine(0.5)) / RATE
    whole = resample(write(sine(0.5), "whole.wav"), tmp_path / "whole.22050.wav", 22050)
    part = resample(path, tmp_path / "part.22050.wav", 22050, (1.0, end))
    assert part == whole
    assert (tmp_path / "part.22050.wav").read_bytes() == (tmp_path / "whole.22050.wav").read_bytes()
    assert check(path, 0, (1.0, end)).n_samples == len(sine(0.5))
    assert unfit(path, excerpt=(0.0, 0.9))[0] == "digital silence"


@pytest.mark.parametrize("excerpt", [(0.0, 99.0), (2.0, 1.0), (-1.0, 0.1)])
def test_an_excerpt_beyond_the_recording_is_unfit(write, excerpt):
    reason, detail = unfit(write(sine(0.5)), excerpt=excerpt)
    assert reason == "unreadable" and "it lasts" in detail
