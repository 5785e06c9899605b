"""Each pitfall of written text, against the real front end: read rightly, or refused by name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.front_end import FrontEnd
from koeru.languages.japanese.hygiene import PLAIN, READABLE, TAKEN_OUT, named, normalise_text
from koeru.text.reading import TextError


@pytest.fixture(scope="module")
def front_end():
    with FrontEnd() as opened:
        yield opened


@pytest.fixture
def phones(front_end):
    def phones(text):
        return " ".join(read_labels(front_end.labels(text)).phones[1:-1])

    return phones


# ---- normalised --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("か\u3099", "g a"),  # NFD: OpenJTalk alone reads k a
        ("ハ\u309aン", "p a N"),
        ("ｶﾞｷﾞｶﾀｶﾅ", "g a g i k a t a k a n a"),
        ("Ｗｏｗ", "d a b u ry u u o o d a b u ry u u"),  # letter by letter, as half-width
        ("２０２４年", "n i s e N n i j u u y o n e N"),
        ("㈱", "k a b u sh i k i g a i sh a"),
        ("㍍", "m e e t o r u"),
        ("あ\u3000い", "a i"),  # no pause is written
        ("ｗ", "d a b u ry u u"),
        ("葛\U000e0100城", "k a ts u r a g i"),  # a variation selector
        ("20℃", "n i j u u d o"),  # NFKC alone: n i j u u pau sh i i
        ("20°C", "n i j u u d o"),
        ("30°", "s a N j u u d o"),
        ("第Ⅱ部", "d a i n i b u"),  # NFKC alone: d a i a i a i b u
        ("○○さん", "m a r u m a r u s a N"),
        ("〇〇さん", "m a r u m a r u s a N"),
        ("すご〜い", "s u g o o i"),
        ("こゝろ", "k o k o r o"),
        ("人々", "h i t o b i t o"),
        ("1ヶ月", "i cl k a g e ts u"),
        ("あ゛", "a"),
        ("(^o^)あ", "a"),
        ("𠮷野家", "y o sh i n o y a"),  # beyond the basic plane, but in the dictionary
        ("αとβ", "a r u f a t o b e e t a"),
        ("は", "w a"),
        ("ヴァイオリン", "v a i o r i N"),
    ],
)
def test_read_rightly(phones, text, read):
    assert phones(text) == read


@pytest.mark.parametrize("text", ["あ\nい", "あ\tい", "あ\r\nい", "あ、い", "\n あ\u2028い\n", "あ\x0bい", "あ\x85い"])
def test_line_breaks_and_tabs_are_pauses(phones, text):
    assert phones(text) == "a pau i"


@pytest.mark.parametrize("sign", "|:,;/\"'()「」『』…〜~!?！？—-")
def test_punctuation_is_a_pause(phones, sign):
    assert phones(f"あ{sign}い") == "a pau i"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2024年", "n i s e N n i j u u y o n e N"),
        ("090-1234-5678", "z e r o ky u u z e r o pau i ch i n i i s a N y o N pau g o o r o k u n a n a h a ch i"),
        ("3.14", "s a N t e N i ch i y o N"),
        ("1,000", "s e N"),
        ("3+5", "s a N t a s u g o"),
        ("100%", "hy a k u p a a s e N t o"),
    ],
)
def test_digits_are_read(phones, text, read):
    assert phones(text) == read


# ---- taken out -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sign",
    [
        *("😀", "〓", "♪", "★", "☆", "♡", "❤\ufe0f", "👨\u200d👩\u200d👧"),
        *("\u200b", "\u200d", "\ufeff", "\xad", "\u200e", "\x07", "\x7f", "\x9c", "\u0301"),
    ],
)
def test_what_is_not_spoken_makes_no_pause(phones, sign):
    assert phones(f"雨{sign}が降る") == phones("雨が降る")
    with pytest.raises(TextError, match="empty"):
        normalise_text(sign)


@given(st.text(max_size=30))
def test_what_is_left_is_plain_or_punctuation(text):
    try:
        left = normalise_text(text)
    except TextError:
        return
    assert left == left.strip() != ""
    assert unicodedata.is_normalized("NFC", left)
    for character in left:
        category = unicodedata.category(character)
        assert category not in TAKEN_OUT or character in "^`"
        assert category[0] not in "LN" or READABLE.match(character)
    assert normalise_text(left) == left


@given(st.text(st.characters(max_codepoint=0x4FFF), max_size=8))
def test_the_short_way_for_plain_texts_changes_nothing(text):
    if PLAIN.fullmatch(text):
        assert unicodedata.is_normalized("NFKC", text)
        assert not any(unicodedata.category(c) in TAKEN_OUT for c in text if c not in "^`")


# ---- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("あПい", r"П \(U\+041F CYRILLIC CAPITAL LETTER PE\)"),
        ("Привет", r"П \(U\+041F .*and 1 more"),
        ("あ한い", r"한 \(U\+D55C HANGUL SYLLABLE HAN\)"),
        ("あعい", r"\(U\+0639 ARABIC LETTER AIN\)"),
        ("あไい", r"\(U\+0E44 THAI"),
        ("café", r"é \(U\+00E9 "),
        ("❶番", r"❶ \(U\+2776 "),
        ("あ\ue000い", r"read \(U\+E000 no name\)"),
        ("あ\ud800い", r"read \(U\+D800 no name\)"),
        ("あ\0い", "NUL"),
        ("", "empty"),
        (" \n", "empty"),
        ("\u3000", "empty"),
    ],
)
def test_letters_that_cannot_be_read_are_named(text, told):
    with pytest.raises(TextError, match=told):
        normalise_text(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("あ㐃い", r"㐃 \(U\+3403 CJK UNIFIED IDEOGRAPH-3403\)"),  # outside the dictionary
        ("あ\U0002000eい", r"\(U\+2000E "),
        ("々", r"々 \(U\+3005 "),
        ("〇さん", r"〇 \(U\+3007 "),
        ("ヷ", r"ヷ \(U\+30F7 "),
    ],
)
def test_kanji_outside_the_dictionary_are_named(front_end, text, told):
    with pytest.raises(TextError, match=rf"cannot read .*{told}.*{text[:1]}"):
        front_end.labels(text)
    assert front_end.labels("あ")


@pytest.mark.parametrize("text", ["。", "、", "…", "〜", "ー", "ーー", "!?", "「」", "・・・"])
def test_texts_without_a_phone_are_refused(front_end, text):
    with pytest.raises(TextError, match="nothing that can be read"):
        front_end.labels(text)


def test_long_texts_are_refused():
    assert normalise_text("あ" * 500) == "あ" * 500
    with pytest.raises(TextError, match=r"501 characters, 500"):
        normalise_text("あ" * 501)
    with pytest.raises(TextError, match=r"8 characters, 7"):
        normalise_text("㍿㍿", max_characters=7)  # four characters each, once normalised


@pytest.mark.parametrize("text", ["あ" * 345, "漢" * 500, "W" * 500, "ﾊﾟ" * 250, "１" * 500])
def test_what_crashes_openjtalk_is_read_or_named(front_end, text):
    """Plain OpenJTalk ends on these: the next text must be read whatever became of them."""
    try:
        assert len(front_end.labels(text)) > 300
    except TextError as error:
        assert text[:10] in str(error)
    assert front_end.labels("あ")


def test_at_most_five_characters_are_named():
    assert named("ПП") == "П (U+041F CYRILLIC CAPITAL LETTER PE)"
    assert named("abcdefg").endswith("e (U+0065 LATIN SMALL LETTER E) and 2 more")
