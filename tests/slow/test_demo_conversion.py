"""The demo's conversion has learned, whatever its seed: it beats what needs no model, and can be listened to.

Trains three small models for minutes each: `make test-slow`.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from memo import DEMO, checkout

from koeru.audio.silence import level_dbfs
from koeru.report.measurement import Measurement

pytestmark = pytest.mark.slow

SEEDS = (1, 2, 3)
CHILDREN = {"exp": {f"seed_{seed}": {"base": "N2C_23", "train": {"seed": seed}} for seed in SEEDS}}
BEATEN = ("mcd_db", "log_f0_rmse_cents", "duration_error")
BASELINES = ("stretched", "world")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the experiments are."""
    folder = tmp_path_factory.mktemp("conversion")
    children = folder / "children.yaml"
    children.write_text(yaml.safe_dump(CHILDREN), "utf-8")
    checkout(folder)
    command = [Path(sys.executable).with_name("snakemake"), "--cores", "all", "--configfile", DEMO, children, "--"]
    subprocess.run([str(c) for c in [*command, *(f"exp/{name}" for name in CHILDREN["exp"])]], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("key", BEATEN)
def test_it_beats_both_baselines_beyond_the_interval(folder, seed, key):
    metric = Measurement.read(folder / "exp" / f"seed_{seed}").metrics[key]
    for name in BASELINES:
        baseline = metric.baselines[name]
        print(f"seed {seed}, {key}: {metric.value:.3f}, {name} {baseline.value:.3f}, {baseline.ratio_interval_95}")
        assert baseline.ratio_interval_95[1] < 1


def test_no_map_of_frames_explains_the_target(folder):
    measured = Measurement.read(folder / "exp" / "seed_1")
    assert measured.metrics["log_f0_rmse_cents"].baselines["world"].value >= 100


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_converted_can_be_listened_to(folder, seed):
    """It does not clip, is as loud as the target, and is no more silent."""
    shown = folder / "exp" / f"seed_{seed}"
    for path in sorted((shown / "samples").glob("*.converted.wav")):
        made, _ = soundfile.read(path, dtype="int16")
        target, _ = soundfile.read(path.with_name(path.name.replace("converted", "target")), dtype="int16")
        assert np.abs(made.astype(int)).max() < 32767
        assert abs(level_dbfs(made) - level_dbfs(target)) < 3
        assert abs(quiet(made) - quiet(target)) < 0.15


def quiet(wav: np.ndarray) -> float:
    """The share of 20 ms frames that are 40 dB below the loudest."""
    frames = wav[: len(wav) // 441 * 441].reshape(-1, 441).astype(float)
    level = np.sqrt(np.square(frames).mean(1))
    return float((level < level.max() / 100).mean())
