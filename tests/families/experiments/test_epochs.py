"""The page of all saved epochs: what is heard of each, its losses, which one speaks, and what there is no audio of."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from document import Document

from koeru.families.experiments.epochs import (
    BEFORE,
    GONE,
    NAME,
    NOT_SAVED,
    TEMPLATE,
    EpochsPage,
    epochs_page,
    write_epochs,
)
from koeru.families.experiments.heard import samples_of
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json, write_json
from koeru.report.page import render

EVIL = "<script>alert('x')</script>\"><i>"
STAGES = {"child": "train", "converted": "conversion"}


def work_of(mini, name, root):
    """The job of the page of an experiment, in a store that may be changed."""
    node = mini.graph.views["exp"][name]
    for folder in mini.store.root.iterdir():
        if folder.name == STAGES[name]:
            shutil.copytree(folder, root / folder.name)
        elif folder.name != node.stage:
            (root / folder.name).symlink_to(folder)
    return replace(mini.work(node), store=Store(root))


@pytest.fixture
def child(mini, tmp_path):
    return work_of(mini, "child", tmp_path)


def training(work):
    return work.parents[STAGES.get("converted") if "conversion" in work.parents else "train"]


def html(page: EpochsPage) -> str:
    return render(TEMPLATE, page=page)


def rows_of(work, **params):
    own = replace(work, params={**work.params, **params})
    return {row.name: row for row in epochs_page(own, training(own)).rows}


@pytest.mark.parametrize("name", STAGES)
def test_an_experiment_leaves_a_page_with_a_row_an_epoch_beside_its_report(mini, name):
    folder = mini.store.folder(place(mini.graph.views["exp"][name]))
    document = Document((folder / NAME).read_text("utf-8"))
    assert not document.faults and not document.open
    assert all(attrs.get("alt") for tag, attrs in document.tags if tag == "img")
    run = mini.store.folder(place(mini.graph.trained["exp"][name].node))
    sentences = samples_of(run)[2].sentences
    players = [attrs["src"] for tag, attrs in document.tags if tag == "audio"]
    wanted = [f"epochs/{row}/{one['id']}.wav" for row in ("recorded", "0001", "0002") for one in sentences]
    assert players == wanted
    for path in players:
        wav, rate = soundfile.read(folder / path)
        assert rate == 22050 and np.isfinite(wav).all() and len(wav)
    assert (folder / players[-1]).read_bytes() == (run / "samples" / "epoch_0002" / players[-1][12:]).read_bytes()
    assert all(one["text"] in document.text for one in sentences)
    sources = document.attributes("src") + [href for href in document.attributes("href") if href[0] != "#"]
    assert not any(re.match(r"[a-z]+://|//|/", source) for source in sources)
    assert 'href="report.html"' in (folder / NAME).read_text("utf-8")
    assert 'href="epochs.html"' in (folder / "report.html").read_text("utf-8")


def test_the_losses_of_the_dev_split_stand_beside_each_epoch(child):
    told = read_json(child.store.epoch_path(training(child), 2))
    log = told["log"]
    page = epochs_page(child, training(child))
    assert page.parts[0] == "total" and set(page.parts) == log[0]["dev"].keys()
    assert [row.name for row in page.rows] == ["recordings", "start", "epoch 1", "epoch 2"]
    assert [row.losses for row in page.rows] == [{}, told["at_start"], log[0]["dev"], log[1]["dev"]]
    for part in page.parts:
        lowest = min((1, 2), key=lambda epoch: log[epoch - 1]["dev"][part])
        assert page.lowest[part] == f"epoch {lowest}"
        assert f"<b>{log[lowest - 1]['dev'][part]:.3f}</b>".replace("-", "−") in html(page)


def test_the_epoch_that_speaks_and_that_of_the_lowest_loss_are_marked(child):
    path = child.store.epoch_path(training(child), 2)
    told = read_json(path)
    told["log"][0]["dev"]["total"] = told["at_start"]["total"] = -9.0
    write_json(path, told)
    assert [row.tags for row in rows_of(child, take="last").values()] == [(), (), ["lowest loss"], ["speaks"]]
    assert [row.tags for row in rows_of(child, take="best").values()] == [(), (), ["speaks", "lowest loss"], []]
    page = epochs_page(replace(child, params={**child.params, "take": "best"}), training(child))
    assert page.facts["Speaks"].startswith("epoch 1 of 2, the best") and page.facts["Lowest loss"].startswith("epoch 1")


def test_an_epoch_that_speaks_and_is_no_saved_one_has_a_row_without_audio(child):
    run, path = child.store.folder(training(child)), child.store.epoch_path(training(child), 2)
    told = read_json(path)
    told["log"][0]["dev"]["total"] = -9.0
    write_json(path, told)
    shutil.rmtree(run / "samples" / "epoch_0001")
    (run / "epoch_0001.json").unlink()
    assert list(rows_of(child, take="last")) == ["recordings", "start", "epoch 2"]
    rows = rows_of(child, take="best")
    assert rows["epoch 1"].note == NOT_SAVED and rows["epoch 1"].losses["total"] == -9.0
    assert NOT_SAVED in html(epochs_page(replace(child, params={**child.params, "take": "best"}), training(child)))


def test_what_an_older_koeru_has_saved_is_told_to_have_no_audio(child):
    run = child.store.folder(training(child))
    for epoch in (1, 2):
        path = child.store.epoch_path(training(child), epoch)
        told = read_json(path)
        del told["samples"], told["at_start"]
        write_json(path, told)
    shutil.rmtree(run / "samples" / "epoch_0001")
    assert [row.note for row in rows_of(child).values()] == ["", BEFORE, ""]
    shutil.rmtree(run / "samples")
    page = epochs_page(child, training(child))
    assert [row.note for row in page.rows] == [BEFORE, BEFORE] and page.sentences == ()
    document = Document(html(page))
    assert not document.faults and "audio" not in {tag for tag, _ in document.tags} and BEFORE in document.text


def test_audio_that_somebody_has_deleted_is_told_to_be_gone(child):
    shutil.rmtree(child.store.folder(training(child)) / "samples" / "epoch_0001")
    assert rows_of(child)["epoch 1"].note == GONE


def test_why_an_epoch_could_not_be_heard_is_told(child):
    path = child.store.epoch_path(training(child), 1)
    write_json(path, read_json(path) | {"samples": {"note": "the vocoder is broken"}})
    shutil.rmtree(child.store.folder(training(child)) / "samples" / "epoch_0001")
    assert rows_of(child)["epoch 1"].note == "nothing was heard: the vocoder is broken"


def test_epochs_beyond_that_of_the_page_are_none_of_it(child):
    first = replace(training(child), epoch=1)
    assert [row.name for row in epochs_page(child, first).rows] == ["recordings", "start", "epoch 1"]


def test_a_state_that_is_deleted_leaves_its_audio(child):
    child.store.epoch_path(training(child), 1).unlink()
    assert list(rows_of(child)) == ["recordings", "start", "epoch 1", "epoch 2"] and rows_of(child)["epoch 1"].cells


def test_what_is_spoken_by_several_vocoders_is_told_row_by_row(child):
    assert "All rows are spoken by Griffin-Lim" in html(epochs_page(child, training(child)))
    path = child.store.folder(training(child)) / "samples" / "epoch_0002" / "samples.json"
    write_json(path, read_json(path) | {"vocoder": "HG_2"})
    text = Document(html(epochs_page(child, training(child)))).text
    assert "Not all rows are spoken by the same vocoder : griffin-lim, HG_2" in text
    assert "epoch 2 speaks lowest loss HG_2" in text or "epoch 2 speaks HG_2" in text
    one = replace(epochs_page(child, training(child)), rows=epochs_page(child, training(child)).rows[3:])
    assert "All rows are spoken by one vocoder, HG_2" in Document(html(one)).text


def test_lengths_are_shares_of_the_longest_of_a_sentence(child):
    rows = [row for row in rows_of(child).values() if row.cells]
    for identity in rows[0].cells:
        widths = [row.cells[identity].width for row in rows]
        assert max(widths) == 1 and min(widths) > 0


def test_texts_are_escaped(child):
    page = epochs_page(child, training(child))
    sentences = [{**one, "text": EVIL, "speaker": EVIL} for one in page.sentences]
    shown = html(replace(page, name=EVIL, sentences=sentences, facts={EVIL: EVIL}))
    assert "<script>alert" not in shown and '"><i>' not in shown and not Document(shown).faults


def test_the_page_is_written_anew_as_a_whole(child):
    write_epochs(child, training(child))
    page = (child.folder / NAME).read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and len(list(child.folder.rglob("*.wav"))) == 3 * 2
