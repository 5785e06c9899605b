import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from koeru.data.packing import pack_units, pack_utterances

DURATIONS = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=8), min_size=1, max_size=4).filter(
    lambda rows: any(map(any, rows))
)


def padded(rows):
    table = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for row, durations in zip(table, rows, strict=True):
        row[: len(durations)] = durations
    return torch.from_numpy(table)


@given(rows=DURATIONS, more=st.integers(0, 5))
def test_every_phone_is_the_sequence_of_its_frames(rows, more):
    n_frames = max(map(sum, rows)) + more
    numbers = torch.arange(len(rows) * n_frames).reshape(len(rows), n_frames)
    known = pack_units(padded(rows), n_frames)
    real = torch.cat([row[: sum(durations)] for row, durations in zip(numbers, rows, strict=True)])
    assert torch.equal(known.frames, real)
    assert known.begins.sum() == sum(duration > 0 for durations in rows for duration in durations)
    sequences, lengths = pad_packed_sequence(PackedSequence(real[known.packing.order], known.packing.batch_sizes))
    width = max(map(len, rows))
    found = {
        int(row): sequences[:n, i].tolist() for i, (row, n) in enumerate(zip(known.packing.rows, lengths, strict=True))
    }
    begins = real[known.begins].tolist()
    for b, durations in enumerate(rows):
        start = 0
        for p, duration in enumerate(durations):
            if duration:
                assert found.pop(b * width + p) == numbers[b, start : start + duration].tolist()
                assert numbers[b, start] in begins
            start += duration
    assert not found


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5), more=st.integers(0, 4))
def test_every_utterance_is_the_sequence_of_its_phones(lengths, more):
    n_phones = max(lengths) + more
    numbers = torch.arange(len(lengths) * n_phones).reshape(len(lengths), n_phones)
    known = pack_utterances(torch.tensor(lengths), n_phones)
    sequences, sizes = pad_packed_sequence(PackedSequence(numbers.flatten()[known.order], known.batch_sizes))
    for i, row in enumerate(known.rows):
        assert sequences[: sizes[i], i].tolist() == numbers[row, : lengths[row]].tolist()
    assert sorted(known.rows.tolist()) == list(range(len(lengths)))
