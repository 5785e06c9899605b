"""The page of a recogniser, and its file for `Recogniser.from_file`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from koeru.audio.mel import MelSpec
from koeru.families.experiments.page import ExperimentPage, gathered
from koeru.families.experiments.taken import taken
from koeru.families.recogniser.entry import RecogniserExp
from koeru.families.recogniser.family import FAMILY
from koeru.families.recogniser.items import speech
from koeru.families.recogniser.measure.evaluation import HEARD
from koeru.families.recogniser.page.drawing import heard, spikes
from koeru.families.recogniser.recogniser import Recogniser
from koeru.graph.store import replacing
from koeru.jobs.features import mel_spec
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.data import Picture
from koeru.report.measurement import METRICS, UTTERANCES, Measurement
from koeru.report.page import render
from koeru.training.exported import write_exported
from koeru.training.manifest import ModelManifest

TEMPLATE = Path(__file__).parent / "templates" / "recogniser.html.j2"


@dataclass(frozen=True)
class Line:
    """What a head should have heard of an utterance, and what it has: names with spaces between."""

    head: str
    wanted: str
    heard: str
    errors: int
    labels: int


@dataclass(frozen=True)
class Utterance:
    """One held-out utterance, with a picture of each head where there is one; `spikes` tells how long labels last."""

    id: str
    text: str
    who: str
    lines: Sequence[Line]
    pictures: Sequence[Picture] = ()
    spikes: str = ""

    @property
    def rate(self) -> float:
        """The share of labels that are wrong, over all heads."""
        return sum(line.errors for line in self.lines) / max(1, sum(line.labels for line in self.lines))


@dataclass(frozen=True, kw_only=True)
class RecogniserPage(ExperimentPage):
    """Everything on the page of a recogniser: the `worst` utterances, and those held out that were not measured."""

    worst: Sequence[Utterance]
    left_out: Sequence[str] = ()


def job(work: Work) -> None:
    """Write model.safetensors, what was measured, and report.html."""
    run: dict = {}
    with timed(run):
        work.folder.mkdir(parents=True, exist_ok=True)
        spec = mel_spec(work)
        export(work, spec, work.folder / "model.safetensors")
        recognition = work.store.folder(work.parents["recognition"])
        for name in (METRICS, UTTERANCES, HEARD):
            shutil.copyfile(recognition / name, work.folder / name)
        measured = Measurement.read(recognition)
        page = RecogniserPage(
            **gathered(work, RecogniserExp, work.parents["recogniser"], None, measured),
            worst=list(drawn(work, spec, islice(worst(recognition / HEARD), work["evaluation.utterances"]))),
            left_out=[f"{told['id']}: {told['reason']}" for told in measured.more["excluded"]],
        )
        with replacing(work.folder / "report.html") as temporary:
            temporary.write_text(render(TEMPLATE, page=page), encoding="utf-8")
    finish(work, run, {})


def export(work: Work, spec: MelSpec, path: Path) -> None:
    """Write the model so that it works without a store."""
    training = work.parents["recogniser"]
    manifest = work.store.read_node(training, ModelManifest)
    own = taken(work.store, training, work["take"])
    seconds = manifest.log[-1]["frames"] * spec.hop_length / spec.sample_rate  # of the last epoch
    content = {
        "family": FAMILY.name,
        "params": manifest.params,
        "epoch": own.epoch,
        "step": own.step,
        "commit": manifest.commit,
        "trained": {"utterances": dict(manifest.utterances), "hours": round(seconds / 3600, 3)},
        "vocabulary": manifest.vocabulary.to_dict(),
        "hearing": asdict(spec),
    }
    write_exported(path, own.weights, content)


def worst(path: Path) -> Iterator[Utterance]:
    """The utterances of which something was heard wrongly, the worst first."""
    with path.open(encoding="utf-8") as file:
        found = [_utterance(json.loads(line)) for line in file]
    return iter(sorted(found, key=lambda utterance: (-utterance.rate, utterance.id)))


def drawn(work: Work, spec: MelSpec, utterances: Iterator[Utterance]) -> Iterator[Utterance]:
    """The same with pictures of what the model hears, and how long its labels last."""
    wanted = {utterance.id: utterance for utterance in utterances}
    recogniser = Recogniser.load(work.store, work.parents["recogniser"], work["take"], spec)
    features, found = speech(work), {}
    for shard, record in features.in_turn("eval"):
        if record["id"] in wanted:
            mel = features.array("mel", shard, f"{record['id']}/mel")
            found[record["id"]] = _with_pictures(wanted[record["id"]], recogniser, mel)
    yield from (found[name] for name in wanted)


def _with_pictures(utterance: Utterance, recogniser: Recogniser, mel: Any) -> Utterance:
    pictures, lasting = [], []
    for head, log_probs in recogniser.log_posteriors(mel).items():
        names, hop_s = recogniser.classes[head], recogniser.frame_s / recogniser.stride
        source = heard(mel, log_probs, names, hop_s, recogniser.stride)
        pictures.append(Picture(source, f"mel and probabilities of {utterance.id}", f"What the {head} are heard from"))
        lengths = [1000 * recogniser.frame_s * (spike.stop - spike.start) for spike in spikes(log_probs)]
        mean = sum(lengths) / len(lengths) if lengths else 0.0
        lasting.append(f"{len(lengths)} spikes of {head}, {mean:.0f} ms each in the mean")
    told = vars(utterance) | {"pictures": pictures, "spikes": "; ".join(lasting)}
    return Utterance(**told)


def _utterance(told: Mapping[str, Any]) -> Utterance:
    lines = [
        Line(head, " ".join(own["wanted"]), " ".join(own["heard"]), own["errors"], len(own["wanted"]))
        for head, own in told["heads"].items()
    ]
    return Utterance(told["id"], told["text"], f"{told['speaker']} · {told['emotion']}", lines)
