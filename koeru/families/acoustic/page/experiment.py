"""What an experiment's report shows, gathered from its training, synthesis and evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.config.base import defaults
from koeru.data.vocabulary import in_words
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.page import training
from koeru.families.acoustic.page.control import control, control_metrics
from koeru.families.acoustic.page.data import AccentPair, Experiment, Sample
from koeru.families.acoustic.page.prosody import prosody, prosody_metrics
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import ArrayReader, read_json
from koeru.graph.view import mark
from koeru.jobs.stage import Work
from koeru.report import plots
from koeru.report.data import Baseline, Metric, Picture, Speaking
from koeru.report.provenance import ancestors, settings, stage_runs
from koeru.report.training import excluded, losses
from koeru.training.parts import weights_in_words

STANDARD = DATA_DEFAULTS | defaults(Exp)
PHONE_MEANS = {
    "_phone_mean": "the mean of each phone over all speakers",
    "_phone_mean_speaker": "the mean of each phone of the speaker",
}


def experiment(work: Work) -> Experiment:
    """The content of the page of an experiment."""
    store, trained = work.store, work.parents["train"]
    told = read_json(store.epoch_path(trained, trained.epoch))
    result = read_json(store.folder(work.parents["evaluation"]) / "metrics.json")
    synthesis = read_json(store.folder(work.parents["synthesis"]) / "samples.json")
    controlled = store.folder(work.parents["evaluation"]) / "control.json"
    nodes = {(n["stage"], n["key"]): n for place in work.parents.values() for n in ancestors(store, place)}
    speaking = _speaking(work) if "vocoder" in work.parents else None
    accents = store.folder(work.parents["evaluation"]) / "accents.json"  # not of a language without minimal pairs
    pairs = _accent_pairs(read_json(accents)) if accents.exists() else []
    return Experiment(
        name=mark("exp", work.place.key),
        key=work.place.key,
        dataset=mark("dataset", work.settings["dataset"]),
        vocoder=synthesis["vocoder"],
        metrics=_metrics(result),
        samples=_samples(work, synthesis),
        settings=[*settings(nodes.values(), STANDARD), *(speaking.settings if speaking else ())],
        provenance=stage_runs(list(nodes.values())),
        parents=_parents(told),
        facts=training.facts(told) | {"Evaluated": f"{result['utterances']} utterances of the eval split"},
        warnings=training.warnings(told),
        entries=mark("entries", work.place.key),
        losses=[losses(told)],
        schedule=training.schedule(told),
        excluded=excluded(told),
        accent_pairs=pairs,
        accent_picture=_accent_picture(pairs) if pairs else None,
        prosody=prosody(result),
        control=control(read_json(controlled)) if controlled.exists() else None,
        speaking=speaking,
    )


def _speaking(work: Work) -> Speaking:
    """What is told of the vocoder that has made the samples."""
    made = read_json(work.store.node_path(work.parents["synthesis"]))["params"]
    return work.use("vocoder", "tell")(work.store, work.parents["vocoder"], made["vocoder.take"])


def _parents(told: Mapping[str, Any]) -> list[str]:
    parent = told["parents"].get("pretrain")
    if parent is None:
        return []
    which = f"{mark('train', parent['key'])} at epoch {parent['epoch']}"
    return ["; ".join(filter(None, (which, in_words(told["loaded"]), weights_in_words(told["loaded"]))))]


def _metrics(result: Mapping[str, Any]) -> list[Metric]:
    drawn = " Prosody is drawn, once." if "temperature" in result else ""
    return [
        _metric(
            result,
            "mel_l1",
            "Mel distance",
            "neper",
            3,
            "Mean absolute difference of natural-log mel, with true durations and the model's own pitch and energy."
            + drawn,
        ),
        _metric(
            result,
            "log_f0_rmse_cents",
            "F0 error",
            "cents",
            0,
            "Root mean square over voiced frames." + drawn,
        ),
        *_accent_metric(result),
        Metric(
            "duration_mae_frames",
            "Duration error",
            result["duration_mae_frames"],
            tuple(result["intervals_95"]["duration_mae_frames"]),
            "frames a phone",
            2,
            about="Mean absolute difference of predicted and true durations.",
        ),
        *prosody_metrics(result),
        *control_metrics(result),
    ]


def _accent_metric(result: Mapping[str, Any]) -> list[Metric]:
    if "accent_contrast" not in result:
        return []
    shares = ", ".join(f"{speaker} {share:.0%}" for speaker, share in result["accent_contrast_by_speaker"].items())
    about = f"Share of minimal pairs told apart by F0, of the speaker with the smallest: {shares}."
    return [
        Metric("accent_contrast", "Accent contrast", result["accent_contrast"], digits=2, better="higher", about=about)
    ]


def _metric(result: Mapping[str, Any], key: str, label: str, unit: str, digits: int, about: str) -> Metric:
    baselines = [
        Baseline(
            name,
            result[key + suffix],
            tuple(result["intervals_95"][key + suffix]),
            tuple(result["ratio_intervals_95"][f"{key}/{key}{suffix}"]),
        )
        for suffix, name in PHONE_MEANS.items()
    ]
    interval = tuple(result["intervals_95"][key])
    return Metric(key, label, result[key], interval, unit, digits, "lower", about, baselines)


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


def _accent_pairs(found: list[Mapping[str, Any]]) -> list[AccentPair]:
    return [
        AccentPair(c["speaker"], c["pair"][0], c["pair"][1], c["carrier"], c["head_high_cents"], c["partner_cents"])
        for c in found
    ]


def _accent_picture(pairs: list[AccentPair]) -> Picture:
    steps: dict[str, list[tuple[float, float]]] = {}
    for pair in pairs:
        steps.setdefault(pair.speaker, []).append((pair.head_high_cents, pair.partner_cents))
    return Picture(plots.accent_contrast(steps), "steps of F0 in minimal pairs by speaker", "Steps of F0 by speaker")
