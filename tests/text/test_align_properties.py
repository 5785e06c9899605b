"""Properties of reconciliation: nothing invented, nothing lost, nothing shifted, and durations sum to T."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from text.sides import HOP, RATE, SILENT, align, heard, spoken, written

from koeru.languages.japanese import LANGUAGE
from koeru.languages.japanese.classes import CLASSES
from koeru.languages.japanese.phones import PAU, PHONES
from koeru.text.align import AlignmentError, ReadingMismatchError
from koeru.text.differences import MAX_DIFFERENT, columns
from koeru.text.reading import Interval, OtherSentenceError, Reading
from koeru.text.spreading import spread_times

MORAE = "a]|k i|sh U|N|cl|o]|t e[|r a#|ky o|e i|k e[ e|o u#|t o] o|z u|h a|v e|gw a|m o¿"
morae = st.sampled_from(MORAE.split("|"))
words = st.lists(st.lists(morae, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=4)
texts = words.map(lambda some: " pau ".join(word.removesuffix("#") for word in some).removesuffix("¿"))


def phones_of(text: str) -> list[str]:
    return [phone for phone in written(text).phones if phone not in SILENT]


@st.composite
def utterances(draw):
    """A reading, and intervals of the same phones with the same pauses, of random lengths."""
    text = draw(texts)
    names = [item.rstrip("[]#¿") for item in f"sil {text} sil".split()]
    lengths = draw(st.lists(st.integers(0, 300), min_size=len(names), max_size=len(names)))
    lengths = [max(length, 20) if name in SILENT else length for name, length in zip(names, lengths, strict=True)]
    edges = [0, *accumulate(lengths)]
    intervals = [Interval(a / 1000, b / 1000, name) for (a, b), name in zip(pairwise(edges), names, strict=True)]
    return written(text, draw(st.sampled_from("$?"))), intervals


silences = st.tuples(st.sampled_from(["", "sil", "pau", "sp", "silB", "silE", "gap"]), st.integers(0, 200))


@st.composite
def recordings(draw, phones):
    """Intervals of the phones, which may be of no length, and between them any number of pauses and gaps.

    Returns them, the numbers of the phones that time without a phone lies behind, and the length in seconds.
    """
    intervals, paused, now = [], set(), 0  # now in ms
    for number, phone in enumerate([*phones, None]):
        for label, length in draw(st.lists(silences, max_size=3)):
            if label != "gap":
                intervals.append(Interval(now / 1000, (now + length) / 1000, label))
            if length > 1:
                paused.add(number - 1)
            now += 0 if length == 1 else length  # silence of 1 ms is a rounding: here it overlaps
        if phone:
            length = draw(st.integers(0, 300))
            intervals.append(Interval(now / 1000, (now + length) / 1000, phone))
            now += length
    return intervals, paused, now / 1000


def marks(reading) -> list[tuple[str, bool]]:
    """Of each spoken phone its accent, and whether a pause follows."""
    rows = zip(reading.phones, reading.accents, [*reading.phones[1:], ""], strict=True)
    return [(accent, following == PAU) for phone, accent, following in rows if phone not in SILENT]


@given(texts, st.data())
def test_accents_and_phones_stay_together_wherever_the_recording_pauses(text, data):
    reading, phones = written(text), phones_of(text)
    intervals, paused, seconds = data.draw(recordings(phones))
    assume(round(seconds * RATE) > 0)
    aligned = align(reading, intervals, seconds=seconds)
    assert spoken(aligned) == spoken(reading)
    assert [phone for phone, *_ in spoken(aligned)] == phones and aligned.substitutions == 0
    last = len(phones) - 1
    both = zip(marks(aligned), marks(reading), strict=True)
    for number, ((mark, pause), (of_text, pause_written)) in enumerate(both):
        boundary = of_text == "#" or (of_text == "_" and pause_written)
        assert pause == (number in paused and number < last)
        assert (mark == "#") == (boundary and not pause and number < last)


@given(texts, st.data())
def test_durations_are_conserved_whatever_the_times(text, data):
    intervals, _, seconds = data.draw(recordings(phones_of(text)))
    n_samples = round(seconds * RATE)
    assume(n_samples > 1)
    start = data.draw(st.integers(0, n_samples - 1))
    stop = data.draw(st.integers(start + 1, n_samples))
    try:
        align(written(text), intervals, start / RATE, stop / RATE, seconds, first=False, last=False)
    except AlignmentError as error:
        assert "no phone lies in the segment" in str(error)
        assert not any(
            start / RATE <= (item.start + item.end) / 2 < stop / RATE
            for item in intervals
            if item.phone in PHONES and item.phone not in SILENT
        )


@given(utterances())
def test_equal_sides_give_the_text_side(utterance):
    reading, intervals = utterance
    aligned = align(reading, intervals)
    assert (aligned.phones, aligned.devoiced, aligned.accents, aligned.substitutions) == (
        reading.phones,
        reading.devoiced,
        reading.accents,
        0,
    )
    for interval, frames in zip(intervals, aligned.durations, strict=True):
        assert abs(frames - (interval.end - interval.start) * RATE / HOP) <= 2


@given(utterances(), st.data())
def test_trimming_silence_changes_no_phone(utterance, data):
    reading, intervals = utterance
    end = intervals[-1].end
    start = data.draw(st.floats(0, intervals[0].end))
    stop = data.draw(st.floats(intervals[-1].start, end))
    assume(round(start * RATE) < round(stop * RATE))
    aligned = align(reading, intervals, start, stop)
    assert aligned.phones == reading.phones and aligned.accents == reading.accents
    for interval, frames in list(zip(intervals, aligned.durations, strict=True))[1:-1]:
        assert abs(frames - (interval.end - interval.start) * RATE / HOP) <= 2


def likes(phones: list[str]) -> list[tuple[int, str]]:
    """All (number of a phone, other phone of a class that may be heard in its place)."""
    return [
        (number, *pair - {phone})
        for number, phone in enumerate(phones)
        for pair, after in CLASSES.items()
        if phone in pair and (after is None or (number and phones[number - 1] == after))
    ]


@given(utterances(), st.data())
def test_a_substituted_phone_changes_nothing_else(utterance, data):
    reading, intervals = utterance
    numbers = [number for number, interval in enumerate(intervals) if interval.phone not in SILENT]
    all_likes = likes([reading.phones[number] for number in numbers])
    assume(all_likes)
    at, other = data.draw(st.sampled_from(all_likes))
    intervals[numbers[at]] = intervals[numbers[at]]._replace(phone=other)
    aligned, plain = align(reading, intervals, max_substitutions=1), align(*utterance_of(reading, intervals))
    assert aligned.phones[numbers[at]] == other and aligned.substitutions == 1
    assert spoken(aligned)[:at] + spoken(aligned)[at + 1 :] == spoken(plain)[:at] + spoken(plain)[at + 1 :]
    assert (aligned.devoiced, aligned.accents, aligned.durations) == (plain.devoiced, plain.accents, plain.durations)
    with pytest.raises(ReadingMismatchError, match=r"labels\.max_substitutions: 1 would accept"):
        align(reading, intervals)


def utterance_of(reading: Reading, intervals: list[Interval]) -> tuple[Reading, list[Interval]]:
    """The reading and the intervals with its phones in place of their own."""
    return reading, [item._replace(phone=phone) for item, phone in zip(intervals, reading.phones, strict=True)]


@given(utterances(), st.lists(st.floats(0, 1), max_size=4), st.data())
def test_the_parts_of_a_split_utterance_share_out_its_phones(utterance, cuts, data):
    reading, intervals = utterance
    n_samples = round(intervals[-1].end * RATE)
    edges = [0, *sorted({round(cut * n_samples) for cut in cuts} - {0, n_samples}), n_samples]
    numbers = [number for number, interval in enumerate(intervals) if interval.phone not in SILENT]
    all_likes = likes([reading.phones[number] for number in numbers])
    substitutions = int(bool(all_likes))
    if all_likes:
        at, other = data.draw(st.sampled_from(all_likes))
        intervals[numbers[at]] = intervals[numbers[at]]._replace(phone=other)
    together = []
    for start, stop in pairwise(edges):
        ends = {"first": start == 0, "last": stop == n_samples}
        try:
            part = align(reading, intervals, start / RATE, stop / RATE, max_substitutions=1, **ends)
        except AlignmentError as error:
            assert "no phone lies in the segment" in str(error)
            continue
        together += [phone for phone in part.phones if phone not in SILENT]
        inner = "?" if reading.accents[numbers[len(together) - 1]] == "¿" else "$"
        assert part.accents[0] == "^" and part.accents[-1] == (reading.accents[-1] if ends["last"] else inner)
        assert part.accents[-2] != "¿"
        substitutions -= part.substitutions
    assert together == [interval.phone.replace("U", "u") for interval in intervals if interval.phone not in SILENT]
    assert substitutions == 0


@st.composite
def other_phones(draw):
    """A reading, and intervals of its phones of which some are others, more or fewer; what was done at which phone."""
    reading, intervals = draw(utterances())
    numbers = [number for number, item in enumerate(intervals) if item.phone not in SILENT]
    chosen = draw(st.lists(st.sampled_from(numbers), unique=True, max_size=max(1, len(numbers) // 4)))
    for at in sorted(chosen, reverse=True):
        start, end, _ = intervals[at]
        what = draw(st.lists(st.sampled_from(["ts", "w", "m"]), max_size=2))
        edges = [start + (end - start) * number / max(len(what), 1) for number in range(len(what) + 1)]
        intervals[at : at + 1] = [Interval(a, b, phone) for (a, b), phone in zip(pairwise(edges), what, strict=False)]
    return reading, intervals


def sides(phones, intervals):
    """The text's phones, and the intervals of those that were heard, silences left out."""
    said = [phone for phone in phones if phone not in SILENT]
    return said, [
        item._replace(phone=LANGUAGE.normalise(item.phone)[0]) for item in intervals if item.phone not in SILENT
    ]


