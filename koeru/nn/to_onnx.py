"""A module as a graph of ONNX."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

OPSET = 17  # has layer normalisation; every onnxruntime that koeru allows knows it


def onnx_bytes(
    module: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], varying: Mapping[str, int]
) -> bytes:
    """The graph of a module in evaluation, on the CPU, that is called with `inputs` in their order.

    Of what is `varying`, inputs or outputs, the length along an axis may be another than that of the example. Errors:
    ModuleNotFoundError with a remedy without the package onnx.
    """
    try:
        import onnx  # noqa: F401  # torch's exporter needs it
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("graphs of ONNX are written with the package onnx: pip install onnx") from error
    made = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the tracer, on lengths: the tests compare graphs at other ones
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            made,
            dynamo=False,  # which would unroll recurrent layers to the length of the example
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: [axis] for name, axis in varying.items() if name in inputs or name in outputs},
        )
    return made.getvalue()
