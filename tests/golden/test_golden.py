"""What a stage computes does not change unless its version does."""

import dataclasses
import shutil

import numpy as np
import pytest
from configured import STAGES
from golden import outputs
from golden.outputs import FLOW, HERE, Output

MAKE = "python tests/golden/make.py"


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """The outputs of all stages as they are computed now."""
    return outputs.build(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="session")
def changed(fresh):
    return outputs.changed(fresh)


@pytest.fixture
def folder(tmp_path):
    """A copy of the golden outputs, to change."""
    for path in [*HERE.glob("*.json"), *HERE.glob("*.npz")]:
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.mark.parametrize("stage", FLOW)
def test_an_output_changes_with_a_version_only(changed, stage):
    known, now = outputs.read(stage)[0], outputs.versions(stage)
    raised = [name for name in now if known.get(name) != now[name]]
    assert not raised, f"the version of {', '.join(raised)} was raised, but not the golden outputs made anew: {MAKE}"
    if stage in changed:
        first = next(name for name in FLOW if name in changed and name in now)
        pytest.fail(
            f"the output of {stage} has changed ({changed[stage]}), but no version has. If the change is meant, raise "
            f"the version of {first} where it is declared and run {MAKE}; otherwise look at what {first} does now"
        )


def test_every_stage_has_a_golden_output(fresh):
    assert set(fresh) == set(STAGES) == {path.stem for path in HERE.glob("*.json")}
    assert sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file()) < 1.5e6


@pytest.mark.parametrize("stage", FLOW)
def test_a_change_is_seen(fresh, stage):
    output = fresh[stage]
    assert outputs.difference(stage, output, output) == ""
    assert "texts differ" in outputs.difference(stage, output, Output({"another": output.texts}, output.arrays))
    for name, array in output.arrays.items():
        other = np.asarray(array, float) * 1.1 + 5
        assert name in outputs.difference(stage, output, Output(output.texts, {**output.arrays, name: other}))
        less = {key: value for key, value in output.arrays.items() if key != name}
        assert outputs.difference(stage, output, Output(output.texts, less))


def test_another_processor_is_no_change():
    """One frame in a hundred may be decided otherwise, and the last digits may differ."""
    contour = np.linspace(4, 6, 500)
    flipped = contour + 1e-5
    flipped[100:104] += 0.7
    old, new = Output({}, {"log_f0": contour}), Output({}, {"log_f0": flipped})
    assert outputs.difference("pitch", old, new) == ""
    flipped[104:108] += 0.7
    assert outputs.difference("pitch", old, new).startswith("2% of log_f0 differ, by up to 0.7")


def test_an_output_whose_version_stayed_is_refused(fresh, folder):
    other = fresh["pitch"].arrays | {name: array + 1 for name, array in fresh["pitch"].arrays.items()}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    written, refused = outputs.update(fresh | {"pitch": Output(fresh["pitch"].texts, other)}, folder)
    assert written == [] and list(refused) == ["pitch"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_raised_version_makes_its_golden_output_and_those_below_anew(fresh, folder, monkeypatch):
    stage = STAGES["segments"]
    monkeypatch.setitem(STAGES, "segments", dataclasses.replace(stage, version=stage.version + 1))
    written, refused = outputs.update(fresh, folder)
    below = ["segments", "labels", "tokens", "pitch", "energy", "mel", "sp", "stats", "sp_stats", "dataset"]
    converted = ["durations", "conversion", "conversion_evaluation", "conversion_samples", "conversion_page"]
    heard = ["recogniser", "recognition", "recogniser_page"]
    models = ["train", "gta", "vocoder", "synthesis", "evaluation", "exp", *heard, *converted, "resynthesis"]
    assert written == [*below, *models] and not refused
    assert outputs.read("mel", folder)[0] == outputs.versions("mel")
    assert outputs.versions("mel")["segments"] == stage.version + 1
