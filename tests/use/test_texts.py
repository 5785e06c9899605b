"""Texts as people hand them over: ids, places, tables, and what is wrong with them in words."""

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.use.texts import MOST_BYTES, STANDARD_INPUT, Line, Refused, TextsError, lines_of, numbered, rows_of


@pytest.fixture
def written(tmp_path):
    def written(content, name="table.csv", encoding="utf-8"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return tmp_path / name

    return written


def test_texts_and_lines_are_numbered(written):
    assert [line[:2] for line in numbered([" 雨。", "風。"])] == [("0001", "雨。"), ("0002", "風。")]
    path = written('\ufeff雨が降る。\r\n\n  \r#旅,"a"\r\n\u3000終わり', "lines.txt")
    assert list(lines_of(path)) == [
        Line("0001", "雨が降る。", place=f"line 1 of {path}"),
        Line("0002", '#旅,"a"', place=f"line 4 of {path}"),
        Line("0003", "終わり", place=f"line 5 of {path}"),
    ]
    assert list(lines_of(written("", "empty.txt"))) == []


def test_standard_input_is_a_file_too(monkeypatch):
    for read, content in ((lines_of, "雨。\n"), (rows_of, "text\n雨。\n")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode()), "ascii"))
        (line,) = read(STANDARD_INPUT)
        assert (line.id, line.text) == ("0001", "雨。") and line.place.endswith("of standard input")


def test_a_table_tells_who_says_what(written):
    path = written(
        "\ufeffemotion,id,text,speaker,speed\n"
        'Happy,a-1,"雨、\n「風」, ""嵐""。",Anna,1.5\n'
        "\n"
        ",,次。\n"
        "Sad,挨拶_３,三。,Bob,\n"
    )  # fmt: skip
    assert list(rows_of(path, ["speed"])) == [
        Line("a-1", '雨、\n「風」, "嵐"。', "", "Anna", "Happy", "", f"line 2 of {path}", {"speed": "1.5"}),
        Line("0002", "次。", place=f"line 5 of {path}"),
        Line("挨拶_３", "三。", "", "Bob", "Sad", "", f"line 6 of {path}"),
    ]
    path = written(
        "id\ttext\tkana\tbefore_emotion\nx\t\"a\",b\tア'メ\tSad\ny\t\tカ'サ\n".replace('"a"', "a"), "table.tsv"
    )
    assert [line[:6] for line in rows_of(path)] == [
        ("x", "a,b", "ア'メ", "", "", "Sad"),
        ("y", "", "カ'サ", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,", "there is no text"),
        ("../a,雨", "the id '../a' is no name of a file: it holds '/'"),
        ("..,雨", "it begins with a dot"),
        (".a,雨", "it begins with a dot"),
        ("a.,雨", "it ends with a dot"),
        ("C:\\a,雨", "it holds ':'"),
        ("a\x07,雨", r"it holds '\x07'"),
        ("NUL.wav,雨", "Windows has a device of this name"),
        ("声" * 67 + ",雨", f"it has 201 bytes, and {MOST_BYTES} are allowed"),
        ("One,雨", "line 2 has the id One already"),
        ("が,雨", "line 3 has the id が already"),
        ("a,雨,風", "it has 1 columns more than the first line: a text with a comma stands in quotes"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_refused_and_the_others_are_not(written, row, reason):
    path = written(f"id,text\none,雨\nか\u3099,雨\n{row}\nlast,雨\n")
    first, second, refused, last = rows_of(path)
    assert (first.id, second.id, last.id) == ("one", "か\u3099", "last")
    assert isinstance(refused, Refused) and refused.place == f"line 4 of {path}"
    assert refused.reason.endswith(reason)


def test_ids_by_number_are_those_of_rows_and_may_be_taken(written):
    lines = list(rows_of(written("id,text\n0002,一\n,二\n,三\n")))
    assert [lines[0].id, lines[2].id] == ["0002", "0003"]
    assert "line 2 has the id 0002 already" in lines[1].reason


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", r"table\.csv is empty: its first line names the columns"),
        ("\n\n", r"table\.csv is empty"),
        ("id,txt\na,雨", r"line 1 of .*table\.csv: .* there is none 'txt'; did you mean 'text'\?"),
        ("雨が降る。\n", "the first line names the columns, such as id,text, and there is none '雨が降る。'"),
        ("id,text,text\n", "line 1 of .*: the column text is there twice"),
        ("id,speaker\n", "line 1 of .*: there is no column text, nor kana"),
        ('id,text\na,雨\nb,"風\n', r"line 3 of .*: this is no CSV"),
        ("id,text\na,雨\n".encode("cp932"), r"line 2 of .* is not UTF-8, but perhaps Shift_JIS.*: save it as UTF-8"),
        ("id,text\na,雨\n".encode("utf-16"), r"line 1 of .* is not UTF-8, but UTF-16: save"),
        (b"id,text\na,\x81\n", r"line 2 of .* is not UTF-8: save it as UTF-8"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_told_with_its_line(written, content, told):
    with pytest.raises(TextsError, match=told):
        list(rows_of(written(content)))


def test_a_file_that_is_not_there_is_told(tmp_path, written):
    written("text\n")
    with pytest.raises(TextsError, match=r"tabel\.csv: there is no such file; did you mean 'table\.csv'\?"):
        list(rows_of(tmp_path / "tabel.csv"))
    with pytest.raises(TextsError, match=r"Is a directory"):
        list(lines_of(tmp_path))


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_an_id_never_leaves_its_folder(tmp_path_factory, own):
    folder = tmp_path_factory.mktemp("ids")
    quoted = own.replace('"', '""')
    (folder / "table.csv").write_bytes(f'id,text\r\n"{quoted}",雨\r\n'.encode())
    try:
        (line,) = rows_of(folder / "table.csv")
    except TextsError:
        return
    if isinstance(line, Line):
        file = folder / f"{line.id}.wav"
        file.touch()
        assert file.parent == folder and file in set(folder.iterdir()) and line.id in (own.strip(), "0001")


def test_a_long_table_is_read_as_it_is_needed(tmp_path):
    path = Path(tmp_path / "long.csv")
    path.write_text("text\n" + "雨が降る。\n" * 50_000, "utf-8")
    tracemalloc.start()
    rows = rows_of(path)
    assert next(rows).id == "0001" and tracemalloc.get_traced_memory()[1] < 200_000
    assert sum(1 for _ in rows) == 49_999
    tracemalloc.stop()
