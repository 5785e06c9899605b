"""Text and recording become one reading: examples of what goes together, what does not, and what is said of it."""

import pytest
from text.sides import HOP, RATE, align, heard, shown, written

from koeru.languages.japanese import LANGUAGE
from koeru.text.align import AlignmentError, CutOffError, ReadingMismatchError, single_phones
from koeru.text.differences import columns
from koeru.text.reading import Interval, OtherSentenceError, Reading, UnknownPhoneError


@pytest.mark.parametrize(
    ("text", "recording", "expected"),
    [
        ("h a] sh I", "sil h a sh I sil", "sil^ h a] sh I sil$"),
        ("h a] sh I", "silB h a sh i silE", "sil^ h a] sh I sil$"),  # devoicing is the text's
        ("h a] sh I", "h a sh i", "sil^ h a] sh I sil$"),
        ("h a] sh I", "sp sil h a sh i", "sil^ h a] sh I sil$"),
        ("k a[ cl t a", "- k a q t a -", "sil^ k a[ cl t a sil$"),
        ("o[ o k i] i", "sp o: k i: sp", "sil^ o[ o k i] i sil$"),
        ("o[ o", "o :", "sil^ o[ o sil$"),
        ("o[ o", "o sp o", "sil^ o[ pau o sil$"),  # a pause within a long vowel
        ("o[ o", "o sp - :", "sil^ o[ pau o sil$"),
        ("k o[ o o", "k o: :", "sil^ k o[ o o sil$"),
        ("o[ sh I i", "o sh I :", "sil^ o[ sh I i sil$"),
        ("a[ i pau u", "sil a i sp - u sil", "sil^ a[ i pau u sil$"),
        ("a[ i# u", "sil a i pau u sil", "sil^ a[ i pau u sil$"),  # the pause is the boundary
        ("a[ i pau u", "sil a i u sil", "sil^ a[ i# u sil$"),  # the boundary stays without its pause
        ("a] pau i", "sil a i sil", "sil^ a] i sil$"),
        ("a] i", "sil a pau i sil", "sil^ a] pau i sil$"),  # a hesitation
        ("k a] i", "sil k sil - a i sil", "sil^ k pau a] i sil$"),  # a closure that was cut off from its vowel
        ("v a", "sil b a sil", "sil^ v a sil$"),
        ("b a", "sil v a sil", "sil^ b a sil$"),
    ],
)
def test_names_and_pauses_are_reconciled(text, recording, expected):
    assert shown(align(written(text), heard(recording))) == expected


def test_durations_are_those_of_the_recording():
    aligned = align(written("a pau i"), heard("sil a pau i sil", HOP * 10 / RATE))
    assert aligned.durations == (10, 10, 10, 10, 10)


def test_other_labels_than_long_vowels_stay_as_they_are():
    single = single_phones(heard("silB o: sh I : pau : -"), LANGUAGE)
    assert [item.phone or "-" for item in single] == ["silB", "o", "o", "sh", "I", "i", "pau", "i", "-"]


def test_a_long_vowel_is_two_halves():
    aligned = align(written("o o"), heard("sil o: sil", HOP * 10 / RATE))
    assert aligned.durations == (10, 5, 5, 10)


def test_speech_at_the_edges_leaves_sil_of_no_frames():
    aligned = align(written("a i"), heard("sil a i sil", HOP * 10 / RATE), HOP * 12 / RATE, HOP * 29 / RATE)
    assert aligned.phones == ("sil", "a", "i", "sil") and aligned.durations == (0, 8, 9, 0)


def test_gaps_between_intervals_are_pauses_unless_they_are_roundings():
    a, i = Interval(0.1, 0.2, "a"), Interval(0.3, 0.4, "i")
    assert align(written("a# i"), [a, i], seconds=0.5).phones == ("sil", "a", "pau", "i", "sil")
    near = [a, Interval(0.2004, 0.4, "i"), Interval(0.3996, 0.5, "u")]
    assert align(written("a i u"), near).phones == ("sil", "a", "i", "u", "sil")


def test_a_pause_of_no_length_was_not_heard():
    intervals = [Interval(0, 0.2, "a"), Interval(0.2, 0.2, "pau"), Interval(0.2, 0.4, "i")]
    assert shown(align(written("a[ i"), intervals)) == "sil^ a[ i sil$"


