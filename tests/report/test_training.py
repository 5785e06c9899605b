"""What the page of an experiment tells of its training."""

from dataclasses import replace

import pytest
from in_process import Made

from koeru.config.base import defaults
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.page.experiment import experiment
from koeru.families.acoustic.page.page import experiment_page
from koeru.families.experiments.forecast import warnings
from koeru.graph.plan import place
from koeru.graph.store import read_json
from koeru.report import training
from koeru.report.training import losses
from koeru.training.manifest import Beginning
from koeru.training.pretraining import Loaded


def test_facts_tell_of_real_frames_padding_and_of_what_it_was_computed_on(trained):
    facts = training.facts(trained)
    assert facts["Trained"] == "30 epochs, 4170 steps, 25 min 00 s"
    assert facts["Utterances"] == "2209 train, 120 dev; 2 not trained on (24.4 s)"
    assert facts["Computed"] == "fp32 on NVIDIA H200, 1 device, 2 threads, 4 loading workers, compiled, torch 2.9.1"
    assert facts["Last epoch"].startswith("14,000 real frames a second; 1.0% of the time waiting for data; 4.1% of")
    assert "frozen" not in facts["Model"]
    assert "0.50 of them frozen" in training.facts(replace(trained, frozen=500_000))["Model"]


def test_a_run_that_continues_its_parents_steps_counts_its_own(trained):
    loaded = Beginning("train/ab", 3, 1, Loaded(("a",)), "keep", 1000)
    kept = replace(trained, loaded=loaded, step=1000 + trained.step)
    assert trained.first_step == 1 and kept.first_step == 1001
    assert "4170 steps" in training.facts(kept)["Trained"]


def test_whose_weights_speak_is_told_with_the_reason(trained):
    assert training.speaks(trained, "last", "mel", "loss") == "epoch 30, the last"
    later = [*trained.log, *(row | {"epoch": row["epoch"] + 30, "dev": {"mel": 9.0}} for row in trained.log)]
    longer = replace(trained, epoch=60, log=later)
    assert training.speaks(longer, "best", "mel", "loss") == (
        "epoch 30 of 60, the best: its loss on the dev split is the lowest"
    )


def test_every_excluded_utterance_is_told_the_longest_first(trained):
    first, second = training.excluded(trained.excluded)
    assert first == "Teacher_LD01-010: more than train.max_frames (1000), 1100 frames, 12.8 s"
    assert second.startswith("Teacher_LD01-009")
    assert training.excluded([]) == []


def test_the_warnings_are_on_the_page(trained, experiment):
    found = training.warnings(trained, defaults(Exp))
    assert [warning.split(":")[0] for warning in found] == ["train.anneal_steps", "global prosody is not trained"]
    page = experiment_page(experiment)
    assert all(warning in page for warning in found)
    assert "Run of</dt><dd>LINE_12, LINE_15" in page


def test_losses_with_negative_parts_are_drawn(trained):
    assert min(row["dev"]["local_prosody"] for row in trained.log) < 0
    assert losses(trained).src.startswith("data:image/svg+xml")


@pytest.mark.parametrize("name", ["child", "of_others"])
def test_the_report_of_a_training_warns_as_status_does(mini: Made, name):
    page = experiment(mini.work(mini.graph.views["exp"][name]))
    assert page.warnings and page.warnings == warnings(mini.plan, name)
    node = mini.graph.trained["exp"][name].node
    told = read_json(mini.store.epoch_path(place(node), mini.graph.config["exp"][name].epochs))
    assert page.facts["Trained"].startswith(f"{told['epoch']} epoch")
    assert f"[[entries/{mini.graph.views['exp'][name].key}]]" in experiment_page(page)