@given(other_phones())
def test_the_phones_of_the_text_share_the_time_of_those_that_were_heard(utterance):
    reading, intervals = utterance
    assume(intervals and intervals[-1].end > 0.1)
    said, found = sides(reading.phones, intervals)
    try:
        aligned = align(reading, intervals, spread=True)
    except OtherSentenceError:
        assert Levenshtein.distance(said, [item.phone for item in found]) > MAX_DIFFERENT * max(len(said), len(found))
        return
    assert [phone for phone, *_ in spoken(aligned)] == said and aligned.substitutions == 0
    assert [accent for _, _, accent in spoken(aligned)] == [accent for _, _, accent in spoken(reading)]
    sounds, spread = spread_times(said, [tuple(item) for item in found], LANGUAGE)
    assert len(spread) == aligned.spread
    assert [phone for _, _, phone in sounds] == said
    exact = {(item.start, item.end) for item in found}
    for number, (start, end, _) in enumerate(sounds):
        assert (start, end) in exact if number not in spread else start <= end
        assert number == 0 or sounds[number - 1][1] <= start + 1e-9
    if all(item.end > item.start for item in found):
        assert all(end > start for start, end, _ in sounds)


def test_where_nothing_was_heard_it_is_another_sentence():
    """Also of a text of one phone, of which a recording may say another."""
    with pytest.raises(OtherSentenceError):
        spread_times(["a"], [], LANGUAGE)
    sounds, spread = spread_times(["a"], [(0.0, 0.1, "e")], LANGUAGE)
    assert sounds == [(0.0, 0.1, "a")] and spread == {0}


