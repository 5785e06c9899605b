"""The demo's models have learned: the acceptance figures, with the controls that show that the measures can fail.

Trains five small models for minutes each: `make test-slow`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CONTROLS = {
    "exp": {
        "LINE_15_scratch": {"base": "LINE_15", "pretrain": None, "partial": None},
        "LINE_14_no_accent": {"base": "LINE_14", "model": {"accent": False}},
    }
}


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """metrics.json of the demo's experiments and of their controls."""
    folder = tmp_path_factory.mktemp("voices")
    controls = folder / "controls.yaml"
    controls.write_text(yaml.safe_dump(CONTROLS), "utf-8")
    names = ["LINE_8", "LINE_14", "LINE_15", *CONTROLS["exp"]]
    command = [Path(sys.executable).with_name("snakemake"), "--snakefile", ROOT / "Snakefile", "--directory", folder]
    command += ["--cores", "all", "--configfile", ROOT / "profiles" / "demo" / "small.yaml", controls, "--"]
    subprocess.run([str(c) for c in [*command, *(f"exp/{name}" for name in names)]], cwd=ROOT, check=True)
    return {name: json.loads((folder / "exp" / name / "metrics.json").read_text()) for name in names}


@pytest.mark.parametrize("name", ["LINE_8", "LINE_14"])
def test_a_voice_is_well_below_the_phone_means(metrics, name):
    found = metrics[name]
    assert found["mel_l1"] <= 0.65 * found["mel_l1_phone_mean"]
    assert found["mel_l1"] <= 0.70 * found["mel_l1_phone_mean_speaker"]


def test_line_15_is_below_the_phone_means_and_below_training_from_scratch(metrics):
    found = metrics["LINE_15"]
    mel_l1_scratch = metrics["LINE_15_scratch"]["mel_l1"]
    print(f"mel_l1 {found['mel_l1']:.4f}, mel_l1_scratch {mel_l1_scratch:.4f}")
    assert found["mel_l1"] <= 0.75 * found["mel_l1_phone_mean_speaker"]
    assert found["mel_l1"] < mel_l1_scratch


@pytest.mark.parametrize("name", ["LINE_8", "LINE_14", "LINE_15"])
def test_f0_follows_the_sentence(metrics, name):
    found = metrics[name]
    assert found["log_f0_rmse_cents"] <= 0.7 * found["log_f0_rmse_cents_phone_mean_speaker"]


@pytest.mark.parametrize("name", ["LINE_8", "LINE_14", "LINE_15"])
def test_every_speaker_tells_minimal_pairs_apart(metrics, name):
    by_speaker = metrics[name]["accent_contrast_by_speaker"]
    assert len(by_speaker) == 3
    assert min(by_speaker.values()) >= 0.9


@pytest.mark.parametrize("name", ["LINE_8", "LINE_14", "LINE_15"])
def test_voices_do_as_they_are_told(metrics, name):
    """The mean F0 of one text, as every speaker in every emotion, is ordered as in the corpus."""
    assert metrics[name]["emotion_order"] == 1
    assert metrics[name]["speaker_order"] == 1


def test_without_accent_marks_nobody_does(metrics):
    assert max(metrics["LINE_14_no_accent"]["accent_contrast_by_speaker"].values()) <= 0.1
