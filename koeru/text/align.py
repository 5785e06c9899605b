"""Two sides of one utterance become one: how it is read (text) and when its phones sound (recording).

The text side gives phones, devoicing and accent marks; the acoustic side gives times and pauses. Their
phones, pauses aside, must be the same, or differ only by a few that are heard for one another: what else
they do not share cannot be repaired by a mapping (a word was read another way), and pairing by index would
shift every accent behind the first difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import sub

from koeru.audio.frames import durations
from koeru.text.differences import Column, differences, side_by_side
from koeru.text.phonology import Pair, Phonology
from koeru.text.reading import BOUNDARY, END, PLAIN, START, Interval, Reading
from koeru.text.spreading import TOLERANCE, Sound, spread_times

MAX_BEYOND = 0.05  # seconds the last interval may end after the recording


class AlignmentError(ValueError):
    """Labels that do not fit their recording or text; the message says where."""


class ReadingMismatchError(AlignmentError):
    """Text and recording have different phones; the message shows both: `koeru.text.differences`."""


class CutOffError(AlignmentError):
    """A phone lies outside the segment that silence trimming left."""


@dataclass(frozen=True)
class Aligned:
    """The reading of a segment, and how many frames each of its P phones lasts; they sum to its T.

    `substitutions` of the phones were heard as others of their class than those of the text. Of `spread` phones the
    times are not those of a phone that was heard, but a part of a stretch in which others were.
    """

    phones: tuple[str, ...]
    devoiced: tuple[int, ...]
    accents: tuple[str, ...]
    durations: tuple[int, ...]
    substitutions: int
    spread: int = 0


def _of_one_class(before: Column, column: Column, classes: Mapping[Pair, str | None]) -> bool:
    """Whether the phones of a column, behind the column `before`, are of one class."""
    pair = frozenset(column)
    return pair in classes and (classes[pair] is None or before == (classes[pair], classes[pair]))


def _agree(
    said: list[str], heard: list[str], phonology: Phonology, max_substitutions: int
) -> tuple[list[str], set[int]]:
    """Return the phones of an utterance, and the positions of those that were heard as others of their class.

    Raises ReadingMismatchError for any other difference, and for more than `max_substitutions`.
    """
    if said == heard:
        return said, set()
    pairs = side_by_side(said, heard)
    same = [one == other or frozenset((one, other)) in phonology.alike for one, other in pairs]
    differing = {at for at, equal in enumerate(same) if not equal}
    of_classes = all(_of_one_class(pairs[at - 1] if at else ("", ""), pairs[at], phonology.classes) for at in differing)
    if of_classes and len(differing) <= max_substitutions:
        return [other if at in differing else phone for at, (phone, other) in enumerate(pairs)], differing
    remedy = (
        f"phones of one class, which labels.max_substitutions: {len(differing)} would accept"
        if of_classes
        else "correct the text, if it is not what was said"
    )
    raise ReadingMismatchError(differences(pairs, same, remedy))


def single_phones(intervals: Sequence[Interval], phonology: Phonology) -> Iterable[Interval]:
    """The intervals with a long vowel (o:) as two of one vowel, and : alone as the vowel before it.

    Raises UnknownPhoneError, for some of the labels that no model knows.
    """
    return _single(intervals, phonology) if ":" in "".join([label for _, _, label in intervals]) else intervals


def _single(intervals: Sequence[Interval], phonology: Phonology) -> Iterator[Interval]:
    normalise, silences, long_vowels = phonology.normalise, phonology.silences, phonology.long_vowels
    vowel = ""  # the one just heard, which a pause may part from its length mark
    for start, end, label in intervals:
        if label[-1:] == ":" and label[:-1] in long_vowels:
            vowel, middle = label[:-1], (start + end) / 2
            yield Interval(start, middle, vowel)
            yield Interval(middle, end, vowel)
        elif label == ":" and vowel:
            yield Interval(start, end, vowel)
        else:
            phone, _ = normalise(label)
            if phone not in silences:
                vowel = phone if phone in long_vowels else ""
            yield Interval(start, end, label)


def _speech(intervals: Sequence[Interval], phonology: Phonology, seconds: float) -> list[Sound]:
    """Return start, end and phone of the intervals that are not silence, within the recording; check their times."""
    if intervals and intervals[-1].end > seconds + MAX_BEYOND:
        raise AlignmentError(
            f"the last interval ends at {intervals[-1].end:.3f} s, the recording at {seconds:.3f} s: "
            "are these the labels of another recording, or in another unit?"
        )
    normalise, silences = phonology.normalise, set(phonology.silences)
    speech = []
    reached = 0.0
    for start, end, label in single_phones(intervals, phonology):
        phone, _ = normalise(label)
        if phone in silences:
            continue
        if not reached - TOLERANCE <= start <= end:
            raise AlignmentError(
                f"phone {phone} at {start:.3f}-{end:.3f} s overlaps the one before it, which ends at {reached:.3f} s"
            )
        reached = end
        speech.append((start, end, phone))
    if reached > seconds:
        return [(min(start, seconds), min(end, seconds), phone) for start, end, phone in speech]
    return speech


def _check_cuts(speech: Sequence[Sound], begin: float, end: float, first: bool, last: bool) -> None:
    """Raise CutOffError if a phone is wholly outside what silence trimming left, [begin, end) seconds."""
    before = first and speech[0][1] <= begin and speech[0][0] < begin - TOLERANCE
    behind = last and speech[-1][0] >= end and speech[-1][1] > end + TOLERANCE
    if before or behind:
        onset, offset, phone = speech[0] if before else next(item for item in speech if item[0] >= end)
        threshold = "silence_thresh_h" if before else "silence_thresh_t"
        raise CutOffError(
            f"phone {phone} at {onset:.3f}-{offset:.3f} s was cut off by silence trimming, "
            f"which left {begin:.3f}-{end:.3f} s: lower segments.{threshold}, or raise segments.keep_silence"
        )


def reconcile(
    reading: Reading,
    intervals: Sequence[Interval],
    phonology: Phonology,
    *,
    start: int,
    stop: int,
    n_samples: int,
    sample_rate: int,
    hop_length: int,
    first: bool = True,
    last: bool = True,
    max_substitutions: int = 0,
    spread: bool = False,
) -> Aligned:
    """Return phones, devoicing, accents and durations in frames of the segment [start, stop) of an utterance.

    `reading` is the text side, `intervals` are the acoustic side in seconds of the whole recording of
    `n_samples` samples, in a language with this `phonology`; `start` and `stop` are samples of it. Outer
    silence gets the marks ^ and that of the text's end, and no frames where the segment begins or ends within
    speech. Inner pauses are those of the recording, with the mark _. A phrase boundary is written once, as the
    text side does it: # gives way to a pause that was heard, and comes back for a written pause that was not.

    Up to `max_substitutions` phones of the utterance may be heard as others of their class: the phones are then
    those heard, with the accents and devoicing of the text. Of phones that are alike the text's is kept.

    With `spread` the recording's phones are not believed, only their times, as of labels that a machine made: the
    phones are the text's, and where others were heard their time is spread over those (`koeru.text.spreading`).

    `first` and `last` say whether the segment begins and ends the utterance. Of an utterance split at its
    silences each phone belongs to the one segment that its centre lies in, and all segments but the last
    end with $, or as the mark says that closes their last phrase: an inner question becomes that of an end.

    Raises ReadingMismatchError when the phones differ otherwise (with `spread` OtherSentenceError, when they differ by
    more than MAX_DIFFERENT), CutOffError for a phone that lies wholly
    before the first or behind the last segment, AlignmentError for times that overlap or end more than 50 ms
    after the recording and for a segment without a phone, UnknownPhoneError.
    """
    if not 0 <= start < stop <= n_samples:
        raise AlignmentError(f"the segment {start}-{stop} is not within the recording of {n_samples} samples")
    silence, pause = phonology.silences
    silences = {silence, pause}
    spoken = [at for at, phone in enumerate(reading.phones) if phone not in silences]
    speech = _speech(intervals, phonology, n_samples / sample_rate)
    said, found = [reading.phones[at] for at in spoken], [phone for _, _, phone in speech]
    shared: set[int] = set()
    if spread:
        speech, shared = spread_times(said, speech, phonology)
        agreed, substituted = said, set()
    else:
        agreed, substituted = _agree(said, found, phonology, max_substitutions)
    begin, end = start / sample_rate, stop / sample_rate
    if speech:
        _check_cuts(speech, begin, end, first, last)

    kept: Sequence[int] = range(len(speech))
    if not (first and last):
        kept = [
            number
            for number, (onset, offset, _) in enumerate(speech)
            if (first or onset + offset >= 2 * begin) and (last or onset + offset < 2 * end)
        ]
    if not kept:
        raise AlignmentError(f"no phone lies in the segment {begin:.3f}-{end:.3f} s: it is noise, or mislabelled")
    if len(kept) < len(speech):
        spoken, agreed, speech = ([side[number] for number in kept] for side in (spoken, agreed, speech))

    phones = [silence, *agreed, silence]
    devoiced = [0, *[reading.devoiced[at] for at in spoken], 0]
    accents = [START, *[reading.accents[at] for at in spoken], reading.accents[-1]]
    if not last:
        accents[-1] = phonology.closing.get(accents[-2], END)
    onsets, offsets = ([item[side] for item in speech] for side in (0, 1))
    boundaries = [begin, *onsets, offsets[-1], end]  # seconds where the phones start
    written = [number for number, (at, following) in enumerate(pairwise(spoken), 1) if following > at + 1]
    heard = [number for number, gap in enumerate(map(sub, onsets[1:], offsets), 1) if gap > TOLERANCE]
    for number in written:
        accents[number] = BOUNDARY if accents[number] == PLAIN else accents[number]
    for number in (*heard, len(kept)):
        accents[number] = PLAIN if accents[number] == BOUNDARY else accents[number]
    accents[-2] = PLAIN if accents[-2] in phonology.closing else accents[-2]
    for number in reversed(heard):  # backwards, since every pause moves what is behind it
        for column, entry in ((phones, pause), (devoiced, 0), (accents, PLAIN), (boundaries, offsets[number - 1])):
            column.insert(number + 1, entry)

    # Running maximum: intervals may overlap by a rounding, and trimming clips phones at either end.
    samples = [second * sample_rate - start for second in boundaries]  # `durations` keeps them within the segment
    frames = durations(list(accumulate(samples, max)), stop - start, hop_length)
    counts = (len(numbers.intersection(kept)) for numbers in (substituted, shared))
    return Aligned(tuple(phones), tuple(devoiced), tuple(accents), tuple(frames), *counts)
