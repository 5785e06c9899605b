"""What a vocoder's page shows: its metrics and samples beside Griffin-Lim's, and its training where it has had one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koeru.families.vocoder.measure import quantities
from koeru.families.vocoder.page.training import STANDARD, speaking
from koeru.graph.view import mark
from koeru.jobs.stage import Work
from koeru.report.data import Picture, Setting, Speaking, StageRun, check_audio
from koeru.report.measurement import Measurement, Metric
from koeru.report.page import render
from koeru.report.provenance import ancestors, settings, stage_runs

TEMPLATE = Path(__file__).parent / "templates" / "vocoder.html.j2"
KINDS = {  # of mels -> title, what one is called, whose they are
    "natural": ("Natural mels", "Natural mel", "Of {} of the eval split, as the recordings have them."),
    "teacher_forced": (
        "Teacher-forced mels",
        "Teacher-forced mel",
        "Of {} of the dev split, as the acoustic model makes them, given durations, pitch, energy and prosody.",
    ),
}


@dataclass(frozen=True)
class Heard:
    """One held-out utterance: the recording and what is made of its mel. Paths are relative to the page."""

    id: str
    speaker: str
    emotion: str
    recording: str
    vocoder: str
    griffin_lim: str
    picture: Picture
    note: str = ""

    def __post_init__(self) -> None:
        for src in (self.recording, self.vocoder, self.griffin_lim):
            check_audio(src, self.id)


@dataclass(frozen=True)
class Resynthesised:
    """What became of the mels of a kind: `title` names them, `mel` one of them, and `whose` tells which they are."""

    kind: str
    title: str
    mel: str
    whose: str
    metrics: Sequence[Metric]
    samples: Sequence[Heard]


@dataclass(frozen=True)
class VocoderPage:
    """Everything on a vocoder's page. `variant` and `sha256` are of the weights in generator.safetensors, which are
    also in the file `published`; `iterations` are Griffin-Lim's."""

    name: str
    key: str
    dataset: str
    variant: str
    sha256: str
    published: str
    iterations: int
    facts: Mapping[str, str]
    speaking: Speaking
    resynthesised: Sequence[Resynthesised]
    settings: Sequence[Setting]
    provenance: Sequence[StageRun]
    entries: str = ""


def vocoder_page(data: VocoderPage) -> str:
    """The page of one vocoder as a whole HTML document."""
    return render(TEMPLATE, page=data)


def vocoder(
    work: Work, found: Measurement, samples: Mapping[str, Sequence[Heard]], exported: Mapping[str, Any]
) -> VocoderPage:
    """The content of the page of a vocoder: `samples` are by the kind of mels, and `exported` tells of the weights:
    variant, take, epoch, step, sha256, published."""
    nodes = ancestors(work.store, *work.parents.values())
    resynthesised = [of_kind(kind, found, heard) for kind, heard in samples.items()]
    measured = [f"{made.metrics[0].utterances} {made.title.lower()}" for made in resynthesised]
    return VocoderPage(
        name=mark("resynthesis", work.place.key),
        key=work.place.key,
        dataset=mark("dataset", work.settings["dataset"]),
        entries=mark("entries", work.place.key),
        iterations=work["vocoder.griffin_lim_iterations"],
        facts={"Measured": ", ".join(measured), "Speed": _speed(found.more["real_time_factor"])},
        speaking=speaking(work.store, work.parents["vocoder"], work["vocoder.take"]),
        resynthesised=resynthesised,
        settings=settings(nodes, STANDARD),
        provenance=stage_runs(nodes),
        **{name: exported[name] for name in ("variant", "sha256", "published")},
    )


def of_kind(kind: str, found: Measurement, samples: Sequence[Heard]) -> Resynthesised:
    """What became of the mels of a kind."""
    title, mel, whose = KINDS[kind]
    metrics = [found.metrics[quantity.key].in_per_cent for quantity in quantities(kind)]
    count = metrics[0].utterances
    told = whose.format(f"{count} utterance{'' if count == 1 else 's'}")
    return Resynthesised(kind, title, mel, told, metrics, samples)


def _speed(factor: Mapping[str, Any]) -> str:
    threads = "1 thread" if factor["threads"] == 1 else f"{factor['threads']} threads"
    return (
        f"{factor['vocoder']:.3f} s of computing a second of audio, Griffin-Lim {factor['griffin_lim']:.3f} s "
        f"({threads} of {factor['processor']})"
    )
