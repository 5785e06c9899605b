"""Sequences of unlike lengths without padding: the units (phones, sentences) of utterances, the frames of units."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from koeru.data.batches import HOST


@dataclass(frozen=True)
class Packing:
    """Sequences of unlike lengths as recurrent layers want them (`torch.nn.utils.rnn.PackedSequence`), no padding.

    N sequences with at least one position, F positions in all.
    """

    order: Tensor  # (F,) int64, indices of positions: the first of every sequence, longest first, then the second, ...
    batch_sizes: Tensor = field(metadata=HOST)  # (longest,) int64: how many sequences have a first position, ...
    rows: Tensor  # (N,) int64, which sequence each is


def pack(starts: np.ndarray, lengths: np.ndarray) -> Packing:
    """The packing of sequences that begin at the indices `starts` (S,) and have `lengths` (S,) positions each."""
    rows = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
    sizes = len(rows) - np.searchsorted(np.sort(lengths[rows]), np.arange(lengths.max(initial=0)), side="right")
    step = np.repeat(np.arange(len(sizes)), sizes)  # (F,)
    sequence = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # (F,)
    return Packing(*map(torch.from_numpy, (starts[rows][sequence] + step, sizes, rows)))


@dataclass(frozen=True)
class UnitPacking:
    """The real frames of a batch, and its units as sequences of them, so that no recurrent layer sees padding."""

    frames: Tensor  # (F,) int64, indices into the B * T frames, in order of time
    begins: Tensor  # (F,) bool, whether a frame is the first of its unit
    packing: Packing  # of the B * P units as sequences of the F frames


def pack_units(durations: Tensor, n_frames: int) -> UnitPacking:
    """The packing of units of `durations` (B, P), on the CPU, in utterances padded to `n_frames` frames."""
    lengths = durations.numpy()
    totals = lengths.sum(1)  # (B,)
    frames = np.flatnonzero(np.arange(n_frames) < totals[:, None])  # (F,)
    lengths = lengths.reshape(-1)
    starts = np.cumsum(lengths) - lengths
    begins = np.zeros(len(frames), dtype=bool)
    begins[starts[lengths > 0]] = True
    return UnitPacking(torch.from_numpy(frames), torch.from_numpy(begins), pack(starts, lengths))


def pack_utterances(unit_lengths: Tensor, n_units: int) -> Packing:
    """The packing of utterances as sequences of units, `unit_lengths` (B,) of them, in a batch padded to (B, P)."""
    return pack(np.arange(len(unit_lengths)) * n_units, unit_lengths.numpy())
