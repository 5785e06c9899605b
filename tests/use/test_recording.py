"""A recording of any length and kind becomes what its pieces become, or is refused in words."""

from itertools import pairwise

import numpy as np
import pytest
import soundfile
from converting import HEARING, RULE, SPEC, exported, recording, samples, speech

from koeru.audio.cutting import LONGEST, find_pieces
from koeru.audio.files import UnfitError
from koeru.audio.vocoders import GriffinLim
from koeru.data.vocabulary import Names, Voice
from koeru.families.vc.converter import Converter
from koeru.families.vc.hearing import Hearing
from koeru.use.recording import FADE, Conversion, Told

RATE, HOP = SPEC.sample_rate, SPEC.hop_length
FADED = round(FADE * RATE)
ANNA, BEN = Voice("Anna", "Normal"), Voice("Ben", "Normal")
SOUND = GriffinLim(SPEC, 2)
LOUD = samples()[np.abs(samples().astype(int)).argmax() - 2000 :]


@pytest.fixture(scope="module")
def converter(tmp_path_factory):
    """A small one, without the pitch that waits for the frame before."""
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    return exported(path, [("Anna", "Ben")], Names(("Anna", "Ben"), ("Normal",)), pitch_ar=False)[1]


@pytest.fixture
def conversion(converter):
    return Conversion(converter, SOUND, ANNA, BEN)


def made_of(conversion, wav, told=None):
    return np.concatenate(list(conversion.blocks("x", wav, Told() if told is None else told)))


