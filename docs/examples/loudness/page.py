"""How loud the toy thinks held-out frames are, as a page and as the two files that every family writes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import torch
from koeru.families.loudness.prepare import frames_of

from koeru.data.reading import Features
from koeru.graph.store import replacing
from koeru.graph.view import mark
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.measurement import Measurement, Quantity
from koeru.report.metrics import Part
from koeru.report.page import render
from koeru.training.checkpoint import load

ERROR = Quantity("energy_l1", "Error of energy", about="Mean absolute difference of natural-log energy of frames.")
TEMPLATE = Path(__file__).with_name("page.html.j2")


def job(work: Work) -> None:
    """Write metrics.json, utterances.jsonl and report.html."""
    run: dict = {}
    with timed(run):
        training = work.parents["loudness"]
        weights = load(work.store.epoch_state_path(training, training.epoch)).model
        features, found = Features.of(work, ("energy", "mel")), Measurement()
        for (_, record), held_out in zip(features.records("eval"), frames_of(features, "eval"), strict=True):
            told = held_out.mel @ weights["weight"][0] + weights.get("bias", torch.zeros(1))
            errors = (told - held_out.log_energy).abs()
            found.add(record, {ERROR.key: Part(float(errors.sum()), len(errors))})
        found.pool([ERROR], resamples=100)
        found.write(work.folder)
        page = SimpleNamespace(name=mark("loudness_page", work.place.key), metrics=list(found.metrics.values()))
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(render(TEMPLATE, page=page), encoding="utf-8")
    finish(work, run, {})
