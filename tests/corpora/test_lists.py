"""Lists of what is said, in a folder of recordings: which file is one, what it may look like, and what is refused."""

import pytest
from fakes.checks import in_folder as listed
from fakes.checks import reasons, texts, touch, two_recordings


@pytest.fixture
def corpus(tmp_path):
    return two_recordings(tmp_path / "corpus")


# ---- which file is the list ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["said.csv"], "said.csv"),
        (["a b.txt", "README.txt", "LICENCE.txt", "license_ja.txt", "notice.csv", "Readme.ja.txt"], "a b.txt"),
        (["metadata.tsv", "metadata.old.csv", "third.txt"], "metadata.tsv"),
        (["list.txt", "list.md", "list.json"], "list.txt"),
    ],
)
def test_the_list_is_the_only_one_or_has_the_name(corpus, names, chosen):
    for name in names:
        touch(corpus / name, "c|いいえ。\n")
    separator = "\t" if chosen.endswith("tsv") else "|"
    touch(corpus / chosen, f"id{separator}text\na{separator}はい。\nb{separator}はい。\n")
    assert set(listed(corpus)[0]) == {"MINE_a", "MINE_b"}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "holds no .csv, .tsv, .txt or .list file"),
        (["README.txt"], "holds no .csv, .tsv, .txt or .list file"),
        (["a.csv", "b.txt"], "holds a.csv, b.txt"),
        (["metadata.csv", "metadata.txt"], "holds metadata.csv, metadata.txt"),
    ],
)
def test_it_must_be_clear_which_file_is_the_list(corpus, names, told):
    for name in names:
        touch(corpus / name)
    with pytest.raises(ValueError, match=rf"corpora\.MINE: .*{told}; name the list metadata\.csv"):
        listed(corpus)


# ---- what a list says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", "id,text\na,はい。\nb,いいえ。\n"),
        ("x.csv", '\ufeff\r\nText , ID\r\nはい。,a\r\n\r\n , \r\n"いいえ。",b.wav\r\n,\r\n'),
        ("x.csv", '"id","text"\n"a","はい。"\n"b","いいえ。"'),
        ("x.tsv", "id\ttext\na\tはい。\nb\tいいえ。\n"),
        ("x.tsv", "turn\tid\ttext\tkana\n\ta\tはい。\t\n\tb\tいいえ。\t\n"),
        ("x.txt", "a|はい。\nb|いいえ。\n"),
        ("x.txt", "text|id\nはい。| a\n\n いいえ。|b\n"),
        ("x.csv", "a|はい。\nb|いいえ。\n"),
        ("x.tsv", "id|text\na|はい。\nb|いいえ。\n"),
        ("x.CSV", "id;text\na;はい。\nb;いいえ。\n"),
        ("x.csv", 'text;id\n"はい。";a\nいいえ。;b\n'),
        ("x.csv", "a,はい。\nb,いいえ。\n"),
        ("x.csv", "a;はい。\nb;いいえ。\n"),
        ("x.txt", "a\tはい。\nb\tいいえ。\n"),
        ("x.list", "a.wav\tはい。\nb.WAV\tいいえ。\n"),
        ("x.txt", "wavs/a.wav|はい。\n./b|いいえ。\n"),
        ("x.txt", "/home/me/voice/wavs/a.wav|はい。\n/home/me/voice/wavs/b.wav|いいえ。\n"),
        ("x.txt", "~/a.wav|はい。\n~/b.wav|いいえ。\n"),
        ("x.csv", "D:\\voice\\wavs\\a.wav,はい。\nD:\\voice\\wavs\\b.wav,いいえ。\n"),
        ("x.csv", "corpus/wavs/a.flac,はい。\ncorpus/wavs/b.flac,いいえ。\n"),
    ],
)
def test_lists_that_say_the_same(corpus, name, content):
    touch(corpus / name, content)
    kept, lost, remarks = listed(corpus)
    assert texts(kept) == {"MINE_a": "はい。", "MINE_b": "いいえ。"}
    assert not lost and not remarks


