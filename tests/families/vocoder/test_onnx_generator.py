"""A generator as a graph of ONNX speaks as torch's does, at any length."""

import numpy as np
import pytest
from tiny import random_weights

from koeru.data.exported import files_of_graphs
from koeru.families.vocoder.export_onnx import exported
from koeru.families.vocoder.onnx_generator import OnnxGenerator
from koeru.families.vocoder.speaking import SpeakingGenerator


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    path = tmp_path_factory.mktemp("generator") / "vocoder.safetensors"
    random_weights(path)
    for written, content in files_of_graphs(path.with_suffix(".json"), *exported(path)).items():
        written.parent.mkdir(exist_ok=True)
        written.write_bytes(content)
    return SpeakingGenerator.from_file(path), OnnxGenerator.from_file(path.with_suffix(".json"), 1)


@pytest.mark.parametrize("frames", [1, 8, 50])
def test_it_says_what_torch_says(both, frames):
    own, other = both
    mel = np.random.default_rng(frames).normal(-4, 2, (frames, 80)).astype(np.float32)
    expected, wav = own(mel), other(mel)
    assert wav.shape == expected.shape == (256 * frames,) and wav.dtype == expected.dtype
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(wav, expected, rtol=0, atol=1e-4)
    assert (other.name, other.mel_spec) == (own.name, own.mel_spec)


@pytest.mark.parametrize("mel", [np.zeros((0, 80)), np.zeros((3, 79)), np.full((3, 80), np.nan), np.zeros(80)])
def test_what_is_no_mel_is_refused(both, mel):
    with pytest.raises(ValueError, match=r"vocoder: a finite log-mel \(T, 80\) of at least a frame"):
        both[1](mel.astype(np.float32))
