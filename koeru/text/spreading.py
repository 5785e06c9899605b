"""Times of phones that a machine put into a recording, given to the phones of another reading of the same text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from koeru.text.differences import MAX_DIFFERENT, another_sentence, differences, side_by_side
from koeru.text.phonology import Phonology
from koeru.text.reading import OtherSentenceError

Sound = tuple[float, float, str]  # start and end in seconds, and the phone that was heard
TOLERANCE = 1e-3  # seconds that are rounding, nothing else


def spread_times(said: list[str], speech: list[Sound], phonology: Phonology) -> tuple[list[Sound], set[int]]:
    """Return the phones of a text with times, and the positions of those whose times were spread.

    Where both sides agree, the phone has the times that it was heard at. Elsewhere the time of each differing stretch,
    between pauses, is spread evenly over the text's phones of it. Where the text has phones and the recording none,
    they share the time of the phone before (the first that of the phone behind); where it has none, the phone that
    touches what was heard has its time.

    Raises OtherSentenceError where more than MAX_DIFFERENT of the phones differ, and where none was heard at all.
    """
    heard = [phone for _, _, phone in speech]
    pairs = side_by_side(said, heard)
    same = [one == other or frozenset((one, other)) in phonology.alike for one, other in pairs]
    if not speech or another_sentence(same.count(False), max(len(said), len(heard))):
        share = same.count(False) / max(len(said), len(heard))
        remedy = f"{share:.0%} of them, and of one sentence at most {MAX_DIFFERENT:.0%}: text or labels are another's"
        raise OtherSentenceError(differences(pairs, same, remedy))

    sounds, phones = iter(speech), iter(enumerate(said))
    stretches: list[_Stretch] = []
    for (one, other), equal in zip(pairs, same, strict=True):
        here = _Stretch([next(phones)] if one else [], [next(sounds)] if other else [], not equal)
        if here.differs and stretches and stretches[-1].differs and not stretches[-1].parted_from(here):
            stretches[-1].join(here)
        else:
            stretches.append(here)
    whole: list[_Stretch] = []
    for at, here in enumerate(stretches):
        behind = stretches[at + 1] if at + 1 < len(stretches) else None
        before = whole[-1] if whole else None
        if here.phones and (here.seconds > 0 or not here.differs):
            whole.append(here)
        elif before and (here.phones or not before.parted_from(here)):
            before.join(here)
        elif behind and (here.phones or not here.parted_from(behind)):
            here.join(behind)
            stretches[at + 1] = here
        elif here.phones:  # of no length, and alone
            whole.append(here)
    timed = [sound for stretch in whole for sound in stretch.timed()]
    return timed, {number for stretch in whole if stretch.differs for number, _ in stretch.phones}


@dataclass
class _Stretch:
    """Numbered phones of a text, and the sounds in whose time they fall."""

    phones: list[tuple[int, str]]
    sounds: list[Sound]
    differs: bool

    @property
    def seconds(self) -> float:
        return sum(end - start for start, end, _ in self.sounds)

    def parted_from(self, behind: _Stretch) -> bool:
        """Whether a pause lies between them."""
        return bool(self.sounds and behind.sounds) and behind.sounds[0][0] - self.sounds[-1][1] > TOLERANCE

    def join(self, behind: _Stretch) -> None:
        self.phones, self.sounds, self.differs = self.phones + behind.phones, self.sounds + behind.sounds, True

    def timed(self) -> list[Sound]:
        """The phones, each with its part of the time."""
        if not self.differs:
            return [(start, end, phone) for (start, end, _), (_, phone) in zip(self.sounds, self.phones, strict=True)]
        start, end = self.sounds[0][0], self.sounds[-1][1]
        edges = [start + (end - start) * number / len(self.phones) for number in range(len(self.phones))] + [end]
        return [(a, b, phone) for (a, b), (_, phone) in zip(pairwise(edges), self.phones, strict=True)]
