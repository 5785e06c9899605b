"""AISHELL-1 as it is delivered: sets, words with spaces between them, archives within."""

import pytest
from fakes import aishell1 as fake_aishell1
from fakes import mandarin
from fakes.checks import place, reasons, sorted_out, texts, touch

from koeru.corpora import aishell1
from koeru.corpora.delivered import Delivered
from koeru.corpora.people import Person
from koeru.corpora.selection import Selection

TRANSCRIPT = aishell1.TRANSCRIPT
A, B = "BAC009S0002W0001", "BAC009S0003W0001"


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_aishell1.write(tmp_path_factory.mktemp("aishell1"))


@pytest.fixture
def corpus(tmp_path):
    """Two speakers in two sets, without audio."""
    touch(tmp_path / f"wav/train/S0002/{A}.wav")
    touch(tmp_path / f"wav/dev/S0003/{B}.wav")
    touch(tmp_path / TRANSCRIPT, f"{A} 打开 空调\n{B} 你好\n")
    return tmp_path


def listed(root, labels=None, **filters):
    return sorted_out(aishell1.utterances(Delivered("A", root, labels or {}), Selection(**filters)))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept
    assert found.reasons == fake.excluded
    (remark,) = found.remarks
    assert remark.startswith("wav/S0003.tar.gz: not unpacked") and "In wav/, run: for a in *.tar.gz" in remark


def test_an_utterance(fake):
    found = fake.listed().kept["S0009_BAC009S0009W0127"]
    assert (found.name, found.speaker, found.emotion, found.subset) == ("BAC009S0009W0127", "S0009", "Normal", "train")
    assert (found.text, found.kana, found.dialogue) == ("对楼市成交抑制作用最大", "", "")
    assert found.wav.path == "wav/train/S0009/BAC009S0009W0127.wav"
    assert mandarin.words(5) == "对 楼市 成交 抑制 作用 最 大"


def test_spaces_go_but_for_those_between_letters(fake):
    name, _, text = fake_aishell1.LATIN
    assert fake.listed().kept[f"S0009_{name}"].text == text


@pytest.mark.parametrize("row", ["{}  你好  吗 ", "{}\t你好\t吗", "\ufeff{} 你好 吗\r"])
def test_rows_that_are_understood(corpus, row):
    touch(corpus / TRANSCRIPT, f"{row.format(A)}\n")
    assert texts(listed(corpus)[0]) == {f"S0002_{A}": "你好吗"}


@pytest.mark.parametrize("row", ["S0002W0001 你好", "../../BAC009S0002W0001 你好", "BAC009S0002W0001.wav 你好", "你好"])
def test_rows_that_are_not(corpus, row):
    touch(corpus / TRANSCRIPT, f"{row}\n")
    kept, lost, _ = listed(corpus)
    assert not kept and lost[f"line-1-of-{TRANSCRIPT}"].reason == "row not understood"


def test_only_the_sets_that_are_wanted_are_in_the_account(fake):
    found = fake.listed(subsets=("dev",))
    assert {u.subset for u in found.kept.values()} == {"dev"} and len(found.kept) == fake_aishell1.EACH
    assert found.reasons == {
        f"S0724_{fake_aishell1.NO_WAV}": "no recording",
        next(name for name in fake.excluded if name.startswith("line-")): "row not understood",
    }


def test_exclusions_say_whom_they_are_about(fake):
    lost = fake.listed().excluded
    assert {e.speaker for name, e in lost.items() if name.startswith("line-")} == {""}
    assert lost[fake_aishell1.NO_ROW].speaker == "S0002" and lost[fake_aishell1.NO_ROW].emotion == "Normal"
    packed = lost[f"S0003_BAC009{fake_aishell1.PACKED}W0122"]
    assert packed.speaker == "S0003" and packed.detail.endswith("no set in wav/ has a folder S0003")


def test_a_speaker_in_two_sets_is_looked_for_in_both(corpus):
    touch(corpus / "wav/dev/S0002/BAC009S0002W0002.wav")
    touch(corpus / TRANSCRIPT, f"{A} 打开\nBAC009S0002W0002 你好\nBAC009S0002W0003 再见\n{B} 你好\n")
    kept, lost, _ = listed(corpus)
    assert {u.name: u.subset for u in kept.values()} == {A: "train", "BAC009S0002W0002": "dev", B: "dev"}
    assert reasons(lost) == {"S0002_BAC009S0002W0003": "no recording"}


def test_a_link_out_of_the_corpus_is_refused(corpus, tmp_path_factory):
    outside = touch(tmp_path_factory.mktemp("outside") / "a.wav")
    path = corpus / f"wav/train/S0002/{A}.wav"
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(ValueError, match=r"leads out of"):
        listed(corpus)


def test_files_with_times_lie_beside_or_in_a_set_under_the_path_or_its_end(corpus, tmp_path_factory):
    sets = tmp_path_factory.mktemp("sets")
    touch(sets / f"mine/train/S0002/{A}.TextGrid")
    touch(sets / f"mine/{B}.TextGrid")
    touch(corpus / f"wav/dev/S0003/{B}.lab")
    kept, _, _ = listed(corpus, {"mine": sets / "mine"})
    assert {u.name: place(u.alignment) for u in kept.values()} == {
        A: ("mine", f"train/S0002/{A}.TextGrid"),
        B: ("mine", f"{B}.TextGrid"),
    }
    assert [place(u.alignment) for u in listed(corpus)[0].values()] == [None, ("", f"wav/dev/S0003/{B}.lab")]


def test_who_speaks(fake, corpus):
    assert aishell1.people(fake.delivered) == {
        "S0002": Person("female"),
        "S0009": Person("male"),
        "S0724": Person("male"),
    }
    assert aishell1.people(Delivered("A", corpus)) == {}
    touch(corpus / "speaker.info", "S0002 F\n")
    assert aishell1.people(Delivered("A", corpus)) == {"S0002": Person("female")}


def test_a_transcript_that_is_missing_is_told(corpus):
    (corpus / TRANSCRIPT).unlink()
    kept, lost, _ = listed(corpus)
    assert not kept and lost[TRANSCRIPT].reason == "no transcript"


def test_what_the_licence_allows_is_told():
    assert "Apache" in aishell1.LICENCE and "Shell" in aishell1.CREDIT
