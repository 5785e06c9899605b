"""A training step of HiFi-GAN V1 beside the published one, its memory, what it computes; how fast generators speak.

`python bench/vocoder.py --device cuda --precision bf16` prints the steps of a machine with a GPU as a page in Markdown.
It needs no corpus, and none of the packages that only data stages and the workflow need: the clips are hum and noise.
"""

import argparse
import copy
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from published_step import PublishedStep
from torch.utils.flop_counter import FlopCounterMode

from koeru.audio.mel import MelSpec, log_mel
from koeru.families.vocoder.clips import Clip
from koeru.families.vocoder.entry import VocoderTrain
from koeru.families.vocoder.hifigan import VARIANTS, Variant, generator
from koeru.families.vocoder.model import Discriminators, HifiGan
from koeru.families.vocoder.task import ClipBatch, VocoderTask
from koeru.families.vocoder.weight_norm import fold_weights
from koeru.training.checkpoint import Position
from koeru.training.loader import Share
from koeru.training.machine import cpu_name
from koeru.training.parallel import launch

SPEC = MelSpec()
FULL_BAND = MelSpec(fmax=SPEC.sample_rate / 2)
BATCH_SIZE, ROUNDS, WARM_UP = 4, 7, 2
AIM = 1 / 1.5  # of the time of the published step
CLOSE, EQUAL, DIFFERING = 1e-4, 1e-6, 1e-5  # of all weights, of most, and which share may differ by more
SECONDS_SPOKEN = 5.0
OURS, PUBLISHED = "koeru", "published"


class Hum:
    """Recordings in memory: a gliding hum in noise."""

    hop_length = SPEC.hop_length

    def __init__(self, count: int, frames: int) -> None:
        rng, samples = np.random.default_rng(0), frames * self.hop_length
        self.ids = [f"hum{number}" for number in range(count)]
        self.frame_lengths = [frames] * count
        f0 = rng.uniform(100, 300, (count, 1)) * np.linspace(1, rng.uniform(0.8, 1.2, count), samples).T  # Hz
        phase = 2 * np.pi * np.cumsum(f0, axis=1) / SPEC.sample_rate
        waves = 0.1 * sum(np.sin(k * phase) / k for k in range(1, 9)) + rng.normal(0, 0.01, (count, samples))
        self.wavs = waves.astype(np.float32)
        self.mels = [log_mel(wav, SPEC) for wav in self.wavs]

    def read(self, index: int, start: int, stop: int) -> Clip:
        """As `koeru.families.vocoder.clips.Recordings` says."""
        samples = slice(start * self.hop_length, stop * self.hop_length)
        return Clip(self.ids[index], self.mels[index][start:stop], self.wavs[index][samples])


def task_of(model: HifiGan, settings: VocoderTrain) -> tuple[VocoderTask, ClipBatch]:
    """A training on a machine's device, and a batch of it there."""
    hum = Hum(settings.batch_size, 2 * settings.segment_length // SPEC.hop_length)
    task = VocoderTask(model, settings, hum, hum, FULL_BAND)
    fabric = launch(settings)
    task.set_up(fabric)
    model.train()
    return task, task.load(Share(tuple(range(settings.batch_size)), epoch=0)).to(fabric.device)


def both(settings: VocoderTrain) -> tuple[dict[str, Callable[[], object]], dict[str, HifiGan]]:
    """A step of each kind with the same batch, from the same weights; and the models that they update."""
    torch.manual_seed(0)
    model = HifiGan(generator("v1"), Discriminators())
    models = {OURS: model, PUBLISHED: copy.deepcopy(model)}
    task, batch = task_of(model, settings)
    plain = PublishedStep(models[PUBLISHED].to(batch.mels.device), settings, FULL_BAND)
    bf16 = torch.autocast(batch.mels.device.type, torch.bfloat16, enabled=settings.precision == "bf16")

    def published() -> None:
        with bf16:
            plain.step(batch)

    return {OURS: lambda: task.step(batch, Position()), PUBLISHED: published}, models


def timed(steps: dict[str, Callable[[], object]], rounds: int, warm_up: int) -> dict[str, list[float]]:
    """The seconds of each step, one of each kind in turn."""
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(warm_up + rounds):
        for name, step in steps.items():
            start = time.monotonic()
            step()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            if number >= warm_up:
                spent[name].append(time.monotonic() - start)
    return spent


def ratio(spent: dict[str, list[float]]) -> float:
    """How much longer the published step takes: the median of steps made one after the other."""
    return statistics.median(two / one for one, two in zip(spent[OURS], spent[PUBLISHED], strict=True))


@dataclass(frozen=True)
class Difference:
    """How far the weights of two models lie apart."""

    largest: float
    share: float  # of those that differ by more than `EQUAL`

    @classmethod
    def of(cls, models: dict[str, HifiGan]) -> "Difference":
        apart = torch.cat(
            [
                (one.detach().double() - two.detach().double()).abs().flatten()
                for one, two in zip(*(model.parameters() for model in models.values()), strict=True)
            ]
        )
        return cls(float(apart.max()), float((apart > EQUAL).double().mean()))


def peak_mib(kind: str) -> float:
    """The memory of a process that makes two steps of a kind, in MiB."""
    command = [sys.executable, __file__, "--memory", kind]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1])


