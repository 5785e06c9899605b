"""How loud the toy thinks held-out frames are, as a page and as the two files that every family writes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import torch
from koeru.families.loudness.prepare import frames_of

from koeru.data.reading import Features
from koeru.graph.store import replacing, write_json
from koeru.graph.view import mark
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.page import render
from koeru.training.checkpoint import load

TEMPLATE = Path(__file__).with_name("page.html.j2")


def job(work: Work) -> None:
    """Write metrics.json and report.html."""
    run: dict = {}
    with timed(run):
        training = work.parents["loudness"]
        weights = load(work.store.epoch_state_path(training, training.epoch)).model
        held_out = frames_of(Features.of(work, ("energy", "mel")), "eval")
        bias = weights.get("bias", torch.zeros(1))
        errors = {f.ids[0]: float((f.mel @ weights["weight"][0] + bias - f.log_energy).abs().mean()) for f in held_out}
        metrics = {"energy_l1": sum(errors.values()) / len(errors), "utterances": len(errors)}
        write_json(work.folder / "metrics.json", metrics)
        page = SimpleNamespace(name=mark("loudness_page", work.place.key), errors=errors, metrics=metrics)
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(render(TEMPLATE, page=page), encoding="utf-8")
    finish(work, run, {"metrics": metrics})
