"""What an experiment's report shows, gathered from its training, synthesis and evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.config.base import defaults
from koeru.data.vocabulary import in_words
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.page.accents import accents
from koeru.families.acoustic.page.control import control
from koeru.families.acoustic.page.data import Experiment, Sample
from koeru.families.acoustic.page.prosody import prosody
from koeru.families.acoustic.page.training import excluded, facts, schedule, warnings
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import ArrayReader, read_json
from koeru.graph.view import mark
from koeru.jobs.stage import Work
from koeru.languages import language
from koeru.report import plots
from koeru.report.data import Picture, Speaking
from koeru.report.measurement import Measurement
from koeru.report.provenance import ancestors, settings, stage_runs
from koeru.report.training import losses
from koeru.training.manifest import ModelManifest

STANDARD = DATA_DEFAULTS | defaults(Exp)


def experiment(work: Work) -> Experiment:
    """The content of the page of an experiment."""
    store, trained = work.store, work.parents["train"]
    training = store.read_node(trained, ModelManifest)
    evaluated = store.folder(work.parents["evaluation"])
    measured = Measurement.read(evaluated)
    synthesis = read_json(store.folder(work.parents["synthesis"]) / "samples.json")
    nodes = ancestors(store, *work.parents.values())
    speaking = _speaking(work) if "vocoder" in work.parents else None
    details = {
        name: read_json(path) for name in ("accents", "control") if (path := evaluated / f"{name}.json").exists()
    }
    return Experiment(
        name=mark("exp", work.place.key),
        key=work.place.key,
        dataset=mark("dataset", work.settings["dataset"]),
        vocoder=synthesis["vocoder"],
        lang=language(training.vocabulary.language).code,
        metrics=[metric.in_per_cent for metric in measured.metrics.values()],
        samples=_samples(work, synthesis),
        settings=[*settings(nodes, STANDARD), *(speaking.settings if speaking else ())],
        provenance=stage_runs(nodes),
        parents=_parents(training),
        facts=facts(training) | {"Evaluated": f"{len(measured.rows)} utterances of the eval split"},
        warnings=warnings(training),
        entries=mark("entries", work.place.key),
        losses=[losses(training)],
        schedule=schedule(training),
        excluded=excluded(training.excluded),
        accents=accents(details["accents"]) if "accents" in details else None,
        prosody=prosody(measured),
        control=control(details["control"]) if "control" in details else None,
        speaking=speaking,
    )


def _speaking(work: Work) -> Speaking:
    """What is told of the vocoder that has made the samples."""
    take = work.store.read_node(work.parents["synthesis"]).params["vocoder.take"]
    return work.use("vocoder", "tell")(work.store, work.parents["vocoder"], take)


def _parents(training: ModelManifest) -> list[str]:
    if training.loaded is None:
        return []
    parent, loaded = training.parents["pretrain"], training.loaded
    which = f"{mark('train', parent.key)} at epoch {parent.epoch}"
    return ["; ".join(filter(None, (which, in_words(loaded.more), loaded.in_words)))]


def _samples(work: Work, synthesis: Mapping[str, Any]) -> list[Sample]:
    arrays = ArrayReader(work.store.folder(work.parents["synthesis"]) / "pictures.safetensors")
    hop_s = synthesis["hop_s"]
    found = []
    for record in synthesis["samples"]:
        name, durations = record["id"], record["durations"]
        mel = plots.mel_pair(arrays[f"{name}/natural_mel"], arrays[f"{name}/mel"], hop_s, durations)
        f0 = plots.f0_contours(
            arrays[f"{name}/natural_log_f0"],
            arrays[f"{name}/log_f0"],
            arrays[f"{name}/voiced"],
            hop_s,
            record["phones"],
            durations,
        )
        pictures = (
            Picture(mel, "mel spectrograms", "Natural mel, and the model's with the same durations"),
            Picture(f0, "F0 contours", "F0: natural and predicted"),
        )
        audio = (record[kind] for kind in ("recording", "natural", "teacher_forced", "synthesised"))
        said = (record["text"], record["speaker"], record["emotion"])
        found.append(Sample(name, *said, *audio, pictures, record.get("note", ""), record["again"]))
    return found
