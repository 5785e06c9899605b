"""A generator as the graph of `koeru.families.vocoder.onnx_generator`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from koeru.data.exported import read_told
from koeru.families.vocoder.hifigan import Generator
from koeru.families.vocoder.speaking import SpeakingGenerator
from koeru.nn.to_onnx import onnx_bytes

LENGTH = 8  # frames of the example that is traced


def exported(path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The graph of the file of a vocoder, and what the file tells, as `OnnxGenerator` wants them."""
    return graphs(SpeakingGenerator.from_file(path).generator), read_told(path)


def graphs(generator: Generator) -> dict[str, bytes]:
    """The graph of a generator with folded weights, on the CPU."""
    mel = {"mel": torch.zeros(1, generator.config.n_mels, LENGTH)}
    return {"generator": onnx_bytes(generator, mel, ["wav"], {"mel": 2, "wav": 2})}
