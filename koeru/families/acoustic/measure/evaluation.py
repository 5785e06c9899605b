"""Objective metrics on held-out utterances, beside what the mean of each phone would give, with 95 % intervals."""

from dataclasses import asdict
from typing import Any

import numpy as np

from koeru.data.reading import Features
from koeru.families.acoustic.measure.accent import Contrast, contrasts, neutral
from koeru.families.acoustic.measure.baselines import PhoneMeans
from koeru.families.acoustic.measure.control import MeanF0, control
from koeru.families.acoustic.measure.prosody import ProsodyParts, likelihoods_record, measure, prosody_metrics
from koeru.families.acoustic.voice import Voice
from koeru.graph.store import write_json
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.metrics import (
    Part,
    accent_contrast,
    bootstrap,
    bootstrap_ratio,
    mel_l1,
    pooled,
    root_mean,
    squared_cents,
)

MEL = ("mel_l1", "mel_l1_phone_mean", "mel_l1_phone_mean_speaker")
F0 = ("log_f0_rmse_cents", "log_f0_rmse_cents_phone_mean", "log_f0_rmse_cents_phone_mean_speaker")


def means_of_training(features: Features) -> tuple[PhoneMeans, MeanF0]:
    """Over the training split, the means of each phone, which are the baselines, and those of F0."""
    means, f0 = PhoneMeans(), MeanF0()
    records = list(features.records("train"))
    with Progress("evaluation, means of the training split", len(records)) as progress:
        for shard, record in records:
            arrays = features.of_utterance(shard, record["id"])
            means.add(record, arrays["mel"], arrays["log_f0"], arrays["voiced"])
            f0.add((record["speaker"], record["emotion"]), arrays["log_f0"], arrays["voiced"])
            progress.step()
    return means, f0


def measured(features: Features, voice: Voice, means: PhoneMeans, temperature: float) -> dict[str, list[Part]]:
    """Each metric of each held-out utterance, with true durations and the model's own pitch, energy and prosody."""
    parts: dict[str, list[Part]] = {name: [] for name in (*MEL, *F0, "duration_mae_frames")}
    records = list(features.records("eval"))
    with Progress("evaluation", len(records)) as progress:
        for shard, record in records:
            natural = features.of_utterance(shard, record["id"])
            answer = voice.speak(record, natural, temperature=temperature)
            mels = (answer.mel, means.predict_mel(record, False), means.predict_mel(record, True))
            for name, mel in zip(MEL, mels, strict=True):
                parts[name].append(mel_l1(mel, natural["mel"]))
            curves = (answer.frame_log_f0, means.predict_log_f0(record, False), means.predict_log_f0(record, True))
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
    known = voice.vocabulary
    return [s for s in known.speakers if s in speakers], [e for e in known.emotions if e in emotions]


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
    return values | {
        **accents(found),
        "intervals_95": intervals,
        "ratio_intervals_95": ratios,
        "utterances": len(parts["mel_l1"]),
    }


def accents(found: list[Contrast]) -> dict[str, Any]:
    """What metrics.json holds of a language's minimal pairs; nothing where it has none."""
    by_speaker = {
        speaker: accent_contrast(
            [c.head_high_cents for c in found if c.speaker == speaker],
            [c.partner_cents for c in found if c.speaker == speaker],
        )
        for speaker in dict.fromkeys(c.speaker for c in found)
    }
    if not by_speaker:
        return {}
    return {"accent_contrast": min(by_speaker.values()), "accent_contrast_by_speaker": by_speaker}


def told_apart(voice: Voice, features: Features, temperature: float) -> list[Contrast]:
    """The minimal pairs of the language, as every speaker of the dataset says them; none where it has none."""
    if (probes := features.language.probes) is None:
        return []
    speakers, emotions = present(features, voice)
    with features.language.reader() as front_end:
        return list(contrasts(voice, speakers, neutral(emotions), probes, front_end.reading, temperature=temperature))


def prosody(
    features: Features, voice: Voice, samples: int, temperature: float, resamples: int
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Of a voice that draws its prosody: values for metrics.json, their intervals, and what prosody.json holds."""
    parts: dict[str, ProsodyParts] = {}
    records = list(features.records("eval"))
    with Progress("evaluation, prosody", len(records)) as progress:
        for shard, record in records:
            natural = features.of_utterance(shard, record["id"])
            parts[record["id"]] = measure(voice, record, natural, samples=samples, temperature=temperature)
            progress.step()
    return *prosody_metrics(list(parts.values()), temperature, resamples), likelihoods_record(voice.extractor(), parts)


def evaluated(features: Features, voice: Voice, *, temperature: float, samples: int, resamples: int) -> dict[str, Any]:
    """What metrics.json, accents.json, prosody.json and control.json hold; the last three where they say something."""
    means, f0 = means_of_training(features)
    parts = measured(features, voice, means, temperature)
    found = told_apart(voice, features, temperature)
    result = metrics(parts, found, resamples) | {"baseline_fallbacks": dict(means.fallbacks)}
    files: dict[str, Any] = {"metrics": result}
    if found:
        files["accents"] = [asdict(c) | {"pair": list(c.pair)} for c in found]
    if voice.draws_prosody:
        values, intervals, files["prosody"] = prosody(features, voice, samples, temperature, resamples)
        result |= values
        result["intervals_95"] |= intervals
    held_out = [record for _, record in features.records("eval")]
    if controlled := control(voice, held_out, f0, features.language.vowels, temperature=temperature):
        result |= {f"{kind}_order": share for kind, share in controlled["order"].items()}
        files["control"] = controlled
    return files


def job(work: Work) -> None:
    """Write metrics.json, and what is behind its numbers: accents.json, prosody.json, control.json."""
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        voice = Voice.load(work.store, work.parents["train"], features.stats)
        files = evaluated(
            features,
            voice,
            temperature=work["synthesis.temperature"],
            samples=work["evaluation.prosody_samples"],
            resamples=work["evaluation.bootstrap"],
        )
        for name, content in files.items():
            write_json(work.folder / f"{name}.json", content)
    finish(work, run, {"metrics": files["metrics"]})
