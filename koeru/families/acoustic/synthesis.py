"""Held-out utterances as audio: the recording, and mels, from the natural to the model's own, through the vocoder."""

import numpy as np

from koeru.data.contour import Told
from koeru.data.reading import Features
from koeru.data.records import Spoken
from koeru.families.acoustic.voice import Voice
from koeru.families.experiments.samples import Audio, recording, vocoder_of
from koeru.graph.store import write_arrays, write_json
from koeru.jobs.features import mel_spec
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.listening import chosen

REDRAWN = 2  # utterances that a voice which draws its prosody says more than once
DRAWS = 4  # times that it says these
KINDS = ("recording", "natural", "teacher_forced", "synthesised")  # what every sample has, in the order of the page


def spoken(voice: Voice, record: Spoken, temperature: float, draws: int) -> dict[str, np.ndarray]:
    """The mels (T, M) of a text as the voice says it: `synthesised`, and `sample2` and so on, the same drawn again."""
    names = ["synthesised", *(f"sample{number}" for number in range(2, draws + 1))]
    return {name: voice.speak(record, temperature=temperature, seed=seed).mel for seed, name in enumerate(names)}


def job(work: Work) -> None:
    """Write samples/*.wav, and what the report's pictures are drawn from."""
    run: dict = {}
    spec, temperature = mel_spec(work), work["synthesis.temperature"]
    with timed(run):
        features = Features.of(work)
        voice = Voice.load(features, work.parents["train"], work["take"])
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
                samples.append(record | audio.told(KINDS))
                timed_ = voice.speak(record, Told(record["durations"]), temperature=temperature)
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