def whole(conversion, wav):
    """What the model and the vocoder make of the speech in a recording as a whole."""
    (segment,) = HEARING.heard(wav)[1]
    heard = HEARING.features(wav[segment.start :][: segment.stop - segment.start], "Anna")
    cuts = (0, *((pause[0] - segment.start) // HOP for pause in segment.silences))
    return segment, SOUND(conversion.converter.convert("x", heard, ANNA, BEN, cuts).mel)


def test_a_short_recording_is_what_the_model_makes_of_it_as_a_whole(conversion):
    wav, told = samples(0.5, 0.4), Told()
    segment, expected = whole(conversion, wav)
    assert len(segment.silences) == 2
    made = made_of(conversion, wav, told)
    assert (told.n_pieces, told.notes) == (1, [])
    assert len(made) == segment.start + len(expected) + len(wav) - segment.stop
    own = made[segment.start :][: len(expected)]
    np.testing.assert_array_equal(own[FADED:-FADED], expected[FADED:-FADED])
    assert not made[: segment.start].any() and not made[segment.start + len(expected) :].any()
    # Without head and tail nothing is faded.
    speech_alone = wav[segment.start : segment.stop]
    np.testing.assert_array_equal(made_of(conversion, speech_alone), whole(conversion, speech_alone)[1])


def tone(mel):
    """Something that sounds as long as a mel, so smooth that every click stands out."""
    return 0.5 * np.cos(2 * np.pi * 200 / RATE * np.arange(len(mel) * HOP)).astype(np.float32)


def clicks(converter, wav):
    """What a recording becomes (N,), its pieces, and the largest step at its joints, in those of the tone."""
    conversion = Conversion(converter, tone, ANNA, BEN)
    heard, segments = HEARING.heard(wav)
    pieces = find_pieces(heard, segments, RATE, RULE["keep_silence"])
    parts = list(conversion._parts("x", heard, pieces, FADED, Told(), None))
    made = made_of(conversion, wav)
    assert len(made) == sum(map(len, parts)) - FADED * (len(parts) - 1)
    usual = np.abs(np.diff(tone(np.zeros(9)))).max()
    assert np.abs(np.diff(np.concatenate(parts))).max() > 15 * usual  # without a fade
    return made, pieces, np.abs(np.diff(made)).max() / usual


def test_a_long_recording_is_its_pieces_and_no_joint_clicks(converter):
    wav = samples(0.5, 3.0, 0.4, 0.6, 0.5, 0.4, 0.5, 0.3, 0.5, 0.4, 0.5)
    made, pieces, loudest = clicks(converter, wav)
    assert len(wav) > LONGEST * RATE and len(pieces) >= 3 and not any(piece.abrupt for piece in pieces)
    assert loudest < 1.2
    (pause,) = [b.start - a.stop for a, b in pairwise(pieces) if b.start - a.stop > 2 * RATE]
    assert abs(longest_zeros(made) - pause) <= 2  # what of it is in no piece


def test_speech_without_a_pause_is_cut_all_the_same_and_it_is_said(conversion):
    told, wav = Told(), np.tile(LOUD[:8000], 50)
    made_of(conversion, wav, told)
    assert told.n_pieces == 2 and "amid speech: no pause is near" in told.notes[0]
    _, pieces, loudest = clicks(conversion.converter, wav)
    assert pieces[0].stop == pieces[1].start and loudest < 1.5


def longest_zeros(wav):
    """The number of zeros that follow each other."""
    return int(np.diff(np.flatnonzero(wav)).max()) - 1


def test_what_is_no_voice_between_long_pauses_becomes_silence_and_it_is_said(conversion):
    click = np.random.default_rng(0).integers(-3000, 3000, 2000, dtype=np.int16)
    gap, told = np.zeros(3 * RATE, np.int16), Told()
    made = made_of(conversion, np.concatenate([samples(), gap, click, gap, samples()]), told)
    assert told.n_pieces == 3
    (note,) = told.notes
    assert "become silence: no voiced frame" in note and np.isfinite(made).all()


@pytest.mark.parametrize(
    ("sample_rate", "channels", "subtype", "ending"),
    [
        (48_000, 2, "PCM_24", "wav"),
        (16_000, 1, "FLOAT", "wav"),
        (44_100, 1, "PCM_16", "flac"),
        (22_050, 1, "VORBIS", "ogg"),
    ],
)
def test_files_of_any_kind_are_read(conversion, tmp_path, sample_rate, channels, subtype, ending):
    wav = np.repeat(speech(sample_rate=sample_rate)[:, None], channels, axis=1)
    path = recording(tmp_path / f"in.{ending}", wav, sample_rate, subtype)
    told = conversion.file(path, tmp_path / "out.wav")
    info = soundfile.info(tmp_path / "out.wav")
    assert (info.samplerate, info.channels, info.subtype) == (RATE, 1, "PCM_16")
    assert told.seconds == info.frames / RATE
    plain, _ = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert abs(len(plain) - len(made_of(conversion, samples()))) < 0.2 * len(plain)


def test_what_would_clip_is_turned_down_and_it_is_said(converter, tmp_path):
    loud = Conversion(converter, lambda mel: 40 * SOUND(mel), ANNA, BEN)
    told = loud.file(recording(tmp_path / "in.wav", samples()), tmp_path / "out.wav")
    wav, _ = soundfile.read(tmp_path / "out.wav", dtype="int16")
    assert 32_000 < np.abs(wav.astype(int)).max() <= 32_767
    assert len(told.notes) == 1 and "dB, it would have clipped" in told.notes[0]


NOISE = np.random.default_rng(0).integers(-9000, 9000, RATE, dtype=np.int16)


@pytest.mark.parametrize(
    ("wav", "words"),
    [
        (np.zeros(RATE, np.int16), "digital silence: "),
        (NOISE // 3000, "only silence: nothing is louder than -50 and -50 dBFS"),
        (NOISE, "no voiced frame: none of 86 frames"),
        (LOUD[:400], "too short: 1 frames of speech where 3 are wanted, 0.035 s"),
        (LOUD[: RATE // 20], "no voiced frame: none of 4 frames .* a whisper, or too short"),
        (NOISE[:200], "too short: 0.00907 s are not one frame"),
        (NOISE[:0], "no samples"),
        (np.full(RATE, np.nan), "not finite"),
    ],
)
def test_what_cannot_be_converted_is_refused_and_nothing_is_written(conversion, tmp_path, wav, words):
    path = recording(tmp_path / "in.wav", wav, subtype="FLOAT" if wav.dtype == float else "PCM_16")
    with pytest.raises(UnfitError, match=words):
        conversion.file(path, tmp_path / "out.wav")
    assert [file.name for file in tmp_path.iterdir()] == ["in.wav"]


def test_a_fraction_of_a_second_of_voice_is_enough(conversion):
    assert len(made_of(conversion, LOUD[: RATE // 5])) >= 3 * HOP


def test_what_is_no_recording_or_only_half_of_one_is_refused(conversion, tmp_path):
    text = tmp_path / "in.wav"
    text.write_text("words")
    with pytest.raises(UnfitError, match="unreadable: "):
        conversion.file(text, tmp_path / "out.wav")
    half = recording(tmp_path / "half.wav", samples())
    half.write_bytes(half.read_bytes()[:9000])
    with pytest.raises(UnfitError, match="truncated: "):
        conversion.file(half, tmp_path / "out.wav")


def test_what_a_dataset_mutes_is_digital_zero_in_every_piece(converter):
    muting = Hearing(SPEC, "dio", 71.0, 800.0, RULE | {"mute_inner": True})
    own = Converter(converter.model, converter.vocabulary, converter.stats, muting, converter.couples)
    wav = samples(0.5)
    wav += np.random.default_rng(0).integers(-8, 8, len(wav), dtype=np.int16)
    heard, _ = muting.heard(wav)
    made = made_of(Conversion(own, SOUND, ANNA, BEN), wav)
    plain = Conversion(converter, SOUND, ANNA, BEN)
    np.testing.assert_array_equal(made, made_of(plain, heard))
    assert not np.array_equal(made, made_of(plain, wav))


def test_a_piece_is_made_when_its_turn_comes(converter):
    """So a recording of hours is never in memory but for its samples."""
    spoken = []
    conversion = Conversion(converter, lambda mel: spoken.append(len(mel)) or SOUND(mel), ANNA, BEN)
    blocks = conversion.blocks("x", samples(2.5, 2.5, 2.5), Told())
    counts = [len(spoken) for _ in blocks]
    assert counts == sorted(counts) and set(counts) >= {0, 1, 2, 3, 4}
