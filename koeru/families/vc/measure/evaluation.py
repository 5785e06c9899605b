"""Objective metrics on held-out pairs, beside what needs no model, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from koeru.audio.mel import MelSpec
from koeru.data.reading import Features
from koeru.data.splits import nothing_left
from koeru.families.experiments.taken import told_of
from koeru.families.vc.converter import Converter, voices
from koeru.families.vc.measure.baselines import Baselines, heard
from koeru.families.vc.measure.distance import BASELINES, QUANTITIES, Heard, distances
from koeru.families.vc.pairs import Pair, Pairs, Side
from koeru.graph.store import write_json
from koeru.jobs.features import f0_bounds, mel_spec
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.measurement import Measurement
from koeru.report.metrics import Part

SP = ("sp",)
MEANS = "baselines.json"  # what the baselines know of the training pairs
DRAWN = " Prosody is drawn, once."


class Envelopes:
    """The coded spectral envelopes of utterances, and their F0; a few utterances may have none."""

    def __init__(self, pairs: Pairs) -> None:
        self.features = Features(pairs.store, pairs.parents, SP)
        self._there: dict[int, set[str]] = {}

    def of(self, side: Side) -> Mapping[str, np.ndarray] | None:
        """sp (T5, C) and f0 (T5,) in Hz, 0 where unvoiced."""
        if side.shard not in self._there:
            records = self.features.store.read_shard(self.features.parents["sp"], side.shard).utterances
            self._there[side.shard] = {record["id"] for record in records}
        if side.id not in self._there[side.shard]:
            return None
        return self.features.of_utterance(side.shard, side.id, SP)


def couple(pair: Pair) -> tuple[str, str]:
    """The speakers of a pair."""
    return pair.source.speaker, pair.target.speaker


def means_of_training(pairs: Pairs, envelopes: Envelopes) -> Baselines:
    """What the baselines know: the means of the training pairs."""
    found, training = Baselines(), list(pairs.of_split("train"))
    with Progress("conversion_evaluation, means of the training pairs", len(training), "pairs") as progress:
        for pair in training:
            source, target = envelopes.of(pair.source), envelopes.of(pair.target)
            if source is not None and target is not None:
                found.add(couple(pair), source, target)
            progress.step()
    return found


def made_of(
    work: Work, baselines: Baselines, pair: Pair, source: Heard, envelope: Mapping[str, np.ndarray] | None
) -> Iterator[tuple[str, Heard]]:
    """What the baselines make of a held-out source, by their names; without an envelope there is nothing for WORLD."""
    spec: MelSpec = mel_spec(work)
    yield "stretched", baselines.stretched(couple(pair), source)
    if envelope is not None:
        wav = baselines.world(couple(pair), envelope, spec.sample_rate, work["sp.frame_period"])
        yield "world", heard(wav, spec, work["pitch.method"], **f0_bounds(work, pair.target.speaker))


def measured(work: Work, found: Measurement, pairs: Pairs, converter: Converter, baselines: Baselines) -> None:
    """Take in each held-out pair: what the model makes of the source, with nothing of the target known."""
    envelopes, held_out = Envelopes(pairs), list(pairs.of_split("eval"))
    if not held_out:
        raise ValueError(nothing_left("eval"))
    with Progress("conversion_evaluation", len(held_out), "pairs") as progress:
        for pair in held_out:
            source, target = pairs.arrays(pair.source), Heard.of(pairs.arrays(pair.target))
            converted = converter.convert(
                pair.id, source, *voices(pair), pair.source.cuts, temperature=work["synthesis.temperature"]
            )
            parts = distances(Heard(converted.mel, converted.log_f0, converted.voiced), target)
            others = dict(made_of(work, baselines, pair, Heard.of(source), envelopes.of(pair.source)))
            for name in BASELINES:
                theirs = distances(others[name], target) if name in others else {}
                parts |= {one.column(name): theirs.get(one.key, Part(0.0, 0)) for one in QUANTITIES}
            found.add({"id": pair.id, "speaker": pair.target.speaker, "emotion": pair.target.emotion}, parts)
            progress.step()


def job(work: Work) -> None:
    """Write metrics.json and utterances.jsonl, and baselines.json: what is known of the training pairs."""
    run: dict = {}
    with timed(run):
        pairs = Pairs.of(work)
        training, take = work.parents["conversion"], work["take"]
        converter = Converter.load(pairs, training, take)
        baselines = means_of_training(pairs, Envelopes(pairs))
        write_json(work.folder / MEANS, baselines.to_dict())
        found, drawn = Measurement(), DRAWN if converter.draws_prosody else ""
        measured(work, found, pairs, converter, baselines)
        quantities = [replace(quantity, about=quantity.about + drawn) for quantity in QUANTITIES]
        found.pool(quantities, work["evaluation.bootstrap"])
        found.more["speaks"] = told_of(work.store, training, take)
        found.write(work.folder)
    finish(work, run, {})
