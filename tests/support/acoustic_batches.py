from collections.abc import Callable

import pytest
import torch

from koeru.data.packing import pack_phones, pack_utterances
from koeru.families.acoustic.batches import Batch
from koeru.families.acoustic.config import FastSpeech2Config


@pytest.fixture(scope="session")
def make_config() -> Callable[..., FastSpeech2Config]:
    """A small model of every part; dropout 0, so that training mode is deterministic."""

    def make(**changes) -> FastSpeech2Config:
        small = {
            "n_phones": 12, "n_accents": 8, "n_speakers": 3, "n_emotions": 4, "n_before_emotions": 5,
            "n_mels": 5, "hidden": 16, "encoder_layers": 1, "decoder_layers": 2, "filter_size": 24,
            "kernel_sizes": (5, 3),
            "variance_filter_size": 16, "n_bins": 16, "pitch_range": (-2.0, 2.5), "energy_range": (-2.5, 2.0),
            "postnet_layers": 3, "postnet_filter_size": 12,
            "dropout": 0.0, "variance_dropout": 0.0, "postnet_dropout": 0.0,
        }  # fmt: skip
        return FastSpeech2Config(**{**small, **changes})

    return make


@pytest.fixture(scope="session")
def make_batch() -> Callable[..., Batch]:
    """Random utterances of the given phone counts. Their paddings hold zeros or, if `garbage`, large numbers;
    `more` phones and frames of padding are added to what the longest utterance needs."""

    def make(phone_lengths: list[int], seed: int = 0, more: int = 0, garbage: bool = False) -> Batch:
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
        return Batch(
            ids=tuple(f"u{b}" for b in range(len(rows))),
            phone_lengths=torch.tensor(phone_lengths),
            speakers=torch.arange(len(rows)) % 3,
            emotions=torch.arange(len(rows)) % 4,
            before_emotions=torch.arange(1, len(rows) + 1) % 5,
            n_frames=n_frames,
            packing=pack_phones(tensors["durations"], n_frames),
            utterances=pack_utterances(torch.tensor(phone_lengths), n_phones),
            **tensors,
        )

    return make
