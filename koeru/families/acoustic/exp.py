"""What an experiment leaves: the exported model and vocoder, the metrics, the samples and the report."""

import shutil
from dataclasses import asdict

from koeru.audio.mel import MelSpec
from koeru.data.vocabulary import Names
from koeru.families.acoustic.page.experiment import experiment
from koeru.families.acoustic.page.page import experiment_page
from koeru.graph.store import read_json, replacing, write_json
from koeru.jobs.features import mel_spec
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.measurement import METRICS, UTTERANCES
from koeru.training.checkpoint import load
from koeru.training.exported import write_exported
from koeru.training.manifest import ModelManifest

CONTROL = "control.json"  # of voices that are told who speaks, or how


def export_model(work: Work, mel: MelSpec) -> None:
    """Write model.safetensors, a voice for `Voice.from_file`; and speakers.json: the ids of names."""
    training = work.parents["train"]
    manifest = work.store.read_node(training, ModelManifest)
    vocabulary = manifest.vocabulary
    content = {
        "params": manifest.params,
        "epoch": manifest.epoch,
        "step": manifest.step,
        "vocabulary": vocabulary.to_dict(),
        "stats": read_json(work.store.folder(work.parents["stats"]) / "stats.json"),
        "mel": asdict(mel),
    }
    weights = load(work.store.epoch_state_path(training, training.epoch)).model
    write_exported(work.folder / "model.safetensors", weights, content)
    write_json(work.folder / "speakers.json", {kind: vocabulary.ids[kind] for kind in Names.KINDS})


def job(work: Work) -> None:
    """Write model.safetensors, speakers.json, vocoder.safetensors, what was measured, samples/ and report.html."""
    run: dict = {}
    with timed(run):
        work.folder.mkdir(parents=True, exist_ok=True)
        made = work.store.read_node(work.parents["synthesis"]).params
        export_model(work, mel_spec(made))
        if "vocoder" in work.parents:
            path = work.folder / "vocoder.safetensors"
            work.use("vocoder", "save")(work.store, work.parents["vocoder"], made["vocoder.take"], mel_spec(made), path)
        measured = work.store.folder(work.parents["evaluation"])
        for name in (METRICS, UTTERANCES, *([CONTROL] if (measured / CONTROL).exists() else [])):
            shutil.copyfile(measured / name, work.folder / name)
        samples = work.store.folder(work.parents["synthesis"]) / "samples"
        shutil.copytree(samples, work.folder / "samples", dirs_exist_ok=True)
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(experiment_page(experiment(work)), encoding="utf-8")
    finish(work, run, {})
