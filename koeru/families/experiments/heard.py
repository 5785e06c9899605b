"""What an experiment lets one hear of each epoch that it saves: two held-out sentences, and pictures of their mels.

They lie in the folder of the run, one folder an epoch, and are said once: whoever shows them later copies them. As no
weight hangs on them, nothing of them is in a key: neither the sentences nor what speaks them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from koeru.audio.mel import MelSpec
from koeru.audio.vocoders import GriffinLim, MelVocoder
from koeru.graph.store import Place, Record, file_digest, read_json, replacing_folder, write_json
from koeru.jobs.progress import Progress
from koeru.jobs.stage import Work, imported
from koeru.report.listening import within_full_scale, write_audio
from koeru.report.pixels import mel_pixels, write_pixels
from koeru.training.log import Speech
from koeru.training.run import Spoken

SENTENCES = 2  # that each epoch says
SAMPLES, TOLD = "samples", "samples.json"  # the folder of all epochs in that of the run, and what each of them tells
RECORDED = "recorded"  # the folder of what the recordings' own mels sound like


@dataclass(frozen=True)
class Sentence:
    """A held-out sentence, the mel (T, M) of its recording, natural log, and how a model says it: (T', M)."""

    id: str
    text: str
    speaker: str
    emotion: str
    mel: np.ndarray
    say: Callable[[], np.ndarray]


@dataclass(frozen=True)
class Samples:
    """What can be heard of an epoch, or of the recordings, and by which vocoder; `hop_s` are the seconds of a frame.

    Of each sentence there are `audio`, `picture` (files in the folder), `frames`, and who says what.
    """

    folder: Path
    vocoder: str
    hop_s: float
    sentences: Sequence[Record]

    @classmethod
    def read(cls, folder: Path) -> Samples:
        """Those of a folder."""
        told = read_json(folder / TOLD)
        return cls(folder, *(told[name] for name in ("vocoder", "hop_s", "sentences")))


def samples_of(run: Path) -> dict[int, Samples]:
    """The epochs of a run that can be heard, in order."""
    found = [Samples.read(path.parent) for path in run.glob(f"{SAMPLES}/epoch_*/{TOLD}")]
    return dict(sorted((int(own.folder.name.removeprefix("epoch_")), own) for own in found))


def samples_of_recordings(run: Path) -> Samples | None:
    """What the mels of the recordings sound like, by the vocoder of the epochs; None where no epoch can be heard."""
    folder = run / SAMPLES / RECORDED
    return Samples.read(folder) if (folder / TOLD).exists() else None


def speak(work: Work, spec: MelSpec, epoch: int, sentences: Sequence[Sentence]) -> Spoken:
    """Write what a model says at the end of an epoch, and once for the run what the recordings say."""
    begun, vocoder = time.monotonic(), vocoder_at_hand(work, spec, epoch)
    with Progress(f"{work.place.stage}: speech of epoch {epoch}", len(sentences), "sentences") as progress:
        known = samples_of_recordings(work.folder)
        if known is None or known.vocoder != vocoder.name:
            _write(work.folder / SAMPLES / RECORDED, spec, vocoder, [(one, one.mel) for one in sentences])
        said = []
        for sentence in sentences:
            said.append((sentence, sentence.say()))
            progress.step()
        folder = work.folder / SAMPLES / f"epoch_{epoch:04d}"
        heard = _write(folder, spec, vocoder, said, temperature=work["synthesis.temperature"])
    told = {"file": (folder / TOLD).relative_to(work.folder).as_posix(), "sha256": file_digest(folder / TOLD)}
    return Spoken(told | {"seconds": round(time.monotonic() - begun, 3)}, heard)


def vocoder_at_hand(work: Work, spec: MelSpec, epoch: int) -> MelVocoder:
    """The vocoder of the experiment where it is made already, else Griffin-Lim: a training waits for no vocoder.

    A run that has begun with Griffin-Lim stays with it, so that its epochs compare.
    """
    griffin_lim, told = GriffinLim(spec, work["synthesis.griffin_lim_iterations"]), work.settings["vocoder"]
    earlier = [own.vocoder for number, own in samples_of(work.folder).items() if number < epoch]
    if told is None or griffin_lim.name in earlier[-1:]:
        return griffin_lim
    place = Place(told["stage"], told["key"], epoch=told["epoch"])
    made = work.store.node_path(place) if place.epoch is None else work.store.epoch_path(place, place.epoch)
    return imported(told["speak"])(work.store, place, told["take"], spec.n_mels) if made.exists() else griffin_lim


def _write(
    folder: Path, spec: MelSpec, vocoder: MelVocoder, said: Sequence[tuple[Sentence, np.ndarray]], **told: Any
) -> list[Speech]:
    """Write the audio and the pictures of some mels (T, M) as a folder, which appears as a whole; what is heard."""
    heard: list[Speech] = []
    records: list[Record] = []
    with replacing_folder(folder) as fresh:
        for sentence, mel in said:
            wav = vocoder(mel)
            pixels = mel_pixels(mel, like=sentence.mel)
            record = {name: getattr(sentence, name) for name in ("id", "text", "speaker", "emotion")}
            record |= {"audio": f"{sentence.id}.wav", "picture": f"{sentence.id}.png", "frames": len(mel)}
            if gain_db := write_audio(fresh / record["audio"], wav, spec.sample_rate):
                record["note"] = f"turned down by {-gain_db:.1f} dB, it would have clipped"
            write_pixels(fresh / record["picture"], pixels)
            record["sha256"] = {name: file_digest(fresh / record[name]) for name in ("audio", "picture")}
            records.append(record)
            heard.append(Speech(sentence.id, within_full_scale(wav)[0], spec.sample_rate, pixels))
        content = {"vocoder": vocoder.name, "hop_s": spec.hop_length / spec.sample_rate, **told, "sentences": records}
        write_json(fresh / TOLD, content)
    return heard
