"""What an experiment's report shows, gathered from its training, synthesis and evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koeru.data.names import in_words
from koeru.progress import duration
from koeru.report import plots
from koeru.report.data import AccentPair, Baseline, Experiment, Metric, Picture, Sample
from koeru.report.provenance import ancestors, settings, stage_runs
from koeru.stage import Work
from koeru.store import ArrayReader, read_json
from koeru.view import mark

PHONE_MEANS = {
    "_phone_mean": "the mean of each phone over all speakers",
    "_phone_mean_speaker": "the mean of each phone of the speaker",
}


def experiment(work: Work) -> Experiment:
    """The content of the page of an experiment."""
    store, training = work.store, work.parents["train"]
    told = read_json(store.epoch_path(training, training.epoch))
    result = read_json(store.folder(work.parents["evaluation"]) / "metrics.json")
    synthesis = read_json(store.folder(work.parents["synthesis"]) / "samples.json")
    nodes = {(n["stage"], n["key"]): n for place in work.parents.values() for n in ancestors(store, place)}
    pairs = _accent_pairs(read_json(store.folder(work.parents["evaluation"]) / "accents.json"))
    return Experiment(
        name=mark("exp", work.place.key),
        key=work.place.key,
        dataset=mark("dataset", work.settings["dataset"]),
        vocoder=synthesis["vocoder"],
        metrics=_metrics(result),
        samples=_samples(work, synthesis),
        settings=settings(list(nodes.values())),
        provenance=stage_runs(list(nodes.values())),
        parents=_parents(told),
        facts=_facts(told, result),
        losses=_losses(told["log"]),
        accent_pairs=pairs,
        accent_picture=_accent_picture(pairs),
    )


def _parents(told: Mapping[str, Any]) -> list[str]:
    parent = told["parents"].get("pretrain")
    if parent is None:
        return []
    which = f"{mark('train', parent['key'])} at epoch {parent['epoch']}"
    return ["; ".join(filter(None, (which, in_words(told["loaded"]))))]


def _metrics(result: Mapping[str, Any]) -> list[Metric]:
    shares = ", ".join(f"{speaker} {share:.0%}" for speaker, share in result["accent_contrast_by_speaker"].items())
    return [
        _metric(
            result,
            "mel_l1",
            "Mel distance",
            "neper",
            3,
            "Mean absolute difference of natural-log mel, with true durations and the model's own pitch and energy.",
        ),
        _metric(
            result,
            "log_f0_rmse_cents",
            "F0 error",
            "cents",
            0,
            "Root mean square over voiced frames; one predicted value a phone.",
        ),
        Metric(
            "accent_contrast",
            "Accent contrast",
            result["accent_contrast"],
            digits=2,
            better="higher",
            about=f"Share of minimal pairs told apart by F0, of the speaker with the smallest: {shares}.",
        ),
        Metric(
            "duration_mae_frames",
            "Duration error",
            result["duration_mae_frames"],
            tuple(result["intervals_95"]["duration_mae_frames"]),
            "frames a phone",
            2,
            about="Mean absolute difference of predicted and true durations.",
        ),
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
        audio = (record["natural"], record["synthesised"])
        found.append(
            Sample(name, record["text"], record["speaker"], record["emotion"], *audio, pictures, record.get("note", ""))
        )
    return found


def _facts(told: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, str]:
    last = told["last"]
    epochs = [row["seconds"] for row in told["log"]]
    return {
        "Trained": f"{told['epoch']} epochs, {told['step']} steps, {duration(sum(epochs))}",
        "Utterances": f"{told['utterances']['train']} train, {told['utterances']['dev']} dev, "
        f"{result['utterances']} eval",
        "Model": f"{told['parameters'] / 1e6:.2f} million parameters",
        "Waiting for data": f"{last['data_seconds'] / max(last['seconds'], 1e-9):.1%} of the last epoch",
    }


def _losses(log: list[Mapping[str, Any]]) -> list[Picture]:
    rows = [
        {"epoch": row["epoch"], "step": row["step"]}
        | {f"{split}/{part}": value for split in ("train", "dev") for part, value in row[split].items()}
        for row in log
    ]
    return [Picture(plots.loss_curves(rows), "losses over steps, training and development", "Losses")]


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