def test_a_phone_of_no_length_lasts_no_frame():
    intervals = [Interval(0, 0.2, "sil"), Interval(0.2, 0.2, "k"), Interval(0.2, 0.4, "a"), Interval(0.4, 0.4, "i")]
    aligned = align(written("k a] i"), intervals)
    assert shown(aligned) == "sil^ k a] i sil$" and aligned.durations[1] == aligned.durations[3] == 0


@pytest.mark.parametrize(
    ("text", "recording", "expected"),
    [
        ("s e[ N s e] i g a", "s e N s e e g a", "sil^ s e[ N s e] e g a sil$"),
        ("t o] o i", "t o u i", "sil^ t o] u i sil$"),
        ("s a[ N k a i", "sil s a pau N g a i sil", "sil^ s a[ pau N g a i sil$"),
        ("h o] o m u v a", "f o: m u b a", "sil^ f o] o m u v a sil$"),  # and v stays the text's
    ],
)
def test_one_phone_may_be_heard_as_another_of_its_class(text, recording, expected):
    aligned = align(written(text), heard(recording), max_substitutions=1)
    assert shown(aligned) == expected and aligned.substitutions == 1


@pytest.mark.parametrize(
    ("text", "recording"),
    [
        ("k e k i", "k i k i"),  # e and i are one class behind e only
        ("e e e", "e i i"),  # and behind an e of both sides
        ("s e N", "s e e"),
        ("k a cl", "k a k"),
        ("w a", "g a"),
        ("a k a g a", "a g a z a"),  # one of a class, one not
        ("k a g a", "g a k a"),  # two, and one is allowed
        ("e i a", "e a i"),
    ],
)
def test_other_substitutions_are_refused(text, recording):
    with pytest.raises(ReadingMismatchError):
        align(written(text), heard(recording), max_substitutions=1)


def test_substitutions_are_preferred_to_as_many_insertions_and_deletions():
    aligned = align(written("z a] j sh i"), heard("z a z j i"), max_substitutions=2)
    assert shown(aligned) == "sil^ z a] z j i sil$" and aligned.substitutions == 2


def test_the_vowel_before_one_of_a_class_is_the_same_on_both_sides():
    with pytest.raises(ReadingMismatchError):
        align(written("e e e"), heard("e i i"), max_substitutions=2)


@pytest.mark.parametrize(
    ("text", "recording", "told", "sides"),
    [
        (
            "n i h o N n o",
            "n i q p o N n o",
            ["h / cl p at phone 3"],
            ["n i [   h] o N n o", "n i [cl p] o N n o"],
        ),
        (
            "y u u n o",
            "i u n o",
            ["y u / i at phone 1"],
            ["[y u] u n o", "[i  ] u n o"],
        ),
        (
            "s e N s e e t o k o",
            "sil s e N s e i sp d o g o sil",
            ["e t / i d at phone 6", "k / g at phone 9", "labels.max_substitutions: 3"],
            ["s e N s e [e t] o [k] o", "s e N s e [i d] o [g] o"],
        ),
        (
            "a i",
            "sil a sil",
            ["i / nothing at phone 2"],
            ["a [i]", "a [ ]"],
        ),
        (
            "a k a s a t a n a",
            "i a k i s i t i n i",
            ["nothing / i at phone 1", "a / i at phone 3", "a / i at phone 5", "and 2 more"],
            ["[ ] a k [a] s [a] t [a] n [a]", "[i] a k [i] s [i] t [i] n [i]"],
        ),
    ],
)
def test_other_readings_are_shown_side_by_side(text, recording, told, sides):
    with pytest.raises(ReadingMismatchError) as caught:
        align(written(text), heard(recording))
    first, *below = str(caught.value).splitlines()
    assert all(words in first for words in told)
    # Another number of substitutions is the remedy only where all of them are of one class.
    assert ("labels.max_substitutions" in first) == ("labels.max_substitutions: 3" in told)
    assert ("correct the text" in first) == ("labels.max_substitutions: 3" not in told)
    assert below == [f"{name:<11}{side}" for name, side in zip(("text:", "recording:"), sides, strict=True)]


def test_only_a_message_about_readings_holds_two():
    assert columns("no TextGrid lies beside the recording: align it") is None
    assert columns("text: a\nrecording: b") is None


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
    assert align(written("a i"), intervals[:3], seconds=0.26).phones == ("sil", "a", "i", "sil")
    assert align(written("a i"), [Interval(0, 0.2, "a"), Interval(0.2, 0.24, "i")], seconds=0.195).durations[2] == 0
    with pytest.raises(AlignmentError, match=r"ends at 0\.400 s, the recording at 0\.340 s"):
        align(written("a i"), intervals, seconds=0.34)


