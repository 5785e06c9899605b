"""What the file of a model can do is told by its family, and what it makes sounds by what lies beside it."""

from dataclasses import asdict, replace
from shutil import copyfile

import pytest
import torch
from converting import SPEC, exported
from tiny import random_weights

from koeru.data.vocabulary import Names
from koeru.families import FAMILIES
from koeru.families.vc.converter import Converter
from koeru.families.vocoder.hifigan import generator
from koeru.families.vocoder.published import write_own
from koeru.jobs.stage import imported
from koeru.training.exported import write_exported
from koeru.use.models import opener, sound_of


def test_what_families_declare_is_there():
    for what in ("convert", "sound"):
        assert FAMILIES.at_work(what) and all(callable(imported(name)) for name in FAMILIES.at_work(what).values())


def test_the_family_of_a_file_opens_it(tmp_path):
    path, _ = exported(tmp_path / "model.safetensors", [("a", "b")], Names(("a", "b"), ("Normal",)))
    assert isinstance(opener(path, "convert")(path), Converter)


@pytest.mark.parametrize(("told", "words"), [({}, "tells no kind"), ({"family": "acoustic"}, "of the kind 'acoustic'")])
def test_a_file_of_another_family_is_refused(tmp_path, told, words):
    write_exported(tmp_path / "model.safetensors", {"x": torch.zeros(1)}, told)
    with pytest.raises(ValueError, match=rf"{words}: to convert, one of the kind vc is wanted"):
        opener(tmp_path / "model.safetensors", "convert")


def test_the_vocoder_beside_a_model_speaks_unless_another_is_given(tmp_path, capsys):
    model = tmp_path / "model.safetensors"
    assert sound_of(model, SPEC).name == "griffin-lim"
    assert "Griffin-Lim" in capsys.readouterr().err
    random_weights(tmp_path / "vocoder.safetensors")
    copyfile(tmp_path / "vocoder.safetensors", tmp_path / "other.safetensors")
    assert sound_of(model, SPEC).name == "vocoder"
    assert sound_of(model, SPEC, tmp_path / "other.safetensors").name == "other"
    assert capsys.readouterr().err == ""
    with pytest.raises(FileNotFoundError):
        sound_of(model, SPEC, tmp_path / "none.safetensors")


def test_a_vocoder_of_other_mels_is_refused(tmp_path):
    own = replace(SPEC, hop_length=200, fmin=20.0)
    write_own(generator("v3").state_dict(), tmp_path / "vocoder.safetensors", {"variant": "v3", "mel": asdict(own)})
    with pytest.raises(ValueError, match=r"speaks other mels than .*: hop_length 200, not 256, fmin 20, not 0"):
        sound_of(tmp_path / "model.safetensors", SPEC)
    assert sound_of(tmp_path / "model.safetensors", own).mel_spec == own
