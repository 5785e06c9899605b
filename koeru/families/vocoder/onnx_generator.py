"""A generator without torch: a graph of ONNX that makes mels sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from koeru.audio.mel import MelSpec
from koeru.data.exported import read_graphs
from koeru.data.onnx_graph import OnnxGraph


class OnnxGenerator:
    """It speaks as `koeru.families.vocoder.speaking.SpeakingGenerator` does; `graphs` are the one named `generator`."""

    def __init__(
        self, graphs: Mapping[str, bytes], told: Mapping[str, Any], name: str, threads: int | None = None
    ) -> None:
        self.graph, self.name = OnnxGraph(graphs["generator"], threads), name
        self.mel_spec = MelSpec(**told["mel"]) if "mel" in told else None

    @classmethod
    def from_file(cls, path: Path, threads: int | None = None) -> Self:
        """The vocoder of a file of graphs. Errors: ValueError naming the file where it is not one."""
        graphs, told = read_graphs(path)
        return cls(graphs, told, path.stem, threads)

    def __call__(self, mel: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, M) -> (T * hop_length,) in [-1, 1]. Errors: ValueError unless it is a finite mel of one frame or more."""
        n_mels = self.graph.shapes["mel"][1]
        if mel.ndim != 2 or mel.shape[1] != n_mels or not len(mel) or not np.isfinite(mel).all():
            raise ValueError(f"{self.name}: a finite log-mel (T, {n_mels}) of at least a frame is wanted: {mel.shape}")
        return self.graph(mel=np.ascontiguousarray(mel.T, dtype=np.float32)[None])["wav"][0, 0]
