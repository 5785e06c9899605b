"""Objective metrics on held-out utterances, beside what the mean of each phone would give, with 95 % intervals."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from koeru.data.contour import Told
from koeru.data.reading import Features
from koeru.data.vocabulary import neutral
from koeru.families.acoustic.measure.accent import Contrast, contrast_metric, contrasts, shares
from koeru.families.acoustic.measure.baselines import PhoneMeans
from koeru.families.acoustic.measure.control import MeanF0, control, orders
from koeru.families.acoustic.measure.prosody import measure, measure_prosody
from koeru.families.acoustic.voice import Voice
from koeru.families.experiments.taken import told_of
from koeru.graph.store import write_json
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.measurement import Measurement, Quantity
from koeru.report.metrics import Part, mel_l1, squared_cents

PHONE_MEANS = {
    "phone_mean": "the mean of each phone over all speakers",
    "phone_mean_speaker": "the mean of each phone of the speaker",
}
MEL = Quantity(
    "mel_l1",
    "Mel distance",
    "neper",
    3,
    about="Mean absolute difference of natural-log mel, with true durations and the model's own pitch and energy.",
    baselines=PHONE_MEANS,
)
F0 = Quantity(
    "log_f0_rmse_cents",
    "F0 error",
    "cents",
    0,
    about="Root mean square over voiced frames.",
    statistic="root_mean",
    baselines=PHONE_MEANS,
)
DURATION = Quantity(
    "duration_mae_frames",
    "Duration error",
    "frames a phone",
    2,
    about="Mean absolute difference of predicted and true durations.",
)
DRAWN = " Prosody is drawn, once."


def means_of_training(features: Features) -> tuple[PhoneMeans, MeanF0]:
    """Over the training split, the means of each phone, which are the baselines, and those of F0."""
    means, f0 = PhoneMeans(), MeanF0()
    with Progress("evaluation, means of the training split", features.count("train")) as progress:
        for shard, record in features.in_turn("train"):
            arrays = features.of_utterance(shard, record["id"])
            means.add(record, arrays["mel"], arrays["log_f0"], arrays["voiced"])
            f0.add((record["speaker"], record["emotion"]), arrays["log_f0"], arrays["voiced"])
            progress.step()
    return means, f0


def measured(found: Measurement, features: Features, voice: Voice, means: PhoneMeans, temperature: float) -> None:
    """Take in each held-out utterance, with true durations and the model's own pitch, energy and prosody."""
    records = list(features.records("eval"))
    with Progress("evaluation", len(records)) as progress:
        for shard, record in records:
            natural = features.of_utterance(shard, record["id"])
            answer = voice.speak(record, Told(record["durations"]), temperature=temperature)
            mels = {MEL.key: answer.mel}
            curves = {F0.key: answer.frame_log_f0}
            for name, per_speaker in zip(PHONE_MEANS, (False, True), strict=True):
                mels[MEL.column(name)] = means.predict_mel(record, per_speaker)
                curves[F0.column(name)] = means.predict_log_f0(record, per_speaker)
            error = np.abs(answer.own_durations - np.array(record["durations"]))
            parts = {name: mel_l1(mel, natural["mel"]) for name, mel in mels.items()}
            parts |= {name: squared_cents(f0, natural["log_f0"], natural["voiced"]) for name, f0 in curves.items()}
            found.add(record, parts | {DURATION.key: Part(float(error.sum()), len(error))})
            progress.step()


def present(features: Features, voice: Voice) -> tuple[list[str], list[str]]:
    """The speakers and emotions that the dataset has utterances of, in the order of the voice's ids."""
    said = {(record["speaker"], record["emotion"]) for _, record in features.records()}
    speakers, emotions = (set(kind) for kind in zip(*said, strict=True))
    known = voice.vocabulary
    return [s for s in known.speakers if s in speakers], [e for e in known.emotions if e in emotions]


def told_apart(voice: Voice, features: Features, temperature: float) -> list[Contrast]:
    """The minimal pairs of the language, as every speaker of the dataset says them; none where it has none."""
    if (probes := features.language.probes) is None:
        return []
    speakers, emotions = present(features, voice)
    with features.language.reader() as front_end:
        return list(contrasts(voice, speakers, neutral(emotions), probes, front_end.reading, temperature=temperature))


def prosody(
    found: Measurement, features: Features, voice: Voice, samples: int, temperature: float, resamples: int
) -> None:
    """Measure a voice that draws its prosody by it."""
    parts = []
    records = list(features.records("eval"))
    with Progress("evaluation, prosody", len(records)) as progress:
        for shard, record in records:
            natural = features.of_utterance(shard, record["id"])
            parts.append(measure(voice, record, natural, samples=samples, temperature=temperature))
            found.add(record, parts[-1].at(temperature))
            progress.step()
    measure_prosody(found, parts, temperature, voice.extractor(), resamples)


def evaluated(
    features: Features, voice: Voice, *, temperature: float, samples: int, resamples: int
) -> tuple[Measurement, dict[str, Any]]:
    """What was measured, and what accents.json and control.json hold, where they say something."""
    held_out = [record for _, record in features.some_records("eval")]
    means, f0 = means_of_training(features)
    found, files = Measurement(), {}
    measured(found, features, voice, means, temperature)
    drawn = DRAWN if voice.draws_prosody else ""
    found.pool([replace(quantity, about=quantity.about + drawn) for quantity in (MEL, F0)], resamples)
    if apart := told_apart(voice, features, temperature):
        found.tell(contrast_metric(apart))
        found.more["accent_contrast_by_speaker"] = shares(apart)
        files["accents"] = [asdict(contrast) for contrast in apart]
    found.pool([DURATION], resamples)
    if voice.draws_prosody:
        prosody(found, features, voice, samples, temperature, resamples)
    if controlled := control(voice, held_out, f0, features.language.vowels, temperature=temperature):
        found.tell(*orders(controlled))
        files["control"] = controlled
    found.more["baseline_fallbacks"] = dict(means.fallbacks)
    return found, files


def job(work: Work) -> None:
    """Write metrics.json and utterances.jsonl, and what is behind some numbers: accents.json, control.json."""
    run: dict = {}
    with timed(run):
        features = Features.of(work)
        training, take = work.parents["train"], work["take"]
        voice = Voice.load(features, training, take)
        found, files = evaluated(
            features,
            voice,
            temperature=work["synthesis.temperature"],
            samples=work["evaluation.prosody_samples"],
            resamples=work["evaluation.bootstrap"],
        )
        found.more["speaks"] = told_of(work.store, training, take)
        found.write(work.folder)
        for name, content in files.items():
            write_json(work.folder / f"{name}.json", content)
    finish(work, run, {})
