"""koeru[onnx] in an environment of its own speaks a text, without torch: as pip installs it."""

import os
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from voices import view, voice

from koeru.use.pack import run
from koeru.use.speech import Who

ROOT = Path(__file__).resolve().parents[2]
TEXT = "明日は雨が降るでしょう。"
SAY = f"""
import sys
from importlib.util import find_spec
from pathlib import Path
import numpy as np
import soundfile
from koeru.use.models import model_file, opener, sound_of
from koeru.use.speech import Speech, Who
assert not any(map(find_spec, ("torch", "snakemake", "safetensors", "onnx")))
model = model_file(Path(sys.argv[1]))
voice = opener(model, "speak")(model)
with voice.language.reader() as reader:
    record = Who("a", "Happy").record(reader.reading({TEXT!r}))
soundfile.write(sys.argv[2], Speech(voice, sound_of(model, voice.mel_spec)).say(record), voice.mel_spec.sample_rate)
np.save(sys.argv[3], voice.speak(record).mel)
"""

pytestmark = pytest.mark.slow


def test_a_packed_voice_speaks_a_text_where_there_is_no_torch(tmp_path):
    rights = {"OURS": {"format": "folder", "licence": "", "credit": "", "consent": "", "voices": "allowed"}}
    packed = tmp_path / "own.koeru"
    run(Namespace(experiment=view(tmp_path / "own", rights), to=packed, onnx=True, force=False))
    python = tmp_path / "bare" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "bare"], check=True)
    source = tmp_path / "source"  # pip builds where the source lies
    shutil.copytree(ROOT / "koeru", source / "koeru")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{source}[onnx]"], check=True)
    out, mel = tmp_path / "out.wav", tmp_path / "mel.npy"
    own = {"PATH": os.environ["PATH"]}  # no PYTHONPATH leads elsewhere
    done = subprocess.run([python, "-c", SAY, packed, out, mel], cwd=tmp_path, capture_output=True, text=True, env=own)
    assert done.returncode == 0, done.stderr
    beside = voice()
    with beside.language.reader() as reader:
        expected = beside.speak(Who("a", "Happy").record(reader.reading(TEXT))).mel
    np.testing.assert_allclose(np.load(mel), expected, rtol=0, atol=1e-3)
    assert soundfile.info(out).frames == len(expected) * 256
