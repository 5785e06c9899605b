"""Small voices of random weights, and an utterance for them."""

import numpy as np
import torch

from koeru.audio.mel import MelSpec
from koeru.data.statistics import Scale, Stats
from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.voice import Voice
from koeru.languages import language

NAMES = Names(("a", "b"), ("Normal", "Happy"), ("", "Normal"))
VOCABULARY = Vocabulary.spoken(language("japanese"), NAMES)
MELS = 5
SPEC = MelSpec(n_mels=MELS)
SCALES = {
    "mel": Scale(9, np.full(MELS, -5.0), np.full(MELS, 2.0)),
    "log_f0": Scale(9, np.array(5.0), np.array(0.2)),
    "log_energy": Scale(9, np.array(0.0), np.array(1.0)),
}
RANGES = {name: dict.fromkeys(("phone", "frame"), (-2.0, 2.0)) for name in ("log_f0", "log_energy")}
STATS = Stats(NAMES, False, {name: {"all": scale} for name, scale in SCALES.items()}, RANGES)
RECORD = {
    "id": "a_1",
    "phones": ["sil", "k", "a", "i", "sil"],
    "accents": ["_", "_", "[", "_", "_"],
    "devoiced": [0, 0, 0, 0, 0],
    "speaker": "a",
    "emotion": "Normal",
    "before_emotion": "",
    "durations": [2, 3, 0, 4, 3],
}


def natural(record: dict, seed: int = 3) -> dict[str, np.ndarray]:
    """Random features of as many frames as the record's durations."""
    rng, n_frames = np.random.default_rng(seed), sum(record["durations"])
    curves = {name: rng.normal(size=n_frames).astype(np.float32) for name in ("log_f0", "log_energy")}
    mel = rng.normal(-5, 2, (n_frames, MELS)).astype(np.float32)
    return curves | {"mel": mel, "voiced": np.arange(n_frames) % 3 > 0}


def voice(local: bool = True, global_: bool = True, seed: int = 1, **changes) -> Voice:
    """A small voice of random weights; with neither local nor global prosody, a plain one."""
    prosody = {
        "local_prosody": local, "global_prosody": global_, "num_gaussians": 3, "global_num_gaussians": 2,
        "prosody_emb_dim": 4, "prosody_filter_size": 8, "prosody_gru_size": 8,
    }  # fmt: skip
    small = {
        "hidden": 16, "encoder_layers": 1, "decoder_layers": 1, "filter_size": 16, "kernel_sizes": (3, 1),
        "variance_filter_size": 16, "postnet_layers": 0,
    }  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return Voice(build_model(Model(**{**prosody, **small, **changes}), VOCABULARY, STATS), VOCABULARY, STATS, SPEC)
