"""The samples of a segment."""

import numpy as np

from koeru.jobs.segments import muted_of, samples_of

WAV = np.arange(1, 101, dtype=np.int16)


def test_a_segment_is_a_stretch_of_its_recording():
    record = {"start": 10, "stop": 40}
    assert (samples_of(record, WAV) == WAV[10:40]).all() and not len(muted_of(record))


def test_what_is_muted_is_digital_zero_and_nothing_else_is():
    record = {"start": 10, "stop": 40, "muted": [[12, 15], [30, 40]]}
    expected = WAV[10:40].copy()
    expected[2:5] = expected[20:] = 0
    assert (samples_of(record, WAV) == expected).all() and (WAV != 0).all()
