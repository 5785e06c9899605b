"""What a vocoder makes of held-out mels, beside Griffin-Lim: metrics, audio, its weights to take away, and its page."""

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch

from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import GriffinLim, MelVocoder
from koeru.config.base import defaults
from koeru.data.splits import nothing_left
from koeru.families.vocoder.entry import VocoderEntry
from koeru.families.vocoder.measure import Analysis, Recording, quantities, shares
from koeru.families.vocoder.page.page import Heard, vocoder, vocoder_page
from koeru.families.vocoder.page.waveforms import waveforms
from koeru.families.vocoder.published import published_config, write_generator
from koeru.families.vocoder.recordings import StoredRecordings
from koeru.families.vocoder.speaking import export, load_vocoder, taken
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import Record, file_digest, replacing, write_json
from koeru.jobs.features import f0_bounds, mel_spec
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.data import Picture
from koeru.report.listening import chosen, write_audio
from koeru.report.measurement import Measurement
from koeru.training.machine import cpu_name

# Kind of mels -> the stage that makes them, and the split that is heard: of eval there are no teacher-forced ones.
HELD_OUT = {"natural": ("mel", "eval"), "teacher_forced": ("gta", "dev")}
OWN_FORM = "generator.safetensors"
RECORDING = "recording"
NAMES = {  # kind of mels -> what the vocoder's and Griffin-Lim's audio is called
    "natural": ("vocoder", "griffin_lim"),
    "teacher_forced": ("teacher_forced", "teacher_forced_griffin_lim"),
}
TITLES = {"natural": "natural mel", "teacher_forced": "teacher-forced mel"}


@dataclass
class Timed:
    """A vocoder, and how long it has computed how much audio."""

    vocoder: MelVocoder
    seconds: float = 0.0
    samples: int = 0

    def __call__(self, mel: np.ndarray) -> np.ndarray:
        begun = time.perf_counter()
        wav = self.vocoder(mel)
        self.seconds += time.perf_counter() - begun
        self.samples += len(wav)
        return wav

    def factor(self, sample_rate: int) -> float:
        """Seconds of computing for a second of audio."""
        return round(self.seconds * sample_rate / self.samples, 4)


@dataclass
class Resynthesis:
    """The held-out mels of one kind, through the vocoder and through Griffin-Lim."""

    work: Work
    kind: str
    own: Timed
    griffin_lim: Timed
    found: Measurement
    heard: dict[str, Heard] = field(default_factory=dict)

    @cached_property
    def spec(self) -> MelSpec:
        """Of the mels."""
        return mel_spec(self.work)

    @cached_property
    def recordings(self) -> StoredRecordings:
        """Those of the split. Errors: ValueError where there are none."""
        mels, split = HELD_OUT[self.kind]
        found = StoredRecordings(self.work.store, self.work.parents, mels, split, self.spec.hop_length)
        if not found.ids:
            raise ValueError(nothing_left(split))
        return found

    def run(self) -> None:
        """Measure every utterance, and write the audio of those that are there to be heard."""
        held_out = set(self.recordings.ids)
        everyone = self.work.store.records(self.work.parents["segments"])
        segments = {record["id"]: record for _, record in everyone if record["id"] in held_out}
        wanted = chosen([(0, segments[name]) for name in self.recordings.ids], self.work["vocoder.samples"])
        order = [record["id"] for _, record in wanted]
        heard: dict[str, Heard] = {}
        with Progress(f"resynthesis of {TITLES[self.kind]}s", len(self.recordings.ids)) as progress:
            for index, name in enumerate(self.recordings.ids):
                try:
                    waves = self._measured(index, segments[name])
                except Exception as error:
                    raise RuntimeError(f"resynthesis failed at utterance {name}: {error}") from error
                if name in order:
                    heard[name] = self._written(segments[name], waves)
                progress.step()
        self.heard = {name: heard[name] for name in order}
        self.found.pool(quantities(self.kind), self.work["vocoder.bootstrap"])

    def _measured(self, index: int, record: Record) -> tuple[np.ndarray, ...]:
        """Measure an utterance; its recording, and what is made of its mel, each (N,)."""
        clip = self.recordings.read(index, 0, self.recordings.frame_lengths[index])
        recording = Recording(clip.wav, self._analysis(record["speaker"]))
        made = self.own(clip.mel), self.griffin_lim(clip.mel)
        self.found.add(record, shares(self.kind, *map(recording.parts, made)))
        return (clip.wav, *made)

    def _analysis(self, speaker: str) -> Analysis:
        return Analysis(self.spec, self.work["pitch.method"], **f0_bounds(self.work, speaker))

    def _written(self, record: Record, waves: tuple[np.ndarray, ...]) -> Heard:
        """Write the audio of an utterance and draw its picture."""
        files, notes = [], []
        for name, wav in zip((RECORDING, *NAMES[self.kind]), waves, strict=True):
            files.append(f"samples/{record['id']}.{name}.wav")
            if gain_db := write_audio(self.work.folder / files[-1], wav, self.spec.sample_rate):
                notes.append(f"{name}: turned down by {-gain_db:.1f} dB, it would have clipped")
        titles = ("recording", f"{TITLES[self.kind]}, vocoder", f"{TITLES[self.kind]}, Griffin-Lim")
        drawn = waveforms(dict(zip(titles, waves, strict=True)), self.spec.sample_rate)
        picture = Picture(drawn, f"spectrograms and samples of {record['id']}: {'; '.join(titles)}")
        return Heard(record["id"], record["speaker"], record["emotion"], *files, picture, "; ".join(notes))


