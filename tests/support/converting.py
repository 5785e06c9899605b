"""A small converter of random weights, and recordings for it."""

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from fakes.speech import spoken

from koeru.audio.mel import MelSpec
from koeru.config.base import leaves
from koeru.data.statistics import Scale, Stats
from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.vc.build import build_model
from koeru.families.vc.converter import Converter
from koeru.families.vc.entry import VcExp
from koeru.families.vc.hearing import Hearing
from koeru.languages import language
from koeru.stand_in.voice import SAMPLE_RATE
from koeru.stand_in.voice import resample as at_rate
from koeru.training.exported import write_exported

SPEC = MelSpec()
RULE = {
    "silence_thresh_h": -50.0, "silence_thresh_t": -50.0, "chunk_size": 10, "min_silence_len": 200,
    "keep_silence": 50, "inner": "mark", "mute_inner": False,
}  # fmt: skip
HEARING = Hearing(SPEC, "dio", 71.0, 800.0, RULE)
TINY = {
    "hidden": 16, "attention_size": 16, "encoder_layers": 1, "decoder_layers": 1, "variance_filter_size": 16,
    "pitch_layers": 1, "pitch_ar_size": 8, "postnet_layers": 0, "prosody_emb_dim": 4, "prosody_filter_size": 8,
    "prosody_gru_size": 8, "num_gaussians": 2, "global_num_gaussians": 2,
}  # fmt: skip
TEXTS = ("今日はいい天気です", "明日は学校へ行きます", "本を読むのが好きです")


def stats(names: Names) -> Stats:
    """Those of speech, roughly."""
    scales = {
        "mel": Scale(9, np.full(SPEC.n_mels, -5.0), np.full(SPEC.n_mels, 2.0)),
        "log_f0": Scale(9, np.array(5.3), np.array(0.2)),
        "log_energy": Scale(9, np.array(2.0), np.array(2.0)),
    }
    return Stats(names, False, {name: {"all": scale} for name, scale in scales.items()})


def exported(
    path: Path,
    couples: list[tuple[str, str]],
    names: Names,
    hearing: Hearing = HEARING,
    **changes: Any,
) -> tuple[Path, Converter]:
    """A file of random weights, and the converter that it was made of."""
    params = leaves(VcExp(spk="pair", model={"type": "conformer_vc", **TINY, **changes}))
    vocabulary, own = Vocabulary.spoken(language("japanese"), names), stats(names)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)
        model = build_model(VcExp(spk="pair", model={**TINY, **changes}).model, vocabulary, own, aligned=True)
    told = {"params": params, "vocabulary": vocabulary.to_dict(), "stats": own.to_dict(), "couples": couples}
    told |= {"epoch": 2, "step": 20}
    write_exported(path, model.state_dict(), told | {"family": "vc", "hearing": hearing.to_dict()})
    return path, Converter(model, vocabulary, own, hearing, couples)


def speech(*pauses: float, sample_rate: int = SPEC.sample_rate, head: float = 0.3, tail: float = 0.3) -> np.ndarray:
    """Sentences (N,) of full scale 1 with pauses in seconds between them, one sentence more than pauses."""
    said = [spoken(TEXTS[i % len(TEXTS)], "Teacher", "Normal").samples / 32768 for i in range(len(pauses) + 1)]
    parts = [np.zeros(round(head * SAMPLE_RATE))]
    for sentence, pause in zip(said, (*pauses, tail), strict=True):
        parts += [sentence, np.zeros(round(pause * SAMPLE_RATE))]
    return at_rate(np.concatenate(parts), SAMPLE_RATE, sample_rate)


def samples(*pauses: float, **changes: float) -> np.ndarray:
    """The same as int16 (N,)."""
    return np.round(speech(*pauses, **changes) * 32767).astype(np.int16)


def recording(path: Path, wav: np.ndarray, sample_rate: int = SPEC.sample_rate, subtype: str = "PCM_16") -> Path:
    """A file of samples, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, wav, sample_rate, subtype=subtype)
    return path
