"""How fast texts become sound, one by one and in batches, beside the best known implementation (ming024's).

Both are told the same durations, and HiFi-GAN V1 with the same weights speaks their mels: those of a batch padded to
the longest as published, each on its own in koeru. Two threads; front ends are left out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from common import told
from published_fastspeech2 import Published
from speech import N_MELS, VOCABULARY, Speech
from training import MODELS, SIZES

from koeru.audio.mel import MelSpec
from koeru.data.contour import Told
from koeru.families.acoustic.batches import collate
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.item import text_item
from koeru.families.acoustic.voice import Voice
from koeru.families.vocoder.hifigan import generator
from koeru.families.vocoder.speaking import SpeakingGenerator

THREADS, ROUNDS = 2, 5
UTTERANCES, LONGEST = 8, 1000  # frames: of the published model's positions
NO_SLOWER = 1.1  # times the published way
SETTINGS, SPEC = MODELS["FastSpeech2"], MelSpec()


class Koeru:
    """A voice of the memo's size."""

    def __init__(self, speech: Speech, sound: SpeakingGenerator) -> None:
        self.speech, self.sound = speech, sound
        self.voice = Voice(build_model(SETTINGS, VOCABULARY, speech.stats), VOCABULARY, speech.stats, SPEC)

    def mels(self, texts: list[int]) -> list[np.ndarray]:
        """Log-mels (T, M), from one answer of the model."""
        records = [self.speech.records[text] for text in texts]
        if len(records) == 1:
            return [self.voice.speak(records[0], Told(np.array(records[0]["durations"]))).mel]
        items = [replace(text_item(record, VOCABULARY), durations=np.array(record["durations"])) for record in records]
        said = self.voice.said(items, temperature=1.0, seeds=[0] * len(items), decode=True)
        return [
            self.speech.stats.denormalise("mel", one.mel, record["speaker"])
            for one, record in zip(said, records, strict=True)
        ]

    def heard(self, mels: list[np.ndarray]) -> None:
        """Make mels sound."""
        for mel in mels:
            self.sound(mel)


class AsPublished:
    """The published model, of the same size."""

    def __init__(self, speech: Speech, sound: SpeakingGenerator) -> None:
        self.speech, self.sound = speech, sound
        self.model = Published(SETTINGS, SIZES.n_phones, N_MELS).eval()

    def mels(self, texts: list[int]) -> torch.Tensor:
        """Log-mels (B, T, M), padded."""
        return self.model(collate([self.speech[text] for text in texts]))["mel_postnet"]

    def heard(self, mels: torch.Tensor) -> None:
        """Make mels sound."""
        self.sound.generator(mels.transpose(1, 2))


def measure(folder: Path) -> list[bool]:
    """Print the real-time factors; whether koeru's keep to the published ones."""
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    speech, sound = Speech(4 * UTTERANCES), SpeakingGenerator(generator("v1"), "v1")
    texts = [text for text, frames in enumerate(speech.frame_lengths) if frames <= LONGEST][:UTTERANCES]
    seconds = sum(speech.frame_lengths[text] for text in texts) * SPEC.hop_length / SPEC.sample_rate
    print(f"speaking: {UTTERANCES} texts, {seconds:.0f} s of speech, the memo's sizes, {THREADS} threads", flush=True)
    ways = Koeru(speech, sound), AsPublished(speech, sound)
    passed = []
    for batch_size, words in ((1, "one by one"), (UTTERANCES, "all at once")):
        batches = [texts[start : start + batch_size] for start in range(0, UTTERANCES, batch_size)]
        took = np.array([[list(spent(way, batches)) for way in ways] for _ in range(1 + ROUNDS)])[1:]  # (R, 2, 2)
        for step, what in enumerate(("mels", "sound of them")):
            ours, theirs = (statistics.median(took[:, way, step]) / seconds for way in range(2))
            print(f"  {words}, {what}: {ours:.3f} s a second of speech, as published {theirs:.3f}", flush=True)
        whole = took.sum(2)
        passed.append(told(f"texts to sound {words}", statistics.median(whole[:, 0] / whole[:, 1]), NO_SLOWER, " ×"))
    return passed


@torch.inference_mode()
def spent(way: Koeru | AsPublished, batches: list[list[int]]) -> Iterator[float]:
    """Seconds that the mels of some texts take, and their sound."""
    start = time.perf_counter()
    mels = [way.mels(batch) for batch in batches]
    between = time.perf_counter()
    yield between - start
    for batch in mels:
        way.heard(batch)
    yield time.perf_counter() - between