@given(utterances())
def test_where_nothing_differs_nothing_is_spread(utterance):
    assert align(*utterance, spread=True) == align(*utterance)


some_phones = st.sampled_from(["a", "e", "i", "o", "u", "k", "g", "s", "N", "cl", "sh"])
phone_lists = st.lists(some_phones, min_size=1)


@st.composite
def two_readings(draw):
    """Two lists of phones, of nothing in common or of all but one or two phones."""
    said = draw(phone_lists)
    other = draw(phone_lists) if draw(st.booleans()) else list(said)
    for _ in range(draw(st.integers(0, 2))):
        other[draw(st.integers(0, len(other) - 1))] = draw(some_phones)
    return said, other


@given(two_readings(), st.integers(0, 2))
def test_other_readings_are_refused_and_both_can_be_read_in_the_message(both, allowed):
    said, other = both
    differing = [k for k, pair in enumerate(zip(said, other, strict=False)) if pair[0] != pair[1]]
    like = likes(said)
    assume(len(said) != len(other) or len(differing) > allowed or any((k, other[k]) not in like for k in differing))
    with pytest.raises(ReadingMismatchError) as caught:
        align(written(" ".join(said)), heard(" ".join(other)), max_substitutions=allowed)
    detail = f"labels: readings differ: {caught.value}\nand more"
    pairs = columns(detail)
    assert [phone for phone, _ in pairs if phone] == said and [phone for _, phone in pairs if phone] == other
    assert len(pairs) <= len(said) + len(other) and ("", "") not in pairs
    _, text, recording = str(caught.value).splitlines()
    assert len(text) == len(recording) and text.count("[") == recording.count("]") > 0
