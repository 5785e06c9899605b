"""The settings of a training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from koeru.data.sampling import epoch_batches, n_batches
from koeru.training.schedule import Schedule


@dataclass(frozen=True)
class TrainSettings:
    """Settings of the loop. The last ones change no result but by rounding, and are in no key."""

    seed: int = 773
    batch_size: int = 16  # utterances, on all devices together
    group_size: int = 16  # batches that are sorted by length together
    batch_frames: int | None = None  # padded frames; where given, a batch is as many utterances as fill it
    weights: Mapping[str, float] = field(default_factory=dict)  # of parts of the loss; of others it is 1
    schedule: Schedule = field(default_factory=Schedule)
    betas: tuple[float, float] = (0.9, 0.98)
    eps: float = 1e-9
    clip_norm: float = 1.0
    precision: str = "fp32"  # or bf16
    accelerator: str = "cpu"  # or cuda
    devices: int = 1
    threads: int = 1  # of torch, on each device
    workers: int = 0  # processes that load batches, for each device; 0: the training does
    compile: bool = False
    rolling_seconds: float = 300.0  # between rolling checkpoints

    def batches(self, frame_lengths: Sequence[int], epoch: int) -> list[list[int]]:
        """The batches of an epoch: see `koeru.data.sampling`."""
        return epoch_batches(
            frame_lengths, self.batch_size, self.group_size, self.seed, epoch, batch_frames=self.batch_frames
        )

    def n_batches(self, frame_lengths: Sequence[int], epoch: int) -> int:
        """How many batches, that is steps, an epoch has."""
        return n_batches(
            frame_lengths, self.batch_size, self.group_size, self.seed, epoch, batch_frames=self.batch_frames
        )
