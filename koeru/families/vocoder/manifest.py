"""What the manifest of an epoch tells of the training of a vocoder, and `node.json` of published weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from koeru.graph.store import NodeManifest
from koeru.training.manifest import EpochManifest


@dataclass(frozen=True, kw_only=True)
class VocoderManifest(EpochManifest):
    """`parameters` by network; `best` is the epoch with the lowest mel error on the dev split: {"epoch", "mel"}."""

    parameters: Mapping[str, int]
    best: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class WeightsManifest(NodeManifest):
    """`step` and `epoch` of the published training, 0 where its files do not tell; `files` by leaf of the entry, each
    with path and bytes."""

    step: int
    epoch: int
    parameters: Mapping[str, int]
    files: Mapping[str, Mapping[str, Any]]
