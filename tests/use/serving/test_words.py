"""The user's words: kept in files, checked before, and read with the next text."""

import json
from uuid import UUID

import pytest

from koeru.languages import language
from koeru.languages.japanese.dictionary import read_dictionary
from koeru.use.serving.query import RequestError
from koeru.use.serving.words import UserDictionary, Word, word_of

OWN = language("japanese")


@pytest.fixture
def words(tmp_path) -> UserDictionary:
    return UserDictionary(tmp_path / "new" / "words.json", OWN)


def word(surface: str = "koeru", pronunciation: str = "コエル", accent_type: int = 2, **more) -> Word:
    return Word(surface=surface, pronunciation=pronunciation, accent_type=accent_type, **more)


def test_what_is_added_is_told_and_kept(words):
    assert words.told() == {} and words.csv is None
    key = words.add(word(priority=7, word_type="SUFFIX"))
    told = words.told()[key]
    assert (told.surface, told.pronunciation, told.yomi) == ("ｋｏｅｒｕ", "コエル", "コエル")
    assert (told.accent_type, told.mora_count, told.priority) == (2, 3, 7)
    assert (told.part_of_speech, told.part_of_speech_detail_1, told.part_of_speech_detail_3) == ("名詞", "接尾", "*")
    again = UserDictionary(words.path, OWN)
    assert again.told() == words.told()
    assert [entry[:4] for entry in read_dictionary(again.csv)] == [("ｋｏｅｒｕ", "コエル", 2, 3)]


def test_readers_say_it_as_the_words_tell(words):
    words.add(word("柴犬号", "シバケンゴー", 0))
    with OWN.reader(dictionary=words.csv) as reader:
        assert OWN.to_notation(reader.reading("柴犬号")) == "シバケンゴオ'"


def test_signs_of_csv_in_words_are_no_signs(words):
    words.add(word('#x, "y"', "シャープ", 3))
    words.add(word("word", "ワード", 1))
    assert [entry[0] for entry in read_dictionary(words.csv)] == ["＃ｘ，\u3000＂ｙ＂", "ｗｏｒｄ"]


@pytest.mark.parametrize(
    ("kana", "accent", "row"),
    [
        ("コーヒー", 3, "コーヒ'ー"),
        ("キャット", 1, "キャ'ット"),
        ("ヴァイオリン", 5, "ヴァイオリン'"),
        ("はし", 0, "はし"),
    ],
)
def test_the_accent_is_written_behind_its_mora(words, kana, accent, row):
    words.add(word("語", kana, accent))
    assert row in words.csv.read_text("utf-8")


def test_words_are_changed_and_removed(words):
    key, version = words.add(word()), words.version
    words.change(key, word(pronunciation="コエルウ", accent_type=0))
    assert words.told()[key].pronunciation == "コエルウ" and words.version > version
    words.remove(key)
    assert UserDictionary(words.path, OWN).told() == {} and words.csv is None
    for unknown in (lambda: words.remove(key), lambda: words.change(key, word())):
        with pytest.raises(RequestError, match=f"there is no word '{key}'"):
            unknown()


def test_many_are_taken_over_or_under_those_that_are_there(words):
    key = words.add(word())
    other = UUID(int=5)
    told = words.told()[key]
    new = {UUID(key): word_of(told.model_copy(update={"accent_type": 1})), other: word("語", "ゴ", 1)}
    words.take(new, override=False)
    assert [words.told()[str(k)].accent_type for k in new] == [2, 1]
    words.take(new, override=True)
    assert [words.told()[str(k)].accent_type for k in new] == [1, 1]
    with pytest.raises(RequestError, match="no part of speech 記号,一般"):
        word_of(told.model_copy(update={"part_of_speech": "記号", "part_of_speech_detail_1": "一般"}))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (word(pronunciation="コエ漢"), "'漢' cannot be read"),
        (word(pronunciation="コ'エル"), "kana alone are wanted; the accent is told apart"),
        (word(pronunciation="コ/エ"), "kana alone are wanted"),
        (word(accent_type=4), "'コエル' has 3 moras: it cannot fall behind mora 4"),
        (word(surface="a\nb"), "is no word"),
        (word(surface=" "), "is no word"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_changes(words, wrong, message):
    words.add(word())
    before = words.path.read_bytes(), words.csv.read_bytes(), words.version
    with pytest.raises(RequestError, match=message):
        words.add(wrong)
    with pytest.raises(RequestError, match=message):
        words.take({UUID(int=1): word("語", "ゴ", 1), UUID(int=2): wrong}, override=True)
    assert (words.path.read_bytes(), words.csv.read_bytes(), words.version) == before


def test_a_file_of_something_else_is_left_alone(tmp_path):
    path = tmp_path / "words.json"
    path.write_text(json.dumps({"a": 1}))
    with pytest.raises(ValueError, match=r"words\.json is no dictionary that koeru has written: move it away"):
        UserDictionary(path, OWN)
    assert json.loads(path.read_text()) == {"a": 1}
    with pytest.raises(
        ValueError, match=r"words\.csv: the words are kept as JSON, with a CSV file beside it: end it with"
    ):
        UserDictionary(tmp_path / "words.csv", OWN)
