"""A voice reads as the texts of its dataset were read, but for what its user says otherwise."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from koeru.config.rows import RowsError
from koeru.languages import language
from koeru.text.reading import TextError
from koeru.use.reading import Part, VoiceReader

TOLD = {
    "language": "japanese",
    "max_characters": 500,
    "iu": "iu",
    "nani": True,
    "sudachi": True,
    "vanilla": False,
    "dictionary": [["鴻巣", "コーノ'ス", "姓"], ["雲雀丘", "ヒバリガオカ"], ["AI", "アイ"]],
    "words": [["koeru", "コエル"], ["GitHub", "ギット"]],
    "corrections": {"一日。": "ツイタチ'", "雨が、 降る！雨が降る。": "ア'メガ/フ'ル、ア'メガ/フ'ル"},
}


@pytest.fixture(scope="module")
def reader():
    with VoiceReader(TOLD, "japanese", "voice") as opened:
        yield opened


def said(reader, text):
    return language("japanese").to_notation(reader.reading(text))


def test_options_words_and_corrections_of_the_dataset_are_those_of_the_voice(reader):
    assert said(reader, "そう言うと") == "ソオ'/イウ'ト"
    assert said(reader, "鴻巣の雲雀丘へ") == "コオノ'スノ/ヒバリガオカエ'"
    assert said(reader, "koeruとGitHub") == "コ'エルト/ギ'ット"
    assert said(reader, " 一日｡ ".replace("｡", "。")) == "ツイタチ'" and said(reader, "一日") == "イチニチ'"


def test_words_are_corrected_inside_a_text_and_kana_are_taken(reader):
    assert said(reader, "鴻巣の{雨|アメ}が") == "コオノ'スノ/アメガ'"
    assert reader.kana("ア'メ") == language("japanese").from_notation("ア'メ")
    with pytest.raises(TextError, match="no end or a second"):
        reader.reading("{雨|アメ")


def test_a_users_words_go_before_those_of_the_voice(reader, tmp_path):
    (tmp_path / "own.csv").write_text("word,reading\n鴻巣,コウノトリ\n小鳥遊,タカナ'シ,姓\n", "utf-8")
    (tmp_path / "words.csv").write_text("KOERU,コーエル\nai,エーアイ\n", "utf-8")
    with reader.with_files(tmp_path / "own.csv", tmp_path / "words.csv") as other:
        assert said(other, "鴻巣の小鳥遊") == "コウノトリノ'/タカナ'シ"
        assert (
            " ".join(other.reading("雲雀丘とkoeruとAI").phones[1:-1])
            == "h i b a r i g a o k a t o k o o e r u t o e e a i"
        )
        assert said(other, "一日。") == "ツイタチ'"
    assert said(reader, "鴻巣") == "コオノ'ス"
    with reader.with_files() as same:
        assert said(same, "鴻巣") == "コオノ'ス"


def test_what_is_wrong_in_a_users_file_names_it(reader, tmp_path):
    (tmp_path / "own.csv").write_text("鴻巣,鴻\n", "utf-8")
    with pytest.raises(RowsError, match=r"own\.csv, line 1: .*is no mora"):
        reader.with_files(tmp_path / "own.csv")
    with pytest.raises(RowsError, match=r"none\.csv: there is no such file"):
        reader.with_files(words=tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"tone": 1}, "read in ways that this koeru does not know: tone"),
        ({"language": "elvish"}, "there is no language 'elvish'"),
        ({"dictionary": [["雨"]]}, r"voice: the words of its dataset cannot be used: .*line 1"),
        ({"dictionary": [[]]}, "voice does not tell how its texts were read"),
        ({"words": [["a", 1]]}, "voice does not tell how its texts were read"),
        ({"corrections": {"雨": 1}}, "voice does not tell how its texts were read"),
    ],
)
def test_what_a_file_tells_wrongly_names_it(told, words):
    with pytest.raises(ValueError, match=words):
        VoiceReader(TOLD | told, "japanese", "voice")


def test_an_older_file_is_read_with_defaults_and_says_so_once(capsys):
    with VoiceReader(None, "japanese", "old.safetensors") as reader:
        assert said(reader, "そう言うと") == "ソオ'/ユウ'ト"
        with reader.with_files() as other:
            assert said(other, "鴻巣の")
    assert capsys.readouterr().err == (
        "old.safetensors does not tell how its texts were read: read with the defaults\n"
    )


def test_its_files_go_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with VoiceReader(TOLD, "japanese", "voice") as reader:
        assert any(tmp_path.rglob("*.csv"))
        assert said(reader, "鴻巣") == "コオノ'ス"
    with pytest.raises(ValueError, match="words of its dataset"):
        VoiceReader(TOLD | {"words": [["a", "漢"]]}, "japanese", "voice")
    assert not [*tmp_path.iterdir()]


def test_a_text_comes_sentence_by_sentence_and_what_cannot_be_read_is_told(reader):
    parts = list(reader.parts("……。雨が降る。\n♪♪\n\nПриветと言う。はい。"))
    assert [part.text for part in parts] == ["雨が降る。", "Приветと言う。", "はい。"]
    assert [part.pause for part in parts] == [0.5 + 0.9, 0.3, 0.0]
    assert "cannot read" in str(parts[1].reading) and isinstance(parts[1].reading, TextError)
    assert parts[0].reading == reader.reading("雨が降る。")
    assert list(reader.parts("……")) == list(reader.parts("")) == []


def test_a_corrected_text_is_one_part_and_long_sentences_several(reader):
    text = "雨が、 降る！雨が降る。"
    assert list(reader.parts(text)) == [Part(text, reader.reading(text), 0.0)]
    assert len(list(reader.parts([text]))) == 2
    assert len(list(reader.parts("長い" * 100))) > 1 and len(list(reader.parts("長い" * 100, longest=300))) == 1
    with VoiceReader(TOLD | {"max_characters": 10}, "japanese", "voice") as short:
        parts = list(short.parts("長い" * 20))
        assert len(parts) >= 4 and not any(isinstance(part.reading, TextError) for part in parts)


def test_pieces_are_drawn_as_they_are_needed(reader):
    drawn = []
    pieces = (drawn.append(number) or f"{number}番目の文です。\n" for number in range(2000))
    found = reader.parts(pieces)
    assert next(found).text == "0番目の文です。" and len(drawn) < 300


def test_signs_alone_are_spoken_or_lengthen_a_pause_but_are_no_error(reader):
    spoken = []
    for sign in (*"。、！？…・「」()♪★→※〜ー―–-~*#&%@$+=<>^|_/\\'\":;.,🎉", "！？", "……。", "{}", "℃"):
        first, *between, last = reader.parts(f"雨\n{sign}\n\n風")
        assert (first.text, last.text) == ("雨", "風")
        spoken += [part.text for part in between]
        assert first.pause == (0.5 if between else 1.4), sign
        assert not any(isinstance(part.reading, TextError) for part in between)
    assert {"%", "℃"} <= {*spoken} and not {*"。♪…「"} & {*spoken}


def test_several_threads_may_ask(reader):
    wanted = {f"{number}番です。": reader.reading(f"{number}番です。") for number in range(20)}
    found = {}
    threads = [threading.Thread(target=lambda text=text: found.update({text: reader.reading(text)})) for text in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == wanted


def test_nothing_heavy_is_imported():
    code = "import koeru.use.reading, sys; print({'torch', 'numpy', 'pydantic', 'pyopenjtalk'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout == "set()\n"
