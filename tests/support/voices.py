"""Small voices of random weights, and an utterance for them."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from koeru.audio.mel import MelSpec
from koeru.config.base import leaves
from koeru.data.statistics import Scale, Stats
from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.voice import Voice
from koeru.graph.store import write_json
from koeru.languages import language
from koeru.training.exported import write_exported

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


def settings(local: bool = True, global_: bool = True, **changes) -> Model:
    """Those of a small model; with neither local nor global prosody, of a plain one."""
    prosody = {
        "local_prosody": local, "global_prosody": global_, "num_gaussians": 3, "global_num_gaussians": 2,
        "prosody_emb_dim": 4, "prosody_filter_size": 8, "prosody_gru_size": 8,
    }  # fmt: skip
    small = {
        "hidden": 16, "encoder_layers": 1, "decoder_layers": 1, "filter_size": 16, "kernel_sizes": (3, 1),
        "variance_filter_size": 16, "postnet_layers": 0,
    }  # fmt: skip
    return Model(**{**prosody, **small, **changes})


def voice(local: bool = True, global_: bool = True, seed: int = 1, **changes) -> Voice:
    """A small voice of random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        own = build_model(settings(local, global_, **changes), VOCABULARY, STATS)
        return Voice(own, VOCABULARY, STATS, SPEC)


def view(path: Path, rights: dict[str, dict]) -> Path:
    """The folder of an experiment whose model is `voice()`: what is packed of it, and what is not."""
    told = {
        "family": "acoustic", "epoch": 3, "step": 30, "commit": "c0ffee", "params": leaves(settings(), "model."),
        "vocabulary": VOCABULARY.to_dict(), "stats": STATS.to_dict(), "mel": asdict(SPEC),
        "reading": {"language": "japanese", "corrections": {}},
        "trained": {"utterances": {"train": 2, "dev": 1}, "hours": 1.5},
    }  # fmt: skip
    (path / "samples").mkdir(parents=True)
    write_exported(path / "model.safetensors", voice().model.state_dict(), told)
    for name in "abcdef":
        for kind in ("synthesised", "recording", "natural"):
            (path / "samples" / f"{name}.{kind}.wav").write_bytes(f"{name} {kind}".encode())
    metric = {"label": "F0 error", "value": 12.3456, "unit": "cents", "better": "lower", "about": "Of F0.", "digits": 0}
    write_json(path / "metrics.json", {"metrics": {"f0": metric}})
    write_json(path / "record.json", {"exp": {}, "utterances": {"params": {}, "rights": rights}})
    (path / "config.yaml").write_text("entry: own\n")
    return path
