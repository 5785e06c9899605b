"""An experiment in one file: the same bytes each time, with what binds who is given it, and it speaks without torch."""

import json
import subprocess
import sys
import zipfile
from argparse import Namespace

import numpy as np
import pytest
from converting import exported as converter
from tiny import random_weights
from voices import SPEC, view, voice

from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.licences import STAND_IN
from koeru.data.bundle import read_bytes
from koeru.data.vocabulary import Names
from koeru.families.acoustic.voice import Voice
from koeru.families.vc.converter import Converter
from koeru.graph.store import write_json
from koeru.text.reading import Reading
from koeru.use.models import model_file, opener, sound_of
from koeru.use.pack import run
from koeru.use.speech import Who

ALLOWED = {"format": "folder", "licence": "CC0", "credit": "by A", "consent": "all, 2026", "voices": "allowed"}
UNKNOWN = {"format": "jsut", "licence": "", "credit": "", "consent": "", "voices": "unknown"}
RIGHTS = {
    "FREE": ALLOWED | {"stand_in": False},
    "JSUT": UNKNOWN | {"stand_in": False},
    "MADE": UNKNOWN | {"stand_in": True},
    "OURS": ALLOWED | {"stand_in": False, "licence": "for us", "voices": "forbidden"},
}


def pack(folder, target=None, onnx=False, force=False):
    return run(Namespace(experiment=folder, to=target, onnx=onnx, force=force))


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A view with a vocoder, and what it is packed in, with graphs."""
    folder = view(tmp_path_factory.mktemp("pack") / "exp" / "own", RIGHTS)
    random_weights(folder / "vocoder.safetensors")
    target = folder.parent / "own.koeru"
    assert pack(folder, target, onnx=True) == 0
    return folder, target


def test_it_holds_what_is_needed_and_no_recording(packed):
    graphs = [*(f"model/{name}.onnx" for name in ("decoder", "phones", "step", "text")), "vocoder/generator.onnx"]
    told = ["card.json", "card.md", "config.yaml", "manifest.json", "model.json", "vocoder.json"]
    samples = [f"samples/{name}.synthesised.wav" for name in "ace"]
    with zipfile.ZipFile(packed[1]) as found:
        names = found.namelist()
    assert sorted(names) == sorted([*told, *graphs, *samples, "model.safetensors", "vocoder.safetensors"])


@pytest.mark.parametrize("onnx", [False, True])
def test_packed_twice_it_has_the_same_bytes(packed, tmp_path, onnx):
    for name in ("one", "other"):
        pack(packed[0], tmp_path / f"{name}.koeru", onnx)
    assert (tmp_path / "one.koeru").read_bytes() == (tmp_path / "other.koeru").read_bytes()


def test_the_card_tells_what_it_is_and_what_binds_who_is_given_it(packed):
    card = json.loads(read_bytes(packed[1] / "card.json"))
    assert (card["name"], card["epoch"], card["commit"], card["speakers"]) == ("own", 3, "c0ffee", ["a", "b"])
    assert card["hours"] == 1.5 and card["utterances"] == {"train": 2, "dev": 1}
    assert card["metrics"]["f0"]["value"] == 12.3456 and card["sound"] == "vocoder"
    assert card["trained_on"] == {
        "FREE": {"licence": "CC0", "credit": "by A", "consent": "all, 2026", "voices": "allowed"},
        "JSUT": {
            "licence": ADAPTERS["jsut"].LICENCE,
            "credit": ADAPTERS["jsut"].CREDIT,
            "consent": "",
            "voices": "unknown",
        },
        "MADE": {"licence": STAND_IN, "credit": STAND_IN, "consent": "", "voices": "allowed"},
        "OURS": {"licence": "for us", "credit": "by A", "consent": "all, 2026", "voices": "forbidden"},
    }
    words = read_bytes(packed[1] / "card.md").decode()
    for told in (
        "# own",
        "Japanese",
        "CC0",
        "by A",
        "all, 2026",
        STAND_IN,
        "c0ffee",
        "| F0 error | 12.3 cents | lower |",
    ):
        assert told in words


def test_licences_that_forbid_it_or_do_not_say_are_told(packed, tmp_path, capsys):
    pack(packed[0], tmp_path / "x.koeru")
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "JSUT: its entry does not say whether voices may be passed on that were trained on it: read its licence "
        f"({ADAPTERS['jsut'].LICENCE})",
        "OURS: its entry says that voices must not be passed on that were trained on it (for us)",
    ]


def test_what_cannot_be_packed_is_refused_in_words(packed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert pack(packed[0]) == 0 and (tmp_path / "own.koeru").exists()
    with pytest.raises(FileExistsError, match=r"own\.koeru is there already"):
        pack(packed[0])
    assert pack(packed[0], force=True) == 0
    with pytest.raises(ValueError, match=r"ends with \.koeru"):
        pack(packed[0], tmp_path / "own.zip")
    with pytest.raises(FileNotFoundError, match=r"holds no model\.safetensors"):
        pack(tmp_path, tmp_path / "x.koeru")
    older = view(tmp_path / "older", {})
    write_json(older / "record.json", {"exp": {}})
    with pytest.raises(ValueError, match=r"older: its record\.json does not tell .* let Snakemake show it again"):
        pack(older, tmp_path / "x.koeru")


def test_a_converter_is_packed_without_graphs(tmp_path):
    folder = view(tmp_path / "N2C", RIGHTS)
    converter(folder / "model.safetensors", [("a", "b")], Names(("a", "b"), ("Normal",)))
    with pytest.raises(ValueError, match="of the kind 'vc', of which there are no graphs: omit --onnx"):
        pack(folder, tmp_path / "x.koeru", onnx=True)
    pack(folder, tmp_path / "x.koeru")
    model = model_file(tmp_path / "x.koeru")
    assert isinstance(opener(model, "convert")(model), Converter)


# ---- at work -------------------------------------------------------------------------------------------------------

READING = Reading(("sil", "k", "a", "i", "sil"), (0,) * 5, ("^", "_", "[", "_", "$"))


def test_with_torch_it_speaks_by_its_weights(packed):
    model = model_file(packed[1])
    own, record = opener(model, "speak")(model), Who("a", "Happy").record(READING)
    assert isinstance(own, Voice) and own.reading == {"language": "japanese", "corrections": {}}
    assert np.array_equal(own.speak(record).mel, voice().speak(record).mel)
    sound = sound_of(model, SPEC)
    mel = np.zeros((3, 80), np.float32)
    assert sound.name == "vocoder" and np.array_equal(sound(mel), sound_of(packed[0] / "model.safetensors", SPEC)(mel))
    assert np.array_equal(sound_of(packed[0] / "none", SPEC, packed[1])(mel), sound(mel))


TRAINING = ("torch", "lightning", "lightning_fabric", "snakemake", "numba", "safetensors", "jinja2", "matplotlib",
            "tensorboard", "pyworld", "onnx")  # fmt: skip
WITHOUT = f"""
import sys
for name in {TRAINING!r}:
    sys.modules[name] = None  # whoever imports it fails as if it were not there
