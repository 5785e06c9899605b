"""What the page of an experiment tells of its training."""

import pytest
from in_process import Made

from koeru.families.acoustic.forecast import warnings
from koeru.families.acoustic.page import training
from koeru.families.acoustic.page.experiment import experiment
from koeru.families.acoustic.page.page import experiment_page
from koeru.graph.plan import place
from koeru.graph.store import read_json
from koeru.report import training as of_any


def test_facts_tell_of_real_frames_padding_and_of_what_it_was_computed_on(told):
    facts = training.facts(told)
    assert facts["Trained"] == "30 epochs, 4170 steps, 25 min 00 s"
    assert facts["Utterances"] == "2209 train, 120 dev; 2 too long to train on (24.4 s)"
    assert facts["Computed"] == "fp32 on NVIDIA H200, 1 device, 2 threads, 4 loading workers, compiled, torch 2.9.1"
    assert facts["Last epoch"].startswith("14,000 real frames a second; 1.0% of the time waiting for data; 4.1% of")
    assert "frozen" not in facts["Model"] and "0.50 of them frozen" in training.facts(told | {"frozen": 5e5})["Model"]


def test_a_run_that_continues_its_parents_steps_counts_its_own(told):
    kept = told | {"loaded": {"step": 1000}, "step": 1000 + told["step"]}
    assert of_any.first_step(told) == 1 and of_any.first_step(kept) == 1001
    assert "4170 steps" in training.facts(kept)["Trained"]


def test_every_excluded_utterance_is_told_the_longest_first(told):
    first, second = of_any.excluded(told)
    assert first == "Teacher_LD01-010: more than train.max_frames (1000), 1100 frames, 12.8 s"
    assert second.startswith("Teacher_LD01-009")
    assert of_any.excluded(told | {"excluded": []}) == []


def test_the_warnings_are_on_the_page(told, experiment):
    found = training.warnings(told)
    assert [warning.split(":")[0] for warning in found] == ["train.anneal_steps", "global prosody is not trained"]
    page = experiment_page(experiment)
    assert all(warning in page for warning in found)
    assert "Run of</dt><dd>LINE_12, LINE_15" in page


def test_losses_with_negative_parts_are_drawn(told):
    assert min(row["dev"]["local_prosody"] for row in told["log"]) < 0
    assert of_any.losses(told).src.startswith("data:image/svg+xml")


@pytest.mark.parametrize("name", ["child", "of_others"])
def test_the_report_of_a_training_warns_as_status_does(mini: Made, name):
    page = experiment(mini.work(mini.graph.views["exp"][name]))
    assert page.warnings and page.warnings == warnings(mini.plan, name)
    node = mini.graph.trained["exp"][name].node
    told = read_json(mini.store.epoch_path(place(node), mini.graph.config["exp"][name].epochs))
    assert page.facts["Trained"].startswith(f"{told['epoch']} epoch")
    assert f"[[entries/{mini.graph.views['exp'][name].key}]]" in experiment_page(page)
