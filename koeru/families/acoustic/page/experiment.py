"""What an experiment's report shows, gathered from its training, synthesis and evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.page.accents import accents
from koeru.families.acoustic.page.control import control
from koeru.families.acoustic.page.data import Sample, SpeechPage
from koeru.families.acoustic.page.prosody import prosody
from koeru.families.experiments.page import gathered
from koeru.graph.store import ArrayReader, read_json
from koeru.jobs.stage import Work
from koeru.report import plots
from koeru.report.data import Picture
from koeru.report.measurement import Measurement


def experiment(work: Work) -> SpeechPage:
    """The content of the page of an experiment."""
    store, spoken = work.store, work.parents["synthesis"]
    evaluated = store.folder(work.parents["evaluation"])
    measured = Measurement.read(evaluated)
    details = {
        name: read_json(path) for name in ("accents", "control") if (path := evaluated / f"{name}.json").exists()
    }
    return SpeechPage(
        **gathered(work, Exp, work.parents["train"], spoken, measured),
        samples=_samples(work, read_json(store.folder(spoken) / "samples.json")),
        accents=accents(details["accents"]) if "accents" in details else None,
        prosody=prosody(measured),
        control=control(details["control"]) if "control" in details else None,
    )


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
