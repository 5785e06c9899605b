"""Small models of voice conversion with random weights, and random pairs for them."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import torch
from acoustic_batches import without_dropout
from torch.nn import functional

from koeru.data.packing import pack_units, pack_utterances
from koeru.families.vc.batches import BEYOND, Item, PairBatch, Sound
from koeru.families.vc.entry import Model
from koeru.families.vc.model import ConformerVc, Sizes
from koeru.families.vc.reduction import n_reduced

N_MELS = 5
SIZES = Sizes(n_speakers=3, n_emotions=2, n_mels=N_MELS)
SMALL = {
    "hidden": 8, "attention_size": 12, "encoder_layers": 1, "decoder_layers": 1, "kernel_size": 3, "expansion": 2,
    "filter_size": 12, "kernel_sizes": (3, 1), "variance_filter_size": 8, "pitch_layers": 2, "pitch_kernel_size": 3,
    "pitch_ar_size": 6, "postnet_layers": 2,
}  # fmt: skip
PROSODY = {
    "local_prosody": True, "global_prosody": True, "pitch_ar": False, "num_gaussians": 3, "global_num_gaussians": 2,
    "prosody_emb_dim": 6, "prosody_filter_size": 8, "prosody_gru_size": 6,
}  # fmt: skip
KINDS = {"pitch_ar": {}, "plain": {"pitch_ar": False}, "wgmm": PROSODY}
OF_FRAMES = {
    "source": ("source_mels", "source_pitch", "source_energy"),
    "target": ("target_mels", "target_pitch", "target_energy", "target_voiced"),
}
GARBAGE = 1e3


def conversion(kind: str = "plain", *, aligned: bool = True, **changes) -> ConformerVc:
    """A small model of every part, of leaves of its section."""
    torch.manual_seed(0)
    return ConformerVc(Model(**{**SMALL, **KINDS[kind], **changes}), SIZES, aligned=aligned)


def make_conversion(kind: str = "plain", **changes) -> ConformerVc:
    """The same without dropout, so that it is deterministic while it trains."""
    return without_dropout(conversion(kind, **changes))


def sound(rng: np.random.Generator, n_frames: int) -> Sound:
    """Frames of noise."""
    mel, pitch, energy = (rng.normal(size=size).astype(np.float32) for size in ((n_frames, N_MELS), n_frames, n_frames))
    return Sound(mel, pitch, energy, rng.random(n_frames) < 0.6)


def make_pair(
    source: int, target: int, factor: int, cuts: Sequence[int] = (0,), seed: int = 0, *, aligned: bool = True
) -> Item:
    """A pair of so many frames, whose target has the sentences `cuts`, and random durations that add up."""
    rng = np.random.default_rng(seed)
    n_source, n_target = n_reduced(source, factor), n_reduced(target, factor)
    ends = np.sort(rng.integers(0, n_target + 1, n_source - 1))
    durations = np.diff([0, *ends, n_target])
    who = {name: seed % 2 for name in ("source_speaker", "target_emotion", "source_emotion")}
    sounds = {"source": sound(rng, source), "target": sound(rng, target)}
    return Item(
        f"p{seed}", target_speaker=2, cuts=cuts, durations=durations if aligned else None, **who, **sounds
    )  # fmt: skip


def make_pairs(
    lengths: Sequence[tuple[int, int]], factor: int, cuts: Sequence[int] = (0,), *, aligned: bool = True
) -> list[Item]:
    """Pairs of (source, target) frames."""
    return [
        make_pair(source, target, factor, cuts, seed, aligned=aligned) for seed, (source, target) in enumerate(lengths)
    ]


def loosened(batch: PairBatch, factor: int, more: int) -> PairBatch:
    """The same pairs with `more` reduced frames of padding on both sides, of large numbers, and one more sentence."""

    def filled(value: torch.Tensor, lengths: torch.Tensor, per: int, garbage: float) -> torch.Tensor:
        out = value.new_full((len(value), value.shape[1] + more * per, *value.shape[2:]), garbage)
        for row, own, length in zip(out, value, lengths.tolist(), strict=True):
            row[: length * per] = own[: length * per]
        return out

    changed = {
        name: filled(getattr(batch, name), getattr(batch, f"{side}_lengths"), factor, GARBAGE)
        for side, names in OF_FRAMES.items()
        for name in names
    }
    if batch.durations is not None:
        changed["durations"] = filled(batch.durations, batch.source_lengths, 1, 0)
    cuts = functional.pad(batch.cuts, (0, 1), value=BEYOND)
    ends = torch.minimum(functional.pad(cuts[:, 1:], (0, 1), value=BEYOND), batch.target_lengths[:, None])
    lengths = factor * (ends - cuts).clamp(min=0)
    sentences = pack_units(lengths, changed["target_mels"].shape[1])
    utterances = pack_utterances(batch.n_sentences, cuts.shape[1])
    return replace(batch, **changed, cuts=cuts, sentences=sentences, utterances=utterances)


def doubled(batch: PairBatch) -> PairBatch:
    """The batch in float64, where rounding cannot hide a leak."""
    values = {field.name: getattr(batch, field.name) for field in fields(batch)}
    is_float = {name: v for name, v in values.items() if isinstance(v, torch.Tensor) and v.dtype == torch.float32}
    return replace(batch, **{name: value.double() for name, value in is_float.items()})
