"""Random utterances with the lengths of dialogue speech: training data for machines that have no corpus."""

import math

import numpy as np

from koeru.data.statistics import Moments, Stats
from koeru.data.vocabulary import NO_TURN, Names, Vocabulary
from koeru.families.acoustic.item import Item, make_item
from koeru.languages import language

N_MELS = 80
MEAN_PHONES, SPREAD = 68, 0.5  # of the log-normal count of phones: with the durations below, 5.6 s at a hop of 256
MEAN_DURATION = 6.0  # frames of a phone that is no pause: with the pauses, 12 phones a second
PHONES_A_PAUSE = 30
PAUSES = (8, 50)  # frames: 0.1 to 0.6 s
POOL = 1 << 16  # frames of noise that utterances cut their features from
JAPANESE = language("japanese")
NAMES = Names(("MStudent", "FStudent", "Teacher"), ("Normal", "Happy", "Sad", "Angry"))
VOCABULARY = Vocabulary.spoken(JAPANESE, NAMES)


class Speech:
    """`count` utterances (see `koeru.families.acoustic.batches.Items`), made into items as training does, from memory.

    A pure function of its arguments.
    """

    def __init__(self, count: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.records = [_record(number, rng) for number in range(count)]
        self.frame_lengths = [sum(record["durations"]) for record in self.records]
        self.starts = [int(rng.integers(POOL - length)) for length in self.frame_lengths]
        self.pools = {
            "log_f0": rng.normal(5.5, 0.2, POOL),
            "voiced": rng.random(POOL) < 0.7,
            "log_energy": rng.normal(1, 0.5, POOL),
            "mel": rng.normal(-5, 2, (POOL, N_MELS)).astype(np.float32),
        }
        moments = {name: {"all": Moments.of(self.pools[name], axis=0)} for name in ("log_f0", "log_energy", "mel")}
        self.stats = Stats.of_moments(moments, names=NAMES, per_speaker=False)

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Item:
        start = self.starts[index]
        arrays = {name: pool[start : start + self.frame_lengths[index]] for name, pool in self.pools.items()}
        return make_item(self.records[index], **arrays, stats=self.stats, vocabulary=VOCABULARY)


def _record(number: int, rng: np.random.Generator) -> dict:
    """What the labels stage says of an utterance."""
    n_phones = int(np.clip(rng.lognormal(math.log(MEAN_PHONES) - SPREAD**2 / 2, SPREAD), 8, 300))
    pause = rng.random(n_phones) < 1 / PHONES_A_PAUSE
    pause[[0, -1]] = True
    spoken = 1 + rng.gamma(3, (MEAN_DURATION - 1) / 3, n_phones)
    durations = np.where(pause, rng.integers(*PAUSES, n_phones), spoken).astype(int)
    phones = np.where(pause, JAPANESE.silences[0], rng.choice(JAPANESE.symbols[3:], n_phones))
    return {
        "id": f"speech_{number:05d}",
        "speaker": NAMES.speakers[number % len(NAMES.speakers)],
        "emotion": NAMES.emotions[number % len(NAMES.emotions)],
        "before_emotion": NO_TURN,
        "phones": phones.tolist(),
        "accents": rng.choice(JAPANESE.marks[1:], n_phones).tolist(),
        "devoiced": (rng.random(n_phones) < 0.05).astype(int).tolist(),
        "durations": durations.tolist(),
    }
