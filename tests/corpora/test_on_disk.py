"""Where corpora lie, how large they are, and what is said when one is missing or has changed."""

import json
import os
from pathlib import Path

import yaml
from configured import graph_of

from koeru.corpora.on_disk import (
    all_delivered,
    difference,
    files_below,
    missing,
    missing_corpus,
    size_on_disk,
    sizes_when_listed,
)

CONFIG = """
corpora:
  A:
    format: studies
    path: corpora/A
    labels: [{name: hand, path: labels/A, made: by_hand}]
    source: ask the laboratory
  B: {format: studies, stand_in: {minutes: 2}}
  C: {format: folder, path: corpora/C}
spk:
  voice: {corpora: [A, B]}
"""


def graph():
    return graph_of(yaml.safe_load(CONFIG))


def write(path, content=b"1234"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_every_corpus_has_its_place_also_one_that_no_dataset_takes():
    places = all_delivered(graph(), Path("store"))
    assert places["A"].root == Path("corpora/A") and places["A"].labels == {"hand": Path("labels/A")}
    assert places["B"].root == Path("store/stand_in", graph().stand_in["B"].key, "corpus")
    assert places["C"].root == Path("corpora/C") and places["C"].labels == {}


def test_all_files_below_the_folders_are_counted(tmp_path):
    for path, size in (("A/a.wav", 3), ("A/deep/er/b.txt", 5), ("labels/x.lab", 7)):
        write(tmp_path / path, bytes(size))
        os.utime(tmp_path / path, ns=(0, 10 * size))
    for path in ("A/._a.wav", "A/.DS_Store", "A/__MACOSX/b.wav", "A/.git/c.wav"):
        write(tmp_path / path)
    assert size_on_disk(tmp_path / "A", tmp_path / "labels") == {"files": 3, "bytes": 15, "times": 150}
    assert size_on_disk(tmp_path / "none") == {"files": 0, "bytes": 0, "times": 0}
    assert {Path(path).name for path, _ in files_below(tmp_path)} == {"a.wav", "b.txt", "x.lab"}


def test_links_are_counted_also_those_that_lead_nowhere_or_in_a_circle(tmp_path):
    write(tmp_path / "outside.wav", bytes(1000))
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "a.wav").symlink_to(tmp_path / "outside.wav")
    (tmp_path / "A" / "b.wav").symlink_to("gone")
    (tmp_path / "A" / "c.wav").symlink_to("c.wav")
    size = size_on_disk(tmp_path / "A")
    assert (size["files"], size["bytes"]) == (3, 1000 + len("gone") + len("c.wav"))


def test_what_is_missing_is_told_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = graph().data["voice"].parents["utterances"].settings
    corpus, labels = missing(settings)
    assert corpus == missing_corpus("A", "corpora/A", "ask the laboratory")
    for words in (str(tmp_path / "corpora/A"), "ask the laboratory", "corpora.A.path", "make demo"):
        assert words in corpus
    assert "corpora.A.labels.hand" in labels and str(tmp_path / "labels/A") in labels
    assert "says nothing about where" in missing_corpus("A", "none", "")
    for folder in ("corpora/A", "labels/A"):
        Path(folder).mkdir(parents=True)
    assert missing(settings) == []


def test_listings_that_are_finished_tell_the_sizes_they_found(tmp_path):
    one, other = {"files": 1, "bytes": 2}, {"files": 3, "bytes": 4}
    manifests = [tmp_path / f"{n}.json" for n in range(4)]
    for path, sizes in zip(manifests, ({"A": one}, {"A": one, "B": other}, {"A": other}), strict=False):
        path.write_text(json.dumps({"corpora": sizes}))
    assert sizes_when_listed(manifests) == {"A": [one, other], "B": [other]}


def test_a_difference_is_told_and_equality_is_not():
    now, before = {"files": 3, "bytes": 30, "times": 7}, {"files": 2, "bytes": 20, "times": 7}
    assert difference("A", [], now) == difference("A", [now], now) == ""
    told = "corpora.A: 2 files, 20 bytes when listed; now 3 files, 30 bytes. Raise its revision to take the change in"
    assert difference("A", [before], now) == difference("A", [now, before], now) == told


def test_a_change_to_the_same_size_is_told_by_the_times(tmp_path):
    write(tmp_path / "A" / "a.wav", b"1234")
    before = size_on_disk(tmp_path / "A")
    write(tmp_path / "A" / "a.wav", b"4321")
    os.utime(tmp_path / "A" / "a.wav", ns=(0, 1))
    now = size_on_disk(tmp_path / "A")
    told = difference("A", [before], now)
    assert told.startswith("corpora.A: files were changed or copied since it was listed, to the same sizes.")
    assert "--config verify=yes" in told and "raise its revision" in told
    assert difference("A", [{"files": 1, "bytes": 4}], now) == ""  # a listing of before times were kept
