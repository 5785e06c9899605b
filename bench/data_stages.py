"""What the data stages cost from wav to dataset, beside the libraries' own work called bare in one process."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyworld
import soundfile
from common import cost_of, overlay, snakemake, told

from koeru.jobs.environment import ENVIRONMENT
from koeru.jobs.run import processor_seconds

STAGES = ("wav", "segments", "labels", "pitch", "energy", "mel", "splits", "stats", "dataset")
RATE, HOP, N_FFT = 22050, 256, 1024


def prepare(folder: Path, minutes: float) -> Path:
    """A project with a stand-in corpus, listed; nothing else is built yet."""
    print(f"synthesising about {minutes:g} minutes of stand-in speech", flush=True)
    config = {
        "corpora": {"STUDIES": {"path": None, "stand_in": {"minutes": minutes}}},
        "spk": {"LINE": {"shards": 2, "splits": {"dev": 0.1, "eval": 0.1}}},
    }
    overlay(folder, config)
    cost_of(command(folder, "data/LINE_3", ("--until", "utterances"), cores="all"))
    return folder


def command(folder: Path, target: str, options: tuple[str, ...] = (), cores: str = "1") -> list[str]:
    """The workflow in the project; on one core, since two jobs at once slow each other, as two bare runs would."""
    return snakemake(folder, "--cores", cores, *options, "--configfile", str(folder / "small.yaml"), "--", target)


def measure(folder: Path) -> list[bool]:
    """Build the dataset, then do the libraries' work on the same recordings; print both and their ratio."""
    whole = cost_of(command(folder, "data/LINE_3"))
    own, seconds = 0.0, 0.0
    for path in folder.glob("store/*/*/node.json"):
        node = json.loads(path.read_text("utf-8"))
        if node["stage"] in STAGES:
            own += node["run"]["cpu_seconds"]
        if node["stage"] == "wav":
            seconds = node["seconds_out"]
    libraries, kept = in_a_process(folder, {}), in_a_process(folder, ENVIRONMENT)
    print(f"data stages: {seconds / 60:.1f} minutes of speech")
    for name, spent in libraries.items():
        print(f"  bare {name}: {spent:.1f} CPU-s")
    total = sum(libraries.values())
    print(f"  bare libraries together: {total:.1f} CPU-s ({seconds / total:.1f} s of speech a CPU-second)")
    print(f"  the same with the environment of jobs: {sum(kept.values()):.1f} CPU-s")
    print(
        f"  the stages' own work: {own:.1f} CPU-s ({own / total:.2f} × bare, {own / sum(kept.values()):.2f} × the same)"
    )
    print(f"  with every interpreter and Snakemake: {whole.cpu:.1f} CPU-s ({seconds / whole.cpu:.1f} s a CPU-second)")
    return [told("everything / bare libraries", whole.cpu / total, 1.25, " ×")]


def in_a_process(folder: Path, environment: dict[str, str]) -> dict[str, float]:
    """`bare` in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, folder], env=os.environ | environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def bare(recordings: list[Path]) -> dict[str, float]:
    """CPU seconds of each library on the recordings: one process, nothing written but SoX's output."""
    spent = dict.fromkeys(("sox", "dio and stonemask", "cheaptrick", "code", "FFT"), 0.0)
    window = np.hanning(N_FFT).astype(np.float32)

    def timed(name: str, work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        before = processor_seconds()
        result = work(*arguments, **options)
        spent[name] += processor_seconds() - before
        return result

    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder, "resampled.wav"))
        for recording in recordings:
            sox = ["sox", "-D", str(recording), "-b", "16", "-c", "1", target, "rate", "-h", str(RATE)]
            timed("sox", subprocess.run, sox, check=True, stderr=subprocess.DEVNULL)
            wav = soundfile.read(target)[0]
            for period in (1000 * HOP / RATE, 5.0):
                coarse, times = timed("dio and stonemask", pyworld.dio, wav, RATE, frame_period=period)
                f0 = timed("dio and stonemask", pyworld.stonemask, wav, coarse, times, RATE)
            envelope = timed("cheaptrick", pyworld.cheaptrick, wav, f0, times, RATE)
            timed("code", pyworld.code_spectral_envelope, envelope, RATE, 34)
            frames = np.lib.stride_tricks.sliding_window_view(wav.astype(np.float32), N_FFT)[::HOP]
            for _ in ("energy", "mel"):
                timed("FFT", magnitudes, frames, window)
    return spent


def magnitudes(frames: np.ndarray, window: np.ndarray) -> np.ndarray:
    """The bare FFT of windowed frames (T, n_fft)."""
    return np.abs(np.fft.rfft(frames * window))


if __name__ == "__main__":
    print(json.dumps(bare(sorted(Path(sys.argv[1]).glob("store/stand_in/*/corpus/**/*.wav")))))
