"""What an experiment leaves: the exported model and vocoder, the metrics, the samples and the report."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from koeru.audio.mel import MelSpec
from koeru.data.vocabulary import Names
from koeru.families.experiments.epochs import write_epochs
from koeru.families.experiments.taken import taken
from koeru.graph.store import Place, read_json, replacing, write_json
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.measurement import METRICS, UTTERANCES
from koeru.training.exported import write_exported
from koeru.training.manifest import ModelManifest


def export_model(work: Work, training: Place, path: Path, mel: MelSpec, told: Mapping[str, Any]) -> None:
    """Write the model of a training so that it works without a store, and beside it speakers.json: the ids of names.

    `told` is what only models of its family need.
    """
    manifest = work.store.read_node(training, ModelManifest)
    seconds = manifest.log[-1]["frames"] * mel.hop_length / mel.sample_rate  # of the last epoch
    vocabulary, own = manifest.vocabulary, taken(work.store, training, work["take"])
    content = {
        "params": manifest.params,
        "epoch": own.epoch,
        "step": own.step,
        "commit": manifest.commit,
        "trained": {"utterances": dict(manifest.utterances), "hours": round(seconds / 3600, 3)},
        "vocabulary": vocabulary.to_dict(),
        "stats": read_json(work.store.folder(work.parents["stats"]) / "stats.json"),
    }
    write_exported(path, own.weights, {**content, **told})
    write_json(path.with_name("speakers.json"), {kind: vocabulary.ids[kind] for kind in Names.KINDS})


def leave(
    work: Work,
    mel: MelSpec,
    training: Place,
    spoken: Place,
    measured: Place,
    *,
    told: Mapping[str, Any],
    page: Callable[[Work], str],
    also: Sequence[str] = (),
) -> None:
    """Write model.safetensors, speakers.json, vocoder.safetensors, what was measured, samples/, and both pages.

    The model's file says what is `told`. Of what was measured, `also` names files that there may be beside the metrics.
    `mel` is what the model makes, `spoken` the node that has the samples, and `page` gives the report as HTML.
    """
    run: dict = {}
    with timed(run):
        work.folder.mkdir(parents=True, exist_ok=True)
        export_model(work, training, work.folder / "model.safetensors", mel, told)
        if "vocoder" in work.parents:
            take, path = work.store.read_node(spoken).params["vocoder.take"], work.folder / "vocoder.safetensors"
            work.use("vocoder", "save")(work.store, work.parents["vocoder"], take, mel, path)
        metrics = work.store.folder(measured)
        for name in (METRICS, UTTERANCES, *(name for name in also if (metrics / name).exists())):
            shutil.copyfile(metrics / name, work.folder / name)
        shutil.copytree(work.store.folder(spoken) / "samples", work.folder / "samples", dirs_exist_ok=True)
        write_epochs(work, training)
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(page(work), encoding="utf-8")
    finish(work, run, {})
