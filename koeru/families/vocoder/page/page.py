"""What a vocoder's page shows: its metrics and samples beside Griffin-Lim's, and its training where it has had one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koeru.families.vocoder.page.training import STANDARD, speaking
from koeru.graph.store import Place, Store
from koeru.graph.view import mark
from koeru.jobs.stage import Work
from koeru.report.data import Baseline, Metric, Picture, Setting, Speaking, StageRun, check_audio
from koeru.report.page import render
from koeru.report.provenance import ancestors, settings, stage_runs

TEMPLATE = Path(__file__).parent / "templates" / "vocoder.html.j2"
PER_CENT = "%"
METRICS = {  # name -> label, unit, digits, what it says
    "mel_l1": (
        "Mel distance",
        "neper",
        3,
        "Mean absolute difference of natural-log mels, of the full band, as the loss of the training has it.",
    ),
    "mel_l1_input": (
        "Mel distance, given band",
        "neper",
        3,
        "The same of the band that vocoders are given. Griffin-Lim minimises the distance to its input directly.",
    ),
    "stft_distance": ("STFT distance", "", 3, "Spectral convergence and log magnitudes, at three resolutions."),
    "log_f0_rmse_cents": ("F0 error", "cents", 0, "Root mean square over the frames that are voiced in both."),
    "gross_f0_errors": ("Gross F0 errors", PER_CENT, 2, "Frames voiced in both whose F0 is more than 20 % off."),
    "voicing_error": ("Voicing error", PER_CENT, 2, "Frames that are voiced in one and unvoiced in the other."),
}
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
    without_value: Sequence[str] = ()


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
    work: Work, result: Mapping[str, Any], samples: Mapping[str, Sequence[Heard]], exported: Mapping[str, Any]
) -> VocoderPage:
    """The content of the page of a vocoder: `result` is its metrics.json, `samples` are by the kind of mels, and
    `exported` tells of the weights: variant, take, epoch, step, sha256, published."""
    nodes = {(n["stage"], n["key"]): n for parent in work.parents.values() for n in ancestors(work.store, parent)}
    measured = [f"{part['utterances']} {KINDS[kind][0].lower()}" for kind, part in _by_kind(result).items()]
    return VocoderPage(
        name=mark("resynthesis", work.place.key),
        key=work.place.key,
        dataset=mark("dataset", work.settings["dataset"]),
        entries=mark("entries", work.place.key),
        iterations=work["vocoder.griffin_lim_iterations"],
        facts={"Measured": ", ".join(measured), "Speed": _speed(result["real_time_factor"])},
        speaking=speaking(work.store, work.parents["vocoder"], work["vocoder.take"]),
        resynthesised=[resynthesised(kind, part, samples[kind]) for kind, part in _by_kind(result).items()],
        settings=settings(nodes.values(), STANDARD),
        provenance=stage_runs(list(nodes.values())),
        **{name: exported[name] for name in ("variant", "sha256", "published")},
    )


def manifest_of(store: Store, place: Place) -> Path:
    """The file that tells of a vocoder at an epoch, or of published weights."""
    return store.node_path(place) if place.epoch is None else store.epoch_path(place, place.epoch)


def resynthesised(kind: str, result: Mapping[str, Any], samples: Sequence[Heard]) -> Resynthesised:
    """What metrics.json tells of the mels of a kind, with Griffin-Lim as the baseline of every metric."""
    title, mel, whose = KINDS[kind]
    number = f"{result['utterances']} utterance{'' if result['utterances'] == 1 else 's'}"
    labels = {name: METRICS[name][0] for name in METRICS}
    labels |= {f"{name}_griffin_lim": f"{label} of Griffin-Lim" for name, label in labels.items()}
    lacking = [f"{labels[name]}: {count}" for name, count in result["without_value"].items()]
    metrics = [_metric(result, name) for name in METRICS]
    return Resynthesised(kind, title, mel, whose.format(number), metrics, samples, lacking)


def _metric(result: Mapping[str, Any], name: str) -> Metric:
    label, unit, digits, about = METRICS[name]
    scale = 100 if unit == PER_CENT else 1
    theirs = f"{name}_griffin_lim"
    (own, interval), (other, other_interval) = (_scaled(result, key, scale) for key in (name, theirs))
    ratio = result["ratio_intervals_95"][f"{name}/{theirs}"]
    baseline = Baseline("Griffin-Lim", other, other_interval, tuple(ratio) if ratio else None)
    return Metric(name, label, own, interval, unit, digits, "lower", about, [baseline])


def _scaled(result: Mapping[str, Any], key: str, scale: float) -> tuple[float, tuple[float, float] | None]:
    """A value, nan where there is none, and its interval."""
    value, interval = result[key], result["intervals_95"][key]
    return (math.nan if value is None else scale * value), (interval and tuple(scale * end for end in interval))


def _by_kind(result: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The parts of metrics.json that are of one kind of mels each."""
    return {"natural": result} | {kind: result[kind] for kind in ("teacher_forced",) if kind in result}


def _speed(factor: Mapping[str, Any]) -> str:
    threads = "1 thread" if factor["threads"] == 1 else f"{factor['threads']} threads"
    return (
        f"{factor['vocoder']:.3f} s of computing a second of audio, Griffin-Lim {factor['griffin_lim']:.3f} s "
        f"({threads} of {factor['processor']})"
    )
