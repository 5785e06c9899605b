"""The parts of a page about control of speaker and emotion."""

import base64
from dataclasses import replace

from koeru.families.acoustic.page.control import NAMED, GroupF0, control, mean_f0
from koeru.families.acoustic.page.page import experiment_page


def drawn(groups: list[GroupF0]) -> str:
    return base64.b64decode(mean_f0(groups).split(",", 1)[1]).decode()


def test_speakers_and_their_emotions_are_in_the_order_of_the_corpus(control_content):
    groups = control(control_content).groups
    assert list(dict.fromkeys(group.speaker for group in groups)) == ["MStudent", "Teacher", "FStudent"]
    assert [group.emotion for group in groups[:4]] == ["Sad", "Angry", "Normal", "Happy"]


def test_every_group_and_every_reversed_pair_is_on_the_page(experiment):
    page = experiment_page(experiment)
    assert "Teacher Sad and Teacher Angry" in page and "All 12 groups" in page
    assert all(f"<td>{group.speaker}</td><td>{group.emotion}</td>" in page for group in experiment.control.groups)
    assert 'href="#control"' in page
    assert 'id="control"' not in experiment_page(replace(experiment, control=None))
    assert "other way round" not in experiment_page(
        replace(experiment, control=replace(experiment.control, reversed=[]))
    )


def test_many_reversed_pairs_are_counted(experiment):
    many = replace(experiment.control, reversed=[(f"a{i}", f"b{i}") for i in range(27)])
    page = experiment_page(replace(experiment, control=many))
    assert "a19 and b19" in page and "a20 and b20" not in page and "and 7 more" in page


def test_many_groups_are_drawn_without_names():
    few = [GroupF0(f"speaker{i}", "calm", 100.0 + i, 110.0 + i) for i in range(NAMED)]
    assert "speaker7" in drawn(few)
    assert "speaker7" not in drawn([*few, GroupF0("one", "calm", 90.0, 91.0)])
    assert drawn([GroupF0("only", "calm", 90.0, 90.0)])
