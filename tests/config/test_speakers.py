from koeru.config.base import leaves
from koeru.config.speakers import named_speakers, nobodies
from koeru.config.spk import Spk

ENTRY = Spk.model_validate(
    {
        "corpora": ["C"],
        "pitch": {"speakers": {"Aki": {"f0_floor": 90}}},
        "pairs": {"speakers": [["aki", "jvs*"], ["aki", "ken"]]},
    }
)
NAMED = [("pitch.speakers", "Aki"), *(("pairs.speakers", name) for name in ("aki", "jvs*", "ken"))]


def test_the_names_of_an_entry_are_those_of_its_bounds_and_pairs():
    assert named_speakers(leaves(ENTRY)) == NAMED
    assert named_speakers({"mel.n_fft": 1024}) == []


def test_a_name_that_is_nobodys_is_told_with_the_nearest():
    assert list(nobodies(NAMED, ["aki", "jvs001"])) == [
        "pitch.speakers: no speaker of the dataset is called 'Aki'; did you mean 'aki'?",
        "pairs.speakers: 'ken' matches no speaker of the dataset; known here: aki, jvs001",
    ]
    assert list(nobodies(NAMED, ["Aki", "aki", "jvs001", "ken"])) == []


def test_bounds_are_of_names_and_not_of_patterns():
    (told,) = nobodies([("pitch.speakers", "jvs*")], ["jvs001"])
    assert told.startswith(
        "pitch.speakers: no speaker of the dataset is called 'jvs*' (names act here, patterns do not)"
    )


def test_bounds_may_be_those_of_a_speaker_whom_the_dataset_does_not_take():
    assert list(nobodies([("pitch.speakers", "ken")], ["aki"], ["ken"])) == []
    assert list(nobodies([("pairs.speakers", "ken")], ["aki"], ["ken"])) != []
