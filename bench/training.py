"""How fast a machine trains FastSpeech2 and wGMM of the memo's sizes, as a page in Markdown on the standard output.

Frames a second (real ones, not padding), operations a second, the share of time that waits for data, and the kernels
that cost most, in batches of some sizes. Every step is one of `koeru.training.loop`, fed by its loader. The utterances
are random, with the lengths of dialogue speech, so no corpus is needed, and none of the packages that only data stages
and the workflow need.
"""

import argparse
import copy
import platform
from dataclasses import dataclass

import torch
from speech import VOCABULARY, Speech
from steps import Trainee, costliest, host_waits, timed

from koeru.config.training import Supervised
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.model import FastSpeech2
from koeru.families.acoustic.sizes import Sizes
from koeru.families.acoustic.task import AcousticTask
from koeru.training.machine import cpu_name

SIZES = Sizes(
    n_phones=len(VOCABULARY.symbols),
    n_accents=len(VOCABULARY.marks),
    n_speakers=len(VOCABULARY.speakers),
    n_emotions=len(VOCABULARY.emotions),
)
MODELS = {"FastSpeech2": Model(), "wGMM": Model(local_prosody=True, global_prosody=True)}
PEAKS = {"NVIDIA H200": 989.0, "NVIDIA H100 80GB HBM3": 989.0}  # TFLOP/s, dense bf16, by the vendor's data sheets
COLUMNS = (
    *("model", "batch", "utterances", "padding", "ms a step", "frames/s", "TFLOP/s"),
    *("waiting for data", "host waits", "GiB"),
)


@dataclass(frozen=True)
class Batching:
    """Batches of so many utterances, or of as many as fill a budget of frames."""

    size: int = 16
    frames: int | None = None

    def __str__(self) -> str:
        return f"{self.size} utterances" if self.frames is None else f"{self.frames} padded frames"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--batch-size", type=int, nargs="*", default=[16, 32], help="utterances (%(default)s)")
    parser.add_argument("--batch-frames", type=int, nargs="*", default=[131072], help="frame budgets (%(default)s)")
    parser.add_argument("--models", choices=MODELS, nargs="*", default=list(MODELS))
    parser.add_argument("--utterances", type=int, default=8192, help="of random speech (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8, help="that are timed, of each batching (%(default)s)")
    parser.add_argument("--steps", type=int, default=20, help="at least (%(default)s)")
    parser.add_argument("--warm-up", type=int, default=20, help="steps before (%(default)s)")
    parser.add_argument("--workers", type=int, default=4, help="processes that load data (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of torch (%(default)s)")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    arguments = parser.parse_args()
    speech = Speech(arguments.utterances)
    machine = torch.cuda.get_device_name() if arguments.device == "cuda" else cpu_name()
    print(f"# Training on {machine}\n")
    print(
        f"Python {platform.python_version()}, torch {torch.__version__}, {arguments.precision}"
        f"{', compiled' if arguments.compile else ''}, {arguments.workers} processes that load data. "
        f"{len(speech)} random utterances of {sum(speech.frame_lengths) / len(speech):.0f} frames on average. TFLOP/s: "
        "matrix products, convolutions, attention and recurrent layers, forward and backward, padding included. "
        "Host waits: how often a step waits for the GPU.\n"
    )
    print(row(*COLUMNS))
    print(row(*["---"] * len(COLUMNS)), flush=True)
    batchings = [Batching(size) for size in arguments.batch_size] + [Batching(frames=n) for n in arguments.batch_frames]
    tables = [
        measure(name, batching, speech, machine, arguments) for name in arguments.models for batching in batchings
    ]
    print("\nThe costliest kernels (on a CPU: operators), by the time that they take themselves:\n")
    print("\n".join(tables))


def measure(name: str, batching: Batching, speech: Speech, machine: str, arguments: argparse.Namespace) -> str:
    """Print a model's row of the table; return the table of its costliest kernels."""
    torch.manual_seed(0)
    model = FastSpeech2(MODELS[name], SIZES)
    empty = copy.deepcopy(model).to("meta")
    settings = Supervised(
        batch_size=batching.size,
        batch_frames=batching.frames,
        precision=arguments.precision,
        device=arguments.device,
        threads=arguments.threads,
        workers=arguments.workers,
        compile=arguments.compile,
    )
    trainee = Trainee(AcousticTask(model, settings, speech, speech))
    if arguments.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    run = timed(trainee, arguments.seconds, arguments.steps, arguments.warm_up)
    memory, waits = "–", "–"
    if arguments.device == "cuda":
        memory = f"{torch.cuda.max_memory_allocated() / 2**30:.1f}"
        waits = str(host_waits(trainee, run.sample[0]))
    rate = run.operations(empty) / run.seconds / 1e12
    peak = f" ({rate / PEAKS[machine]:.1%} of peak)" if machine in PEAKS and arguments.precision == "bf16" else ""
    print(
        row(
            name,
            str(batching),
            f"{run.utterances / run.steps:.0f}",
            f"{run.padding:.1%}",
            f"{1000 * run.seconds / run.steps:.1f}",
            f"{run.frames / run.seconds:,.0f}",
            f"{rate:.3g}{peak}",
            f"{run.waiting / run.seconds:.1%}",
            waits,
            memory,
        ),
        flush=True,
    )
    lines = [f"**{name}, {batching}**\n", row("kernel", "calls a step", "ms a step", "share"), row(*["---"] * 4)]
    for kernel in costliest(trainee, run.sample):
        cost = (f"{kernel.calls:.0f}", f"{kernel.milliseconds:.2f}", f"{kernel.share:.1%}")
        lines.append(row(f"`{kernel.name[:90]}`", *cost))
    return "\n".join([*lines, ""])


def row(*cells: str) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
