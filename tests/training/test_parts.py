"""Parts of a model by dotted names, and weights in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.training.parts import common_parts, covered, covers, parts_around, unknown_parts

NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("part", "name", "answer"),
    [
        ("prosody.predictor.local", "prosody.predictor.local.gru.weight_ih_l0", True),
        ("prosody.predictor.local", "prosody.predictor.local", True),
        ("prosody.predictor.local", "prosody.predictor.locality.weight", False),
        ("prosody.predictor.local", "prosody.predictor", False),
    ],
)
def test_a_part_covers_what_begins_with_it_and_a_dot(part, name, answer):
    assert covers(part, name) is answer


@given(NAMES)
def test_the_parts_around_a_name_are_those_that_cover_it(name):
    around = parts_around(name)
    assert all(covers(part, name) for part in around) and around[-1] == name
    assert len(around) == name.count(".") + 1


@given(st.sets(NAMES), st.sets(NAMES))
def test_common_parts_cover_the_names_and_nothing_else_in_the_fewest_words(names, others):
    names = {
        n for n in names if not any(covers(n, o) or covers(o, n) for o in others)
    }  # as tensors are: no part of another
    parts = common_parts(names, others)
    assert all(covered(name, parts) for name in names)
    assert not any(covered(other, parts) for other in others)
    assert len(parts) <= len(names)
    for part in parts:
        wider = part.rpartition(".")[0]
        assert not wider or any(covers(wider, other) for other in others)


def test_an_unknown_part_comes_with_a_remedy():
    names = ["encoder.blocks.0.weight", "encoder.blocks.1.weight", "to_mel.bias"]
    assert unknown_parts(["encoder", "encoder.blocks.0", "to_mel.bias"], names) == []
    assert unknown_parts(["encoder.blocks.2"], names) == ["'encoder.blocks.2'; did you mean 'encoder.blocks.1'?"]
    assert unknown_parts(["zzz"], names) == ["'zzz'; there are encoder, to_mel"]
    assert len(unknown_parts(["encoder.blocks.0.weigh", "encode"], names)) == 2
