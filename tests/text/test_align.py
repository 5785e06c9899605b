"""Text and recording become one reading: nothing invented, nothing lost, and durations sum to T."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from koeru.text.accents import Reading
from koeru.text.align import AlignmentError, CutOffError, ReadingMismatchError, reconcile
from koeru.text.phones import Interval, UnknownPhoneError

RATE, HOP = 22050, 256


def written(phones: str, end: str = "$") -> Reading:
    """The reading of phones with their marks, "h a] pau sh I" say: devoiced vowels upper-case, sil added."""
    items = phones.split()
    names = [item.rstrip("[]#") for item in items]
    marks = [item[len(name) :] or "_" for item, name in zip(items, names, strict=True)]
    return Reading(
        ("sil", *(name.lower() if name in "AIUEO" else name for name in names), "sil"),
        (0, *(int(name in "AIUEO") for name in names), 0),
        ("^", *marks, end),
    )


def heard(phones: str, seconds: float = 0.1) -> list[Interval]:
    """Intervals of equal length; - stands for an empty label."""
    names = ["" if name == "-" else name for name in phones.split()]
    return [Interval(k * seconds, (k + 1) * seconds, name) for k, name in enumerate(names)]


def align(reading, intervals, start=0.0, stop=None, seconds=None, **more):
    """Reconcile with the segment in seconds; all of the recording, by default."""
    n_samples = round((seconds or intervals[-1].end) * RATE)
    last = n_samples if stop is None else round(stop * RATE)
    wanted = {"start": round(start * RATE), "stop": last, "n_samples": n_samples} | more
    aligned = reconcile(reading, intervals, sample_rate=RATE, hop_length=HOP, **wanted)
    assert sum(aligned.durations) == (last - round(start * RATE)) // HOP
    assert min(aligned.durations) >= 0
    assert len(aligned.phones) == len(aligned.devoiced) == len(aligned.accents) == len(aligned.durations)
    return aligned


def shown(aligned) -> str:
    """Phones with their marks, as `written` reads them, outer sil and end mark included."""
    return " ".join(
        (phone.upper() if devoiced else phone) + ("" if accent == "_" else accent)
        for phone, devoiced, accent in zip(aligned.phones, aligned.devoiced, aligned.accents, strict=True)
    )


consonants_and_vowels = st.sampled_from(["a", "k i", "sh U", "N", "cl", "o]", "t e[", "r a#", "ky o"])


@st.composite
def utterances(draw):
    """A reading, and intervals of the same phones with the same pauses, of random lengths."""
    words = draw(st.lists(st.lists(consonants_and_vowels, min_size=1, max_size=4), min_size=1, max_size=4))
    text = " pau ".join(" ".join(word).removesuffix("#") for word in words)
    names = [item.rstrip("[]#") for item in f"sil {text} sil".split()]
    lengths = draw(st.lists(st.integers(0, 300), min_size=len(names), max_size=len(names)))
    lengths = [
        max(length, 20) if name in ("pau", "sil") else length for name, length in zip(names, lengths, strict=True)
    ]
    edges = [0, *accumulate(lengths)]
    intervals = [Interval(a / 1000, b / 1000, name) for (a, b), name in zip(pairwise(edges), names, strict=True)]
    return written(text, draw(st.sampled_from("$?"))), intervals


@given(utterances())
def test_equal_sides_give_the_text_side(utterance):
    reading, intervals = utterance
    aligned = align(reading, intervals)
    assert (aligned.phones, aligned.devoiced, aligned.accents) == (
        reading.phones,
        reading.devoiced,
        reading.accents,
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
    assume(sum(interval.phone not in ("sil", "pau") for interval in intervals) > 0)
    aligned = align(reading, intervals, start, stop)
    assert aligned.phones == reading.phones and aligned.accents == reading.accents


@given(utterances(), st.lists(st.floats(0, 1), max_size=4))
def test_the_parts_of_a_split_utterance_share_out_its_phones(utterance, cuts):
    reading, intervals = utterance
    n_samples = round(intervals[-1].end * RATE)
    edges = [0, *sorted({round(cut * n_samples) for cut in cuts} - {0, n_samples}), n_samples]
    spoken = []
    for start, stop in pairwise(edges):
        try:
            part = align(reading, intervals, start / RATE, stop / RATE, first=start == 0, last=stop == n_samples)
        except AlignmentError as error:
            assert "no phone lies in the segment" in str(error)
            continue
        assert part.accents[0] == "^" and part.accents[-1] == (reading.accents[-1] if stop == n_samples else "$")
        spoken += [phone for phone in part.phones if phone not in ("sil", "pau")]
    assert spoken == [phone for phone in reading.phones if phone not in ("sil", "pau")]


@pytest.mark.parametrize(
    ("text", "recording", "expected"),
    [
        ("h a] sh I", "sil h a sh I sil", "sil^ h a] sh I sil$"),
        ("h a] sh I", "silB h a sh i silE", "sil^ h a] sh I sil$"),  # devoicing is the text's
        ("h a] sh I", "h a sh i", "sil^ h a] sh I sil$"),
        ("k a[ cl t a", "- k a q t a -", "sil^ k a[ cl t a sil$"),
        ("o[ o k i] i", "sp o: k i: sp", "sil^ o[ o k i] i sil$"),
        ("o[ o", "o :", "sil^ o[ o sil$"),
        ("a[ i pau u", "sil a i sp - u sil", "sil^ a[ i pau u sil$"),
        ("a[ i# u", "sil a i pau u sil", "sil^ a[ i pau u sil$"),  # the pause is the boundary
        ("a[ i pau u", "sil a i u sil", "sil^ a[ i# u sil$"),  # the boundary stays without its pause
        ("a] i", "sil a pau i sil", "sil^ a] pau i sil$"),  # a hesitation
        ("v a", "sil b a sil", "sil^ v a sil$"),
    ],
)
def test_names_and_pauses_are_reconciled(text, recording, expected):
    assert shown(align(written(text), heard(recording))) == expected


def test_durations_are_those_of_the_recording():
    aligned = align(written("a pau i"), heard("sil a pau i sil", HOP * 10 / RATE))
    assert aligned.durations == (10, 10, 10, 10, 10)


def test_speech_at_the_edges_leaves_sil_of_no_frames():
    aligned = align(written("a i"), heard("sil a i sil", HOP * 10 / RATE), HOP * 12 / RATE, HOP * 29 / RATE)
    assert aligned.phones == ("sil", "a", "i", "sil") and aligned.durations == (0, 8, 9, 0)


def test_gaps_between_intervals_are_pauses_unless_they_are_roundings():
    a, i = Interval(0.1, 0.2, "a"), Interval(0.3, 0.4, "i")
    assert align(written("a# i"), [a, i], seconds=0.5).phones == ("sil", "a", "pau", "i", "sil")
    near = [a, Interval(0.2004, 0.4, "i"), Interval(0.3996, 0.5, "u")]
    assert align(written("a i u"), near).phones == ("sil", "a", "i", "u", "sil")


@pytest.mark.parametrize(
    ("text", "recording", "difference"),
    [
        ("y u u", "i u", "y / i at phone 1"),
        ("n i h o N", "n i cl p o N", "h / cl p at phone 3"),
        ("a", "sil a i sil", "nothing / i at phone 2"),
        ("a i", "sil a sil", "i / nothing at phone 2"),
    ],
)
def test_other_readings_are_shown_side_by_side(text, recording, difference):
    with pytest.raises(ReadingMismatchError, match=difference) as caught:
        align(written(text), heard(recording))
    assert f"text:      {text}" in str(caught.value)


@pytest.mark.parametrize(
    ("start", "stop", "words"),
    [
        (0.25, 0.6, r"phone a at 0.100-0.200 s was cut off.*segments\.silence_thresh_h"),
        (0.0, 0.25, r"phone u at 0.300-0.400 s was cut off.*segments\.silence_thresh_t"),
    ],
)
def test_phones_that_trimming_cut_off_name_the_remedy(start, stop, words):
    with pytest.raises(CutOffError, match=words):
        align(written("a i u"), heard("sil a i u sil sil"), start, stop)


def test_labels_longer_than_the_recording_are_refused_above_50_ms():
    intervals = heard("sil a i sil")
    assert align(written("a i"), intervals, seconds=0.36).phones == ("sil", "a", "i", "sil")
    with pytest.raises(AlignmentError, match=r"ends at 0\.400 s, the recording at 0\.340 s"):
        align(written("a i"), intervals, seconds=0.34)


def test_wrong_times_and_segments_are_refused():
    overlapping = [Interval(0, 0.2, "a"), Interval(0.1, 0.3, "i")]
    with pytest.raises(AlignmentError, match=r"phone i at 0\.100-0\.300 s overlaps"):
        align(written("a i"), overlapping)
    with pytest.raises(AlignmentError, match="not within the recording"):
        align(written("a"), heard("a"), stop=0.2, seconds=0.1)
    with pytest.raises(AlignmentError, match="no phone lies in the segment"):
        align(Reading(("sil", "sil"), (0, 0), ("^", "$")), heard("sil sil"))


def test_unknown_phones_are_named():
    with pytest.raises(UnknownPhoneError, match="'zh'"):
        align(written("a"), heard("zh"))
    with pytest.raises(UnknownPhoneError, match="':'"):
        align(written("k a"), heard("k : a"))