from pathlib import Path
import numpy as np
from koeru.text.reading import Reading
from koeru.use.models import model_file, opener, sound_of
from koeru.use.manner import Manner
from koeru.use.speech import Speech, Who
packed, out = Path(sys.argv[1]), sys.argv[2]
model = model_file(packed)
voice = opener(model, "speak")(model)
record = Who("a", "Happy").record(Reading(*{(READING.phones, READING.devoiced, READING.accents)!r}))
answer = voice.speak(record)
sound = sound_of(model, voice.mel_spec)
beside = sound_of(Path("none/model"), voice.mel_spec)
speech = Speech(voice, beside)
wav = speech.say(record, speech.told(record, Manner(speed=1.5, pitch=2)))
np.savez(out, mel=answer.mel, sound=sound(np.zeros((3, 80), np.float32)), wav=wav)
print(type(voice).__name__, type(sound).__name__)
"""


def test_without_torch_it_speaks_the_same_by_its_graphs(packed, tmp_path):
    command = [sys.executable, "-c", WITHOUT, str(packed[1]), str(tmp_path / "out.npz")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["OnnxVoice", "OnnxGenerator"]
    found, record = np.load(tmp_path / "out.npz"), Who("a", "Happy").record(READING)
    np.testing.assert_allclose(found["mel"], voice().speak(record).mel, rtol=0, atol=1e-3)
    expected = sound_of(model_file(packed[1]), SPEC)(np.zeros((3, 80), np.float32))
    np.testing.assert_allclose(found["sound"], expected, rtol=0, atol=1e-3)
    assert len(found["wav"]) % SPEC.hop_length == 0 and np.isfinite(found["wav"]).all()


def test_without_torch_weights_alone_are_refused_with_a_remedy(packed, tmp_path):
    pack(packed[0], tmp_path / "x.koeru")
    command = [sys.executable, "-c", WITHOUT, str(tmp_path / "x.koeru"), str(tmp_path / "out.npz")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "which is not installed: pip install torch, or let whoever has it pack the model with --onnx" in done.stderr
