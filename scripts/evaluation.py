"""Objective metrics on held-out utterances, beside what the mean of each phone would give, with 95 % intervals."""

import argparse
from dataclasses import asdict

import numpy as np

from koeru.command_line import stage_command
from koeru.data.reading import Features
from koeru.evaluation.accent import Contrast, contrasts, neutral
from koeru.evaluation.baselines import PhoneMeans
from koeru.evaluation.metrics import (
    Part,
    accent_contrast,
    bootstrap,
    bootstrap_ratio,
    mel_l1,
    pooled,
    root_mean,
    squared_cents,
)
from koeru.evaluation.voice import Voice
from koeru.progress import Progress
from koeru.stage import Work, finish
from koeru.store import timed, write_json

MEL = ("mel_l1", "mel_l1_phone_mean", "mel_l1_phone_mean_speaker")
F0 = ("log_f0_rmse_cents", "log_f0_rmse_cents_phone_mean", "log_f0_rmse_cents_phone_mean_speaker")


def phone_means(features: Features) -> PhoneMeans:
    """The baselines: means of each phone over the training split."""
    means = PhoneMeans()
    records = list(features.records("train"))
    with Progress("evaluation, phone means", len(records)) as progress:
        for shard, record in records:
            arrays = features.of_utterance(shard, record["id"])
            means.add(record, arrays["mel"], arrays["log_f0"], arrays["voiced"])
            progress.step()
    return means


def measured(features: Features, voice: Voice, means: PhoneMeans) -> dict[str, list[Part]]:
    """Each metric of each held-out utterance, with true durations and the model's own pitch and energy."""
    parts: dict[str, list[Part]] = {name: [] for name in (*MEL, *F0, "duration_mae_frames")}
    records = list(features.records("eval"))
    with Progress("evaluation", len(records)) as progress:
        for shard, record in records:
            natural = features.of_utterance(shard, record["id"])
            answer = voice.speak(record, natural)
            mels = (answer.mel, means.predict_mel(record, False), means.predict_mel(record, True))
            for name, mel in zip(MEL, mels, strict=True):
                parts[name].append(mel_l1(mel, natural["mel"]))
            own = np.repeat(answer.log_f0, record["durations"])
            curves = (own, means.predict_log_f0(record, False), means.predict_log_f0(record, True))
            for name, log_f0 in zip(F0, curves, strict=True):
                parts[name].append(squared_cents(log_f0, natural["log_f0"], natural["voiced"]))
            error = np.abs(answer.own_durations - np.array(record["durations"]))
            parts["duration_mae_frames"].append(Part(float(error.sum()), len(error)))
            progress.step()
    return parts


def present(features: Features, voice: Voice) -> tuple[list[str], list[str]]:
    """The speakers and emotions that the dataset has utterances of, in the order of the voice's ids."""
    said = {(record["speaker"], record["emotion"]) for _, record in features.records()}
    speakers, emotions = (set(kind) for kind in zip(*said, strict=True))
    return [s for s in voice.names.speakers if s in speakers], [e for e in voice.names.emotions if e in emotions]


def metrics(parts: dict[str, list[Part]], found: list[Contrast], resamples: int) -> dict:
    """What metrics.json holds: values, their intervals, and intervals of the ratios to the baselines."""
    values, intervals, ratios = {}, {}, {}
    for name, own in parts.items():
        statistic = {"statistic": root_mean} if name in F0 else {}
        values[name] = pooled(own, **statistic)
        intervals[name] = bootstrap(own, resamples, **statistic)
        for first, *baselines in (MEL, F0):
            if name in baselines:
                ratios[f"{first}/{name}"] = bootstrap_ratio(parts[first], own, resamples, **statistic)
    by_speaker = {
        speaker: accent_contrast(
            [c.head_high_cents for c in found if c.speaker == speaker],
            [c.partner_cents for c in found if c.speaker == speaker],
        )
        for speaker in dict.fromkeys(c.speaker for c in found)
    }
    return values | {
        "accent_contrast": min(by_speaker.values()),
        "accent_contrast_by_speaker": by_speaker,
        "intervals_95": intervals,
        "ratio_intervals_95": ratios,
        "utterances": len(parts["mel_l1"]),
    }


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write metrics.json, and the contrasts behind one of its numbers."""
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        voice = Voice.load(work.store, work.parents["train"], features.stats)
        means = phone_means(features)
        parts = measured(features, voice, means)
        speakers, emotions = present(features, voice)
        found = list(contrasts(voice, speakers, neutral(emotions)))
        result = metrics(parts, found, work["evaluation.bootstrap"]) | {"baseline_fallbacks": dict(means.fallbacks)}
        write_json(work.folder / "metrics.json", result)
        write_json(work.folder / "accents.json", [asdict(c) | {"pair": list(c.pair)} for c in found])
    finish(work, run, {"metrics": result})


if __name__ == "__main__":
    stage_command("evaluation", __doc__, job)
