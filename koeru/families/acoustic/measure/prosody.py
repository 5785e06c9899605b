"""What a voice that draws its prosody is measured by: how likely it finds the true one, and how far its F0 varies.

Log-likelihoods are densities of vectors that an extractor makes of the mel: they compare models only under the same
extractor, hearing the same mels (`compared` sees to it). The spread of F0 is in cents and compares with anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from koeru.report.metrics import CENTS, Part, bootstrap, bootstrap_difference, bootstrap_ratio, pooled, root_mean

if TYPE_CHECKING:
    from koeru.families.acoustic.voice import Voice
    from koeru.graph.store import Record
    from koeru.jobs.stage import Arrays

TEMPERATURES = (0.0, 0.5, 1.0, 1.5)  # at which the spread of F0 is told, whatever the voice speaks with
LIKELIHOODS = ("local_prosody", "global_prosody")  # as the losses are called: of phones, of utterances


@dataclass(frozen=True)
class ProsodyParts:
    """One utterance's share of the metrics of prosody."""

    likelihoods: Mapping[str, Part]  # nats; of LIKELIHOODS those that the voice models
    spread: Mapping[float, Part]  # temperature -> variance of F0 over the samples, cents², summed over voiced phones
    unexplained: Part  # cents², summed over voiced phones


def measure(
    voice: Voice, record: Record, natural: Arrays, *, samples: int, temperature: float, seed: int = 0
) -> ProsodyParts:
    """Speak a held-out utterance `samples` times with its own durations, at every temperature of the tables."""
    spread, unexplained = {}, Part(0.0, 0)
    for degree in sorted({*TEMPERATURES, temperature}):
        answers = voice.samples(record, natural, n=samples, temperature=degree, seed=seed)
        own = np.stack([answer.frame_log_f0 for answer in answers])  # (N, T)
        spread[degree], rest = spread_of(own, natural["log_f0"], natural["voiced"], record["durations"])
        if degree == temperature:
            unexplained = rest
    return ProsodyParts(voice.likelihoods(record, natural), spread, unexplained)


def spread_of(
    samples: np.ndarray, natural: np.ndarray, voiced: np.ndarray, durations: Sequence[int]
) -> tuple[Part, Part]:
    """How far samples of log F0 (N, T) differ, and how far the true one (T,) is from their mean, both in cents².

    Both are sums over the voiced phones, of F0 averaged over their voiced frames: the variance over the samples
    (N - 1 below the line), and the squared distance of the truth from the expectation of the samples. As the mean of
    N samples strays from that expectation by a variance of 1/N of theirs, that much is taken off; so both have the
    same mean where the truth is drawn as the samples are, and their ratio does not depend on N. The second may come
    out negative where the samples differ by far more than they are off.
    """
    own = CENTS * voiced_phones(samples, voiced, durations)  # (N, V)
    true = CENTS * voiced_phones(natural, voiced, durations)  # (V,)
    variance = own.var(axis=0, ddof=1)
    rest = np.square(true - own.mean(axis=0)) - variance / len(own)
    return Part(float(variance.sum()), len(true)), Part(float(rest.sum()), len(true))


def voiced_phones(log_f0: np.ndarray, voiced: np.ndarray, durations: Sequence[int]) -> np.ndarray:
    """Means of log F0 (..., T) over the voiced frames (T,) of every voiced phone: (..., V) float64.

    A phone is voiced if at least half of its frames are: a frame or two at the edge of a fricative or of a pause are
    the neighbour's, or an error of the F0 tracker.
    """
    phone_of_frame = np.repeat(np.arange(len(durations)), durations)  # (T,)
    mask = np.asarray(voiced, dtype=np.float64)
    counts = np.bincount(phone_of_frame, weights=mask, minlength=len(durations))  # (P,)
    kept = np.flatnonzero((counts > 0) & (2 * counts >= durations))
    weights = (phone_of_frame[:, None] == kept) * mask[:, None]  # (T, V)
    return np.asarray(log_f0, dtype=np.float64) @ (weights / counts[kept])


def root_mean_cents(total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Statistic of pooled cents², of which some may be negative: the root of their mean, and at least one cent."""
    return np.sqrt(np.maximum(total / count, 1.0))


def prosody_metrics(
    parts: Sequence[ProsodyParts], temperature: float, resamples: int
) -> tuple[dict[str, Any], dict[str, tuple[float, float]]]:
    """What metrics.json holds of prosody, and the 95 % intervals of its values."""
    values: dict[str, Any] = {"temperature": temperature}
    intervals: dict[str, tuple[float, float]] = {}
    for name in parts[0].likelihoods:
        own = [part.likelihoods[name] for part in parts]
        values[f"{name}_log_likelihood"] = pooled(own)
        intervals[f"{name}_log_likelihood"] = bootstrap(own, resamples)
    spread, rest = [part.spread[temperature] for part in parts], [part.unexplained for part in parts]
    for name, own, statistic in (
        ("f0_spread_cents", spread, root_mean),
        ("f0_unexplained_cents", rest, root_mean_cents),
    ):
        values[name] = pooled(own, statistic)
        intervals[name] = bootstrap(own, resamples, statistic=statistic)
    values["f0_spread_ratio"] = values["f0_spread_cents"] / values["f0_unexplained_cents"]
    intervals["f0_spread_ratio"] = bootstrap_ratio(
        spread, rest, resamples, statistic=root_mean, baseline_statistic=root_mean_cents
    )
    values["f0_spread_by_temperature"] = {
        f"{degree:g}": pooled([part.spread[degree] for part in parts], root_mean) for degree in parts[0].spread
    }
    return values, intervals


def likelihoods_record(extractor: str, parts: Mapping[str, ProsodyParts]) -> dict[str, Any]:
    """What prosody.json holds: the extractor's identity, and each utterance's log-likelihoods with their counts."""
    return {"extractor": extractor} | {
        name: {utterance: list(part.likelihoods[name]) for utterance, part in parts.items()}
        for name in next(iter(parts.values())).likelihoods
    }


def compared(
    own: Mapping[str, Any], other: Mapping[str, Any], name: str, resamples: int = 1000
) -> tuple[float, tuple[float, float]]:
    """How many nats likelier the held-out prosody is to one experiment than to another, with its 95 % interval.

    Takes two of prosody.json, and one of LIKELIHOODS. ValueError where they cannot be compared.
    """
    if own["extractor"] != other["extractor"]:
        raise ValueError(
            "the two experiments hear prosody with different extractors, so their likelihoods are densities of "
            "different things: pretrain both from the same epoch, with `train.freeze: [prosody.extractor]`"
        )
    if lacking := [which for which, told in (("first", own), ("second", other)) if name not in told]:
        raise ValueError(f"{name}: the {lacking[0]} experiment does not model it")
    if own[name].keys() != other[name].keys():
        raise ValueError(f"{name}: the two experiments were measured on different utterances; give both the same spk")
    ids = sorted(own[name])
    mine, theirs = ([Part(*told[name][utterance]) for utterance in ids] for told in (own, other))
    return pooled(mine) - pooled(theirs), bootstrap_difference(mine, theirs, resamples)
