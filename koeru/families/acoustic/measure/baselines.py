"""What a model must beat: every phone sounds like the mean of its occurrences in the training split."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from koeru.data.records import Labelled

Key = tuple[str | None, str | None, int]  # speaker, phone, devoiced; None means "all"
OVERALL: Key = (None, None, 0)


@dataclass
class _Sums:
    mel: np.ndarray  # (M,)
    frames: int = 0
    log_f0: float = 0.0
    voiced: int = 0


@dataclass
class PhoneMeans:
    """Means over frames of mel and of F0 for each phone (a devoiced vowel is a phone of its own).

    ``add`` the utterances of the training split, then predict others from their phones and durations.
    A phone that a speaker never said takes the phone's mean over all speakers; a phone that nobody
    said (for F0: nobody voiced) takes the mean of everything. ``fallbacks`` counts the phones for which
    that happened, as ``mel_to_phone``, ``mel_to_overall``, ``log_f0_to_phone`` and ``log_f0_to_overall``.
    """

    fallbacks: Counter[str] = field(default_factory=Counter)
    _sums: dict[Key, _Sums] = field(default_factory=dict)

    def add(self, record: Labelled, mel: np.ndarray, log_f0: np.ndarray, voiced: np.ndarray) -> None:
        """Takes in one labelled utterance: mel (T, M), log_f0 (T,) natural log of Hz, voiced (T,).

        Raises ValueError, naming the utterance, where they disagree with the record's durations.
        """
        n_frames = _n_frames(record)
        for name, array in (("mel", mel), ("log_f0", log_f0), ("voiced", voiced)):
            if len(array) != n_frames:
                raise ValueError(f"{record['id']}: {name} has {len(array)} frames, its labels {n_frames}; rebuild them")
        mask = voiced.astype(bool)
        start = 0
        for (phone, devoiced), duration in zip(_phones(record), record["durations"], strict=True):
            here = slice(start, start + duration)
            start += duration
            mel_sum = mel[here].sum(axis=0, dtype=np.float64)  # (M,)
            log_f0_sum = float(log_f0[here][mask[here]].sum(dtype=np.float64))
            for key in ((record["speaker"], phone, devoiced), (None, phone, devoiced), OVERALL):
                sums = self._sums.setdefault(key, _Sums(np.zeros(mel.shape[1])))
                sums.mel += mel_sum
                sums.frames += duration
                sums.log_f0 += log_f0_sum
                sums.voiced += int(mask[here].sum())

    def predict_mel(self, record: Labelled, per_speaker: bool) -> np.ndarray:
        """(T, M) float32: the mean mel of each phone, held for its duration."""
        means = [s.mel / s.frames for s in self._lookup(record, per_speaker, "mel", "frames")]
        return np.repeat(np.array(means, dtype=np.float32), record["durations"], axis=0)

    def predict_log_f0(self, record: Labelled, per_speaker: bool) -> np.ndarray:
        """(T,) float32: the mean log F0 of each phone's voiced frames, held for its duration."""
        means = [s.log_f0 / s.voiced for s in self._lookup(record, per_speaker, "log_f0", "voiced")]
        return np.repeat(np.array(means, dtype=np.float32), record["durations"])

    def _lookup(self, record: Labelled, per_speaker: bool, feature: str, count: str) -> list[_Sums]:
        """The sums to use for each phone of the record: the first of the chain that holds a frame."""
        _n_frames(record)
        found = []
        for (phone, devoiced), duration in zip(_phones(record), record["durations"], strict=True):
            chain: list[tuple[str, Key]] = [("phone", (None, phone, devoiced)), ("overall", OVERALL)]
            if per_speaker:
                chain.insert(0, ("speaker", (record["speaker"], phone, devoiced)))
            hits = [(level, s) for level, key in chain if (s := self._sums.get(key)) and getattr(s, count)]
            if not hits:
                raise ValueError(f"{record['id']}: no training frame to take the mean {feature} of; add some first")
            level, sums = hits[0]
            if level != chain[0][0] and duration > 0:
                self.fallbacks[f"{feature}_to_{level}"] += 1
            found.append(sums)
        return found


def _phones(record: Labelled) -> list[tuple[str, int]]:
    return [(phone, int(devoiced)) for phone, devoiced in zip(record["phones"], record["devoiced"], strict=True)]


def _n_frames(record: Labelled) -> int:
    total = sum(record["durations"])
    if total != record["n_frames"]:
        raise ValueError(
            f"{record['id']}: durations sum to {total}, n_frames is {record['n_frames']}; rebuild its labels"
        )
    return total
