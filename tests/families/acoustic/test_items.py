import pickle

import numpy as np
import pytest

from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.acoustic.items import FeatureItems
from koeru.graph.store import ArrayReader, write_arrays
from koeru.languages import language


class Lengths:
    """Features of which only the lengths are known."""

    def __init__(self, *lengths):
        self.lengths = lengths

    def records(self, split):
        for number, length in enumerate(self.lengths):
            yield number % 2, {"id": f"{split}{number}", "n_frames": length, "seconds": length / 100}


VOCABULARY = Vocabulary.spoken(language("japanese"), Names(("Anna",), ("Normal",)))


def items(max_frames=None):
    return FeatureItems(Lengths(5, 9, 7, 8), "train", VOCABULARY, max_frames)


@pytest.mark.parametrize("max_frames", [None, 9])
def test_an_utterance_that_is_not_too_long_is_an_item(max_frames):
    assert items(max_frames).frame_lengths == [5, 9, 7, 8] and items(max_frames).excluded == []


def test_an_utterance_that_is_too_long_is_none_and_is_told():
    found = items(max_frames=7)
    assert found.frame_lengths == [5, 7] and len(found) == 2
    reason = "more than train.max_frames (7)"
    assert found.excluded == [
        {"id": "train1", "frames": 9, "seconds": 0.09, "reason": reason},
        {"id": "train3", "frames": 8, "seconds": 0.08, "reason": reason},
    ]


def test_an_open_file_can_be_handed_to_another_process(tmp_path):
    write_arrays(tmp_path / "a.safetensors", {"x": np.arange(3)})
    reader = ArrayReader(tmp_path / "a.safetensors")
    assert reader["x"].tolist() == pickle.loads(pickle.dumps(reader))["x"].tolist() == [0, 1, 2]
