"""The leaves of models that train in a second."""

from pathlib import Path
from typing import Any

import torch

from koeru.families.vocoder.hifigan import generator
from koeru.families.vocoder.published import write_own
from koeru.graph.store import file_digest

TINY_MODEL = {
    "hidden": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "filter_size": 16,
    "kernel_sizes": [3, 1],
    "variance_filter_size": 16,
    "postnet_layers": 0,
}
TINY_PROSODY = {
    "local_prosody": True,
    "global_prosody": True,
    "num_gaussians": 2,
    "global_num_gaussians": 2,
    "prosody_emb_dim": 4,
    "prosody_filter_size": 8,
    "prosody_gru_size": 8,
}
TINY_CONVERSION = {
    "type": "conformer_vc",
    "hidden": 16,
    "attention_size": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "kernel_size": 3,
    "filter_size": 16,
    "variance_filter_size": 16,
    "pitch_layers": 2,
    "pitch_ar_size": 8,
    "postnet_layers": 0,
}
TINY_RECOGNISER = {
    "type": "quartznet",
    "stem_channels": 8,
    "stem_kernel_size": 3,
    "channels": [8],
    "kernel_sizes": [3],
    "repeats": 1,
    "tail_channels": 8,
    "tail_kernel_size": 3,
    "top_channels": 8,
}
TINY_VOCODER = {
    "variant": "v3",
    "mpd_channels": [2, 4, 4, 4, 4],
    "msd_channels": [4, 16, 16, 16, 16, 16, 4],
    "train": {"threads": 1, "device": "cpu", "batch_size": 8, "segment_length": 1024, "base_lr": 1e-3},
    "epochs": 1,
    "samples": 2,
    "griffin_lim_iterations": 2,
    "bootstrap": 10,
}


def random_weights(path: Path) -> dict[str, Any]:
    """Write a generator that has learned nothing; the entry of `weights` that names it."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        write_own(generator("v3").state_dict(), path, {"variant": "v3"})
    return {"variant": "v3", "generator": str(path), "generator_sha256": file_digest(path)}
