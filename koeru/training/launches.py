"""How the parts of a step reach the device: kernel by kernel, or on a GPU as recordings of them (CUDA graphs).

A step of a vocoder is thousands of small kernels, and a host takes longer to launch them than a GPU to run them. The
shapes of its batches hardly change, so that each part is recorded once and then launched as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

WARM_UP = 3  # steps kernel by kernel before those of a shape are recorded: libraries set themselves up in them

T = TypeVar("T")


@dataclass(frozen=True)
class Kernels:
    """The kernels of one part; they read and write the same memory every time, that of the results included."""

    graph: torch.cuda.CUDAGraph
    result: Any
    gradients: list[tuple[nn.Parameter, Tensor]]

    def replay(self) -> Any:
        """Launch it. What it computes is in its result, and in the gradients of its network."""
        for parameter, gradient in self.gradients:
            parameter.grad = gradient
        self.graph.replay()
        return self.result


class Launches:
    """Launches the parts of steps, which are always the same, in the same order; with `record`, as recordings."""

    def __init__(self, device: torch.device, *, record: bool) -> None:
        self.record = record
        # All is launched in one stream: torch waits for the streams of earlier steps, which a recording must not.
        self.stream = torch.cuda.Stream(device) if record else None
        self.seen: Counter[tuple[torch.Size, ...]] = Counter()
        self.inputs: dict[tuple[torch.Size, ...], tuple[Tensor, ...]] = {}
        self.recordings: dict[tuple[torch.Size, ...], dict[Callable[..., Any], Kernels]] = {}
        self.shape: tuple[torch.Size, ...] = ()  # of the inputs of the step that is being made

    @contextmanager
    def step(self, *inputs: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """A step, in which `run` is called; what comes is its inputs, where recordings find them."""
        if self.stream is None:
            yield inputs
            return
        outside = torch.cuda.current_stream()
        self.stream.wait_stream(outside)
        with torch.cuda.stream(self.stream):
            self.shape = tuple(tensor.shape for tensor in inputs)
            self.seen[self.shape] += 1
            if self.seen[self.shape] <= WARM_UP:
                yield inputs
            else:
                held = self.inputs.setdefault(self.shape, tuple(map(torch.empty_like, inputs)))
                for tensor, new in zip(held, inputs, strict=True):
                    tensor.copy_(new)
                yield held
        outside.wait_stream(self.stream)

    def run(self, part: Callable[..., T], network: nn.Module | None, *arguments: Any) -> T:
        """What a part gives for its arguments; it leaves gradients in `network`, which had none before.

        A recording reads what it was recorded with, so tensors among the arguments are those of `step`, or what an
        earlier part has given; and what it gives holds until its next launch.
        """
        if self.stream is None or self.seen[self.shape] <= WARM_UP:
            return part(*arguments)
        recorded = self.recordings.setdefault(self.shape, {})
        if part not in recorded:
            recorded[part] = self._recording(recorded, part, network, *arguments)
        return recorded[part].replay()

    def _recording(
        self,
        earlier: dict[Callable[..., Any], Kernels],
        part: Callable[..., T],
        network: nn.Module | None,
        *arguments: Any,
    ) -> Kernels:
        """Record a part, which does not run it. The parts of a step share their memory."""
        pool = next((recording.graph.pool() for recording in earlier.values()), None)
        graph = torch.cuda.CUDAGraph()
        # thread_local: what the loader's threads do meanwhile, such as page-locking memory, is no part of it.
        with torch.cuda.graph(graph, pool=pool, stream=self.stream, capture_error_mode="thread_local"):
            result = part(*arguments)
        parameters = [] if network is None else network.parameters()
        return Kernels(graph, result, [(p, p.grad) for p in parameters if p.grad is not None])
