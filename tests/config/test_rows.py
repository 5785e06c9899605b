"""Rows that people write down: which lines are rows, where they begin, and what is no file of rows."""

import pytest

from koeru.config.rows import RowsError, csv_rows


def test_rows_are_known_by_the_line_they_begin_in(tmp_path):
    (tmp_path / "a.csv").write_bytes('\ufeff a , b \r\n# a remark\r\n\r\n,\r\n"c\r\nc","d, e"\r\nf\r\n'.encode())
    assert csv_rows(tmp_path / "a.csv") == {1: ("a", "b"), 5: ("c\r\nc", "d, e"), 7: ("f",)}
    (tmp_path / "a.csv").write_bytes(b"")
    assert csv_rows(tmp_path / "a.csv") == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("あ,い".encode("cp932"), r"a\.csv is not UTF-8 .*: save it as UTF-8"),
        (b'a,b\n"c\nd",e\n"f"g,h\n', r"a\.csv, line 4: this is no CSV .* stands in quotes"),
        (None, r"a\.csv: there is no such file; leave the line of the configuration out where there is none"),
    ],
)
def test_what_is_no_file_of_rows(tmp_path, content, told):
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(RowsError, match=told):
        csv_rows(tmp_path / "a.csv")
    with pytest.raises(RowsError, match="directory"):
        csv_rows(tmp_path)
