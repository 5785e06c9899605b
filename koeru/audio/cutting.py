"""Where a long recording is cut into pieces, and how what was made of them is joined without a click."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from koeru.audio.silence import Segment, Stretch

LONGEST = 15.0  # seconds of a piece
LONG_PAUSE = 2.0  # seconds: within an utterance of a corpus there is hardly one as long
SOFT = 0.05  # seconds, the length of the softest stretch that is looked for where there is no pause


@dataclass(frozen=True)
class Piece:
    """Samples [start, stop) of a recording, and the pauses in it; `abrupt` if it begins amid speech."""

    start: int
    stop: int
    silences: tuple[Stretch, ...] = ()
    abrupt: bool = False

    @property
    def n_samples(self) -> int:
        return self.stop - self.start

    @property
    def within(self) -> slice:
        """Where it lies in the recording."""
        return slice(self.start, self.stop)


def find_pieces(
    wav: NDArray[np.int16],
    segments: Sequence[Segment],
    sample_rate: int,
    keep_silence: int,
    longest: float = LONGEST,
) -> list[Piece]:
    """The segments of a recording (N,) as pieces of at most `longest` seconds, in order.

    A segment is cut at every pause of LONG_PAUSE seconds, and, where it is still too long, at the pauses that make its
    pieces most alike in length: `keep_silence` ms of a pause stay on either side, what lies between is in no piece.
    Where no pause is near enough it is cut at its softest place.
    """
    keep, most = round(keep_silence * sample_rate / 1000), round(longest * sample_rate)
    found = []
    for segment in segments:
        rest = Piece(segment.start, segment.stop, segment.silences)
        for pause in segment.silences:
            if pause[1] - pause[0] >= LONG_PAUSE * sample_rate:
                own, rest = _at_pause(rest, pause, keep)
                found += _divided(wav, own, keep, most, sample_rate)
        found += _divided(wav, rest, keep, most, sample_rate)
    return found


def _divided(wav: NDArray[np.int16], rest: Piece, keep: int, most: int, sample_rate: int) -> Iterator[Piece]:
    """A piece in parts of at most `most` samples."""
    while rest.n_samples > most:
        ideal = rest.start + rest.n_samples // ceil(rest.n_samples / most)
        near = [pause for pause in rest.silences if rest.start < _ends(pause, keep)[0] <= rest.start + most]
        if near:
            own, rest = _at_pause(rest, min(near, key=lambda pause: abs(sum(pause) // 2 - ideal)), keep)
        else:
            last = min(ideal + most // 4, rest.start + most)
            at = _softest(wav, ideal - most // 4, last, round(SOFT * sample_rate))
            own, rest = _parted(rest, at, at, abrupt=True)
        yield own
    yield rest


def _ends(pause: Stretch, keep: int) -> Stretch:
    """Where the piece before a pause ends, and the one behind it begins."""
    middle = sum(pause) // 2
    return min(pause[0] + keep, middle), max(pause[1] - keep, middle)


def _at_pause(piece: Piece, pause: Stretch, keep: int) -> tuple[Piece, Piece]:
    return _parted(piece, *_ends(pause, keep))


def _parted(piece: Piece, stop: int, start: int, abrupt: bool = False) -> tuple[Piece, Piece]:
    """What of a piece lies before `stop` and from `start` on; a pause in which it is parted is in neither."""
    before = tuple(pause for pause in piece.silences if pause[1] <= stop)
    behind = tuple(pause for pause in piece.silences if pause[0] >= start)
    return Piece(piece.start, stop, before, piece.abrupt), Piece(start, piece.stop, behind, abrupt)


def _softest(wav: NDArray[np.int16], first: int, last: int, length: int) -> int:
    """The middle of the softest `length` samples between two."""
    total = np.concatenate([[0.0], np.cumsum(np.square(wav[first:last], dtype=np.float64))])
    return first + int(np.argmin(total[length:] - total[:-length])) + length // 2


def joined(parts: Iterable[NDArray], fade: int) -> Iterator[NDArray]:
    """Parts (N_i,) one after the other, in blocks: the first `fade` samples of each lie over the last of those before.

    There the one fades into the other, so that their amplitudes sum to one. All blocks together have `fade` samples
    fewer a joint than the parts, unless one is shorter than that.
    """
    rest = np.zeros(0, np.float32)  # the end of what was said, which the next part may lie over
    for part in parts:
        both = min(fade, len(rest), len(part))
        ramp = np.square(np.sin(np.pi / 2 * (np.arange(both) + 0.5) / max(1, both))).astype(np.float32)
        over = rest[len(rest) - both :] * (1 - ramp) + part[:both] * ramp
        made = np.concatenate([rest[: len(rest) - both], over, part[both:]])
        yield made[: max(0, len(made) - fade)]
        rest = made[max(0, len(made) - fade) :]
    yield rest
