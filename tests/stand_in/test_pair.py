import hashlib
import itertools

import numpy as np
import pytest
import soundfile
import textgrids

from koeru.stand_in.pair import MANNERS, SOURCE, TARGET, sentences, write_pair
from koeru.stand_in.rules import LENGTHS
from koeru.stand_in.script import estimate_s
from koeru.stand_in.voice import SAMPLE_RATE

MINUTES = 0.4


def digests(folder):
    return {p.relative_to(folder): hashlib.sha256(p.read_bytes()).digest() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small pair, what write_pair returned, and the progress that it reported."""
    folder, steps = tmp_path_factory.mktemp("pair") / "corpus", []
    told = write_pair(folder, minutes=MINUTES, progress=lambda done, total: steps.append((done, total)))
    return folder, told, steps


def tiers(folder, name):
    return {s: textgrids.TextGrid(str(folder / "TextGrid" / s / f"{name}.TextGrid"))["phones"] for s in MANNERS}


def test_both_say_every_sentence(made):
    folder, told, steps = made
    heading, *rows = ((folder / "metadata.csv").read_text("utf-8")).splitlines()
    texts = list(sentences(MINUTES))
    assert heading == "id|text|speaker"
    assert rows == [f"{s}/S{n:04d}|{text}|{s}" for n, text in enumerate(texts, start=1) for s in MANNERS]
    for kind, ending in (("wavs", "wav"), ("TextGrid", "TextGrid")):
        names = {f"{path.parent.name}/{path.stem}" for path in (folder / kind).rglob(f"*.{ending}")}
        assert names == {row.split("|")[0] for row in rows}
    assert told["utterances"] == len(rows) == 2 * len(texts)
    assert [told["speakers"][speaker]["utterances"] for speaker in MANNERS] == [len(texts)] * 2
    assert steps[-1] == (len(rows), len(rows)) and len(steps) == len(texts)


def test_the_times_fill_the_recordings(made):
    folder, told, _ = made
    seconds = 0.0
    for wav in (folder / "wavs").rglob("*.wav"):
        info = soundfile.info(wav)
        assert (info.samplerate, info.channels, info.subtype) == (SAMPLE_RATE, 1, "PCM_16")
        tier = tiers(folder, wav.stem)[wav.parent.name]
        assert tier[0].xmin == 0 and tier[-1].xmax == info.frames / SAMPLE_RATE
        assert all(one.xmax == two.xmin for one, two in itertools.pairwise(tier))
        assert [tier[0].text, tier[-1].text] == ["sil", "sil"]
        seconds += info.frames / SAMPLE_RATE
    assert told["seconds"] == pytest.approx(seconds)


def test_the_target_has_more_pauses_and_phones_of_other_lengths(made):
    """What differs by phone is no factor on time: with the rate taken off, each phone has the factor of its own."""
    folder, _, _ = made
    factors, added = {}, 0
    for wav in (folder / "wavs" / SOURCE).glob("*.wav"):
        own, other = tiers(folder, wav.stem).values()
        said = [[i for i in tier if i.text != "pau"] for tier in (own, other)]
        added += (len(other) - len(said[1])) - (len(own) - len(said[0]))
        for one, two in zip(*said, strict=True):
            assert one.text == two.text
            rate = MANNERS[TARGET].rate
            factors.setdefault(one.text, []).append((two.xmax - two.xmin) * rate / (one.xmax - one.xmin))
    assert added >= 2
    medians = {phone: np.median(found) for phone, found in factors.items() if len(found) >= 5}
    for phone, factor in medians.items():
        assert factor == pytest.approx(dict(LENGTHS).get(phone, 1.0), abs=0.15), phone
    assert len(medians.keys() & dict(LENGTHS).keys()) >= 4


def test_the_voice_is_attributed(made):
    readme = (made[0] / "README.txt").read_text("utf-8")
    for words in ("Mei", "MMDAgent", "Nagoya Institute of Technology", "licenses/by/3.0", "N and C"):
        assert words in readme


def test_workers_change_no_byte(made, tmp_path):
    told = write_pair(tmp_path / "again", minutes=MINUTES, workers=2)
    assert digests(tmp_path / "again") == digests(made[0])
    assert told == made[1]


def test_sentences_are_a_prefix_of_more_and_last_as_long_as_wanted():
    few, many = list(sentences(2, seed=3)), list(sentences(9, seed=3))
    assert many[: len(few)] == few and len(set(many)) == len(many)
    assert sum(map(estimate_s, many)) == pytest.approx(9 * 60, abs=10)
    assert list(sentences()) == list(sentences(10.0, seed=0)) != list(sentences(10.0, seed=1))
    with pytest.raises(ValueError, match="minutes: 0"):
        list(sentences(0))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "memo.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_pair(tmp_path, minutes=MINUTES)
    assert [path.name for path in tmp_path.iterdir()] == ["memo.txt"]
