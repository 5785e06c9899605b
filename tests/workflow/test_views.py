"""A view never lies: it shows what the configuration says, whatever Snakemake remembers."""

import json
import shutil


def shown_samples(project) -> int:
    return len(list((project.folder / "exp" / "LINE_15" / "samples").glob("*.synthesised.wav")))


def test_a_change_there_and_back_costs_one_view(project):
    project.set("exp.LINE_15.synthesis.samples", 1)
    project.run("exp/LINE_15")
    assert shown_samples(project) == 1

    project.set("exp.LINE_15.synthesis.samples", 2)
    output = project.run("exp/LINE_15", options=("-n",))
    assert "show" in output
    assert project.plan("exp/LINE_15") == {}
    shutil.rmtree(project.folder / ".snakemake")
    project.run("exp/LINE_15")
    assert shown_samples(project) == 2

    journal = [json.loads(line) for line in (project.folder / "store" / "journal.jsonl").read_text().splitlines()]
    assert [line["view"] for line in journal].count("exp/LINE_15") == 3


def test_both_forms_of_the_name_ask_for_the_same(project):
    assert "Nothing to be done" in project.run("exp/LINE_15/", options=("-n",))
    assert "Nothing to be done" in project.run("data/LINE_3", options=("-n",))


def test_a_view_with_foreign_files_is_not_replaced(project):
    notes = project.folder / "exp" / "LINE_15" / "my_notes.txt"
    notes.write_text("sounds better than LINE_14")
    project.set("exp.LINE_15.synthesis.samples", 1)
    assert "my_notes.txt" in project.run("exp/LINE_15", fails=True)
    assert notes.read_text() == "sounds better than LINE_14"


def test_the_view_holds_what_it_promises(project):
    view = project.folder / "exp" / "LINE_15"
    for name in ("model.safetensors", "config.yaml", "metrics.json", "report.html"):
        assert (view / name).stat().st_size > 0
    assert len(list((view / "samples").glob("*.natural.wav"))) == shown_samples(project) == 2
    page = (view / "report.html").read_text("utf-8")
    assert "LINE_15" in page
    assert "LINE_14 at epoch 1" in page
    assert "[[" not in page
