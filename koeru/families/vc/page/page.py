"""The page of an experiment in voice conversion, gathered from its training, samples and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koeru.families.experiments.page import ExperimentPage, gathered
from koeru.families.vc.entry import VcExp
from koeru.families.vc.pairs import PAIRS
from koeru.graph.store import ArrayReader, read_json
from koeru.jobs.stage import Work
from koeru.report import plots
from koeru.report.data import Picture, check_audio
from koeru.report.measurement import Measurement
from koeru.report.page import render

TEMPLATE = Path(__file__).parent / "templates" / "conversion.html.j2"
LABELS = {
    "source": "Source, the recording",
    "target": "Target, the recording",
    "natural": "Target's mel, through the vocoder",
    "teacher_forced": "Teacher-forced",
    "converted": "Converted",
    "stretched": "Source, stretched in time",
    "world": "Source, mapped by WORLD",
}
STYLES = {"source": "recording", "target": "recording", "teacher_forced": "forced", "converted": "synthesised"}


@dataclass(frozen=True)
class Player:
    """A wav, what it is, and how it is shown."""

    path: str
    label: str
    style: str = "natural"


@dataclass(frozen=True)
class Sample:
    """One held-out pair: who says what, what there is to listen to, and pictures."""

    id: str
    text: str
    who: str
    players: Sequence[Player]
    pictures: Sequence[Picture] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for player in self.players:
            check_audio(player.path, self.id)


@dataclass(frozen=True, kw_only=True)
class ConversionPage(ExperimentPage):
    """Everything on the page of an experiment that converts.

    ``alignment`` says how the pairs were aligned; ``left_out`` tells of each pair that was not used, and why, and
    ``at_edge`` of those whose alignment runs along the edge of its band.
    """

    samples: Sequence[Sample]
    alignment: str
    left_out: Sequence[str] = ()
    at_edge: Sequence[str] = ()


def conversion_page(work: Work) -> str:
    """The page as a whole HTML document."""
    store, spoken = work.store, work.parents["conversion_samples"]
    measured = Measurement.read(store.folder(work.parents["conversion_evaluation"]))
    aligned = read_json(store.folder(work.parents["durations"]) / PAIRS)
    page = ConversionPage(
        **gathered(work, VcExp, work.parents["conversion"], spoken, measured, "pairs"),
        samples=list(samples(work)),
        alignment=alignment(aligned),
        left_out=[f"{row['id']}: {row['reason']}: {row['detail']}" for row in aligned["excluded"]],
        at_edge=[row["id"] for row in aligned["pairs"] if row.get("at_edge")],
    )
    return render(TEMPLATE, page=page)


def alignment(aligned: dict[str, Any]) -> str:
    """How the pairs were aligned, as a sentence."""
    frames = f"{aligned['reduction_factor']} frames a reduced one"
    if aligned["durations"] == "mas":
        return f"Learned with the model by monotonic search, at {frames}."
    costs = [row["cost"] for row in aligned["pairs"]]
    cost = f"a pair costs {sum(costs) / len(costs):.1f} dB a step in the mean, {max(costs):.1f} at most"
    return f"By dynamic time warping of the shapes of spectra and their slopes, at {frames}: {cost}."


def samples(work: Work) -> Iterator[Sample]:
    """The samples, in the order in which they were made."""
    folder = work.store.folder(work.parents["conversion_samples"])
    told, arrays = read_json(folder / "samples.json"), ArrayReader(folder / "pictures.safetensors")
    for record in told["samples"]:
        name = record["id"]
        mel = plots.mel_pair(arrays[f"{name}/natural_mel"], arrays[f"{name}/mel"], told["hop_s"])
        f0 = plots.f0_contours(
            *(arrays[f"{name}/{what}"] for what in ("natural_log_f0", "log_f0", "voiced")), told["hop_s"]
        )
        pictures = (
            Picture(mel, "mel spectrograms", "The target's mel, and what the source becomes"),
            Picture(f0, "F0 contours", "F0 in the times of the target: natural and predicted"),
        )
        players = [
            Player(record[kind], label, STYLES.get(kind, "natural")) for kind, label in LABELS.items() if kind in record
        ]
        who = f"{record['source_speaker']} → {record['speaker']} · {record['emotion']}"
        yield Sample(name, record["text"], who, players, pictures, record.get("note", ""))