@pytest.mark.parametrize("content", ["id\na\nb.wav\n", "speaker,id\n,a\n,b\n", "id|emotion\na|\nb|\n"])
def test_a_list_may_tell_no_texts(corpus, content):
    touch(corpus / "x.csv", content)
    kept, lost, remarks = listed(corpus)
    assert texts(kept) == {"MINE_a": "", "MINE_b": ""} and not lost
    assert remarks == ["x.csv: has no column text: only a dataset with labels.times: none can be made of it"]


def test_shift_jis_is_read_and_remarked(corpus):
    (corpus / "x.csv").write_bytes("id,text\na,晴れです。\nb,雨です。\n".encode("cp932"))
    kept, _, remarks = listed(corpus)
    assert texts(kept) == {"MINE_a": "晴れです。", "MINE_b": "雨です。"}
    assert remarks == ["x.csv: is not UTF-8; read as Shift_JIS"]


def test_unknown_columns_are_told_once_and_no_column_may_come_twice(corpus):
    touch(corpus / "x.csv", "id,text,notes,,Text level\na,はい。,1,2,3\nb,はい。,1,2,3\n")
    assert listed(corpus)[2] == ["x.csv: columns that koeru does not know, and leaves out: 'notes', '', 'text level'"]
    touch(corpus / "x.csv", "id,text,emotoin\na,はい。,Sad\nb,はい。,Sad\n")
    assert listed(corpus)[2][0].endswith("leaves out: 'emotoin' (did you mean 'emotion'?)")
    touch(corpus / "x.csv", "id,text,TEXT\na,はい。,いいえ。\n")
    with pytest.raises(ValueError, match=r"x\.csv has the column text twice"):
        listed(corpus)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.txt", "a|はい。|x\nb|はい。\n", "is not id|text: 'a|はい。|x'"),
        ("x.txt", "a はい。\nb|はい。\n", "is not id|text: 'a はい。'"),
        ("x.csv", "id,text\n\nb,はい。\na,はい,です。\n", "is not id,text: 'a,はい,です。'"),
        (
            "x.csv",
            "a,はい。\nb|はい。\n",
            "is not id|text: 'a,はい。'; where there are other columns, the first line names them: id, text, speaker,",
        ),
        ("x.csv", "id,text,turn\na,はい。,zwei\nb,はい。,2\n", "a row whose turn is a number from 0: 'zwei'"),
        ("x.csv", "id,text,turn\na,はい。,-1\nb,はい。,2\n", "a row whose turn is a number from 0: '-1'"),
        ("x.csv", 'id,text\nb,はい。\na,"はい。\n', "a row whose quotes are balanced"),
        ("x.csv", 'id,text\na,"はい"。\nb,はい。\n', "a row whose quotes are balanced"),
    ],
)
def test_a_row_that_is_not_understood(corpus, name, content, told):
    touch(corpus / name, content)
    kept, lost, _ = listed(corpus)
    number = [line[0] for line in content.splitlines(keepends=True)].index("a") + 1
    assert set(kept) == {"MINE_b"}
    assert reasons(lost) == {
        f"line-{number}-of-{name}": "row not understood",
        "wavs/a.wav": "no transcript row",
    }
    assert told in lost[f"line-{number}-of-{name}"].detail


def test_rows_are_placed_by_the_line_on_which_they_begin(corpus):
    touch(corpus / "x.csv", 'id,text\n\na,"はい。\n\nはい。"\nc,"い\nいえ。"\nd\n')
    kept, lost, _ = listed(corpus)
    assert texts(kept) == {"MINE_a": "はい。\n\nはい。"}
    assert lost["MINE_c"].detail.startswith("line 6 of x.csv has no ")
    assert "line-8-of-x.csv" in lost
