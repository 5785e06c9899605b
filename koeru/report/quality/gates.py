"""What a dataset must pass, judged from what was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from koeru.report.data import Gate
from koeru.report.quality.voices import SpeakerSums


@dataclass(frozen=True)
class Rule:
    """A gate in words: what is measured, what that means, and what to do when it fails."""

    name: str
    about: str
    remedy: str
    unit: str = "share"


RULES: dict[str, Rule] = {
    "max_excluded": Rule(
        "Excluded utterances",
        "Of the utterances that enter a stage, the share that it excludes; the worst stage counts.",
        "Look at the excluded utterances below, and mend recordings, texts or labels; or raise the limit.",
    ),
    "min_voiced_share": Rule(
        "Voiced frames",
        "The share of frames in which a fundamental frequency (F0) was found. About half of speech is voiced; near 0, "
        "the pitch was not measured at all.",
        "Compare pitch.f0_floor and pitch.f0_ceil with the speaker's voice (pitch.speakers gives one speaker bounds of "
        "its own), try pitch.method harvest, and listen: whispered recordings have no pitch.",
    ),
    "max_f0_outliers": Rule(
        "F0 far from the speaker's own",
        "The share of voiced frames whose F0 is more than an octave above or below the speaker's median: mostly errors "
        "of the measurement, or two people under one name.",
        "Narrow pitch.f0_floor and pitch.f0_ceil for this speaker in pitch.speakers; leave out falsetto.",
    ),
    "max_clipped_share": Rule(
        "Clipped samples",
        "The share of samples on flat tops, over all recordings of a speaker: three or more in a row at the highest or "
        "lowest value of their recording. Recorded too loud, which is audible as crackling and cannot be undone.",
        "Lower wav.max_clipped, so that the worst recordings are excluded, or get recordings that do not clip.",
    ),
    "min_bandwidth_hz": Rule(
        "Bandwidth",
        "The frequency up to which nine tenths of a speaker's recordings, by length, hold speech, by their spectrum. "
        "What a telephone sent, or was ever sampled at 8 kHz, ends at 4,000 Hz, whatever its sample rate is now.",
        "Listen to the narrowest recordings, and leave them out or get them as they were recorded; recordings.tsv has "
        "the bandwidth of each.",
        unit="Hz",
    ),
    "max_level_spread_db": Rule(
        "Spread of levels",
        "How much louder the loud segments of a speaker (95th percentile) are than the soft ones (5th). Shouting and "
        "whispering account for about 20 dB; more means recordings of different gain.",
        "Bring the recordings to one gain, or make speakers of the sessions.",
        unit="dB",
    ),
    "max_silence_share": Rule(
        "Silence",
        "The share of frames that are silence or pauses: a model learns to be silent for so long.",
        "Raise segments.silence_thresh_h and silence_thresh_t, or lower segments.keep_silence.",
    ),
    "max_trimmed_energy": Rule(
        "Energy trimmed away",
        "The share of the recordings' energy that silence trimming took away at heads and tails, or that was muted "
        "within the speech. Silence has next to none: more means that speech was cut off.",
        "Listen to the loudest removed stretches, and lower segments.silence_thresh_h and silence_thresh_t.",
    ),
    "max_rate_outliers": Rule(
        "Speech rate far from the speaker's own",
        "The share of segments with less than half or more than double the speaker's median of phones a second: "
        "labels of another recording, or times in another unit.",
        "Listen to the fastest and the slowest segments, and mend their times or texts.",
    ),
    "max_shared_sentences": Rule(
        "Held-out sentences that are trained on",
        "The share of dev and eval utterances whose sentence is also in the training split: what is measured on them "
        "says nothing about new sentences.",
        "Give the utterances a dialogue, so that equal sentences are kept together, or drop the repetitions.",
    ),
}

OF_PHONES = ("max_silence_share", "max_rate_outliers")  # not judged in a dataset that has none

MEASURES: dict[str, Callable[[SpeakerSums], float]] = {
    "min_voiced_share": lambda voice: voice.voiced_share,
    "max_f0_outliers": lambda voice: voice.f0.beyond_an_octave(),
    "max_clipped_share": lambda voice: voice.clipped_share,
    "min_bandwidth_hz": lambda voice: voice.recorded.bandwidth_hz,
    "max_level_spread_db": lambda voice: voice.level_spread_db,
    "max_silence_share": lambda voice: voice.silence_share,
    "max_trimmed_energy": lambda voice: voice.removed_energy_share,
    "max_rate_outliers": lambda voice: voice.rate_outliers,
}


def gates(
    limits: Mapping[str, float],
    excluded: Mapping[str, tuple[int, int]],
    voices: Mapping[str, SpeakerSums],
    shared: float,
) -> list[Gate]:
    """Every gate: `limits` are the leaves of `gates`, by their short names.

    `excluded` says of each stage how many utterances it excluded, and of how many; `voices` are the speakers of which
    something is kept; `shared` is the share of held-out utterances whose sentence is trained on. What could not be
    measured (nan) passes no gate. Where nobody has phones, the gates of `OF_PHONES` are left out.
    """
    found = []
    without_phones = bool(voices) and not any(voice.labelled for voice in voices.values())
    for leaf, rule in RULES.items():
        if leaf in OF_PHONES and without_phones:
            continue
        if leaf == "max_excluded":
            value, worst = _worst_stage(excluded)
        elif leaf == "max_shared_sentences":
            value, worst = shared, ""
        else:
            value, worst = _worst_speaker(leaf, limits[leaf], voices)
        found.append(
            Gate(
                rule.name,
                value,
                ">=" if leaf.startswith("min_") else "<=",
                limits[leaf],
                rule.unit,
                rule.about,
                worst,
                rule.remedy,
                leaf=f"gates.{leaf}",
            )
        )
    return found


def _worst_stage(excluded: Mapping[str, tuple[int, int]]) -> tuple[float, str]:
    shares = {stage: lost / entered if entered else 0.0 for stage, (lost, entered) in excluded.items()}
    stage = max(shares, key=shares.__getitem__)
    lost, entered = excluded[stage]
    return shares[stage], f"{stage}: {lost} of {entered}" if lost else ""


def _worst_speaker(leaf: str, limit: float, voices: Mapping[str, SpeakerSums]) -> tuple[float, str]:
    """The value of the worst speaker, and a line that names them."""
    values = {speaker: MEASURES[leaf](voice) for speaker, voice in voices.items()}
    if not values:
        return math.nan, "no speaker is left"
    sign = -1 if leaf.startswith("min_") else 1
    worst = max(values, key=lambda name: math.inf if math.isnan(values[name]) else sign * values[name])
    if leaf.startswith("max_") and values[worst] == 0:
        return 0.0, ""
    failing = sum(not sign * value <= sign * limit for value in values.values())
    if not failing:
        return values[worst], worst
    return values[worst], f"{worst}; {failing} of {len(values)} speakers {'fails' if failing == 1 else 'fail'}"
