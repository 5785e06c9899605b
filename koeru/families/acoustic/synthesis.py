"""Held-out utterances as audio: the recording, and mels, from the natural to the model's own, through the vocoder."""

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from koeru.audio.files import read_wav
from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import GriffinLim, MelVocoder
from koeru.data.reading import Features
from koeru.data.records import Spoken
from koeru.families.acoustic.voice import Voice
from koeru.graph.store import write_arrays, write_json
from koeru.jobs.features import mel_spec
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.listening import chosen, write_audio

REDRAWN = 2  # utterances that a voice which draws its prosody says more than once
DRAWS = 4  # times that it says these
KINDS = ("recording", "natural", "teacher_forced", "synthesised")  # what every sample has, in the order of the page


def spoken(voice: Voice, record: Spoken, temperature: float, draws: int) -> dict[str, np.ndarray]:
    """The mels (T, M) of a text as the voice says it: `synthesised`, and `sample2` and so on, the same drawn again."""
    names = ["synthesised", *(f"sample{number}" for number in range(2, draws + 1))]
    return {name: voice.speak(record, temperature=temperature, seed=seed).mel for seed, name in enumerate(names)}


def vocoder_of(work: Work, spec: MelSpec) -> MelVocoder:
    """The vocoder of the experiment: a trained one, published weights, or Griffin-Lim."""
    place = work.parents.get("vocoder")
    if place is None:
        return GriffinLim(spec, work["synthesis.griffin_lim_iterations"])
    return work.use("vocoder", "speak")(work.store, place, work["vocoder.take"], spec.n_mels)


def recording(work: Work, shard: int, name: str) -> np.ndarray:
    """The samples (N,) of a segment as they were recorded, int16."""
    segment = next(r for r in work.shard("segments", shard).utterances if r["id"] == name)
    file = next(r["file"] for r in work.shard("wav", shard).utterances if r["id"] == segment["utterance"])
    wav, _ = read_wav(work.store.folder(work.parents["wav"]) / file)
    return wav[segment["start"] : segment["stop"]]


class Audio:
    """The wav files of one utterance: `files` by kind, relative to the folder, and `notes` on what was changed."""

    def __init__(self, folder: Path, name: str, sample_rate: int) -> None:
        self.folder, self.name, self.sample_rate = folder, name, sample_rate
        self.files: dict[str, str] = {}
        self.notes: list[str] = []

    def write(self, kind: str, wav: np.ndarray) -> None:
        """Write samples (N,): int16 as they are; of full scale 1 turned down where they would clip, which is noted."""
        self.files[kind] = f"samples/{self.name}.{kind}.wav"
        path = self.folder / self.files[kind]
        path.parent.mkdir(parents=True, exist_ok=True)
        if wav.dtype == np.int16:
            soundfile.write(path, wav, self.sample_rate, subtype="PCM_16")
        elif gain_db := write_audio(path, wav, self.sample_rate):
            self.notes.append(f"{kind}: turned down by {-gain_db:.1f} dB, it would have clipped")

    def told(self) -> dict[str, Any]:
        """What samples.json says of the files: one of each kind, those of the same drawn again, and the notes."""
        again = [file for kind, file in self.files.items() if kind not in KINDS]
        note = {"note": "; ".join(self.notes)} if self.notes else {}
        return {kind: self.files[kind] for kind in KINDS} | {"again": again} | note


def job(work: Work) -> None:
    """Write samples/*.wav, and what the report's pictures are drawn from."""
    run: dict = {}
    spec, temperature = mel_spec(work), work["synthesis.temperature"]
    with timed(run):
        features = Features.of(work)
        voice = Voice.load(features, work.parents["train"])
        vocoder = vocoder_of(work, spec)
        arrays: dict[str, np.ndarray] = {}
        samples = []
        utterances = chosen(features.some_records("eval"), work["synthesis.samples"])
        with Progress("synthesis", len(utterances)) as progress:
            for shard, record in utterances:
                name, natural = record["id"], features.of_utterance(shard, record["id"])
                again = voice.draws_prosody and len(samples) < REDRAWN
                mels = {"natural": natural["mel"], "teacher_forced": voice.teacher_forced(record, natural)}
                mels |= spoken(voice, record, temperature, DRAWS if again else 1)
                audio = Audio(work.folder, name, spec.sample_rate)
                audio.write("recording", recording(work, shard, name))
                for kind, mel in mels.items():
                    audio.write(kind, vocoder(mel))
                samples.append(record | audio.told())
                timed_ = voice.speak(record, natural, temperature=temperature)
                arrays[f"{name}/natural_mel"] = natural["mel"]
                arrays[f"{name}/mel"] = timed_.mel
                arrays[f"{name}/natural_log_f0"] = natural["log_f0"]
                arrays[f"{name}/voiced"] = natural["voiced"]
                arrays[f"{name}/log_f0"] = timed_.frame_log_f0
                progress.step()
        write_arrays(work.folder / "pictures.safetensors", arrays)
        content = {"vocoder": vocoder.name, "hop_s": spec.hop_length / spec.sample_rate, "samples": samples}
        write_json(work.folder / "samples.json", content)
    finish(work, run, {"samples": len(samples)})
