"""A vocoder that trains in a second: its recordings, its networks, its settings."""

import numpy as np
import torch

from koeru.audio.mel import MelSpec, log_mel
from koeru.families.vocoder.clips import Clip
from koeru.families.vocoder.entry import VocoderTrain
from koeru.families.vocoder.hifigan import Generator, GeneratorConfig
from koeru.families.vocoder.model import Discriminators, HifiGan
from koeru.families.vocoder.task import VocoderTask

SPEC = MelSpec(sample_rate=100, n_fft=16, hop_length=4, win_length=16, n_mels=4, fmin=0, fmax=50)
GENERATOR = GeneratorConfig(
    channels=8,
    upsample_rates=(2, 2),
    upsample_kernel_sizes=(4, 4),
    resblock="2",
    resblock_kernel_sizes=(3,),
    resblock_dilations=((1, 2),),
    n_mels=4,
)
WIDTHS = ((2, 4, 4, 4, 4), (4, 16, 16, 16, 16, 16, 4))  # of the layers of MPD and MSD
SETTINGS = VocoderTrain(
    batch_size=3, segment_length=64, base_lr=1e-3, lr_decay=0.9, threads=1, device="cpu", checkpoint_every=1e-9
)  # fmt: skip


class Spoken:
    """Recordings in memory: noise of a few tones, of 5 to 40 frames."""

    hop_length = SPEC.hop_length

    def __init__(self, count, seed):
        rng = np.random.default_rng(seed)
        self.ids = [f"v{number}" for number in range(count)]
        self.frame_lengths = rng.integers(5, 41, count).tolist()
        self.wavs = [self.speak(rng, frames * self.hop_length) for frames in self.frame_lengths]
        self.mels = [log_mel(wav, SPEC) for wav in self.wavs]

    @staticmethod
    def speak(rng, samples):
        tones = np.sin(np.outer(rng.uniform(0.1, 2, 3), np.arange(samples)) + rng.uniform(0, 6, (3, 1))).mean(0)
        return (0.5 * tones + rng.normal(0, 0.05, samples)).clip(-1, 1).astype(np.float32)

    def read(self, index, start, stop):
        samples = slice(start * self.hop_length, stop * self.hop_length)
        return Clip(self.ids[index], self.mels[index][start:stop], self.wavs[index][samples])


def with_a_bad_one():
    recordings = Spoken(13, 0)
    recordings.wavs[5][:] = np.nan
    return recordings


def make_vocoder(widths=WIDTHS, seed=1, generator=GENERATOR):
    torch.manual_seed(seed)
    return HifiGan(Generator(generator), None if widths is None else Discriminators(*widths))


def arguments_of_task(dev=4):
    """A task's own arguments, unless a test has others."""
    return {
        "model": make_vocoder(),
        "settings": SETTINGS,
        "train_recordings": Spoken(13, 0),
        "dev_recordings": Spoken(dev, 1),
        "spec": SPEC,
    }


def make_task(**changes):
    return VocoderTask(**(arguments_of_task() | changes))
