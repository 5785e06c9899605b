"""What a person is given to listen to: which held-out utterances, and as samples that do not clip."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import soundfile

from koeru.graph.store import Record


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


def write_audio(path: Path, wav: np.ndarray, sample_rate: int) -> float:
    """Write samples (N,) as a 16 bit wav, turned down as a whole where they would clip; the gain in dB: 0 for most."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wav, gain_db = within_full_scale(wav)
    soundfile.write(path, wav, sample_rate, subtype="PCM_16")
    return gain_db
