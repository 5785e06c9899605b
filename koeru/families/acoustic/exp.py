"""What an experiment leaves: the exported model and vocoder, the metrics, the samples and the report."""

import json
import shutil
from dataclasses import replace

from safetensors.torch import save_file

from koeru.data.vocabulary import Names
from koeru.families.acoustic.page.experiment import experiment
from koeru.families.acoustic.page.page import experiment_page
from koeru.graph.store import read_json, replacing, write_json
from koeru.jobs.features import mel_spec
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.training.checkpoint import load

MEASURED = ("metrics.json", "prosody.json", "control.json")  # the last two of voices that draw, or are told a name


def export_model(work: Work) -> None:
    """Write model.safetensors: the weights with what is needed to use them; and speakers.json: the ids of names.

    The statistics are those of the dataset, but every file names speakers and emotions in the order of the model's ids.
    """
    training = work.parents["train"]
    told = read_json(work.store.epoch_path(training, training.epoch))
    names = Names.of(told)
    stats = read_json(work.store.folder(work.parents["stats"]) / "stats.json") | names.to_dict()
    metadata = {"params": told["params"], "epoch": told["epoch"], "step": told["step"], "stats": stats}
    weights = load(work.store.epoch_state_path(training, training.epoch)).model
    with replacing(work.folder / "model.safetensors") as temporary:
        save_file(
            {name: tensor.contiguous() for name, tensor in weights.items()},
            temporary,
            {"koeru": json.dumps(metadata, ensure_ascii=False)},
        )
    write_json(work.folder / "speakers.json", names.ids)


def export_vocoder(work: Work) -> None:
    """Write vocoder.safetensors: the weights that speak, of a trained vocoder or as published, with their mel.

    Which weights and what mel is told by the parameters of the samples, which were spoken by them.
    """
    params = read_json(work.store.node_path(work.parents["synthesis"]))["params"]
    spec, path = mel_spec(replace(work, params=params)), work.folder / "vocoder.safetensors"
    work.use("vocoder", "save")(work.store, work.parents["vocoder"], params["vocoder.take"], spec, path)


def job(work: Work) -> None:
    """Write model.safetensors, speakers.json, vocoder.safetensors, what was measured, samples/ and report.html."""
    run: dict = {}
    with timed(run):
        work.folder.mkdir(parents=True, exist_ok=True)
        export_model(work)
        if "vocoder" in work.parents:
            export_vocoder(work)
        measured = work.store.folder(work.parents["evaluation"])
        for name in MEASURED:
            if (measured / name).exists():
                shutil.copyfile(measured / name, work.folder / name)
        samples = work.store.folder(work.parents["synthesis"]) / "samples"
        shutil.copytree(samples, work.folder / "samples", dirs_exist_ok=True)
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(experiment_page(experiment(work)), encoding="utf-8")
    finish(work, run, {})
