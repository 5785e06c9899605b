import unicodedata

import numpy as np
import pytest
import soundfile

from koeru.stand_in.faults import FAULTS
from koeru.stand_in.script import written
from koeru.stand_in.voice import PHONE, full_context

READ = {
    *("stereo", "bits_8", "bits_24", "bits_32", "other_sample_rate"),
    *("nfd_kana", "textgrid_bom", "textgrid_utf16", "shift_jis", "crlf"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    root = tmp_path_factory.mktemp("faults")
    for fault in FAULTS.values():
        fault.plant(root)
    return root


@pytest.fixture
def files(planted, request):
    """(wav, TextGrid, transcript) of the spoiled row of the fault that the test is named after."""
    return spoiled(planted, FAULTS[request.node.name.removeprefix("test_")])


def spoiled(root, fault):
    folder = root / "Long_dialogue" / fault.group
    name = f"{fault.group}-Dialogue-01"
    return (
        folder / f"wav/{fault.utterance}.wav",
        folder / f"TextGrid/{fault.utterance}.TextGrid",
        folder / f"txt/{name}.txt",
    )


def labels(grid):
    lines = grid.read_text("utf-8").splitlines()
    return [line.split('"')[1] for line in lines if line.strip().startswith("text")]


def first_row(transcript):
    return transcript.read_text("utf-8").splitlines()[0].split("|")


def test_every_fault_says_what_to_expect():
    assert {name for name, fault in FAULTS.items() if fault.expect == "read"} == READ
    assert len(FAULTS) == 25
    for fault in FAULTS.values():
        assert fault.expect in ("read", "excluded")
        assert bool(fault.reason) == (fault.expect == "excluded")
        assert fault.utterance_id == f"Teacher_{fault.utterance}_Normal"
    assert len({fault.utterance for fault in FAULTS.values()}) == len(FAULTS)


def test_no_sentence_of_a_fault_is_said_elsewhere():
    texts = [row.text for fault in FAULTS.values() for row in fault.rows]
    assert len(set(texts)) == len(texts)
    assert not set(texts) & {row.text for dialogue in written() for row in dialogue}


@pytest.mark.parametrize("name", FAULTS)
def test_the_other_rows_are_sound(planted, name):
    fault = FAULTS[name]
    folder = planted / "Long_dialogue" / fault.group
    for wav in folder.glob("wav/*.wav"):
        if wav.stem != fault.utterance:
            samples, sample_rate = soundfile.read(wav, dtype="int16")
            end = (folder / f"TextGrid/{wav.stem}.TextGrid").read_text("utf-8").split("xmax = ")[1].split()[0]
            assert float(end) == len(samples) / sample_rate


@pytest.mark.parametrize("name", ["nan", "bits_24"])
def test_a_fault_is_the_same_every_time(planted, tmp_path, name):
    FAULTS[name].plant(tmp_path)
    again, before = (spoiled(root, FAULTS[name])[0].read_bytes() for root in (tmp_path, planted))
    assert again == before


def test_truncated_wav(files):
    data = files[0].read_bytes()
    assert int.from_bytes(data[40:44], "little") > len(data) - 44 > 0


def test_zero_samples(files):
    assert soundfile.info(files[0]).frames == 0


def test_all_zeros(files):
    samples, _ = soundfile.read(files[0])
    assert len(samples) > 48_000 and not samples.any()


def test_nan(files):
    samples, _ = soundfile.read(files[0])
    assert soundfile.info(files[0]).subtype == "FLOAT"
    assert 0 < np.isnan(samples).sum() < len(samples) / 2


def test_clipping(files):
    samples, _ = soundfile.read(files[0], dtype="int16")
    assert np.mean(np.abs(samples.astype(int)) >= 32767) > 0.05


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("stereo", "PCM_16"), ("bits_8", "PCM_U8"), ("bits_24", "PCM_24"), ("bits_32", "PCM_32")],
)
def test_other_formats_hold_the_same_sound(planted, name, subtype):
    wav = spoiled(planted, FAULTS[name])[0]
    info = soundfile.info(wav)
    samples, sample_rate = soundfile.read(wav, always_2d=True)
    assert (info.channels, info.subtype) == (2 if name == "stereo" else 1, subtype)
    assert sample_rate == 48_000 and 0.05 < np.abs(samples).max() < 0.9
    assert np.array_equal(samples[:, 0], samples[:, -1])


def test_other_sample_rate(files):
    samples, sample_rate = soundfile.read(files[0])
    end = float(files[1].read_text("utf-8").split("xmax = ")[1].split()[0])
    assert sample_rate == 44_100 and abs(len(samples) / sample_rate - end) < 1 / sample_rate


def test_empty_text(files):
    assert first_row(files[2]) == ["講師", "平静", "", ""]


def test_emoji_only(files):
    with pytest.raises(ValueError, match="cannot speak"):
        full_context(first_row(files[2])[2])


def test_long_text(files):
    assert len(first_row(files[2])[2]) == 3000


def test_nfd_kana(files):
    text = files[2].read_text("utf-8")
    assert text != unicodedata.normalize("NFC", text)
    assert FAULTS["nfd_kana"].rows[0].text in unicodedata.normalize("NFC", text)


def test_textgrid_bom(files):
    assert files[1].read_text("utf-8-sig").startswith("File type")
    assert files[1].read_bytes()[:3] == b"\xef\xbb\xbf"


def test_textgrid_utf16(files):
    assert files[1].read_text("utf-16").startswith("File type")


def test_textgrid_other_utterance(files):
    spoken = [PHONE.search(label)[1] for label in full_context(first_row(files[2])[2])]
    assert labels(files[1]) != spoken
    info = soundfile.info(files[0])
    assert f"xmax = {info.frames / info.samplerate!r}" in files[1].read_text("utf-8")


def test_textgrid_without_tier(files):
    text = files[1].read_text("utf-8")
    assert 'name = "words"' in text and "phones" not in text


def test_textgrid_past_end(files):
    end = float(files[1].read_text("utf-8").split("xmax = ")[1].split()[0])
    info = soundfile.info(files[0])
    assert end == pytest.approx(info.frames / info.samplerate + 1)


def test_textgrid_missing(files):
    assert files[0].exists() and not files[1].exists()


def test_duplicate_id(planted, files):
    same = [path for path in planted.rglob(files[2].name)]
    assert len(same) == 2 and same[0].read_bytes() == same[1].read_bytes()
    assert len(list(planted.rglob(files[0].name))) == 2


def test_row_without_wav(files):
    assert not files[0].exists() and files[1].exists() and files[2].exists()


def test_wav_without_row(files):
    assert files[0].exists() and files[1].exists()
    roles = [line.split("|")[0] for line in files[2].read_text("utf-8").splitlines()]
    assert roles == ["講師", "男子生徒"]


def test_shift_jis(files):
    text = files[2].read_bytes().decode("cp932")
    assert FAULTS["shift_jis"].rows[0].text in text
    with pytest.raises(UnicodeDecodeError):
        files[2].read_text("utf-8")


def test_crlf(files):
    lines = files[2].read_bytes().split(b"\r\n")
    assert len(lines) == 3 and not any(b"\n" in line for line in lines)
