"""Held-out pairs as audio: the two recordings, what the model makes of the one, and what needs no model."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from koeru.data.splits import nothing_left
from koeru.families.experiments.samples import Audio, recording, vocoder_of
from koeru.families.vc.converter import Converter, voices
from koeru.families.vc.items import pair_item
from koeru.families.vc.measure.baselines import Baselines
from koeru.families.vc.measure.distance import Heard
from koeru.families.vc.measure.evaluation import MEANS, Envelopes, couple
from koeru.families.vc.pairs import Pair, Pairs
from koeru.graph.store import Record, read_json, write_arrays, write_json
from koeru.jobs.features import mel_spec
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.listening import chosen

KINDS = ("source", "target", "natural", "teacher_forced", "converted", "stretched", "world")  # as the page has them


def to_listen(pairs: Iterable[Pair], samples: int) -> list[Pair]:
    """Of held-out pairs, some to listen to: every target in turn. ValueError where there are none."""
    held_out = {pair.id: pair for pair in pairs}
    if not held_out:
        raise ValueError(nothing_left("eval"))
    records: list[tuple[int, Record]] = [(0, {"id": p.id, "speaker": p.target.speaker}) for p in held_out.values()]
    return [held_out[record["id"]] for _, record in chosen(records, samples)]


def job(work: Work) -> None:
    """Write samples/*.wav, and what the report's pictures are drawn from."""
    run: dict = {}
    spec, temperature = mel_spec(work), work["synthesis.temperature"]
    with timed(run):
        pairs = Pairs.of(work)
        converter = Converter.load(pairs, work.parents["conversion"], work["take"])
        baselines = Baselines.of(read_json(work.store.folder(work.parents["conversion_evaluation"]) / MEANS))
        vocoder, envelopes = vocoder_of(work, spec), Envelopes(pairs)
        arrays: dict[str, np.ndarray] = {}
        samples = []
        listened = to_listen(pairs.of_split("eval"), work["synthesis.samples"])
        with Progress("conversion_samples", len(listened), "pairs") as progress:
            for pair in listened:
                source, target = pairs.arrays(pair.source), pairs.arrays(pair.target)
                item = pair_item(pairs, pair, converter.vocabulary)
                in_time = converter.in_time(item, pair.target.speaker, temperature=temperature)
                made = converter.convert(pair.id, source, *voices(pair), pair.source.cuts, temperature=temperature)
                mels = {
                    "natural": target["mel"],
                    "teacher_forced": converter.teacher_forced(item, pair.target.speaker).mel,
                    "converted": made.mel,
                    "stretched": baselines.stretched(couple(pair), Heard.of(source)).mel,
                }
                audio = Audio(work.folder, pair.id, spec.sample_rate)
                for side in ("source", "target"):
                    own = getattr(pair, side)
                    audio.write(side, recording(work, own.shard, own.id))
                for kind, mel in mels.items():
                    audio.write(kind, vocoder(mel.astype(np.float32)))
                if (envelope := envelopes.of(pair.source)) is not None:
                    mapped = baselines.world(couple(pair), envelope, spec.sample_rate, work["sp.frame_period"])
                    audio.write("world", mapped)
                who = {"text": pair.target.text, "speaker": pair.target.speaker, "emotion": pair.target.emotion}
                told = {"id": pair.id, "source_speaker": pair.source.speaker} | who
                samples.append(told | audio.told([kind for kind in KINDS if kind in audio.files]))
                pictured = {
                    "source_mel": source["mel"],
                    "natural_mel": target["mel"],
                    "mel": made.mel,
                    "natural_log_f0": target["log_f0"],
                    "voiced": target["voiced"],
                    "log_f0": in_time.log_f0,
                }
                arrays |= {f"{pair.id}/{name}": array for name, array in pictured.items()}
                progress.step()
        write_arrays(work.folder / "pictures.safetensors", arrays)
        content = {"vocoder": vocoder.name, "hop_s": spec.hop_length / spec.sample_rate, "samples": samples}
        write_json(work.folder / "samples.json", content)
    finish(work, run, {"samples": len(samples)})
