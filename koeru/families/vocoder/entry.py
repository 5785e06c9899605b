"""Entries of vocoders: HiFi-GANs for some voices, and the published weights that they start from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from koeru.config.base import Inert, InHome, NotNegative, Positive, Section, at_epoch
from koeru.config.training import Optimisation, Training

Sha256 = Annotated[str, Field(pattern="[0-9a-f]{64}")]
Variant = Literal["v1", "v2", "v3"]

JUDGED_BY = "mel"  # of what the dev split says of an epoch: the error of the log-mel in the full band
MSD_GROUPS = (1, 4, 16, 16, 16, 16, 1)  # of the convolutions that the scales are judged with


class Weights(Section):
    """Published weights of a HiFi-GAN: the files as they were delivered, named by their sha256, not by their path.

    `generator` is a file such as g_02500000, or one that koeru exports; `discriminators` the do_02500000 beside it. A
    path that does not lead anywhere from the working folder is looked for in koeru's own. `source` says, in words,
    where to get them. They speak mels of 80 bands up to 8000 Hz, of 22050 Hz, with a hop of 256 samples.
    """

    note: str = ""
    source: str = ""
    licence: str = ""
    variant: Variant = "v1"
    generator: InHome
    generator_sha256: Sha256 | None = None
    discriminators: InHome | None = None
    discriminators_sha256: Sha256 | None = None


class VocoderTrain(Optimisation):
    """Optimisation by AdamW, whose rate falls by the factor `lr_decay` an epoch.

    A batch has `batch_size` segments of `segment_length` samples. The weights are those of the parts of the generator's
    loss: what the discriminators say, the distances of their features, of mels (the full band), and of spectra at
    several resolutions (not part of the published loss). With none of the first two there are no discriminators.
    What is told to every training is as for experiments. With `cuda_graphs`, a GPU that trains alone is given each
    step as a whole, not kernel by kernel.
    """

    batch_size: Positive = 16
    segment_length: Positive = 8192
    base_lr: Annotated[float, Field(gt=0)] = 2e-4
    lr_decay: Annotated[float, Field(gt=0, le=1)] = 0.999
    adversarial_weight: NotNegative = 1.0
    features_weight: NotNegative = 2.0
    mel_weight: NotNegative = 45.0
    stft_weight: NotNegative = 0.0
    cuda_graphs: Inert[bool] = True

    @property
    def weights(self) -> dict[str, float]:
        """Of the parts of the generator's loss; what the discriminators' is made of is no part of that."""
        return {
            "adversarial": self.adversarial_weight,
            "features": self.features_weight,
            "mel": self.mel_weight,
            "stft": self.stft_weight,
        }

    @property
    def judged(self) -> bool:
        """Whether discriminators have a say."""
        return self.adversarial_weight + self.features_weight > 0

    @model_validator(mode="after")
    def _has_a_loss(self) -> VocoderTrain:
        if not sum(self.weights.values()):
            raise ValueError("mel_weight, stft_weight, adversarial_weight and features_weight are all 0")
        return self


class VocoderEntry(Training):
    """A HiFi-GAN for the voices of a dataset, which any number of experiments may share.

    It starts from published weights (an entry of `weights`), from another vocoder at an epoch (NAME@EPOCH), or from
    nothing. Its mels are the natural ones of the recordings, or `teacher_forced`: those that the acoustic model of
    `exp` (EXP@EPOCH) makes of them, given their durations, pitch, energy and prosody. With 0 `epochs` it is the
    weights as they are.

    `variant` is one of the three published sizes; `mpd_channels` and `msd_channels` are the widths of the layers of its
    discriminators, and [] leaves one of them out. Speech is made by the epoch with the lowest mel error on the dev
    split (`take: best`) or by the last one. Of `samples` held-out utterances its page has the audio; its metrics are
    told beside those of Griffin-Lim.
    """

    start: str | None = None
    optimizer: Literal["reset", "keep"] = "reset"
    mels: Literal["natural", "teacher_forced"] = "natural"
    exp: str | None = None
    variant: Variant = "v1"
    mpd_channels: tuple[Positive, ...] = (32, 128, 512, 1024, 1024)
    msd_channels: tuple[Positive, ...] = (128, 128, 256, 512, 1024, 1024, 1024)
    train: VocoderTrain = VocoderTrain()
    epochs: Annotated[int, Field(ge=0)] = 200
    take: Literal["best", "last"] = "best"
    samples: Positive = 8
    griffin_lim_iterations: Positive = 100
    bootstrap: Positive = 1000

    @model_validator(mode="after")
    def _has_discriminators_that_can_be_built(self) -> VocoderEntry:
        for name, layers in (("mpd_channels", 5), ("msd_channels", len(MSD_GROUPS))):
            if len(getattr(self, name)) not in (0, layers):
                raise ValueError(f"{name}: {layers} widths are wanted, or none ([]), not {len(getattr(self, name))}")
        if self.train.judged and not self.mpd_channels + self.msd_channels:
            raise ValueError(
                "mpd_channels and msd_channels are both []: then set train.adversarial_weight and features_weight to 0"
            )
        for layer, groups in enumerate(MSD_GROUPS if self.msd_channels else ()):
            for place in {max(layer - 1, 0), layer} if groups > 1 else ():
                if self.msd_channels[place] % groups:
                    raise ValueError(f"msd_channels: {self.msd_channels[place]} does not divide by {groups}")
        return self

    def started_from(self) -> tuple[str, int] | None:
        """The vocoder and its epoch that this one starts from; None where it is none."""
        return at_epoch(self.start)

    def taught_by(self) -> tuple[str, int] | None:
        """The experiment and its epoch that make its mels; None for natural ones."""
        return at_epoch(self.exp)
