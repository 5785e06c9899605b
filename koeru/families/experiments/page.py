"""What the page of an experiment of any type shows, gathered from its training and its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from koeru.config.base import defaults
from koeru.config.training import GRIFFIN_LIM
from koeru.data.vocabulary import in_words
from koeru.families.experiments.entry import Pretrainable
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import Place, read_json
from koeru.graph.view import mark
from koeru.jobs.stage import Work
from koeru.languages import language
from koeru.report.data import Picture, Setting, Speaking, StageRun
from koeru.report.measurement import Measurement, Metric
from koeru.report.provenance import ancestors, settings, stage_runs
from koeru.report.training import excluded, facts, losses, schedule, speaks, warnings
from koeru.training.manifest import ModelManifest
from koeru.training.taking import LOSS


@dataclass(frozen=True, kw_only=True)
class ExperimentPage:
    """What is on every experiment's page. ``vocoder`` is "griffin-lim" or a vocoder's name, ``speaking`` tells of it;
    "" where the model says nothing that could be heard.

    ``parents`` are texts such as "LINE_14 at epoch 100"; ``facts`` are further short facts (name → text), such as
    steps, parameters of the model, device. ``lang`` is the code of the language that is spoken. ``entries`` names all
    experiments that are this run; ``excluded`` tells of each of ``what`` was held out or trained on that was not.
    """

    name: str
    key: str
    dataset: str
    lang: str
    metrics: Sequence[Metric]
    settings: Sequence[Setting]
    provenance: Sequence[StageRun]
    vocoder: str = ""
    what: str = "utterances"
    parents: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    entries: str = ""
    losses: Sequence[Picture] = ()
    schedule: Picture | None = None
    excluded: Sequence[str] = ()
    speaking: Speaking | None = None
    warnings: Sequence[str] = ()

    @property
    def griffin_lim(self) -> bool:
        """Whether nothing trained has spoken."""
        return self.vocoder == GRIFFIN_LIM


def gathered(
    work: Work,
    kind: type[Pretrainable],
    trained: Place,
    spoken: Place | None,
    measured: Measurement,
    what: str = "utterances",
) -> dict[str, Any]:
    """The fields of `ExperimentPage`, of a training, of the node whose samples.json tells what has spoken, and metrics.

    `what` is held out and trained on; `kind` is the section of the entry. `spoken` is None where nothing speaks.
    """
    training = work.store.read_node(trained, ModelManifest)
    nodes = ancestors(work.store, *work.parents.values())
    speaking = _speaking(work, spoken) if spoken is not None and "vocoder" in work.parents else None
    standard = DATA_DEFAULTS | defaults(kind)
    return {
        "name": mark(work.place.stage, work.place.key),
        "key": work.place.key,
        "dataset": mark("dataset", work.settings["dataset"]),
        "vocoder": read_json(work.store.folder(spoken) / "samples.json")["vocoder"] if spoken is not None else "",
        "lang": language(training.vocabulary.language).code,
        "metrics": [metric.in_per_cent for metric in measured.metrics.values()],
        "settings": [*settings(nodes, standard), *(speaking.settings if speaking else ())],
        "provenance": stage_runs(nodes),
        "what": what,
        "parents": _parents(training),
        "facts": facts(training, what)
        | {"Speaks" if spoken is not None else "Weights": speaks(training, work["take"], LOSS, "loss")}
        | {"Evaluated": f"{len(measured.rows)} {what} of the eval split"},
        "warnings": warnings(training, standard),
        "entries": mark("entries", work.place.key),
        "losses": [losses(training)],
        "schedule": schedule(training),
        "excluded": excluded(training.excluded),
        "speaking": speaking,
    }


def _speaking(work: Work, spoken: Place) -> Speaking:
    """What is told of the vocoder that has made the samples."""
    take = work.store.read_node(spoken).params["vocoder.take"]
    return work.use("vocoder", "tell")(work.store, work.parents["vocoder"], take)


def _parents(training: ModelManifest) -> list[str]:
    if training.loaded is None:
        return []
    parent, loaded = training.parents["pretrain"], training.loaded
    which = f"{mark(parent.stage, parent.key)} at epoch {parent.epoch}"
    return ["; ".join(filter(None, (which, in_words(loaded.more), loaded.in_words)))]
