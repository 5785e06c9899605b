import hashlib
import itertools

import pytest
import soundfile
import textgrids

from koeru.stand_in import corpus
from koeru.stand_in.corpus import write_corpus
from koeru.stand_in.faults import FAULTS
from koeru.stand_in.files import EMOTIONS, ROLES
from koeru.stand_in.script import written

DIALOGUES = tuple(dialogue[:4] for dialogue in written()[:2])


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module", autouse=True)
def short_plan():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "plan", lambda minutes, seed: DIALOGUES)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small corpus, what write_corpus returned, and the progress that it reported."""
    folder, steps = tmp_path_factory.mktemp("stand_in") / "corpus", []
    counts = write_corpus(folder, progress=lambda done, total: steps.append((done, total)))
    return folder, counts, steps


def test_every_row_has_its_wav_and_its_textgrid(made):
    folder, counts, _ = made
    stems = []
    for number, dialogue in enumerate(DIALOGUES, start=1):
        name = f"LD01-Dialogue-{number:02d}"
        lines = (folder / f"Long_dialogue/LD01/txt/{name}.txt").read_text("utf-8").splitlines()
        assert len(lines) == len(dialogue)
        for index, (line, row) in enumerate(zip(lines, dialogue, strict=True)):
            role, emotion, text, kana = line.split("|")
            assert (role, emotion, text) == (ROLES[row.speaker], EMOTIONS[row.emotion], row.text)
            assert kana and not any("一" <= letter <= "龠" or "ぁ" <= letter <= "ん" for letter in kana)
            stems.append(f"{name}-{row.speaker}-Turn-{index // 2 + 1:02d}")
    assert {path.stem for path in folder.rglob("*.wav")} == set(stems)
    assert {path.stem for path in folder.rglob("*.TextGrid")} == set(stems)
    assert counts["utterances"] == len(stems)


def test_textgrids_fill_their_wavs(made):
    folder, counts, _ = made
    seconds = 0.0
    for wav in folder.rglob("*.wav"):
        info = soundfile.info(wav)
        assert (info.samplerate, info.channels, info.subtype) == (48_000, 1, "PCM_16")
        grid = textgrids.TextGrid(str(wav.parents[1] / "TextGrid" / f"{wav.stem}.TextGrid"))
        assert list(grid) == ["phones"]
        tier = grid["phones"]
        assert tier[0].xmin == 0 and tier[-1].xmax == grid.xmax == info.frames / info.samplerate
        assert all(one.xmax == two.xmin for one, two in itertools.pairwise(tier))
        assert [tier[0].text, tier[-1].text] == ["sil", "sil"]
        seconds += info.frames / info.samplerate
    assert counts["seconds"] == pytest.approx(seconds)
    for kind in ("speakers", "emotions"):
        assert sum(one["seconds"] for one in counts[kind].values()) == pytest.approx(seconds)
        assert sum(one["utterances"] for one in counts[kind].values()) == counts["utterances"]


def test_the_voice_is_attributed(made):
    readme = (made[0] / "README.txt").read_text("utf-8")
    for words in ("Mei", "MMDAgent", "Nagoya Institute of Technology", "licenses/by/3.0"):
        assert words in readme


def test_progress_ends_at_the_total(made):
    _, counts, steps = made
    assert len(steps) == counts["dialogues"]
    assert steps[-1] == (counts["utterances"], counts["utterances"])


def test_workers_change_no_byte_and_faults_only_add(made, tmp_path):
    faults = ["duplicate_id", "crlf"]
    counts = write_corpus(tmp_path / "again", workers=2, faults=faults)
    good, all_files = digests(made[0]), digests(tmp_path / "again")
    added = {name for name in all_files if name not in good}
    assert {name: all_files[name] for name in good} == good
    assert counts["faults"] == {name: FAULTS[name].utterance for name in faults}
    assert added and all(name.startswith("Long_dialogue/LD90") for name in added)
    assert counts["utterances"] == made[1]["utterances"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "memo.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_corpus(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["memo.txt"]


def test_an_unknown_fault_is_named(tmp_path):
    with pytest.raises(ValueError, match="no such fault flood"):
        write_corpus(tmp_path / "corpus", faults=["flood"])


def test_what_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(corpus, "_write_all", fail)
    with pytest.raises(OSError, match="disk full"):
        write_corpus(tmp_path / "corpus")
    assert not list(tmp_path.iterdir())
