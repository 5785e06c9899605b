"""What exclusions emptied: an error for what a dataset cannot do without, a warning for the rest, with the reasons."""

from types import SimpleNamespace

from koeru.graph.store import Excluded
from koeru.report.quality.emptied import Emptied

LISTED = {  # utterance -> speaker, emotion, split
    "a1": ("aki", "Normal", "train"),
    "a2": ("aki", "Sad", "train"),
    "a3": ("aki", "Normal", "dev"),
    "k1": ("ken", "Normal", "train"),
    "k2": ("ken", "Normal", "eval"),
}


def emptied(**excluded):
    """What is found where some segments of LISTED are excluded, by stage; all others are kept."""
    gone = {name.partition("~")[0] for names in excluded.values() for name in names}
    records = {u: {"id": u, "speaker": speaker, "emotion": emotion} for u, (speaker, emotion, _) in LISTED.items()}
    found = Emptied({u: split for u, (_, _, split) in LISTED.items()})
    for half in (("a1", "a2", "a3"), ("k1", "k2")):  # two shards
        own = {u: records[u] for u in half}
        found.add(
            SimpleNamespace(
                manifests=("utterances", "wav", "labels"),
                utterances=own,
                records=lambda stage, own=own: list(own.values()),
                kept=[{"id": u, "utterance": u} for u in half if u not in gone],
                excluded=lambda stage, half=half: [
                    Excluded(name, "broken", "") for name in excluded.get(stage, ()) if name.partition("~")[0] in half
                ],
            )
        )
    return found


def test_a_dataset_of_which_something_is_left_everywhere_has_no_problem():
    assert emptied().problems() == [] and emptied().warnings() == []
    assert emptied(labels=["k1"]).problems() == []


def test_a_split_that_is_measured_or_trained_on_is_told_with_what_emptied_it():
    (eval_,) = emptied(labels=["k2"]).problems()
    assert eval_.startswith(
        "nothing of the eval split is left: all that was listed (1) is excluded: 1 × broken (labels)"
    )
    assert "such as k2" in eval_ and "splits.dev and splits.eval" in eval_
    train, *_ = (p for p in emptied(wav=["a1", "a2"], labels=["k1~00", "k1~01"]).problems() if "train" in p)
    assert "(3) is excluded: 2 × broken (wav), such as a1; 2 × broken (labels), such as k1~00" in train


def test_an_empty_dev_split_is_a_warning():
    found = emptied(labels=["a3"])
    assert found.problems() == []
    assert found.warnings() == [
        "nothing of the dev split is left: all that was listed (1) is excluded: 1 × broken (labels), such as a3"
    ]


def test_a_speaker_and_an_emotion_that_have_an_id_must_be_heard():
    assert [p.split(" is left")[0] for p in emptied(labels=["a2"]).problems()] == ["nothing of emotion Sad"]
    told = emptied(wav=["a1", "a2", "a3"]).problems()
    assert [p.split(" is left")[0] for p in told] == ["nothing of emotion Sad", "nothing of speaker aki"]
    assert "leave the speaker out" in told[1]


def test_a_speaker_who_is_left_in_another_split_is_a_warning():
    found = emptied(labels=["k1"])
    assert found.problems() == [] and found.warnings() == [
        "nothing of speaker ken is left in the train split: all that was listed (1) is excluded: "
        "1 × broken (labels), such as k1"
    ]
