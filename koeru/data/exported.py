"""What the file of a trained model tells of itself; nothing in it can run code, and no torch is needed.

A file of weights is in safetensors (https://github.com/huggingface/safetensors: the length of a header in 8 bytes, the
header in JSON, the tensors), with JSON in its metadata. A file of graphs is that JSON alone, and names the graphs of
ONNX in the folder beside it that has its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koeru.data.bundle import opened, read_bytes

ENTRY = "koeru"  # of the metadata, which holds the JSON
WEIGHTS, GRAPHS = ".safetensors", ".json"  # how the two kinds of files end
OF_GRAPHS = "graphs"  # what a file of graphs tells besides: their names


def read_told(path: Path) -> dict[str, Any]:
    """What a file tells, {} where koeru has not written it. Errors: ValueError naming the file that is damaged."""
    of_graphs = path.suffix == GRAPHS
    try:
        told = json.loads(read_bytes(path) if of_graphs else _metadata(path).get(ENTRY, "{}"))
    except ValueError as error:
        kind = "file of graphs" if of_graphs else "safetensors file"
        raise ValueError(f"{path} is not a {kind}, or not all of one: get it again ({error})") from error
    return told if isinstance(told, dict) else {}


def read_graphs(path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The graphs of a file by name, and what it tells. Errors: as of `read_told`, and ValueError if it names none."""
    told = read_told(path)
    if not isinstance(names := told.get(OF_GRAPHS), list):
        raise ValueError(f"{path} names no graphs: it is not a model that koeru has written as ONNX")
    return {name: read_bytes(_graph(path, name)) for name in names}, told


def files_of_graphs(path: Path, graphs: Mapping[str, bytes], told: Mapping[str, Any]) -> dict[Path, bytes]:
    """The inverse: what lies at a path, and in the folder beside it."""
    content = json.dumps({**told, OF_GRAPHS: sorted(graphs)}, ensure_ascii=False, sort_keys=True)
    return {path: content.encode()} | {_graph(path, name): graph for name, graph in graphs.items()}


def _graph(path: Path, name: str) -> Path:
    return path.with_suffix("") / f"{name}.onnx"


def _metadata(path: Path) -> dict[str, Any]:
    """The metadata of a file in safetensors. Errors: ValueError where it is not one, or not all of one."""
    with opened(path) as (file, size):
        length = int.from_bytes(file.read(8), "little")
        if length > size - 8:
            raise ValueError("its header is longer than the file")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("it has no header")
    metadata = header.pop("__metadata__", {})
    ends = max((tensor["data_offsets"][1] for tensor in header.values()), default=0)
    if ends != size - 8 - length:
        raise ValueError(f"it has {size - 8 - length} bytes of tensors, not {ends}")
    return metadata
