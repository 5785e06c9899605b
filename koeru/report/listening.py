"""What a person is given to listen to: which held-out utterances, and as samples that do not clip."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import soundfile

from koeru.graph.store import Record, replacing

BLOCK = 1 << 20  # bytes


def chosen(records: list[tuple[int, Record]], samples: int) -> list[tuple[int, Record]]:
    """Held-out utterances to listen to: every speaker in turn, in the order of a hash of the id."""
    by_speaker: dict[str, list[tuple[int, Record]]] = {}
    for shard, record in sorted(records, key=lambda r: hashlib.sha256(r[1]["id"].encode()).digest()):
        by_speaker.setdefault(record["speaker"], []).append((shard, record))
    queues = [by_speaker[speaker] for speaker in sorted(by_speaker)]
    turns = [queue[i] for i in range(max(map(len, queues))) for queue in queues if i < len(queue)]
    return turns[:samples]


def within_full_scale(wav: np.ndarray) -> tuple[np.ndarray, float]:
    """Samples (N,) of which none is beyond full scale 1, and the gain in dB that this took: 0 for most."""
    peak = float(np.abs(wav).max(initial=0.0))
    return (wav, 0.0) if peak <= 1 else (wav / peak, -20 * float(np.log10(peak)))


def write_blocks(path: Path, blocks: Iterable[np.ndarray], sample_rate: int) -> tuple[int, float]:
    """Write samples that come in blocks (N_i,) as `write_audio` does: how many they were, and the gain in dB.

    No more than a block is held in memory: they lie in a file beside until their peak is known.
    """
    count, peak = 0, 1.0
    with replacing(path) as temporary, TemporaryFile(dir=path.parent) as raw:
        for block in blocks:
            count, peak = count + len(block), max(peak, float(np.abs(block).max(initial=0.0)))
            raw.write(block.astype(np.float32).tobytes())
        raw.seek(0)
        with soundfile.SoundFile(temporary, "w", sample_rate, 1, "PCM_16", format="WAV") as file:
            while some := raw.read(BLOCK):
                file.write(np.frombuffer(some, np.float32) / np.float32(peak))
    return count, 0.0 - 20 * float(np.log10(peak))


def write_audio(path: Path, wav: np.ndarray, sample_rate: int) -> float:
    """Write samples (N,) as a 16 bit wav, turned down as a whole where they would clip; the gain in dB: 0 for most."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wav, gain_db = within_full_scale(wav)
    soundfile.write(path, wav, sample_rate, subtype="PCM_16")
    return gain_db