def real_time_factor(variant: Variant) -> float:
    """Seconds of computing a second of speech, weights folded: the median of five times."""
    speak = generator(variant).eval()
    fold_weights(speak)
    mel = torch.from_numpy(Hum(1, round(SECONDS_SPOKEN * SPEC.sample_rate / SPEC.hop_length)).mels[0].T)[None]
    spent = []
    with torch.inference_mode():
        for _ in range(6):
            start = time.monotonic()
            wav = speak(mel)
            spent.append((time.monotonic() - start) / (wav.shape[2] / SPEC.sample_rate))
    return statistics.median(spent[1:])


def operations() -> float:
    """Floating-point operations of the convolutions of a step of V1, for each frame, from those of going forward.

    Going back takes as many for the weights and as many for the inputs. The generator goes forward and back once; the
    discriminators hear real and made waves, learn from both, hear both again, and tell of the made ones where to go.
    """
    with torch.device("meta"), torch.no_grad():
        speak, judges = generator("v1"), Discriminators()
        mels, wavs = torch.empty(1, SPEC.n_mels, 32), torch.empty(1, 1, 8192)
        spoken, heard = (_counted(lambda: speak(mels)), _counted(lambda: judges.judge(wavs)))
    return (3 * spoken + 2 * 3 * heard + 2 * heard + heard) / 32


def _counted(call: Callable[[], object]) -> int:
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


def measure(folder: Path) -> list[bool]:
    """Print what a step and its memory cost beside the published one, that both do the same, and how fast V1-3 are."""
    from common import told  # it needs packages that a machine for trainings may lack

    memory = {kind: peak_mib(kind) for kind in (OURS, PUBLISHED)}  # before this process is large: they would inherit it
    torch.set_num_threads(2)
    settings = VocoderTrain(batch_size=BATCH_SIZE, threads=2, device="cpu")
    steps, models = both(settings)
    for step in steps.values():
        step()
    difference = Difference.of(models)
    spent = timed(steps, ROUNDS, WARM_UP - 1)
    print(f"vocoder: V1 and both discriminators, batch {BATCH_SIZE}, 8192 samples, fp32, 2 threads, {ROUNDS} rounds")
    for name, seconds in spent.items():
        print(f"  {name}: {statistics.median(seconds):.2f} s a step, {memory[name]:.0f} MiB")
    print(f"  after one step the largest difference of a weight is {difference.largest:.1e}; ", end="")
    print(f"{difference.share:.1e} of them differ by more than {EQUAL:g}")
    for variant in VARIANTS:
        print(f"  {variant.upper()} speaks a second in {real_time_factor(variant):.3f} s")
    print(f"  the published step takes {ratio(spent):.2f} × as long")
    return [
        told("a step, against the published one", 1 / ratio(spent), AIM, " ×"),
        told("the largest difference of a weight after one step, 1e-4", difference.largest / CLOSE, 1, ""),
        told("weights that differ, in 100,000", difference.share / DIFFERING, 1, ""),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--batch-size", type=int, nargs="*", default=[16, 128], help="clips (%(default)s)")
    parser.add_argument("--rounds", type=int, default=20, help="steps of each kind that are timed (%(default)s)")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--kernel-by-kernel", action="store_true", help="without CUDA graphs")
    parser.add_argument("--memory", choices=(OURS, PUBLISHED), help="print only the memory of two such steps, in MiB")
    arguments = parser.parse_args()
    if arguments.memory:
        steps, _ = both(VocoderTrain(batch_size=BATCH_SIZE, threads=2, device="cpu"))
        for _ in range(2):
            steps[arguments.memory]()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    machine = torch.cuda.get_device_name() if arguments.device == "cuda" else cpu_name()
    print(f"# Training HiFi-GAN V1 on {machine}\n\ntorch {torch.__version__}, {arguments.precision}\n")
    print("| clips | ms a step | frames/s | TFLOP/s | published takes | GiB |\n|---|---|---|---|---|---|")
    for size in arguments.batch_size:
        if arguments.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        steps, _ = both(
            VocoderTrain(
                batch_size=size,
                precision=arguments.precision,
                device=arguments.device,
                compile=arguments.compile,
                cuda_graphs=not arguments.kernel_by_kernel,
            )
        )
        spent = timed(steps, arguments.rounds, 10)
        step = statistics.median(spent[OURS])
        frames = 32 * size / step
        memory = f"{torch.cuda.max_memory_allocated() / 2**30:.1f}" if arguments.device == "cuda" else "–"
        rate = frames * operations() / 1e12
        print(
            f"| {size} | {1000 * step:.1f} | {frames:,.0f} | {rate:.3g} | {ratio(spent):.2f} × | {memory} |", flush=True
        )


if __name__ == "__main__":
    main()
