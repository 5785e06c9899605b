"""Who made a file of labels."""

from pathlib import Path

import pytest

from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import LAB, TEXTGRID
from koeru.corpora.provenance import Provenance, provenance, usual

HAND, MACHINE = Provenance.by("by_hand"), Provenance.by("machine")


@pytest.mark.parametrize(
    ("kind", "path", "made"),
    [
        ("jsut", "basic5000/lab/BASIC5000_0001.lab", MACHINE),
        ("jsut", "labels/basic5000/BASIC5000_0001.lab", HAND),
        ("jsut", "basic5000/TextGrid/BASIC5000_0001.TextGrid", HAND),
        ("jsss", "short-form/basic5000/lab/BASIC5000_0001.lab", MACHINE),
        ("jsss", "basic5000/lab/BASIC5000_0001.lab", MACHINE),
        ("jvs", "jvs001/parallel100/lab/mon/VOICEACTRESS100_001.lab", MACHINE),
        ("jvs", "jvs001/parallel100/TextGrid/VOICEACTRESS100_001.TextGrid", HAND),
        ("studies", "Long_dialogue/LD01/full/LD01-Dialogue-01-Teacher-Turn-01.lab", HAND),
        ("folder", "lab/a.lab", HAND),
        ("ita", "Anna/lab/EMOTION100_001.lab", HAND),
    ],
)
def test_the_corpus_s_own_files(kind, path, made):
    assert provenance({"format": kind, "sets": {}}, {"folder": "", "path": path}) == made


def test_files_of_a_set_are_what_its_entry_says():
    corpus = {"format": "jsut", "sets": {"jsut-lab": {"made": "by_hand", "gives": ["times", "reading"]}}}
    found = provenance(corpus, {"folder": "jsut-lab", "path": "basic5000/lab/BASIC5000_0001.lab"})
    assert found == Provenance("by_hand", frozenset({"times", "reading"})) and found.by_hand
    assert not usual("jsut-lab").by_hand and usual("mine") == HAND


def test_where_times_are_taken_from():
    sets = {name: Path(name) for name in ("mfa", "hand", "reads")}
    made = {"mfa": MACHINE, "hand": HAND, "reads": Provenance("by_hand", frozenset({"reading"}))}
    delivered = Delivered("A", Path("a"), sets, made)
    grids = [(TEXTGRID, "hand"), (TEXTGRID, "")]
    assert delivered.timed() == [*grids, (TEXTGRID, "mfa"), (LAB, "mfa"), (LAB, "hand"), (LAB, "")]
    assert delivered.giving("reading") == ["hand", "reads"]


def test_a_set_may_say_who_made_the_corpus_s_own_labels():
    delivered = Delivered("A", Path("a"), {"aligned": Path("a")}, {"aligned": MACHINE})
    assert delivered.timed() == [(TEXTGRID, "aligned"), (LAB, "aligned")] and delivered.own == []
