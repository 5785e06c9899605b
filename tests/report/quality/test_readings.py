"""How readings are counted, listed and offered for correction."""

import csv
from types import SimpleNamespace

import pytest
from document import Document

from koeru.graph.store import Excluded
from koeru.report.quality.dataset import LISTED
from koeru.report.quality.html import quality_page
from koeru.report.quality.readings import Readings, correction

DETAIL = "text and recording have different phones: i / e at phone 2 (…)\ntext:      h [i]\nrecording: h [e]"


def record(name, means="as read", spread=0, remarks=(), **more):
    """A record of the labels stage."""
    own = {"id": name, "utterance": name.partition("~")[0], "speaker": "A", "text": f"文{name}", "phones": ["a", "i"]}
    own |= {"reading": "front end", "times": "TextGrid", "substitutions": 0, "kana": "ア'イ", "heard": ""}
    return own | {"means": means, "spread": spread, "remarks": list(remarks)} | more


def gathered(*records, excluded=()):
    ids = [own["id"] for own in records] + [lost.id for lost in excluded]
    of = {name: name.partition("~")[0] for name in ids}
    shard = SimpleNamespace(
        records=lambda stage: list(records),
        excluded=lambda stage: list(excluded),
        utterances={name: {"id": name, "corpus": "C", "text": f"文{name}"} for name in of.values()},
        segments={name: {"id": name, "utterance": of[name], "start": 0, "stop": 10} for name in ids},
        recordings={name: {"id": name, "file": f"wav/{name}.wav"} for name in of.values()},
    )
    rows = []
    readings = Readings(lambda *cells: rows.append(cells))
    readings.add(shard)
    return readings, rows


def test_segments_are_counted_by_means_and_by_times_that_were_spread():
    records = [record("a"), record("b", "options"), record("c", "words", 3), record("d", "", 1), record("e", "words")]
    (row,) = gathered(*records)[0].reconciled()
    assert row.means == {"as read": 1, "options": 1, "words": 2} and row.spread == 2
    assert (row.compared, row.agreed, row.readings) == (5, 5, {"front end": 5})


def test_all_that_follow_are_in_the_table_and_replaced_words_are_listed_to_listen_to():
    readings, rows = gathered(record("a"), record("b", ""), record("c", "n-best"), record("d~01", "words"))
    assert rows == [
        ("readings.tsv", "c", "文c", "n-best", "ア'イ", "a i", "c,ア'イ"),
        ("readings.tsv", "d~01", "文d~01", "words", "ア'イ", "a i", "d,ア'イ"),  # the utterance is corrected
    ]
    (found,) = readings.followed
    assert (found.id, found.correction, found.audio) == ("d~01", "d,ア'イ", readings.cuts[0].path)
    many = gathered(*(record(f"x{number}", "words") for number in range(LISTED + 5)))
    assert len(many[0].followed) == len(many[0].cuts) == LISTED and len(many[1]) == LISTED + 5


def test_a_reading_that_is_not_what_a_machine_aligned_is_listed_with_what_that_read():
    readings, rows = gathered(record("a", spread=2, heard="e i"), record("b", "n-best", 1, heard="o i"))
    assert rows[0] == ("readings.tsv", "a", "文a", "times spread", "ア'イ", "e i", "a,ア'イ")
    assert rows[1][3] == "n-best"
    assert [(found.id, found.means, found.phones) for found in readings.followed] == [("a", "times spread", ["e", "i"])]


@pytest.mark.parametrize("reason", ["readings differ", "another sentence"])
def test_what_differs_is_listed_with_both_sides_and_the_line_that_would_keep_it(reason):
    told = Excluded("a", reason, f"{DETAIL}\nkana:      ヘ'エ、ヘ", 1.0, "A", "Normal")
    untold = Excluded("b", reason, DETAIL, 1.0, "A", "Normal")
    readings, rows = gathered(excluded=[told, untold])
    assert [item.correction for item in readings.differing] == ["a,ヘ'エ、ヘ", "b,"]
    assert rows[0] == ("readings.tsv", "a", "文a", reason, "h i", "h e", "a,ヘ'エ、ヘ")
    assert readings.differing[0].columns == [("h", "h"), ("i", "e")]


def test_remarks_are_counted_by_their_kind_with_examples():
    records = [record(f"a{number}", remarks=[f"not spoken: '{number}'"]) for number in range(7)]
    records.append(record("b", remarks=["read otherwise: ½", "not spoken: '★'"]))
    spoken, otherwise = gathered(*records)[0].remarked_texts()
    assert (spoken.kind, spoken.count, len(spoken.examples)) == ("not spoken", 8, 5)
    assert spoken.examples[0] == ("a0", "文a0", "not spoken: '0'")
    assert (otherwise.kind, otherwise.examples) == ("read otherwise", [("b", "文b", "read otherwise: ½")])


def test_a_line_to_paste_is_csv_whatever_stands_in_it():
    for kana in ("ア'イ", "ア,イ", 'ア"イ'):
        assert next(csv.reader([correction("a", kana)])) == ["a", kana]


def test_the_page_has_the_lines_a_button_for_each_and_what_is_not_spoken(quality):
    page = quality_page(quality)
    lines = [attributes["data-copy"] for tag, attributes in Document(page).tags if "data-copy" in attributes]
    assert lines == [quality.differing[0].correction, quality.followed[0].correction]
    text = Document(page).text
    assert "ナガタニサン、キョ'ーワ" in text and "not spoken" in text and "雨★です。" in text
    assert "Times spread" in text and "n-best another guess of the front end 3" in text
