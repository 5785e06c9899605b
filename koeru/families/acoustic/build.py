"""An experiment's model from its parameters, the names that it knows, and its dataset's statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.data.names import KINDS, Names
from koeru.data.statistics import Stats
from koeru.families.acoustic.config import FastSpeech2Config, ProsodyConfig
from koeru.families.acoustic.model import FastSpeech2
from koeru.languages.japanese.phones import ACCENTS, PHONES

NAMED_ROWS = tuple(f"{kind}.weight" for kind in KINDS)  # tensors with one row a name, in the order of the ids


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
            n_before_emotions=len(names.before_emotions),
            n_mels=len(scale.mean),
            use_accent=params["model.accent"],
            use_speaker=params["model.speaker"],
            use_emotion=params["model.emotion"],
            use_before_emotion=params["model.before_emotion"],
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
            **variance_levels(params, stats),
            postnet_layers=params["model.postnet_layers"],
            prosody=prosody_config(params),
        )
    )


def prosody_config(params: Mapping[str, Any]) -> ProsodyConfig | None:
    """The prosody model that the leaves describe; None where neither local nor global prosody is on."""
    if not (params["model.local_prosody"] or params["model.global_prosody"]):
        return None
    return ProsodyConfig(
        local=params["model.local_prosody"],
        global_=params["model.global_prosody"],
        speaker_independence=params["model.prosody_speaker_independence"],
        num_gaussians=params["model.num_gaussians"],
        global_num_gaussians=params["model.global_num_gaussians"],
        emb_dim=params["model.prosody_emb_dim"],
        filter_size=params["model.prosody_filter_size"],
        gru_size=params["model.prosody_gru_size"],
        dropout=params["model.prosody_dropout"],
        gru_dropout=params["model.prosody_gru_dropout"],
    )


def variance_levels(params: Mapping[str, Any], stats: Stats) -> dict[str, Any]:
    """The levels and the embedding of pitch and energy; with bins, the ranges of their values in the training split."""
    found = {name: params[f"model.{name}"] for name in ("pitch_level", "energy_level", "variance_embedding", "n_bins")}
    if found["variance_embedding"] == "bins":
        found["pitch_range"] = stats.range("log_f0", found["pitch_level"])
        found["energy_range"] = stats.range("log_energy", found["energy_level"])
    return found