def job(work: Work) -> None:
    """Write metrics.json, utterances.jsonl, samples/, the weights in two forms, and report.html."""
    run: dict = {}
    with timed(run):
        work.folder.mkdir(parents=True, exist_ok=True)
        spec, take = mel_spec(work), work["vocoder.take"]
        weights = exported(work, spec)
        own = Timed(load_vocoder(work.store, work.parents["vocoder"], take, spec.n_mels))
        griffin_lim = Timed(GriffinLim(spec, work["vocoder.griffin_lim_iterations"]))
        kinds = ["natural", *(["teacher_forced"] if "gta" in work.parents else [])]
        found = Measurement()
        made = {kind: Resynthesis(work, kind, own, griffin_lim, found) for kind in kinds}
        for resynthesis in made.values():
            resynthesis.run()
        found.more["real_time_factor"] = {
            "vocoder": own.factor(spec.sample_rate),
            "griffin_lim": griffin_lim.factor(spec.sample_rate),
            "threads": torch.get_num_threads(),
            "processor": cpu_name(),
        }
        found.write(work.folder)
        heard = {kind: list(resynthesis.heard.values()) for kind, resynthesis in made.items()}
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(vocoder_page(vocoder(work, found, heard, weights)), encoding="utf-8")
    finish(work, run, {"weights": weights})


def exported(work: Work, spec: MelSpec) -> dict[str, Any]:
    """Write the generator that speaks: generator.safetensors, koeru's form, and the published one; tell which it is."""
    place, take = work.parents["vocoder"], work["vocoder.take"]
    found = taken(work.store, place, take)
    export(found, spec, work.folder / OWN_FORM)
    published = work.folder / f"g_{found.step:08d}"
    write_generator(found.weights, published)
    trained = {**work.store.read_node(place).params} if place.stage == "vocoder" else {}
    known = DATA_DEFAULTS | defaults(VocoderEntry, "vocoder.") | trained | {**work.params}
    write_json(work.folder / "config.json", published_config(found.variant, known))
    told = {"variant": found.variant, "take": take, "epoch": found.epoch, "step": found.step}
    return told | {"sha256": file_digest(work.folder / OWN_FORM), "published": published.name}
