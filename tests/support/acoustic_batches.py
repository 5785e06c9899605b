"""Small acoustic models of random weights, and random batches for them."""

from collections.abc import Callable
from dataclasses import fields

import pytest
import torch
from torch import nn

from koeru.data.packing import pack_units, pack_utterances
from koeru.families.acoustic.batches import AcousticBatch
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import FastSpeech2
from koeru.families.acoustic.sizes import Sizes


def fastspeech2(kind: type[FastSpeech2] = FastSpeech2, **changes) -> FastSpeech2:
    """A model of leaves of its section and of sizes (`n_mels`, …), which need no prefix."""
    sizes = {field.name: changes.pop(field.name) for field in fields(Sizes) if field.name in changes}
    return kind(Model(**changes), Sizes(**sizes))


def without_dropout(model: nn.Module) -> nn.Module:
    """A model that is deterministic while it trains."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, nn.RNNBase):
            module.dropout = 0.0
    return model


SMALL = {
    "n_phones": 12, "n_accents": 8, "n_speakers": 3, "n_emotions": 4, "n_before_emotions": 5, "n_mels": 5,
    "pitch_range": (-2.0, 2.5), "energy_range": (-2.5, 2.0), "n_bins": 16,
    "hidden": 16, "encoder_layers": 1, "decoder_layers": 2, "filter_size": 24, "kernel_sizes": (5, 3),
    "variance_filter_size": 16, "postnet_layers": 3, "dropout": 0.0, "variance_dropout": 0.0,
}  # fmt: skip


@pytest.fixture(scope="session")
def make_fastspeech2() -> Callable[..., FastSpeech2]:
    """A small model of every part; without dropout but that of prosody, so that training mode is deterministic."""

    def make(kind: type[FastSpeech2] = FastSpeech2, **changes) -> FastSpeech2:
        model = fastspeech2(kind, **{**SMALL, **changes})
        if model.postnet is not None:
            without_dropout(model.postnet)
        return model

    return make


@pytest.fixture(scope="session")
def make_batch() -> Callable[..., AcousticBatch]:
    """Random utterances of the given phone counts. Their paddings hold zeros or, if `garbage`, large numbers;
    `more` phones and frames of padding are added to what the longest utterance needs."""

    def make(phone_lengths: list[int], seed: int = 0, more: int = 0, garbage: bool = False) -> AcousticBatch:
        generator = torch.Generator().manual_seed(seed)
        rows = []
        for length in phone_lengths:
            durations = torch.randint(0, 5, (length,), generator=generator)
            durations[0] += 1
            n_frames = int(durations.sum())
            rows.append(
                {
                    "phones": torch.randint(1, 12, (length,), generator=generator),
                    "accents": torch.randint(1, 8, (length,), generator=generator),
                    "devoiced": torch.randint(0, 2, (length,), generator=generator),
                    "durations": durations,
                    "pitch": torch.randn(length, generator=generator),
                    "energy": torch.randn(length, generator=generator),
                    "mels": torch.randn(n_frames, 5, generator=generator),
                    "frame_pitch": torch.randn(n_frames, generator=generator),
                    "frame_energy": torch.randn(n_frames, generator=generator),
                }
            )
        n_phones = max(phone_lengths) + more
        n_frames = max(len(row["mels"]) for row in rows) + more

        def padded(name: str) -> torch.Tensor:
            length = n_frames if name in ("mels", "frame_pitch", "frame_energy") else n_phones
            fill = {"phones": 7, "accents": 3, "devoiced": 1, "durations": 0}.get(name, 1e3) if garbage else 0
            out = rows[0][name].new_full((len(rows), length, *rows[0][name].shape[1:]), fill)
            for b, row in enumerate(rows):
                out[b, : len(row[name])] = row[name]
            return out

        tensors = {name: padded(name) for name in rows[0]}
        return AcousticBatch(
            ids=tuple(f"u{b}" for b in range(len(rows))),
            phone_lengths=torch.tensor(phone_lengths),
            speakers=torch.arange(len(rows)) % 3,
            emotions=torch.arange(len(rows)) % 4,
            before_emotions=torch.arange(1, len(rows) + 1) % 5,
            n_frames=n_frames,
            packing=pack_units(tensors["durations"], n_frames),
            utterances=pack_utterances(torch.tensor(phone_lengths), n_phones),
            **tensors,
        )

    return make
