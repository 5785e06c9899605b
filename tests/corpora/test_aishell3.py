"""AISHELL-3 as it is delivered: characters and pinyin take turns, people are described, most speak in both sets."""

import pytest
from fakes import aishell3 as fake_aishell3
from fakes import mandarin
from fakes.checks import sorted_out, touch, without

from koeru.corpora import aishell3
from koeru.corpora.delivered import Delivered
from koeru.corpora.people import Person
from koeru.corpora.selection import Selection

ROW = "SSB00050001.wav\t"


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_aishell3.write(tmp_path_factory.mktemp("aishell3"))


def listed(root, row, **filters):
    touch(root / "train/wav/SSB0005/SSB00050001.wav")
    touch(root / "train/content.txt", f"{row}\n")
    return sorted_out(aishell3.utterances(Delivered("A", root), Selection(**filters)))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded


def test_the_pinyin_is_where_kana_are_and_no_character_of_the_text(fake):
    found = fake.listed().kept["SSB0005_SSB00050002"]
    assert (found.text, found.kana) == (mandarin.text(1), mandarin.pinyin(1))
    assert (found.speaker, found.subset, found.name) == ("SSB0005", "train", "SSB00050002")
    assert found.wav.path == "train/wav/SSB0005/SSB00050002.wav"
    for utterance in fake.listed().kept.values():
        assert not set(utterance.text) & set("abcdefghijklmnopqrstuvwxyz0123456789 ")


def test_a_syllable_of_two_characters(fake):
    name, _, text, pinyin = fake_aishell3.ERHUA
    found = fake.listed().kept[f"SSB0009_{name}"]
    assert (found.text, found.kana) == (text, pinyin)


@pytest.mark.parametrize(
    "said", ["广 guang3 州 zhou1", "广 guang3  州 zhou1 ", "广\tguang3\t州 zhou", "女 nü3", "女 nu:3"]
)
def test_rows_that_are_understood(tmp_path, said):
    kept, lost, _ = listed(tmp_path, ROW + said)
    assert set(kept) == {"SSB0005_SSB00050001"} and not lost


@pytest.mark.parametrize("said", ["广 guang3 州", "广 州 guang3 zhou1", "guang3 广", "广 guang3 州 zhou 1", "广州 3"])
def test_a_character_without_its_pinyin_moves_no_other(tmp_path, said):
    kept, lost, _ = listed(tmp_path, ROW + said)
    assert not kept and lost["line-1-of-train/content.txt"].reason == "row not understood"


@pytest.mark.parametrize("name", ["SSB0005001.wav", "../SSB00050001.wav", "SSB00050001/x.wav"])
def test_names_that_are_none(tmp_path, name):
    _, lost, _ = listed(tmp_path, f"{name}\t广 guang3")
    assert lost["line-1-of-train/content.txt"].reason == "row not understood"


def test_a_row_that_says_nothing_is_an_empty_text(tmp_path):
    assert {e.reason for e in listed(tmp_path, ROW)[1].values()} == {"empty text"}


def test_the_sets_are_subsets_and_people_speak_in_both(fake):
    train, test = (fake.listed(subsets=(name,)).kept for name in ("train", "test"))
    assert not set(train) & set(test) and set(train) | set(test) == fake.kept
    assert {u.speaker for u in train.values()} & {u.speaker for u in test.values()} == {"SSB0005"}


def test_a_set_without_its_transcript_is_told_and_each_recording_with_its_speaker(fake):
    with without(fake.one_of_each["transcript"]):
        found = fake.listed(subsets=("test",))
    assert not found.kept and found.excluded["test/content.txt"].reason == "no transcript"
    lost = [e for e in found.excluded.values() if e.reason == "no transcript row"]
    assert len(lost) == 2 * fake_aishell3.EACH["test"] and {e.speaker for e in lost} == {"SSB0005", "SSB0393"}


def test_who_speaks(fake, tmp_path):
    assert aishell3.people(fake.delivered) == {
        "SSB0005": Person("female", "B", "north"),
        "SSB0009": Person("male", "C", "south"),
        "SSB0393": Person("female", "A", "others"),
    }
    assert aishell3.people(Delivered("A", tmp_path)) == {}


def test_what_the_licence_allows_is_told():
    assert "Apache" in aishell3.LICENCE and "Shell" in aishell3.CREDIT
