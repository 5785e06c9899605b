"""What a training says and draws of its schedule before it begins."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from in_process import made

from koeru.families.acoustic.entry import Exp
from koeru.report import foretelling
from koeru.training.manifest import Beginning
from koeru.training.pretraining import Loaded

CONFIG = {
    "corpora": {"A": {"format": "studies", "path": "corpora/A"}},
    "spk": {"voice": {"corpora": ["A"]}},
    "exp": {
        "short": {"spk": "voice", "epochs": 4, "chunk": 2},
        "longer": {"base": "short", "epochs": 10},
        "calm": {"base": "short", "train": {"warmup_steps": 5, "anneal_steps": [10], "max_lr_scale": 0.4}},
        "silent": {"base": "calm", "model": {"global_prosody": True}, "train": {"g_beta": 0}},
    },
}
LENGTHS = [100] * 33


@pytest.fixture
def foretell(tmp_path, capsys):
    """What a training of an experiment with 33 utterances says (by line), and what it draws, before it begins."""

    def said(name, loaded=None, **changed):
        store = made(CONFIG, tmp_path)
        work = store.work(store.graph.trained["exp"][name].node)
        work = replace(work, params=work.params | {f"train.{leaf}": value for leaf, value in changed.items()})
        foretelling.foretell(work, Exp, LENGTHS, loaded)
        return capsys.readouterr().err.splitlines(), (work.folder / "schedule.svg").read_text("utf-8")

    return said


def test_the_run_ends_where_the_last_of_the_entries_that_share_it_does(foretell):
    lines, drawn = foretell("short")
    assert [line.split(": ")[:3] for line in lines] == [
        ["train", "warning", "train.warmup_steps"],
        ["train", "warning", "train.max_lr_scale"],
        ["train", "warning", "train.anneal_steps"],
    ]
    assert all("the run ends at step 30" in line for line in lines)
    assert ET.fromstring(drawn).tag.endswith("svg")


def test_only_batches_count_and_no_groups(foretell):
    assert "step 30" in foretell("short", group_size=1)[0][0]
    assert "step 20" in foretell("short", batch_size=32)[0][0]
    assert "step 40" in foretell("short", batch_frames=900)[0][0]


def test_a_run_that_keeps_the_optimizer_ends_later(foretell):
    assert (
        "the run ends at step 1030"
        in foretell("short", loaded=Beginning("train/ab", 3, 1, Loaded(("a",)), "keep", 1000))[0][0]
    )


def test_what_comes_within_the_run_is_no_warning(foretell):
    assert foretell("calm")[0] == []
    assert ["global prosody is not trained" in line for line in foretell("silent")[0]] == [True]
