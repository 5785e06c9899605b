"""Held-out utterances as audio: the model's own, and the natural mel through the same vocoder (Griffin-Lim)."""

import argparse
import hashlib

import numpy as np
import soundfile

from koeru.audio.griffin_lim import griffin_lim
from koeru.command_line import stage_command
from koeru.data.reading import Features
from koeru.evaluation.voice import Voice
from koeru.features import mel_spec
from koeru.progress import Progress
from koeru.stage import Work, finish
from koeru.store import Record, timed, write_arrays, write_json

REDRAWN = 2  # utterances that a voice which draws its prosody says more than once
DRAWS = 4  # times that it says these


def chosen(records: list[tuple[int, Record]], samples: int) -> list[tuple[int, Record]]:
    """Held-out utterances to listen to: every speaker in turn, in the order of a hash of the id."""
    by_speaker: dict[str, list[tuple[int, Record]]] = {}
    for shard, record in sorted(records, key=lambda r: hashlib.sha256(r[1]["id"].encode()).digest()):
        by_speaker.setdefault(record["speaker"], []).append((shard, record))
    queues = [by_speaker[speaker] for speaker in sorted(by_speaker)]
    turns = [queue[i] for i in range(max(map(len, queues))) for queue in queues if i < len(queue)]
    return turns[:samples]


def within_full_scale(wav: np.ndarray) -> tuple[np.ndarray, float]:
    """Samples (N,) of which none is beyond full scale 1, and the gain in dB that this took: 0 for most."""
    peak = float(np.abs(wav).max(initial=0.0))
    return (wav, 0.0) if peak <= 1 else (wav / peak, -20 * float(np.log10(peak)))


def spoken(voice: Voice, record: Record, temperature: float, draws: int) -> dict[str, np.ndarray]:
    """The mels (T, M) of a text as the voice says it: `synthesised`, and `sample2` and so on, the same drawn again."""
    names = ["synthesised", *(f"sample{number}" for number in range(2, draws + 1))]
    return {name: voice.speak(record, temperature=temperature, seed=seed).mel for seed, name in enumerate(names)}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write samples/*.wav, and what the report's pictures are drawn from."""
    run: dict = {}
    spec, temperature = mel_spec(work), work["synthesis.temperature"]
    with timed(run):
        features = Features.of(work)
        voice = Voice.load(work.store, work.parents["train"], features.stats)
        arrays: dict[str, np.ndarray] = {}
        samples = []
        utterances = chosen(list(features.records("eval")), work["synthesis.samples"])
        with Progress("synthesis", len(utterances)) as progress:
            for shard, record in utterances:
                natural = features.of_utterance(shard, record["id"])
                again = voice.draws_prosody and len(samples) < REDRAWN
                own = spoken(voice, record, temperature, DRAWS if again else 1)
                timed_ = voice.speak(record, natural, temperature=temperature)
                files, notes = {}, []
                for name, mel in (own | {"natural": natural["mel"]}).items():
                    files[name] = f"samples/{record['id']}.{name}.wav"
                    wav = griffin_lim(mel, spec, work["synthesis.griffin_lim_iterations"])
                    path = work.folder / files[name]
                    path.parent.mkdir(parents=True, exist_ok=True)
                    wav, gain_db = within_full_scale(wav)
                    if gain_db:
                        notes.append(f"{name}: turned down by {-gain_db:.1f} dB, it would have clipped")
                    soundfile.write(path, wav, spec.sample_rate, subtype="PCM_16")
                arrays[f"{record['id']}/natural_mel"] = natural["mel"]
                arrays[f"{record['id']}/mel"] = timed_.mel
                arrays[f"{record['id']}/natural_log_f0"] = natural["log_f0"]
                arrays[f"{record['id']}/voiced"] = natural["voiced"]
                arrays[f"{record['id']}/log_f0"] = timed_.frame_log_f0
                told = {name: files.pop(name) for name in ("synthesised", "natural")} | {"again": list(files.values())}
                samples.append(record | told | ({"note": "; ".join(notes)} if notes else {}))
                progress.step()
        write_arrays(work.folder / "pictures.safetensors", arrays)
        content = {"vocoder": "griffin-lim", "hop_s": spec.hop_length / spec.sample_rate, "samples": samples}
        write_json(work.folder / "samples.json", content)
    finish(work, run, {"samples": len(samples)})


if __name__ == "__main__":
    stage_command("synthesis", __doc__, job)
