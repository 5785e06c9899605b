"""A person's own words: what a file may say, what is refused in words, and how they are read."""

from types import SimpleNamespace

import pytest

from koeru.config.rows import RowsError
from koeru.languages import problems_of_files
from koeru.languages.japanese.dictionary import Entry, accent_of, read_dictionary, rows_concerning
from koeru.languages.japanese.front_end import ReadingFrontEnd

OPENJTALK = "雲雀丘,1353,1353,-3000,名詞,固有名詞,地域,一般,*,*,雲雀丘,ヒバリガオカ,ヒバリガオカ,4/6,C1"


@pytest.fixture
def written(tmp_path):
    def written(*lines):
        (tmp_path / "own.csv").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return tmp_path / "own.csv"

    return written


@pytest.mark.parametrize(
    ("reading", "nucleus", "moras"),
    [("コエル", 0, 3), ("コエ'ル", 2, 3), ("トーキョー’", 4, 4), ("きゃ'っと", 1, 3), ("ヴァイオリ'ン", 4, 5)],
)
def test_the_accent_stands_behind_its_mora(reading, nucleus, moras):
    assert accent_of(reading) == (nucleus, moras)


def test_entries_have_a_part_of_speech(written):
    path = written("# names", "word,reading", "鴻巣,コーノ'ス", '"A,B",エービ\'ー,名詞', OPENJTALK)
    first, second, third = read_dictionary(path)
    assert first == Entry("鴻巣", "コーノス", 3, 4, "名詞,固有名詞,一般,*")
    assert second == Entry("A,B", "エービー", 3, 4, "名詞,一般,*,*")
    assert ",".join(third) == OPENJTALK


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["鴻巣"], "line 1: a word and its reading are wanted"),
        (["鴻巣,"], "line 1: the reading is empty"),
        ([",コーノス"], "line 1: the word is empty"),
        (["鴻巣,鴻ノス"], "line 1: '鴻' in the reading '鴻ノス', its character 1, is no mora: write it in katakana"),
        (["鴻巣,コ''ス"], "has two ': a word falls once at most"),
        (["鴻巣,'コス"], "stands behind no mora"),
        (["鴻巣,キ'ョー"], "stands behind no mora"),
        (["鴻巣,コース,地命"], "there is no part of speech '地命'; did you mean '地名'?"),
        (["鴻巣,コース,地名,5"], "4 columns: a row is word,reading,part of speech"),
        (["鴻巣,コーノス", "鴻巣,コーノソー"], "鴻巣 stands in line 1 and, otherwise, in line 2: keep one of them"),
        (['"鴻巣,コーノス'], "this is no CSV"),
        ([OPENJTALK.replace("4/6", "7/6")], "column 14 of a row of OpenJTalk is nucleus/moras, such as 1/3, not '7/6'"),
        ([OPENJTALK.replace("-3000", "low")], "column 4 of a row of OpenJTalk is a whole number, not 'low'"),
        ([OPENJTALK.replace(",ヒバリガオカ", ",丘")], "column 12, the reading of a row of OpenJTalk: '丘'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(written, lines, told):
    path = written(*lines)
    with pytest.raises(RowsError) as error:
        read_dictionary(path)
    assert told in str(error.value) and str(path) in str(error.value)
    assert [f"languages.japanese: {problem}" for problem in error.value.problems] == problems_of_files(
        SimpleNamespace(languages={"japanese": {"dictionary": str(path), "words": ""}.items()}, spk={})
    )


def test_all_that_is_wrong_is_told_at_once(written):
    with pytest.raises(RowsError) as error:
        read_dictionary(written("鴻巣,xyz", "雲雀丘,ヒバ''リ"))
    assert len(error.value.problems) == 2


def test_what_is_no_file_or_no_utf_8_is_told(tmp_path):
    with pytest.raises(RowsError, match=r"own\.csv: there is no such file"):
        read_dictionary(tmp_path / "own.csv")
    (tmp_path / "own.csv").write_bytes("鴻巣,コーノス".encode("cp932"))
    with pytest.raises(RowsError, match=r"own\.csv is not UTF-8 .* save it as UTF-8"):
        read_dictionary(tmp_path / "own.csv")


def test_words_are_read_as_they_say_whatever_stands_beside_them(written):
    path = written("鴻巣,コーノ'ス,姓", "koeru,コエル", "R&B,アーレ'ンビー", "今日,コンニチ", OPENJTALK)
    with ReadingFrontEnd(dictionary=path) as reader:

        def phones(text):
            return " ".join(reader.reading(text).phones[1:-1])

        assert phones("鴻巣さん") == "k o o n o s u s a N"
        assert phones("KOERUでkoeruを") == phones("ケーオーイーアールユーで") + " k o e r u o"
        assert phones("R&B、R&D") == "a a r e N b i i pau a a r u a N d o d i i"
        assert phones("今日は") == "k o N n i ch i w a"
        assert phones("雲雀丘へ") == "h i b a r i g a o k a e"
        marks = reader.reading("鴻巣が").accents
        assert "".join(marks) == "^_[__]____$"


def test_rows_concern_the_texts_that_have_their_word(written, tmp_path):
    path = written("鴻巣,コーノ'ス", "ドル,ドルン", "ABC,アブク")
    (tmp_path / "words.csv").write_text("Koeru,コエル\nother,アザー\n", "utf-8")

    def concerned(*texts):
        rows = rows_concerning(path, tmp_path / "words.csv", texts)
        return [row[0] for row in rows["dictionary"]], [row[0] for row in rows["words"]]

    assert concerned("雨が降る。") == ([], [])
    assert concerned("鴻巣で", "ＡＢＣで") == (["鴻巣", "ABC"], [])
    assert concerned("$20で") == (["ドル"], [])  # as it is spoken
    assert concerned("KOERU") == ([], ["Koeru"])
    assert rows_concerning(None, None, ["鴻巣"]) == {"dictionary": [], "words": []}