def test_wrong_times_and_segments_are_refused():
    overlapping = [Interval(0, 0.2, "a"), Interval(0.1, 0.3, "i")]
    with pytest.raises(AlignmentError, match=r"phone i at 0\.100-0\.300 s overlaps"):
        align(written("a i"), overlapping)
    with pytest.raises(AlignmentError, match=r"phone a at nan-0\.200 s overlaps"):
        align(written("a i"), [Interval(float("nan"), 0.2, "a"), Interval(0.2, 0.3, "i")])
    with pytest.raises(AlignmentError, match="not within the recording"):
        align(written("a"), heard("a"), stop=0.2, seconds=0.1)
    with pytest.raises(AlignmentError, match="no phone lies in the segment"):
        align(Reading(("sil", "sil"), (0, 0), ("^", "$")), heard("sil sil"))
    with pytest.raises(AlignmentError, match="no phone lies in the segment"):
        align(Reading(("sil", "sil"), (0, 0), ("^", "$")), [], seconds=0.1)


def test_unknown_phones_are_named():
    with pytest.raises(UnknownPhoneError, match="'zh'"):
        align(written("a"), heard("zh"))
    with pytest.raises(UnknownPhoneError, match="':'"):
        align(written("k a"), heard("k : a"))


@pytest.mark.parametrize(
    ("text", "recording", "wanted"),
    [
        ("e¿ pau i[ k u", "sil e pau i k u sil", "sil^ e¿ pau i[ k u sil$"),
        ("e¿ pau i[ k u", "sil e i k u sil", "sil^ e¿ i[ k u sil$"),
        ("i[ k u¿ h a] i", "sil i k u h a i sil", "sil^ i[ k u¿ h a] i sil$"),
        ("i[ k u¿ h a] i", "sil i k u pau h a i sil", "sil^ i[ k u¿ pau h a] i sil$"),
    ],
)
def test_an_inner_question_stays_whether_the_recording_pauses_or_not(text, recording, wanted):
    assert shown(align(written(text), heard(recording))) == wanted


def test_a_segment_that_ends_with_an_inner_question_asks():
    reading, intervals = written("i[ k u¿ pau h a] i"), heard("sil i k u pau pau h a i sil")
    assert shown(align(reading, intervals, stop=0.5, last=False)) == "sil^ i[ k u sil?"
    assert shown(align(reading, intervals, start=0.5, first=False)) == "sil^ h a] i sil$"


@pytest.mark.parametrize(
    ("text", "recording", "frames", "spread"),
    [
        ("k a] m i n o", "sil k a w e n o sil", [10, 10, 10, 10, 10, 10, 10, 10], 2),  # m i in the time of w e
        ("k a] m i n o", "sil k a w n o sil", [10, 10, 10, 5, 5, 10, 10, 10], 2),
        ("k a] m i n o", "sil k a n o sil", [10, 10, 4, 3, 3, 10, 10, 10], 3),  # from the phone before
        ("k a] m i n o", "sil a m i n o sil", [10, 5, 5, 10, 10, 10, 10, 10], 2),  # the first: from the one behind
        ("k a] n o", "sil k a w n o sil", [10, 10, 20, 10, 10, 10], 1),  # what nobody reads belongs to the one before
        (
            "k a] n o m i",
            "sil k a pau w n o m i sil",
            [10, 10, 10, 10, 20, 10, 10, 10, 10],
            1,
        ),  # or to the one it touches
    ],
)
def test_times_of_a_machine_are_spread_over_the_phones_of_the_text(text, recording, frames, spread):
    aligned = align(written(text), heard(recording, HOP * 10 / RATE), spread=True)
    assert aligned.spread == spread and sum(aligned.durations) == sum(frames)
    assert all(abs(one - other) <= 1 for one, other in zip(aligned.durations, frames, strict=True))


def test_what_a_machine_aligned_to_another_sentence_is_refused():
    with pytest.raises(OtherSentenceError, match=r"43% of them, and of one sentence at most 40%"):
        align(written("k a] m i n o o"), heard("sil k a w u t o o sil"), spread=True)
    with pytest.raises(OtherSentenceError):
        align(written("k a"), heard("sil sil"), spread=True)
