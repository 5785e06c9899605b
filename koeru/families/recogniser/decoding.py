"""What log-posteriors say: the best path, or the best labels by a search over prefixes; and how wrong that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from koeru.families.recogniser.ctc import BLANK, SEPARATOR

NEVER = -math.inf
LEAST = math.log(1e-4)  # a class less likely than this in a frame is not followed there


def greedy(log_probs: np.ndarray) -> list[int]:
    """The labels of the likeliest path through log-posteriors (S, C), separators left out."""
    path = log_probs.argmax(1)
    changes = np.flatnonzero(np.diff(path, prepend=-1))
    return said(path[changes].tolist())


def beam(log_probs: np.ndarray, width: int, least: float = LEAST) -> list[int]:
    """The likeliest labels, all ways to say them taken together, separators left out (Hannun et al. 2014, alg. 1).

    Of prefixes, the `width` likeliest are followed; with as many as there are and no `least`, the search is exact.
    """
    prefixes = {
        (): (0.0, NEVER)
    }  # labels -> log-likelihoods of the ways that end with a blank, and with the last label
    for frame in log_probs.astype(np.float64):
        likely = [int(label) for label in np.flatnonzero(frame > least) if label != BLANK]
        after: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [NEVER, NEVER])
        for prefix, (blank, label) in prefixes.items():
            whole, own = np.logaddexp(blank, label), after[prefix]
            own[0] = np.logaddexp(own[0], whole + frame[BLANK])
            if prefix:
                own[1] = np.logaddexp(own[1], label + frame[prefix[-1]])
            for further in likely:
                longer = after[*prefix, further]
                before = blank if prefix and further == prefix[-1] else whole  # twice the same: a blank between
                longer[1] = np.logaddexp(longer[1], before + frame[further])
        best = sorted(after.items(), key=lambda item: -np.logaddexp(*item[1]))[:width]
        prefixes = {prefix: (blank, label) for prefix, (blank, label) in best}
    return said(max(prefixes, key=lambda prefix: np.logaddexp(*prefixes[prefix])))


def said(labels: Sequence[int]) -> list[int]:
    """Labels without blanks and separators."""
    return [label for label in labels if label not in (BLANK, SEPARATOR)]


def errors(heard: Sequence[int], wanted: Sequence[int]) -> int:
    """How many labels must be put in, left out or exchanged to make one of the other."""
    from rapidfuzz.distance import Levenshtein  # a training imports this for its heads alone

    return Levenshtein.distance(heard, wanted)
