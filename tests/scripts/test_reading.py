"""The leaves that a stage reads are the leaves that its key hashes, and it is told nothing else."""

import ast

import pytest
from configured import STAGES
from in_process import SCRIPTS

# What a stage is told and no key holds; whatever is added here must not change what the stage computes.
HEARD = {"vocoder", "synthesis.temperature", "synthesis.griffin_lim_iterations"}  # of epochs that are saved
SETTINGS = {
    "utterances": {"max_excluded", "named", "corrections", "paths", "stand_ins", "labels", "sources", "rights"},
    "wav": {"max_excluded", "paths", "stand_ins", "labels"},
    "segments": {"max_excluded"},
    "labels": {"max_excluded", "paths", "stand_ins", "labels", "files"},
    "pitch": {"max_excluded"},
    "energy": {"max_excluded"},
    "mel": {"max_excluded"},
    "sp": {"max_excluded"},
    "tokens": {"max_excluded", "files"},
    "sp_stats": {"max_excluded"},
    "splits": {"max_excluded"},
    "stats": {"max_excluded"},
    "pairs": {"max_excluded", "files"},
    "dataset": {"max_excluded"},
    "train": {
        "train.threads",
        "train.device",
        "train.devices",
        "train.workers",
        "train.compile",
        "train.checkpoint_every",
        "saved",
        *HEARD,
    },
    "weights": {"name", "generator", "discriminators", "source", "rights"},
    "gta": {"train.threads", "train.device"},
    "vocoder": {
        "vocoder.train.threads",
        "vocoder.train.device",
        "vocoder.train.devices",
        "vocoder.train.workers",
        "vocoder.train.compile",
        "vocoder.train.cuda_graphs",
        "vocoder.train.checkpoint_every",
        "saved",
    },
    "resynthesis": {"dataset"},
    "synthesis": {"dataset", "files"},
    "evaluation": {"dataset", "files"},
    "exp": {"dataset", "files"},
    "durations": set(),
    "conversion": {
        "train.threads",
        "train.device",
        "train.devices",
        "train.workers",
        "train.compile",
        "train.checkpoint_every",
        "saved",
        *HEARD,
    },
    "conversion_samples": {"dataset", "files"},
    "conversion_evaluation": {"dataset", "files"},
    "conversion_page": {"dataset", "files"},
    "recogniser": {
        "train.threads",
        "train.device",
        "train.devices",
        "train.workers",
        "train.compile",
        "train.checkpoint_every",
        "saved",
    },
    "recognition": {"dataset"},
    "recogniser_page": {"dataset"},
    "stand_in": set(),
}


def nodes(mini, stage):
    return [node for (name, _), node in mini.graph.nodes.items() if name == stage]


def test_every_stage_has_run(mini):
    assert {job.node.stage for job in mini.jobs} == STAGES.keys() == SETTINGS.keys()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_the_leaves_that_its_key_hashes(mini, stage):
    for node in nodes(mini, stage):
        assert mini.leaves[stage] == node.params.keys(), (
            f"{stage}: read but in no key: {sorted(mini.leaves[stage] - node.params.keys())}; "
            f"in the key but never read: {sorted(node.params.keys() - mini.leaves[stage])}"
        )


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_told_nothing_else(mini, stage):
    for node in nodes(mini, stage):
        spec = node.spec()
        assert spec.keys() == {"stage", "version", "key", "params", "parents", "settings", "shards", "job", "uses"}
        assert spec["settings"].keys() == SETTINGS[stage]
        assert mini.settings[stage] <= SETTINGS[stage]
        for parent in spec["parents"].values():
            assert parent.keys() - {"epoch"} == {"stage", "key", "shards"}


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_a_script_reads_no_configuration(path):
    """Neither Snakemake nor the configuration's own files are within its reach."""
    tree = ast.parse(path.read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in imported if name.split(".")[0] == "snakemake" or name == "koeru.config.tables"}
