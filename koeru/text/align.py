"""Two sides of one utterance become one: how it is read (text) and when its phones sound (recording).

The text side gives phones, devoicing and accent marks; the acoustic side gives times and pauses. Their
phones must be the same, pauses aside: what they do not share cannot be repaired by a mapping (a word was
read another way), and pairing by index would shift every accent behind the first difference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from koeru.audio.frames import durations
from koeru.text.accents import Reading
from koeru.text.phones import PAU, SIL, Interval, normalise

MAX_BEYOND = 0.05  # seconds the last interval may end after the recording
TOLERANCE = 1e-3  # seconds that are rounding, nothing else
LOOSE = {"v": "b"}
LONG_VOWELS = {f"{vowel}:": vowel for vowel in "aiueo"}


class AlignmentError(ValueError):
    """Labels that do not fit their recording or text; the message says where."""


class ReadingMismatchError(AlignmentError):
    """Text and recording have different phones."""


class CutOffError(AlignmentError):
    """A phone lies outside the segment that silence trimming left."""


@dataclass(frozen=True)
class Aligned:
    """The reading of a segment, and how many frames each of its P phones lasts; they sum to its T."""

    phones: tuple[str, ...]
    devoiced: tuple[int, ...]
    accents: tuple[str, ...]
    durations: tuple[int, ...]


def _single_phones(intervals: Sequence[Interval]) -> Iterator[Interval]:
    """Yield the intervals under their phones' names, a long vowel (o:, or : after a vowel) as two of them."""
    vowel = ""
    for interval in intervals:
        if interval.phone in LONG_VOWELS:
            vowel = LONG_VOWELS[interval.phone]
            middle = (interval.start + interval.end) / 2
            yield Interval(interval.start, middle, vowel)
            yield Interval(middle, interval.end, vowel)
        elif interval.phone == ":" and vowel:
            yield Interval(interval.start, interval.end, vowel)
        else:
            phone, _ = normalise(interval.phone)
            vowel = phone if phone in LONG_VOWELS.values() else ""
            yield Interval(interval.start, interval.end, phone)


def _speech(intervals: Sequence[Interval], seconds: float) -> list[Interval]:
    """Return the intervals that are not silence, normalised, within the recording; check their times."""
    speech = [item for item in _single_phones(intervals) if item.phone not in (SIL, PAU)]
    if speech and intervals[-1].end > seconds + MAX_BEYOND:
        raise AlignmentError(
            f"the last interval ends at {intervals[-1].end:.3f} s, the recording at {seconds:.3f} s: "
            "are these the labels of another recording, or in another unit?"
        )
    reached = 0.0
    for item in speech:
        if not reached - TOLERANCE <= item.start <= item.end:
            raise AlignmentError(
                f"phone {item.phone} at {item.start:.3f}-{item.end:.3f} s overlaps the one before it, "
                f"which ends at {reached:.3f} s"
            )
        reached = item.end
    return [Interval(min(item.start, seconds), min(item.end, seconds), item.phone) for item in speech]


def _compare(said: Sequence[str], heard: Sequence[str]) -> None:
    """Raise unless both are the same phones; v and b count as one, being one in most of Japanese."""
    if [LOOSE.get(phone, phone) for phone in said] == [LOOSE.get(phone, phone) for phone in heard]:
        return
    differences = [
        f"{' '.join(said[a:b]) or 'nothing'} / {' '.join(heard[c:d]) or 'nothing'} at phone {a + 1}"
        for kind, a, b, c, d in SequenceMatcher(None, said, heard, autojunk=False).get_opcodes()
        if kind != "equal"
    ]
    raise ReadingMismatchError(
        f"text and recording have different phones: {', '.join(differences[:3])}\n"
        f"text:      {' '.join(said)}\nrecording: {' '.join(heard)}"
    )


