"""Vocoders under real Snakemake: shared, fine-tuned on what an experiment makes, started from published weights."""

import subprocess
import sys

from safetensors.numpy import load_file
from tiny import random_weights

from koeru.graph.store import file_digest, read_json

FORCED = {"mels": "teacher_forced", "exp": "LINE_15@1"}


def teach(project):
    """Let the vocoder of LINE_15 learn from what LINE_15 makes."""
    for leaf, value in FORCED.items():
        project.set(f"vocoder.LINE_6.{leaf}", value)


def test_a_teacher_forced_vocoder_is_made_between_training_and_synthesis(project):
    teach(project)
    assert set(project.plan("exp/LINE_15")) == {"gta", "vocoder", "synthesis", "exp"}
    dry = project.run("exp/LINE_15", options=("-n",))
    assert "vocoder.mels: natural → teacher_forced (read by vocoder)" in dry
    project.run("exp/LINE_15", "vocoder/LINE_6")
    page = (project.folder / "exp" / "LINE_15" / "report.html").read_text("utf-8")
    assert "[[" not in page and "LINE_6" in page
    metrics = read_json(project.folder / "vocoder" / "LINE_6" / "metrics.json")["metrics"]
    assert metrics["teacher_forced_mel_l1"]["value"] > 0
    project.set("exp.LINE_15.train.seed", 1)
    assert set(project.plan("exp/LINE_15")) == {"train", "gta", "vocoder", "synthesis", "evaluation", "exp"}
    project.set("exp.LINE_15.train.seed", None)
    for leaf in FORCED:
        project.set(f"vocoder.LINE_6.{leaf}", None)
    assert project.plan("exp/LINE_15") == {}  # the natural one is still there


def test_a_vocoder_has_a_view_and_can_be_written_for_others(project):
    project.run("vocoder/LINE_6")
    view = project.folder / "vocoder" / "LINE_6"
    for name in ("report.html", "metrics.json", "generator.safetensors", "config.json", "config.yaml"):
        assert (view / name).stat().st_size > 0
    names = load_file(view / "generator.safetensors")
    assert "conv_pre.weight_v" in names
    assert "vocoder/LINE_6" in project.run("status")
    command = [
        sys.executable,
        "-m",
        "koeru.families.vocoder.hand_over",
        "vocoder/LINE_6",
        "--to",
        "others",
        "--discriminators",
    ]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True)
    written = {path.name[:3] for path in (project.folder / "others").iterdir()}
    assert written == {"g_0", "do_", "con"}


def test_an_epoch_more_of_a_vocoder_is_one_chunk(project):
    project.set("vocoder.LINE_6.epochs", 2)
    assert project.plan("exp/LINE_15") == {"vocoder": 1, "synthesis": 1, "exp": 1}


def test_missing_weights_stop_a_run_before_its_first_job_with_remedies(project):
    project.set("vocoder.LINE_6.start", "universal")
    project.set("vocoder.LINE_6.variant", "v1")
    output = project.run("exp/LINE_15", options=("-n",), fails=True)
    for word in ("weights.universal.generator: there is no file", "UNIVERSAL_V1/g_02500000", "griffin-lim"):
        assert word in output
    assert "weights.universal.generator: there is no file" in project.run("status")


def test_weights_are_named_by_their_digest_not_by_their_path(project):
    entry = random_weights(project.folder / "random.safetensors")
    for leaf, value in {"start": "random", "epochs": 0}.items():
        project.set(f"vocoder.LINE_6.{leaf}", value)
    project.set("weights.random", {"variant": "v3", "generator": "random.safetensors"})
    digest = file_digest(project.folder / "random.safetensors")
    assert digest in project.run("exp/LINE_15", fails=True)
    project.set("weights.random.generator_sha256", entry["generator_sha256"])
    project.run("exp/LINE_15")
    (project.folder / "random.safetensors").rename(project.folder / "elsewhere.safetensors")
    assert project.plan("exp/LINE_15") == {}
    project.set("weights.random.generator", "elsewhere.safetensors")
    assert project.plan("exp/LINE_15") == {}
