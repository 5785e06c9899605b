"""An ONNX graph at work, by onnxruntime: no torch is needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnxruntime import InferenceSession, SessionOptions


class OnnxGraph:
    """A graph whose inputs and outputs are known by name; `threads` are as many as there are cores, unless given.

    `shapes` are those of the inputs; a length that varies is a text there.
    """

    def __init__(self, graph: bytes, threads: int | None = None) -> None:
        options = SessionOptions()
        options.log_severity_level = 3  # errors; its warnings are of its own optimisations
        # Threads that wait for each other sleep. Where others want the cores too, spinning took ten times as long.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if threads is not None:
            options.intra_op_num_threads = threads
        self.session = InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.shapes: dict[str, list[int | str]] = {value.name: value.shape for value in self.session.get_inputs()}
        self.outputs: Sequence[str] = [value.name for value in self.session.get_outputs()]

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """Its outputs by name; what is no input of it is not read."""
        fed = {name: value for name, value in inputs.items() if name in self.shapes}
        return dict(zip(self.outputs, self.session.run(self.outputs, fed), strict=True))
