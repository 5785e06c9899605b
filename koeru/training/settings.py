"""The settings of trainings: what the loop wants of all, and what is special to one kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from koeru.data.sampling import epoch_batches, n_batches
from koeru.families.vocoder import clips
from koeru.training.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class LoopSettings:
    """Settings of the loop. Those after `precision` change no result but by rounding, and are in no key."""

    seed: int = 773
    precision: str = "fp32"  # or bf16
    accelerator: str = "cpu"  # or cuda
    devices: int = 1
    threads: int = 1  # of torch, on each device
    workers: int = 0  # processes that load batches, for each device; 0: the training does
    compile: bool = False
    rolling_seconds: float = 300.0  # between rolling checkpoints


@dataclass(frozen=True, kw_only=True)
class TrainSettings(LoopSettings):
    """Settings of the training of an acoustic model, by Adam."""

    batch_size: int = 16  # utterances, on all devices together
    group_size: int = 16  # batches that are sorted by length together
    batch_frames: int | None = None  # padded frames; where given, a batch is as many utterances as fill it
    weights: Mapping[str, float] = field(default_factory=dict)  # of parts of the loss; of others it is 1
    schedule: Schedule = field(default_factory=Schedule)
    betas: tuple[float, float] = (0.9, 0.98)
    eps: float = 1e-9
    clip_norm: float = 1.0

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


@dataclass(frozen=True, kw_only=True)
class VocoderSettings(LoopSettings):
    """Settings of the training of a vocoder and its discriminators, by AdamW (Kong et al. 2020, 3.4)."""

    batch_size: int = 16  # clips, on all devices together
    segment_length: int = 8192  # samples of a clip
    base_lr: float = 2e-4
    lr_decay: float = 0.999  # a factor, once an epoch
    epochs_before: int = 0  # of the run whose optimisers this one goes on with
    adversarial_weight: float = 1.0
    features_weight: float = 2.0
    mel_weight: float = 45.0
    stft_weight: float = 0.0
    cuda_graphs: bool = True  # on a GPU that trains alone, each step is launched as a whole; in no key
    betas: tuple[float, float] = (0.8, 0.99)
    eps: float = 1e-8
    weight_decay: float = 0.01

    @property
    def weights(self) -> dict[str, float]:
        """Of the parts of the generator's loss; what the discriminators' is made of is no part of that."""
        return {
            "adversarial": self.adversarial_weight,
            "features": self.features_weight,
            "mel": self.mel_weight,
            "stft": self.stft_weight,
        }

    def learning_rate(self, epoch: int) -> float:
        """The learning rate in an epoch, from 0."""
        return self.base_lr * self.lr_decay ** (self.epochs_before + epoch)

    def batches(self, count: int, epoch: int) -> list[list[int]]:
        """The batches of an epoch of `count` utterances: see `koeru.families.vocoder.clips`."""
        return clips.epoch_batches(count, self.batch_size, self.seed, epoch)