def _check_cuts(speech: Sequence[Interval], begin: float, end: float, first: bool, last: bool) -> None:
    """Raise CutOffError for a phone wholly outside what silence trimming left, [begin, end) seconds."""
    for item in speech:
        before = first and item.end <= begin and item.start < begin - TOLERANCE
        behind = last and item.start >= end and item.end > end + TOLERANCE
        if before or behind:
            threshold = "silence_thresh_h" if before else "silence_thresh_t"
            raise CutOffError(
                f"phone {item.phone} at {item.start:.3f}-{item.end:.3f} s was cut off by silence trimming, "
                f"which left {begin:.3f}-{end:.3f} s: lower segments.{threshold}, "
                "or raise segments.keep_silence"
            )


def reconcile(
    reading: Reading,
    intervals: Sequence[Interval],
    *,
    start: int,
    stop: int,
    n_samples: int,
    sample_rate: int,
    hop_length: int,
    first: bool = True,
    last: bool = True,
) -> Aligned:
    """Return phones, devoicing, accents and durations in frames of the segment [start, stop) of an utterance.

    `reading` is the text side, `intervals` are the acoustic side in seconds of the whole recording of
    `n_samples` samples; `start` and `stop` are samples of it. Outer silence becomes sil with the marks ^
    and $ or ?, of no frames where the segment begins or ends within speech. Inner pauses are those of the
    recording, (pau, _). A phrase boundary is written once, as the text side does it: # gives way to a pause
    that was heard, and comes back for a written pause that was not.

    `first` and `last` say whether the segment begins and ends the utterance. Of an utterance split at its
    silences each phone belongs to the one segment that its centre lies in, and all segments but the last
    end with $.

    Raises ReadingMismatchError when the phones differ, CutOffError for a phone that lies wholly before the
    first or behind the last segment, AlignmentError for times that overlap or end more than 50 ms after the
    recording and for a segment without a phone, UnknownPhoneError.
    """
    if not 0 <= start < stop <= n_samples:
        raise AlignmentError(f"the segment {start}-{stop} is not within the recording of {n_samples} samples")
    text = [
        (phone, devoiced, accent, following == PAU)
        for phone, devoiced, accent, following in zip(
            reading.phones, reading.devoiced, reading.accents, [*reading.phones[1:], ""], strict=True
        )
        if phone not in (SIL, PAU)
    ]
    speech = _speech(intervals, n_samples / sample_rate)
    _compare([phone for phone, *_ in text], [item.phone for item in speech])
    begin, end = start / sample_rate, stop / sample_rate
    _check_cuts(speech, begin, end, first, last)

    units = [(SIL, 0, "^")]
    boundaries = [begin]  # seconds where the units start
    reached, pause_written = begin, True
    for (phone, devoiced, accent, pause_follows), item in zip(text, speech, strict=True):
        centre = (item.start + item.end) / 2
        if (not first and centre < begin) or (not last and centre >= end):
            continue
        if len(units) > 1:
            if item.start - reached > TOLERANCE:
                units[-1] = _replaced(units[-1], "#", "_")
                units.append((PAU, 0, "_"))
                boundaries.append(reached)
            elif pause_written:
                units[-1] = _replaced(units[-1], "_", "#")
        units.append((phone, devoiced, accent))
        boundaries.append(item.start)
        reached, pause_written = item.end, pause_follows
    if len(units) == 1:
        raise AlignmentError(f"no phone lies in the segment {begin:.3f}-{end:.3f} s: it is noise, or mislabelled")
    units[-1] = _replaced(units[-1], "#", "_")
    units.append((SIL, 0, reading.accents[-1] if last else "$"))
    boundaries += [reached, end]

    # Running maximum: intervals may overlap by a rounding, and trimming clips phones at either end.
    samples = np.maximum.accumulate(np.clip(np.array(boundaries) * sample_rate - start, 0, stop - start))
    frames = durations(samples, stop - start, hop_length)
    phones, devoiced, accents = zip(*units, strict=True)
    return Aligned(phones, devoiced, accents, tuple(frames.tolist()))


def _replaced(unit: tuple[str, int, str], mark: str, other: str) -> tuple[str, int, str]:
    """Return the unit (phone, devoiced, accent) with `other` where its accent is `mark`."""
    phone, devoiced, accent = unit
    return phone, devoiced, other if accent == mark else accent
