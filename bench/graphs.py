"""How fast a voice of ONNX graphs says a sentence of 3 s, beside the same voice in torch, both on two threads."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from common import told
from speech import VOCABULARY, Speech

from koeru.audio.mel import MelSpec
from koeru.data.contour import Told
from koeru.families.acoustic.build import build_model
from koeru.families.acoustic.entry import Model
from koeru.families.acoustic.export_onnx import graphs
from koeru.families.acoustic.onnx_voice import OnnxVoice
from koeru.families.acoustic.voice import Voice
from koeru.families.vocoder import export_onnx as sound
from koeru.families.vocoder.hifigan import VARIANTS, generator
from koeru.families.vocoder.onnx_generator import OnnxGenerator
from koeru.families.vocoder.speaking import SpeakingGenerator

THREADS, ROUNDS = 2, 7
PHONES, FRAMES = 42, 6  # of the sentence, and of each phone: 2.9 s at a hop of 256
NO_SLOWER = 1.25  # times torch


def measure(folder: Path) -> list[bool]:
    """Print the figures; whether each keeps its limit."""
    torch.set_num_threads(THREADS)
    print("A sentence of 3 s by graphs of ONNX, beside torch", flush=True)
    speech, spec = Speech(50), MelSpec()
    record = next(one for one in speech.records if len(one["phones"]) >= PHONES)
    record |= {name: record[name][:PHONES] for name in ("phones", "accents", "devoiced")}
    timed = Told(np.full(PHONES, FRAMES))
    voice = Voice(build_model(Model(), VOCABULARY, speech.stats), VOCABULARY, speech.stats, spec)
    known = {"vocabulary": VOCABULARY.to_dict(), "stats": {**speech.stats.to_dict()}, "mel": vars(spec)}
    other = OnnxVoice(graphs(voice.model), known | {"levels": voice.levels}, THREADS)
    passed = [_beside("FastSpeech2", lambda: other.speak(record, timed), lambda: voice.speak(record, timed))]
    mel = voice.speak(record, timed).mel
    for variant in VARIANTS:
        own = SpeakingGenerator(generator(variant), variant)
        graph = OnnxGenerator(sound.graphs(own.generator), {}, variant, THREADS)
        passed.append(_beside(f"HiFi-GAN {variant.upper()}", lambda g=graph: g(mel), lambda o=own: o(mel)))
    return passed


def _beside(what: str, graph: Callable[[], object], own: Callable[[], object]) -> bool:
    """The median times of both, taken in turn."""
    took: dict[Callable[[], object], list[float]] = {graph: [], own: []}
    for _ in range(ROUNDS + 1):
        for run, times in took.items():
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    ours, theirs = (statistics.median(times[1:]) for times in took.values())
    print(f"  {what}: {1000 * ours:.0f} ms by graphs, {1000 * theirs:.0f} ms in torch", flush=True)
    return told(f"{what}, graphs in times of torch", ours / theirs, NO_SLOWER, "")
