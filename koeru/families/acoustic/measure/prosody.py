"""What a voice that draws its prosody is measured by: how likely it finds the true one, and how far its F0 varies.

Log-likelihoods are densities of vectors that an extractor makes of the mel: they compare models only under the same
extractor, hearing the same mels (`compared` sees to it). The spread of F0 is in cents and compares with anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from koeru.data.contour import Told
from koeru.data.records import Labelled
from koeru.report.measurement import Measurement, Parts, Quantity
from koeru.report.metrics import CENTS, STATISTICS, Part, bootstrap_difference, paired_ratio, pooled

if TYPE_CHECKING:
    from koeru.families.acoustic.voice import Voice
    from koeru.jobs.stage import Arrays

TEMPERATURES = (0.0, 0.5, 1.0, 1.5)  # at which the spread of F0 is told, whatever the voice speaks with
LIKELIHOODS = tuple(
    Quantity(
        f"{loss}_log_likelihood",
        label,
        unit,
        2,
        "higher",
        "Log-likelihood of the true prosody. It compares only with models of the same, frozen extractor.",
    )
    for loss, label, unit in (
        ("local_prosody", "Prosody of phones", "nats a phone"),
        ("global_prosody", "Prosody of utterances", "nats"),
    )
)
SPREAD = Quantity(
    "f0_spread_cents",
    "Spread of F0",
    "cents",
    0,
    "",
    "How far F0 of a phone varies between samples of a text: the standard deviation.",
    "root_mean",
)
UNEXPLAINED = Quantity(
    "f0_unexplained_cents",
    "Unexplained F0",
    "cents",
    0,
    "lower",
    "How far F0 of a phone of the recording is from the mean of the samples.",
    "root_mean_above_1",
)
RATIO = Quantity(
    "f0_spread_ratio",
    "Spread of F0 / unexplained",
    digits=2,
    better="nearer to 1",
    about="How far F0 varies between samples of a text, over how far the truth is from their mean.",
)


@dataclass(frozen=True)
class ProsodyParts:
    """One utterance's share of the metrics of prosody."""

    likelihoods: Mapping[str, Part]  # nats; by the keys of LIKELIHOODS, of those that the voice models
    spread: Mapping[float, Part]  # temperature -> variance of F0 over the samples, cents², summed over voiced phones
    unexplained: Part  # cents², summed over voiced phones

    def at(self, temperature: float) -> Parts:
        """The shares of the metrics of a voice that speaks at a temperature."""
        return {**self.likelihoods, SPREAD.key: self.spread[temperature], UNEXPLAINED.key: self.unexplained}


def measure(
    voice: Voice, record: Labelled, natural: Arrays, *, samples: int, temperature: float, seed: int = 0
) -> ProsodyParts:
    """Speak a held-out utterance `samples` times with its own durations, at every temperature of the tables."""
    spread, unexplained = {}, Part(0.0, 0)
    told = Told(record["durations"])
    for degree in sorted({*TEMPERATURES, temperature}):
        answers = voice.samples(record, told, n=samples, temperature=degree, seed=seed)
        own = np.stack([answer.frame_log_f0 for answer in answers])  # (N, T)
        spread[degree], rest = spread_of(own, natural["log_f0"], natural["voiced"], record["durations"])
        if degree == temperature:
            unexplained = rest
    likelihoods = {f"{name}_log_likelihood": part for name, part in voice.likelihoods(record, natural).items()}
    return ProsodyParts(likelihoods, spread, unexplained)


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


def measure_prosody(
    found: Measurement, parts: Sequence[ProsodyParts], temperature: float, extractor: str, resamples: int
) -> None:
    """Tell the metrics of prosody of utterances whose shares were taken in, and what is behind them."""
    found.pool((*LIKELIHOODS, SPREAD, UNEXPLAINED), resamples)
    own, rest = found.metrics[SPREAD.key], found.metrics[UNEXPLAINED.key]
    interval = paired_ratio(
        [part.spread[temperature] for part in parts],
        [part.unexplained for part in parts],
        resamples,
        statistic=STATISTICS[SPREAD.statistic],
        other_statistic=STATISTICS[UNEXPLAINED.statistic],
    )
    found.tell(RATIO.valued(own.value / rest.value, interval))
    spread = {f"{t:g}": pooled([p.spread[t] for p in parts], STATISTICS[SPREAD.statistic]) for t in parts[0].spread}
    found.more["prosody"] = {
        "temperature": temperature,
        "extractor": extractor,
        "spread_cents_by_temperature": spread,
    }


def compared(
    own: Measurement, other: Measurement, key: str, resamples: int = 1000
) -> tuple[float, tuple[float, float]]:
    """How many nats likelier the held-out prosody is to one experiment than to another, with its 95 % interval.

    `key` is that of one of LIKELIHOODS. ValueError where they cannot be compared.
    """
    if lacking := [which for which, told in (("first", own), ("second", other)) if key not in told.metrics]:
        raise ValueError(f"{key}: the {lacking[0]} experiment does not model it")
    if own.more["prosody"]["extractor"] != other.more["prosody"]["extractor"]:
        raise ValueError(
            "the two experiments hear prosody with different extractors, so their likelihoods are densities of "
            "different things: pretrain both from the same epoch, with `train.freeze: [prosody.extractor]`"
        )
    if own.rows.keys() != other.rows.keys():
        raise ValueError(f"{key}: the two experiments were measured on different utterances; give both the same spk")
    mine, theirs = ([told.rows[utterance][key] for utterance in sorted(own.rows)] for told in (own, other))
    return pooled(mine) - pooled(theirs), bootstrap_difference(mine, theirs, resamples)
