"""The features of a segment's audio: what the stages pitch, energy, mel and sp share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from koeru.audio.files import read_wav
from koeru.audio.mel import MelSpec
from koeru.graph.store import Record
from koeru.jobs.command_line import stage_command, summarise
from koeru.jobs.segments import samples_of
from koeru.jobs.stage import ExclusionError, Work, run_shard

Analyse = Callable[[Work, np.ndarray, str], Mapping[str, np.ndarray]]


def feature_stage(stage: str, description: str | None, analyse: Analyse) -> None:
    """The script of a feature: analyse(work, wav int16 (N,), speaker) gives its arrays, or raises ExclusionError."""

    def job(work: Work, arguments: argparse.Namespace) -> None:
        run_feature(work, arguments.shard, analyse)

    def look(work: Work, arguments: argparse.Namespace) -> None:
        wav, sample_rate = read_wav(arguments.file)
        expected = work.params.get("wav.sample_rate", sample_rate)
        if sample_rate != expected:
            raise ValueError(f"{arguments.file} has {sample_rate} Hz; say so by --wav.sample_rate {sample_rate}")
        summarise(analyse(work, wav, ""))

    stage_command(stage, description, job, look)


def run_feature(work: Work, shard: int, analyse: Analyse) -> None:
    """One shard of a feature: arrays named `<id>/<name>`, one record a segment."""
    folder = work.store.folder(work.parents["wav"])
    files = {r["id"]: r["file"] for r in work.shard("wav", shard).utterances}

    def process(segment: Record) -> tuple[list[Record], dict[str, np.ndarray]]:
        wav, _ = read_wav(folder / files[segment["utterance"]])
        arrays = analyse(work, samples_of(segment, wav), segment["speaker"])
        check_arrays(arrays)
        kept = {k: segment[k] for k in ("id", "utterance", "speaker", "emotion", "seconds")}
        return [kept], {f"{segment['id']}/{name}": array for name, array in arrays.items()}

    run_shard(work, shard, process)


def check_arrays(arrays: Mapping[str, np.ndarray]) -> None:
    """Raise ValueError unless the arrays of an utterance are finite, and have as many frames, at least one."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) != 1 or not min(lengths.values()):
        raise ValueError(f"frames of its arrays: {lengths}; as many of each are wanted, and at least one")
    for name, array in arrays.items():
        if wrong := np.count_nonzero(~np.isfinite(array)):
            raise ValueError(f"{wrong} of {array.size} values of {name} are not finite: nothing of it is kept")


def long_enough(wav: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    """int16 samples (N,) as floats of full scale 1; raises ExclusionError if they do not fill the reflect padding."""
    if len(wav) <= (n_fft - hop_length) // 2:
        raise ExclusionError("too short", f"{len(wav)} samples are fewer than one analysis window needs")
    return wav.astype(np.float32) / 32768


def mel_spec(work: Work | Mapping[str, Any], fmax: float | None = None) -> MelSpec:
    """The mel definition that a node's parameters name, by leaf; with `fmax`, up to that frequency in Hz."""
    return MelSpec(
        sample_rate=work["wav.sample_rate"],
        n_fft=work["mel.n_fft"],
        hop_length=work["mel.hop_length"],
        win_length=work["mel.win_length"],
        n_mels=work["mel.n_mels"],
        fmin=work["mel.fmin"],
        fmax=work["mel.fmax"] if fmax is None else fmax,
    )


def f0_bounds(work: Work, speaker: str) -> dict[str, float]:
    """Between which frequencies, in Hz, the F0 of a speaker is searched."""
    own = work["pitch.speakers"].get(speaker)
    return own or {"f0_floor": work["pitch.f0_floor"], "f0_ceil": work["pitch.f0_ceil"]}
