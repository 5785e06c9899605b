"""Views: replaced whole, true to their key, and never over a stranger's file."""

import json
import os

import pytest
import yaml

from koeru.graph.store import Place, Store, write_json
from koeru.graph.view import mark, show, strangers, with_names

KEYS = {"old": "0" * 16, "new": "1" * 16}


@pytest.fixture
def store(tmp_path):
    """Two nodes of which a view can show one."""
    store = Store(tmp_path / "store")
    for name, key in KEYS.items():
        folder = store.folder(Place("dataset", key))
        (folder / "listen").mkdir(parents=True)
        (folder / "quality.html").write_text(f"<h1>{mark('dataset', key)}</h1> from {mark('train', '2' * 16)}", "utf-8")
        (folder / "listen" / f"{name}.wav").write_bytes(name.encode())
        (folder / "metrics.json").write_text(json.dumps({"mark": "[[dataset]]"}))
        write_json(folder / "node.json", {"stage": "dataset"})
    return store


@pytest.fixture
def view(tmp_path):
    return tmp_path / "data" / "LINE_3"


def record(key):
    params = {"segments.min_silence_len": 500, "corpora": [{"name": "声"}]}
    return {
        "dataset": {"stage": "dataset", "version": 1, "key": key, "epoch": None, "params": {}},
        "segments": {"stage": "segments", "version": 1, "key": "5" * 16, "epoch": None, "params": params},
        "train": {"stage": "train", "version": 1, "key": "6" * 16, "epoch": 250, "params": {"model.hidden": 256}},
    }


def shown(store, view, name):
    key = KEYS[name]
    show(store, view, Place("dataset", key), record(key), {f"dataset/{key}": "LINE_3"})


def files(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_view_holds_what_its_node_holds(store, view):
    shown(store, view, "old")
    assert files(view) == {
        "quality.html",
        "listen/old.wav",
        "metrics.json",
        "config.yaml",
        "record.json",
        f".shows/{KEYS['old']}",
        ".shows/files.json",
    }
    assert (view / "listen/old.wav").read_bytes() == b"old"
    assert json.loads((view / "record.json").read_text()) == record(KEYS["old"])


def test_the_settings_are_readable(store, view):
    shown(store, view, "old")
    settings = yaml.safe_load((view / "config.yaml").read_text("utf-8"))
    assert settings["entry"] == "LINE_3"
    assert settings["nodes"]["segments"]["segments.min_silence_len"] == 500
    assert settings["nodes"]["train"] == {"key": "6" * 16, "epoch": 250, "model.hidden": 256}
    assert "声" in (view / "config.yaml").read_text("utf-8")


def test_a_view_is_replaced_whole(store, view):
    shown(store, view, "old")
    shown(store, view, "new")
    assert (view / "listen/new.wav").exists() and not (view / "listen/old.wav").exists()
    assert [p.name for p in (view / ".shows").iterdir() if p.name in KEYS.values()] == [KEYS["new"]]
    assert [p.name for p in view.parent.iterdir()] == ["LINE_3"]


def test_a_view_is_never_half(store, view, monkeypatch):
    """A crash while it is built leaves the old one, ticket and all."""
    shown(store, view, "old")
    before = files(view)
    monkeypatch.setattr("koeru.graph.view.shutil.copyfile", lambda *_: pytest.fail("disk full"))
    with pytest.raises(pytest.fail.Exception):
        shown(store, view, "new")
    assert files(view) == before
    assert [p.name for p in view.parent.iterdir()] == ["LINE_3"]


def test_back_and_forth_the_ticket_is_that_of_the_content(store, view):
    for name in ("old", "new", "old"):
        shown(store, view, name)
        assert (view / ".shows" / KEYS[name]).exists()
        assert (view / "listen" / f"{name}.wav").exists()


def test_a_strangers_file_is_never_lost(store, view):
    shown(store, view, "old")
    (view / "listen" / "my notes.txt").write_text("precious")
    assert strangers(view) == ["listen/my notes.txt"]
    with pytest.raises(ValueError, match=r"files that are not koeru's: listen/my notes\.txt.*move them elsewhere"):
        shown(store, view, "new")
    assert (view / "listen" / "my notes.txt").read_text() == "precious"
    assert (view / ".shows" / KEYS["old"]).exists()


def test_a_folder_that_is_no_view_is_left_alone(store, view):
    view.mkdir(parents=True)
    (view / "thesis.tex").write_text("precious")
    with pytest.raises(ValueError, match=r"thesis\.tex"):
        shown(store, view, "old")
    assert files(view) == {"thesis.tex"}


def test_an_empty_folder_may_become_a_view(store, view):
    """Snakemake makes the folder of an output before the job runs."""
    (view / ".shows").mkdir(parents=True)
    shown(store, view, "old")
    assert strangers(view) == []


def test_names_stand_in_place_of_marks(store, view):
    shown(store, view, "old")
    assert (view / "quality.html").read_text("utf-8") == "<h1>LINE_3</h1> from train/2222222222222222"
    assert json.loads((view / "metrics.json").read_text()) == {"mark": "[[dataset]]"}


def test_only_marks_are_replaced():
    page = f"matrix [[1, 2], [3, 4]], {mark('exp', KEYS['old'])}, [[ ]], {mark('exp', KEYS['new'])}"
    told = with_names(page, {f"exp/{KEYS['old']}": "LINE_15"})
    assert told == f"matrix [[1, 2], [3, 4]], LINE_15, [[ ]], exp/{KEYS['new']}"


def test_the_journal_only_grows(store, view):
    journal = store.root / "journal.jsonl"
    grown = b""
    for name in ("old", "new", "old"):
        shown(store, view, name)
        content = journal.read_bytes()
        assert content.startswith(grown) and len(content) > len(grown)
        grown = content
    lines = [json.loads(line) for line in grown.decode().splitlines()]
    assert [line["key"] for line in lines] == [KEYS["old"], KEYS["new"], KEYS["old"]]
    assert all(line["view"].endswith("data/LINE_3") and line["stage"] == "dataset" and line["when"] for line in lines)


def test_a_refused_view_is_not_in_the_journal(store, view):
    view.mkdir(parents=True)
    (view / "mine").touch()
    with pytest.raises(ValueError):
        shown(store, view, "old")
    assert not os.path.exists(store.root / "journal.jsonl")
