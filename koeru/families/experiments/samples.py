"""Held-out utterances as audio: the recording, and mels through the vocoder of the experiment."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from koeru.audio.files import read_wav
from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import GriffinLim, MelVocoder
from koeru.jobs.segments import samples_of
from koeru.jobs.stage import Work
from koeru.report.listening import write_audio


def vocoder_of(work: Work, spec: MelSpec) -> MelVocoder:
    """What speaks the mels of an experiment: a trained one, published weights, or Griffin-Lim."""
    place = work.parents.get("vocoder")
    if place is None:
        return GriffinLim(spec, work["synthesis.griffin_lim_iterations"])
    return work.use("vocoder", "speak")(work.store, place, work["vocoder.take"], spec.n_mels)


def recording(work: Work, shard: int, name: str) -> np.ndarray:
    """The samples (N,) of a segment as its features were computed of, int16."""
    segment = next(r for r in work.shard("segments", shard).utterances if r["id"] == name)
    file = next(r["file"] for r in work.shard("wav", shard).utterances if r["id"] == segment["utterance"])
    wav, _ = read_wav(work.store.folder(work.parents["wav"]) / file)
    return samples_of(segment, wav)


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

    def told(self, kinds: Collection[str]) -> dict[str, Any]:
        """What samples.json says of the files: one of each of these kinds, those of the same drawn again, the notes."""
        again = [file for kind, file in self.files.items() if kind not in kinds]
        note = {"note": "; ".join(self.notes)} if self.notes else {}
        return {kind: self.files[kind] for kind in kinds} | {"again": again} | note
