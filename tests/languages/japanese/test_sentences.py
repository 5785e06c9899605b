"""Sentences whose phones and marks were worked out by hand, against the front end and the rules for the marks."""

from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import pytest
import yaml

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.front_end import FrontEnd
from koeru.languages.japanese.phones import ACCENTS, PAU, PHONES, SIL

TABLE = yaml.safe_load(Path(__file__).with_name("sentences.yaml").read_text("utf-8"))
SENTENCES = [
    pytest.param(sentence, id=f"{group}: {sentence['text']}") for group, rows in TABLE.items() for sentence in rows
]


@pytest.fixture(scope="module")
def front_end():
    with FrontEnd() as opened:
        yield opened


def shown(reading) -> str:
    """A reading as the table writes it: marks behind their phones, _ for pauses, sil by its mark alone."""
    words = []
    for phone, devoiced, accent in zip(reading.phones, reading.devoiced, reading.accents, strict=True):
        if phone not in (SIL, PAU):
            words.append(phone.upper() if devoiced else phone)
        if accent != "_" or phone == PAU:
            words.append(accent)
    return " ".join(words)


def side_by_side(wanted: str, got: str) -> str:
    """Two readings in two lines, one below the other."""
    one, other, columns = wanted.split(), got.split(), []
    for _, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        columns += zip_longest(one[a:b], other[c:d], fillvalue="")
    widths = [max(map(len, column)) for column in columns]
    lines = [" ".join(map(str.ljust, side, widths)) for side in zip(*columns, strict=True)]
    return f"wanted: {lines[0]}\ngot:    {lines[1]}"


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_reads_as_worked_out_by_hand(front_end, sentence):
    wanted = sentence.get("front_end", sentence["reading"])
    got = shown(read_labels(front_end.labels(sentence["text"])))
    assert got == wanted, f"{sentence['text']}\n{side_by_side(wanted, got)}"


def test_the_table_is_written_in_phones_and_marks_and_says_where_the_front_end_is_wrong():
    known = {*PHONES[1:], *ACCENTS[1:], *"AIUEO"} - {SIL, PAU}
    sentences = [sentence for rows in TABLE.values() for sentence in rows]
    assert len({sentence["text"] for sentence in sentences}) == len(sentences) >= 60
    for sentence in sentences:
        start, *inner, end = sentence["reading"].split()
        assert set(inner) <= known and start == "^" and end in "$?", sentence["text"]
        assert ("front_end" in sentence) == ("note" in sentence)
        assert sentence.get("front_end") != sentence["reading"]
    assert sum("front_end" in sentence for sentence in sentences) <= len(sentences) / 10
