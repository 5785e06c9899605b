"""An experiment's model from its parameters, the names that it knows, and its dataset's statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.data.names import Names
from koeru.data.statistics import Stats
from koeru.models.fastspeech2 import FastSpeech2, FastSpeech2Config
from koeru.text.phones import ACCENTS, PHONES

NAMED_ROWS = ("speakers.weight", "emotions.weight")  # tensors with one row a name, in the order of the ids


def build_model(params: Mapping[str, Any], names: Names, stats: Stats) -> FastSpeech2:
    """The model that the leaves `model.*` describe, for the speakers and emotions of `names`, the bands of `stats`."""
    if params["model.type"] != "fastspeech2":
        raise ValueError(f"model.type: there is no model {params['model.type']!r}")
    scale = next(iter(stats.features["mel"].values()))
    return FastSpeech2(
        FastSpeech2Config(
            n_phones=len(PHONES),
            n_accents=len(ACCENTS),
            n_speakers=len(names.speakers),
            n_emotions=len(names.emotions),
            n_mels=len(scale.mean),
            use_accent=params["model.accent"],
            use_speaker=params["model.speaker"],
            use_emotion=params["model.emotion"],
            hidden=params["model.hidden"],
            encoder_layers=params["model.encoder_layers"],
            decoder_layers=params["model.decoder_layers"],
            heads=params["model.heads"],
            filter_size=params["model.filter_size"],
            kernel_sizes=tuple(params["model.kernel_sizes"]),
            dropout=params["model.dropout"],
            variance_filter_size=params["model.variance_filter_size"],
            variance_kernel_size=params["model.variance_kernel_size"],
            variance_dropout=params["model.variance_dropout"],
            postnet_layers=params["model.postnet_layers"],
        )
    )
