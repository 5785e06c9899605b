"""What a training step of voice conversion costs: with `pitch_ar`, with wGMM, and beside a well-known Conformer.

The published sizes at a reduction factor of 3, on pairs of noise as long as speech. The other Conformer is that of the
package `conformer` (P. Wang, MIT): the very model, of as many channels, with its blocks as encoder and decoder.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from common import told
from torch import Tensor, nn

from koeru.families.vc.batches import Item, Sound, collate
from koeru.families.vc.entry import Model, Train
from koeru.families.vc.model import ConformerVc, Sizes
from koeru.families.vc.reduction import n_reduced
from koeru.families.vc.task import ConversionTask
from koeru.training.checkpoint import Position
from koeru.training.parallel import launch

PLAIN, AUTOREGRESSIVE, GMM, OTHER = "plain", "pitch_ar", "wGMM", "conformer"
LEAVES = {PLAIN: {}, AUTOREGRESSIVE: {"pitch_ar": True}, GMM: {"local_prosody": True, "global_prosody": True}}
BATCH_SIZE, BATCHES, ROUNDS, WARM_UP = 8, 3, 7, 2
FRAMES = (260, 600)  # of 3 to 7 s
SENTENCE = 170  # frames, about 2 s
LIMITS = {AUTOREGRESSIVE: 1.5, GMM: 1.6}


class OtherStack(nn.Module):
    """The blocks of the package, of the sizes of a section `model`."""

    def __init__(self, settings: Model, layers: int) -> None:
        from conformer import ConformerBlock

        super().__init__()
        dropout = {name: settings.dropout for name in ("attn_dropout", "ff_dropout", "conv_dropout")}
        self.blocks = nn.ModuleList(
            ConformerBlock(
                dim=settings.hidden,
                dim_head=settings.attention_size // settings.heads,
                heads=settings.heads,
                ff_mult=settings.expansion,
                conv_expansion_factor=1,
                conv_kernel_size=settings.kernel_size,
                **dropout,
            )
            for _ in range(layers)
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, L, D), (B, L) -> (B, L, D)"""
        for block in self.blocks:
            x = block(x, mask=mask)
        return x


def measure(folder: Path) -> list[bool]:
    """Print how long steps take, and their ratios."""
    rng = np.random.default_rng(0)
    items = [item(rng, number) for number in range(BATCH_SIZE * (BATCHES + 1))]
    groups = [items[start : start + BATCH_SIZE] for start in range(0, len(items), BATCH_SIZE)]
    warm_up, *batches = (collate(group, 3) for group in groups)
    steps = {name: step_of(model(name)) for name in (*LEAVES, OTHER)}
    for step in steps.values():
        for _ in range(WARM_UP):
            step(warm_up)
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for batch in batches:
            for name, step in steps.items():
                start = time.monotonic()
                step(batch)
                spent[name].append(time.monotonic() - start)
    print(f"conversion: steps of {BATCH_SIZE} pairs, fp32, 2 threads; medians of {ROUNDS} rounds of {BATCHES} batches")
    for name, seconds in spent.items():
        print(f"  {name}: {1000 * statistics.median(seconds):.0f} ms a step")
    found = [
        told(f"a step with {name}, against plain", _ratio(spent, name), most, " ×") for name, most in LIMITS.items()
    ]
    ratio = statistics.median(one / two for one, two in zip(spent[PLAIN], spent[OTHER], strict=True))
    return [*found, told("a plain step, against that with the other Conformer", ratio, 1.0, " ×")]


def model(name: str) -> ConformerVc:
    """A model with random weights."""
    torch.manual_seed(0)
    settings = Model(**{"pitch_ar": False, **LEAVES.get(name, {})})
    made = ConformerVc(settings, Sizes(2, 1), aligned=True)
    if name == OTHER:
        made.encoder = OtherStack(settings, settings.encoder_layers)
        made.decoder = OtherStack(settings, settings.decoder_layers)
    return made


def step_of(made: ConformerVc) -> Callable:
    """What makes an update with a batch."""
    nothing = SimpleNamespace(frame_lengths=[])  # batches are handed to it
    task, position = ConversionTask(made, Train(threads=2, device="cpu"), nothing, nothing), Position()
    task.set_up(launch(task.settings))
    made.train()
    return lambda batch: task.step(batch, position)


def item(rng: np.random.Generator, number: int) -> Item:
    """A pair of noise with sentences, whose target is a little longer than its source."""
    n_source = int(rng.integers(*FRAMES))
    n_target = int(n_source * rng.uniform(1.0, 1.3))
    source, target = n_reduced(n_source, 3), n_reduced(n_target, 3)
    durations = np.diff(np.linspace(0, target, source + 1).round()).astype(np.int64)
    sounds = [sound(rng, n_frames) for n_frames in (n_source, n_target)]
    return Item(str(number), sounds[0], 0, 1, 0, 0, range(0, n_target, SENTENCE), sounds[1], durations)


def sound(rng: np.random.Generator, n_frames: int) -> Sound:
    """Noise of so many frames."""
    pitch, energy = rng.standard_normal((2, n_frames), dtype=np.float32)
    return Sound(rng.standard_normal((n_frames, 80), dtype=np.float32), pitch, energy, pitch > 0)


def _ratio(spent: dict[str, list[float]], name: str) -> float:
    return statistics.median(one / two for one, two in zip(spent[name], spent[PLAIN], strict=True))
