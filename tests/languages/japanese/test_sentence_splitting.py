"""Texts of any length as sentences: where they end, where they are cut, and that nothing is lost."""

import re
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from koeru.languages import language
from koeru.languages.japanese.braces import BRACES
from koeru.languages.japanese.sentences import CLAUSE, LINE, LONGEST, PARAGRAPH, SENTENCE, sentences


def divided(text, **options):
    return "|".join(sentence.text for sentence in sentences(text, **options))


@pytest.mark.parametrize(
    "wanted",
    [
        "雨が降る。|明日は晴れ！？|そうですか?|はい｡",
        "「行くぞ。」と彼は言った。|「待て！」|彼女は叫んだ。|「はい。」|「いいえ。」",
        "「一。二！三？」って言った。|『『深い。』よ。』だ。|〈そう。〉は違う。",
        "（そうだ。）|しかし、違った（本当に。）のだ。",
        "そして……二人は去った……|「え…、そう…か。」",
        "なんだ！と思った。|何？って聞いた。|何？|とても。",
        "『猫である』『坊っちゃん』を読んだ。",
        "やった！🎉♪|次だ。www|すごい！笑",
        "はい。（笑）|もう！〜🎉|おう👨‍👩‍👧だ。",
        "３．１４は3.14で1,000.5だ．|次は1:30．|終わり",
        "https://a.jp/?q=1!x.htmlを見た。|www.b.jp?a=1を。|Yahoo!|ニュース。",
        "「閉じない。|次。|もう一つ』。|次。",
    ],
)
def test_sentences_end_where_people_end_them(wanted):
    assert divided(wanted.replace("|", "")) == wanted


def test_sentences_of_latin_text_end_at_full_stops():
    text = 'Hello, Mr. Smith.|How are you?|I\'m "fine."|No. 5 is 3 m. long.'
    text += "|J. S. Bach wrote it...|In the U.S. it was 2024.|OK"
    assert divided(text.replace("|", " ")) == text
    assert divided("1. はじめに。 A. B.") == "1. はじめに。|A. B."


def test_a_line_ends_a_sentence_and_a_blank_one_a_paragraph():
    text = "一。二\n三\r\n\r\n四」\n \n\u3000五。\n\n"
    assert list(sentences(text)) == [
        ("一。", SENTENCE), ("二", LINE), ("三", PARAGRAPH), ("四」", PARAGRAPH), ("五。", 0.0)
    ]  # fmt: skip
    assert [pause for _, pause in sentences("一\r二\r\r三\u2028四\n五")] == [LINE, PARAGRAPH, LINE, LINE, 0.0]


@pytest.mark.parametrize("text", ["", "\n", " \u3000\n\n"])
def test_nothing_has_no_sentences(text):
    assert list(sentences(text)) == list(sentences([text, text])) == []


@pytest.mark.parametrize(
    ("longest", "wanted"),
    [
        (12, "「一二三。|四五六七八九。」|と言った。"),
        (12, "朝起きて、顔を洗い、|歯を磨いて出かけた。"),
        (12, "あ、つれづれなままの|日ぐらし"),  # the comma comes too soon
        (12, "美しい花の咲く庭を|歩いていく人々が"),  # before a word
        (12, "『吾輩は猫』|『坊っちゃん』"),
        (12, "えええええ……|ううううううう"),
        (10, "The quick |brown fox |jumps"),
        (12, "全部で|123456789012|3456789人。"),
        (9, "新しい|GitHubを使う"),
        (5, "漢漢漢漢漢|漢漢漢漢漢|漢"),
        (8, "が\u3099" * 4 + "|" + "が\u3099"),
    ],
)
def test_what_is_too_long_is_cut_at_the_best_place(longest, wanted):
    assert divided(wanted.replace("|", ""), longest=longest) == wanted.replace(" |", "|")


def test_no_correction_is_cut_however_long():
    brace = "{雨|ア'、メ。メア'メ}"
    assert divided(f"{brace}が降る。{brace}{brace}", longest=6) == f"{brace}|が降る。|{brace}|{brace}"


def test_pauses_of_what_is_cut():
    cut = list(sentences("「一二三四。五六七八九、十百千万億兆零」だ", longest=12))
    assert [pause for _, pause in cut] == [SENTENCE, CLAUSE, 0.0]


def without_space(text):
    return re.sub(r"\s", "", text)


PARTS = st.sampled_from(
    [
        *"雨あアa1。、！？!?….．「」『』（）()\n\r\u3000 ー笑wｗ🎉♪々{}|\u3099",
        "{雨|ア'メ}",
        "https://a.jp/?b",
        "3.14",
        "Mr.",
        "という",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS | st.characters(codec="utf-8"), max_size=60), st.integers(1, 40))
@example(["㍿", "㍿"], 3)
def test_nothing_is_lost_and_nothing_too_long(parts, longest):
    text = "".join(parts)
    found = list(sentences(text, longest=longest))
    assert "".join(without_space(sentence.text) for sentence in found) == without_space(text)
    assert all(sentence.text and sentence.text == sentence.text.strip() for sentence in found)
    for sentence in found:
        assert len(sentence.text) <= longest or BRACES.match(sentence.text) or len(sentence.text) <= 20, sentence
    assert list(sentences(parts, longest=longest)) == list(sentences(iter(text), longest=longest)) == found
    corrections = [found[0] for found in BRACES.finditer(text)]
    assert [found[0] for sentence in found for found in BRACES.finditer(sentence.text)] == corrections


def book(lines):
    for number in range(lines):
        yield f"第{number}章では、「雨が降る。」と彼が言った。それから{{雨|アメ}}が、長いあいだ降りつづいた……。\n"


def test_a_long_book_takes_little_memory_and_comes_as_it_is_read():
    drawn = 0

    def counted():
        nonlocal drawn
        for line in book(10_000):
            drawn += 1
            yield line

    tracemalloc.start()
    first = next(found := sentences(counted()))
    assert first.text == "第0章では、「雨が降る。」と彼が言った。" and drawn < 100
    assert sum(1 for _ in found) == 19_999
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "text", ["漢" * 100_000, "！" * 20_000, "「" * 100_000, "\n" * 100_000 + "a", "あ" + " " * 100_000 + "い"]
)
def test_odd_texts_of_any_length_are_no_hurdle(text):
    assert "".join(sentence.text for sentence in sentences(text)) == without_space(text)


def test_the_language_has_them():
    own = language("japanese")
    assert [sentence.text for sentence in own.sentences("雨だ。風だ。")] == ["雨だ。", "風だ。"]
    assert max(len(sentence.text) for sentence in own.sentences("あ" * 1000)) <= LONGEST
