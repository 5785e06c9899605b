"""A trained model as a file that works without a store: weights in safetensors, and JSON on what they are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load, save_file
from torch import Tensor

from koeru.data.bundle import read_bytes
from koeru.data.exported import ENTRY, read_told
from koeru.graph.store import replacing


def write_exported(path: Path, weights: Mapping[str, Tensor], told: Mapping[str, Any]) -> None:
    """Write weights, and in the metadata all that must be known to use them."""
    content = json.dumps(dict(told), ensure_ascii=False, sort_keys=True)
    with replacing(path) as temporary:
        save_file({name: tensor.detach().contiguous() for name, tensor in weights.items()}, temporary, {ENTRY: content})


def read_exported(path: Path, wanted: str, *entries: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The inverse of `write_exported`. Nothing in the file can run code.

    Errors: ValueError naming the file where it is damaged, or where its metadata lack one of the `entries` without
    which it is not what is `wanted`.
    """
    told = read_told(path)
    if lacking := [entry for entry in entries if entry not in told]:
        raise ValueError(
            f"{path} has no metadata `{ENTRY}` that tell a `{lacking[0]}`: it is not {wanted} that koeru has written, "
            "or an older koeru wrote it: export it anew"
        )
    return load(read_bytes(path)), told
