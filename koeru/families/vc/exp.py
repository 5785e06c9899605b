"""What an experiment leaves: the exported model and vocoder, the metrics, the samples and the report."""

from __future__ import annotations

import shutil
from pathlib import Path

from koeru.data.vocabulary import Names
from koeru.families.vc.family import FAMILY
from koeru.families.vc.hearing import Hearing
from koeru.families.vc.measure.evaluation import couple
from koeru.families.vc.page.page import conversion_page
from koeru.families.vc.pairs import Pairs
from koeru.graph.stages import SEGMENTS
from koeru.graph.store import read_json, replacing, write_json
from koeru.jobs.features import mel_spec
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.measurement import METRICS, UTTERANCES
from koeru.training.checkpoint import load
from koeru.training.exported import write_exported
from koeru.training.manifest import ModelManifest


def hearing(work: Work) -> Hearing:
    """How the features of the dataset were computed."""
    silence = {leaf.removeprefix("segments."): work[leaf] for leaf in SEGMENTS}
    bounds = (work["pitch.f0_floor"], work["pitch.f0_ceil"])
    return Hearing(mel_spec(work), work["pitch.method"], *bounds, silence, work["pitch.speakers"])


def export_model(work: Work, path: Path) -> None:
    """Write a converter for `Converter.from_file`, and beside it speakers.json: the ids of names."""
    training = work.parents["conversion"]
    manifest = work.store.read_node(training, ModelManifest)
    vocabulary = manifest.vocabulary
    content = {
        "family": FAMILY.name,
        "params": manifest.params,
        "epoch": manifest.epoch,
        "step": manifest.step,
        "vocabulary": vocabulary.to_dict(),
        "stats": read_json(work.store.folder(work.parents["stats"]) / "stats.json"),
        "hearing": hearing(work).to_dict(),
        "couples": sorted({couple(pair) for pair in Pairs.of(work).of_split("train")}),
    }
    weights = load(work.store.epoch_state_path(training, training.epoch)).model
    write_exported(path, weights, content)
    write_json(path.with_name("speakers.json"), {kind: vocabulary.ids[kind] for kind in Names.KINDS})


def job(work: Work) -> None:
    """Write model.safetensors, speakers.json, vocoder.safetensors, what was measured, samples/ and report.html."""
    run: dict = {}
    with timed(run):
        work.folder.mkdir(parents=True, exist_ok=True)
        export_model(work, work.folder / "model.safetensors")
        made = work.store.read_node(work.parents["conversion_samples"]).params
        if "vocoder" in work.parents:
            path = work.folder / "vocoder.safetensors"
            work.use("vocoder", "save")(work.store, work.parents["vocoder"], made["vocoder.take"], mel_spec(work), path)
        measured = work.store.folder(work.parents["conversion_evaluation"])
        for name in (METRICS, UTTERANCES):
            shutil.copyfile(measured / name, work.folder / name)
        samples = work.store.folder(work.parents["conversion_samples"]) / "samples"
        shutil.copytree(samples, work.folder / "samples", dirs_exist_ok=True)
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(conversion_page(work), encoding="utf-8")
    finish(work, run, {})
