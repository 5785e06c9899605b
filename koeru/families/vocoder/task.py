"""The training of a vocoder (see `koeru.training.task`): HiFi-GAN by AdamW, on one clip of each utterance an epoch.

In a step the generator speaks once. The discriminators learn from what it said; then it learns from what they, with
their new weights, say of the same. There they are fixed, and so are the features of real waves: neither gets a
gradient, which the published step computes and discards (Kong et al. 2020, 2.4).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from koeru.audio.mel import MelSpec
from koeru.data.batches import Batch
from koeru.families.vocoder.adversarial import generator_losses, spectral_losses
from koeru.families.vocoder.clips import Clip, Recordings, clip_of, epoch_batches, held_out, position
from koeru.families.vocoder.entry import JUDGED_BY, VocoderTrain
from koeru.families.vocoder.model import DiscriminatorLosses, HifiGan
from koeru.families.vocoder.schedule import ADAMW, learning_rate
from koeru.nn.losses import Mean, total_loss
from koeru.nn.spectra import RESOLUTIONS
from koeru.training.checkpoint import Position
from koeru.training.launches import Launches
from koeru.training.loader import Share
from koeru.training.parallel import over_devices
from koeru.training.sums import Sums, add, averages, require_finite, to_host
from koeru.training.task import Kept, Step

AT_ONCE = 32  # clips of the dev split


@dataclass
class ClipBatch(Batch):
    """Clips of B utterances."""

    ids: tuple[str, ...]
    mels: Tensor  # (B, M, T), natural log
    wavs: Tensor  # (B, 1, N), of full scale 1
    filler: bool = False


def collate(clips: Sequence[Clip], filler: bool = False) -> ClipBatch:
    """The batch of clips of one length."""
    mels, wavs = (torch.from_numpy(np.stack(arrays)) for arrays in ([c.mel for c in clips], [c.wav for c in clips]))
    return ClipBatch(tuple(clip.id for clip in clips), mels.transpose(1, 2).contiguous(), wavs[:, None], filler)


def load_clips(recordings: Recordings, seed: int, length: int, share: Share) -> ClipBatch:
    """The clips, of `length` frames, of a share: where they begin is drawn from (seed, epoch, id)."""
    starts = [
        position(seed, share.epoch, recordings.ids[index], recordings.frame_lengths[index], length)
        for index in share.indices
    ]
    clips = [clip_of(recordings, index, start, length) for index, start in zip(share.indices, starts, strict=True)]
    return collate(clips, share.filler)


class VocoderTask:
    """HiFi-GAN, or its generator alone; `spec` is the mel of its loss, which has the full band.

    `epochs_before` are those of the run whose optimisers this one goes on with.
    """

    kept = Kept("generator", JUDGED_BY)

    def __init__(
        self,
        model: HifiGan,
        settings: VocoderTrain,
        train_recordings: Recordings,
        dev_recordings: Recordings,
        spec: MelSpec,
        epochs_before: int = 0,
    ) -> None:
        self.epochs_before = epochs_before
        self.model, self.settings, self.spec = model, settings, spec
        self.frame_lengths, self.dev_recordings = train_recordings.frame_lengths, dev_recordings
        self.length = _frames_of_a_clip(settings, spec)
        self.load = partial(load_clips, train_recordings, settings.seed, self.length)

    def batches(self, epoch: int) -> list[list[int]]:
        return epoch_batches(len(self.frame_lengths), self.settings.batch_size, self.settings.seed, epoch)

    def extent(self, epoch: int) -> dict[str, float]:
        frames = sum(min(frames, self.length) for frames in self.frame_lengths)
        return {"frames": frames, "padding": 1 - frames / (self.length * len(self.frame_lengths))}

    def set_up(self, fabric: Fabric) -> list[torch.optim.Optimizer]:
        self.fabric, discriminators = fabric, self.model.discriminators
        alone = fabric.device.type == "cuda" and fabric.world_size == 1
        record = self.settings.cuda_graphs and alone and not self.settings.compile
        self.launches = Launches(fabric.device, record=record)
        optimisers = [self._optimiser(self.model.generator)]
        if self.settings.compile:
            self.model.generator.compile()
        self.generator, self.optimiser = fabric.setup(self.model.generator, optimisers[0])
        if discriminators is not None:
            optimisers.append(self._optimiser(discriminators))
            self.judges, self.optimiser_of_judges = fabric.setup(DiscriminatorLosses(discriminators), optimisers[1])
        return optimisers

    def step(self, batch: ClipBatch, position: Position) -> Step:
        """One update of both networks. Errors: NonFiniteLossError, before the weights of the generator change."""
        rate, judges = learning_rate(self.settings, self.epochs_before + position.epoch), self.model.discriminators
        with self.launches.step(batch.mels, batch.wavs) as (mels, wavs):
            batch = replace(batch, mels=mels, wavs=wavs)
            if judges is not None:
                _begin(self.optimiser_of_judges, rate)
            fake, own, whole = self.launches.run(self._judge, judges, batch)
            if judges is not None:
                self.optimiser_of_judges.step()
            _begin(self.optimiser, rate)
            made, whole_made, norm = self.launches.run(self._learn, self.model.generator, fake, batch)
            scalars = [total_loss(whole_made, self.settings.weights), norm]
            (loss, gradient_norm), sums = to_host(scalars, whole | whole_made)  # the only wait for the device in a step
            told = self.averages(sums) | {"gradient norm": gradient_norm}
            # What spoilt discriminators say blames every device: the blame is by what was computed before their update.
            blame = own | {name: part for name, part in made.items() if name in ("mel", "stft")}
            require_finite(self.fabric, position, batch.ids, blame, told)
            self.optimiser.step()
        return Step({"loss": loss, "gradient_norm": gradient_norm, "learning_rate": rate}, sums)

    def averages(self, sums: Sums) -> dict[str, float]:
        """The means of all parts; in the total are those of the generator's loss."""
        of_judges = {name: 0.0 for name in sums if name not in self.settings.weights}
        return averages(sums, self.settings.weights | of_judges)

    def evaluate(self) -> dict[str, float]:
        """The mean absolute error of the log-mel (full band), and where it has a weight, the STFT distance.

        In float32, as the generator speaks when it is used, whatever the precision of the training.
        """
        sums: Sums = {}
        for batch in self.dev_batches:
            add(sums, to_host([], self._spectral_losses(self.model.generator(batch.mels), batch))[1])
        return {name: total / count for name, (total, count) in sums.items()}

    @cached_property
    def dev_batches(self) -> list[ClipBatch]:
        """The clips of the dev split on the device, read once."""
        clips = held_out(self.dev_recordings.frame_lengths, self.length)
        found = [clip_of(self.dev_recordings, *clip, self.length) for clip in clips]
        return [
            collate(found[first : first + AT_ONCE]).to(self.fabric.device) for first in range(0, len(found), AT_ONCE)
        ]

    def _judge(self, batch: ClipBatch) -> tuple[Tensor, dict[str, Mean], dict[str, Mean]]:
        """The generator's waves (B, 1, N); what the discriminators' loss is made of, on this device and on all.

        The discriminators have their gradients then.
        """
        fake = self.generator(batch.mels)
        if self.model.discriminators is None:
            return fake, {}, {}
        own = self.judges(batch.wavs, fake.detach())
        return fake, own, self._backward(own, {}, batch)

    def _learn(self, fake: Tensor, batch: ClipBatch) -> tuple[dict[str, Mean], dict[str, Mean], Tensor]:
        """What the generator's loss is made of, on this device and on all, and the norm of its gradients."""
        made = self._losses(fake, batch)
        whole = self._backward(made, self.settings.weights, batch)
        return made, whole, nn.utils.get_total_norm([p.grad for p in self.model.generator.parameters()])

    def _losses(self, fake: Tensor, batch: ClipBatch) -> dict[str, Mean]:
        """The parts of the generator's loss."""
        parts = self._spectral_losses(fake, batch)
        judges = self.model.discriminators
        if judges is not None:  # not as several devices wrap it: it gets no gradients that they would have to share
            with frozen(judges), self.fabric.autocast():
                with torch.no_grad():
                    real = judges.judge(batch.wavs)
                parts |= generator_losses(real, judges.judge(fake))
        return {name: part for name, part in parts.items() if name == "mel" or self.settings.weights[name]}

    def _spectral_losses(self, fake: Tensor, batch: ClipBatch) -> dict[str, Mean]:
        return spectral_losses(fake[:, 0], batch.wavs[:, 0], self.spec, stft=self.settings.stft_weight > 0)

    def _backward(self, own: dict[str, Mean], weights: dict[str, float], batch: ClipBatch) -> dict[str, Mean]:
        """Compute the gradients of some parts of the loss; return the same parts of the whole batch."""
        parts, whole = over_devices(self.fabric, own, batch.filler)
        self.fabric.backward(total_loss(parts, weights))
        return whole

    def _optimiser(self, network: nn.Module) -> torch.optim.AdamW:
        return torch.optim.AdamW(network.parameters(), self.settings.base_lr, **ADAMW, fused=True)


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """What a network computes inside asks for no gradient of its weights."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)


def _begin(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """The beginning of an update with a learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()


def _frames_of_a_clip(settings: VocoderTrain, spec: MelSpec) -> int:
    """How many frames a clip has. Errors: ValueError where its spectra cannot be computed."""
    samples, hop_length = settings.segment_length, spec.hop_length
    least = max([spec.n_fft, *(n_fft for n_fft, _, _ in RESOLUTIONS if settings.stft_weight)])
    if samples % hop_length or samples < least:
        raise ValueError(
            f"vocoder.train.segment_length: {samples} samples; a multiple of mel.hop_length ({hop_length}) and at "
            f"least {least} are wanted: the spectra of its loss need so many"
        )
    return samples // hop_length
