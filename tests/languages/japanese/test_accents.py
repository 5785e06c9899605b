"""Accent marks of sentences whose accents are known, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.phones import ACCENTS, PHONES
from koeru.text.reading import LabelError, UnknownPhoneError

ONEGAI = "y o|r o|sh I|k u|o|n e|g a|i|sh i|m a|s U"

# phrases of (moras, accent type, question), and the phones with their marks; devoiced vowels upper-case
SENTENCES = {
    "箸": ([("h a|sh i", 1)], "h a] sh i $"),
    "橋": ([("h a|sh i", 2)], "h a[ sh i $"),
    "箸が": ([("h a|sh i|g a", 1)], "h a] sh i g a $"),
    "橋が": ([("h a|sh i|g a", 2)], "h a[ sh i] g a $"),
    "端が": ([("h a|sh i|g a", 0)], "h a[ sh i g a $"),
    "雨が": ([("a|m e|g a", 1)], "a] m e g a $"),
    "飴が": ([("a|m e|g a", 0)], "a[ m e g a $"),
    "火": ([("h i", 1)], "h i $"),
    "火が": ([("h i|g a", 1)], "h i] g a $"),
    "毛が": ([("k e|g a", 0)], "k e[ g a $"),
    "心": ([("k o|k o|r o", 2)], "k o[ k o] r o $"),
    "男": ([("o|t o|k o", 3)], "o[ t o k o $"),
    "男が": ([("o|t o|k o|g a", 3)], "o[ t o k o] g a $"),
    "新聞を読んだ": ([("sh i|N|b u|N|o", 0), ("y o|N|d a", 1)], "sh i[ N b u N o# y o] N d a $"),
    "本を読んだ": ([("h o|N|o", 1), ("y o|N|d a", 1)], "h o] N o# y o] N d a $"),
    "三本飲む": ([("s a|N|b o|N", 1), ("n o|m u", 1)], "s a] N b o N# n o] m u $"),
    "あっ来た": ([("a|cl", 1), ("k I|t a", 1)], "a] cl# k I] t a $"),
    "切符と切手": ([("k i|cl|p u|t o", 0), ("k i|cl|t e", 0)], "k i[ cl p u t o# k i[ cl t e $"),
    "木は気": ([("k i|w a", 1), ("k i", 0)], "k i] w a# k i $"),
    "さあ、行こう": ([("s a|a", 1), None, ("i|k o|o", 2)], "s a] a pau i[ k o] o $"),
    "そうですか？": ([("s o|o|d e|s U|k a", 4, True)], "s o[ o d e s U] k a ?"),
    "本当？": ([("h o|N|t o|o", 0, True)], "h o[ N t o o ?"),
    "でも？再生": ([("d e|m o", 1, True), None, ("s a|i|s e|e", 0)], "d e] m o¿ pau s a[ i s e e $"),
    "よろしくお願いします": ([(ONEGAI, 10)], "y o[ r o sh I k u o n e g a i sh i m a] s U $"),
    "十二型": ([("a|" * 11 + "k a|k a", 12)], "a[ " + "a " * 10 + "k a] k a $"),
    "え？本当？": ([("e", 1, True), None, ("h o|N|t o|o", 0, True)], "e¿ pau h o[ N t o o ?"),
    "行く？はい": ([("i|k u", 0, True), ("h a|i", 1)], "i[ k u¿ h a] i $"),
    "気、火": ([("k i", 0), None, ("h i", 1)], "k i pau h i $"),
    "グァムとクヮ": ([("gw a|m u|t o", 1), ("kw a", 1)], "gw a] m u t o# kw a $"),
}


def written(expected: str) -> tuple[tuple[str, ...], tuple[int, ...], tuple[str, ...]]:
    """Return the phones, devoiced flags and marks that a line of the table stands for."""
    *items, end = expected.split()
    names = [item.rstrip("[]#¿") for item in items]
    devoiced = [int(name in "AIUEO") for name in names]
    phones = [name.lower() if flag else name for name, flag in zip(names, devoiced, strict=True)]
    marks = [item[len(name) :] or "_" for item, name in zip(items, names, strict=True)]
    return ("sil", *phones, "sil"), (0, *devoiced, 0), ("^", *marks, end)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_marks_are_those_worked_out_by_hand(full_context, sentence):
    phrases, expected = SENTENCES[sentence]
    reading = read_labels(full_context(*phrases))
    assert (reading.phones, reading.devoiced, reading.accents) == written(expected)


moras = st.sampled_from(["a", "k a", "N", "cl", "sh I", "ky o", "v u"])
phrases = st.lists(moras, min_size=1, max_size=14).flatmap(
    lambda some: st.tuples(st.just("|".join(some)), st.integers(0, len(some)))
)


@given(st.lists(phrases, min_size=1, max_size=4))
def test_each_phrase_rises_and_falls_once_at_most_and_where_its_type_says(full_context, spoken):
    reading = read_labels(full_context(*spoken))
    assert set(reading.phones) <= set(PHONES[1:]) and set(reading.accents) <= set(ACCENTS[1:])
    at = 1
    for text, accent_type in spoken:
        parts = text.split("|")
        mora_of = [number for number, mora in enumerate(parts, 1) for _ in mora.split()]
        marks = reading.accents[at : at + len(mora_of)]
        falls = [mora for mark, mora in zip(marks, mora_of, strict=True) if mark == "]"]
        assert falls == ([accent_type] if 0 < accent_type < len(parts) else [])
        rises = [mora for mark, mora in zip(marks, mora_of, strict=True) if mark == "["]
        assert rises == ([1] if accent_type != 1 and len(parts) > 1 else [])
        assert "#" not in marks[:-1]
        at += len(mora_of)


@pytest.mark.parametrize("field", ["xx+xx+xx", "0+xx+2", "xx+1+2", "0+1+xx"])
def test_numbers_that_are_xx_match_nothing(full_context, field):
    labels = full_context(("a|m e", 1), ("a|m e", 1))
    marks = read_labels([label.replace("/A:0+1+2/", f"/A:{field}/") for label in labels]).accents
    assert marks == ("^", "_", "_", "_", "_", "_", "_", "$")


def test_pauses_have_no_mark_whatever_their_numbers(full_context):
    labels = full_context(("a|m e", 1), None, ("a|m e", 1))
    assert read_labels([label.replace("xx+xx+xx", "0+0+1") for label in labels]).accents[4] == "_"


def test_a_phrase_ends_with_its_last_mora(full_context):
    labels = full_context(("a|m e", 1), ("a|m e", 1))
    assert read_labels(labels).accents[3] == "#"
    assert read_labels([label.replace("/A:1+2+1/", "/A:1+2+2/") for label in labels]).accents[3] == "_"


def test_a_phrase_rises_and_falls_at_a_pause_inside_it_as_anywhere(full_context):
    """Labels of recordings have such pauses; no front end does."""
    labels = full_context(("k o|k o|r o|n i", 0))
    pause = full_context(("a", 0), None, ("a", 0))[2]
    for at in (3, 5, 7):  # behind each mora
        assert read_labels([*labels[:at], pause, *labels[at:]]).accents[1:3] == ("_", "[")
    falling = full_context(("k o|k o|r o", 2))
    marks = read_labels([*falling[:5], pause, pause, *falling[5:]]).accents
    assert marks == ("^", "_", "[", "_", "]", "_", "_", "_", "_", "$")


def test_a_question_before_the_last_phrase_is_not_that_of_the_end(full_context):
    *labels, end = full_context(("a|m e", 1), ("a|m e", 1))
    asked = [label.replace("!0_", "!1_") for label in labels]
    assert read_labels([*asked, end]).accents[-1] == "$"


def test_the_last_mora_of_a_phrase_does_not_fall(full_context):
    labels = full_context(("a|m e", 1))
    assert read_labels(labels).accents[1] == "]"
    shorter = [label.replace("/F:2_1#", "/F:1_1#") for label in labels]  # as if the phrase ended with the a
    assert read_labels(shorter).accents[1] == "["


@pytest.mark.parametrize(
    "rest",
    [
        "/B:xx-xx_xx/C:02_xx+xx/D:03+xx_xx/E:xx_xx!xx_xx-xx/F:2_1#0_xx@1_1|1_2/G:xx_xx%xx_xx_xx/H:xx_xx",
        "/B:xx-xx_xx/C:xx_xx+xx/D:xx+xx_xx/E:xx_xx!xx_xx-xx/F:2_1#0_0@1_1|1_2/G:xx_xx%xx_0_xx/H:xx_xx",
    ],
)
def test_labels_of_both_front_ends_and_without_parts_of_speech_are_read(rest):
    silent = f"/A:xx+xx+xx{rest.replace('2_1#', 'xx_xx#')}"
    labels = [
        f"xx^xx-sil+a=m{silent}",
        f"xx^sil-a+m=e/A:0+1+2{rest}",
        f"sil^a-m+e=sil/A:1+2+1{rest}",
        f"a^m-e+sil=xx/A:1+2+1{rest}",
        f"m^e-sil+xx=xx{silent.replace('E:xx_xx!xx', 'E:2_1!1')}",
    ]
    assert read_labels(labels).accents == ("^", "]", "_", "_", "?")


def test_unknown_phones_are_named(full_context):
    with pytest.raises(UnknownPhoneError, match="'zh'"):
        read_labels(full_context(("zh a", 1)))


@pytest.mark.parametrize(
    "change", [lambda x: [], lambda x: x[:2], lambda x: x[1:], lambda x: x[:-1], lambda x: [*x, *x]]
)
def test_what_is_no_utterance_is_refused(full_context, change):
    with pytest.raises(LabelError, match="first and a last sil"):
        read_labels(change(full_context(("a|m e", 1))))


def test_what_is_no_label_is_refused():
    with pytest.raises(LabelError, match=r"label 0.*hello"):
        read_labels(["hello"])


@pytest.mark.parametrize("field", ["/A:", "/F:"])
def test_labels_that_were_cut_short_are_refused(full_context, field):
    labels = full_context(("a|m e", 1))
    with pytest.raises(LabelError, match="label 2 is not a full-context label"):
        read_labels([*labels[:2], labels[2].partition(field)[0], *labels[3:]])
