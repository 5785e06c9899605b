"""Which utterances make a batch: a pure function of their lengths, the settings, the seed and the epoch.

Every utterance is in one batch of every epoch: none is dropped, cropped or repeated, and the last, partial batch
counts.

An epoch is shuffled, taken in groups of about `group_size` batches, and sorted by length inside a group, so that a
batch has little padding. A group is cut into batches of `batch_size` utterances; or, with a frame budget
`batch_frames`, of as many as fit into it when all are padded to the longest, and an utterance beyond the budget is a
batch of its own. With a budget, a group is as many utterances as have about group_size * batch_frames frames. Last, the
batches are shuffled.
"""

from collections.abc import Sequence

import numpy as np


def epoch_batches(
    frame_lengths: Sequence[int],
    batch_size: int,
    group_size: int,
    seed: int,
    epoch: int,
    batch_frames: int | None = None,
) -> list[list[int]]:
    """The batches of an epoch (from 0) as indices; `batch_size` does not matter where `batch_frames` is given."""
    rng = np.random.default_rng([seed, epoch])
    lengths = np.asarray(frame_lengths, dtype=np.int64)
    order = rng.permutation(len(lengths))
    if batch_frames is None:
        group_of = np.arange(len(order)) // (batch_size * group_size)
    else:
        group_of = (np.cumsum(lengths[order]) - lengths[order]) // (batch_frames * group_size)
    groups = np.split(order, np.flatnonzero(np.diff(group_of)) + 1) if len(order) else []
    batches = []
    for group in groups:
        ascending = group[np.argsort(lengths[group], kind="stable")].tolist()
        batches += (
            [ascending[start : start + batch_size] for start in range(0, len(ascending), batch_size)]
            if batch_frames is None
            else _within_budget(ascending, lengths, batch_frames)
        )
    return [batches[index] for index in rng.permutation(len(batches))]


def n_batches(
    frame_lengths: Sequence[int],
    batch_size: int,
    group_size: int,
    seed: int,
    epoch: int,
    batch_frames: int | None = None,
) -> int:
    """How many batches, that is steps, `epoch_batches` makes of an epoch.

    ceil(n / batch_size) in every epoch, whatever the groups and the lengths; only with a budget do these, and the
    epoch's order, matter.
    """
    if batch_frames is None:
        return -(-len(frame_lengths) // batch_size)
    return len(epoch_batches(frame_lengths, batch_size, group_size, seed, epoch, batch_frames))


def padding_share(frame_lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Which share of the frames of batches, each padded to its longest utterance, is padding."""
    lengths = [[frame_lengths[index] for index in batch] for batch in batches]
    padded = sum(len(batch) * max(batch) for batch in lengths)
    return 1 - sum(map(sum, lengths)) / padded if padded else 0.0


def _within_budget(ascending: Sequence[int], lengths: np.ndarray, batch_frames: int) -> list[list[int]]:
    """Cut indices, in ascending order of their lengths, where one more would not fit into the padded batch."""
    batches: list[list[int]] = []
    for index in ascending:
        if batches and (len(batches[-1]) + 1) * lengths[index] <= batch_frames:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
