"""Words that a person corrects inside a text are said as he wants them, wherever they stand; the rest as it was."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from languages.japanese.test_phrases import SENTENCES

from koeru.languages import language
from koeru.languages.japanese.braces import OURS, marked, put_back, shown, taken_out
from koeru.languages.japanese.front_end import ReadingFrontEnd
from koeru.languages.japanese.kana import phrases_of, to_notation
from koeru.languages.japanese.moras import moras_of_kana
from koeru.languages.japanese.phrases import phrases
from koeru.text.reading import TextError

WORDS = """
雨 アメ  箸 ハシ  心 ココロ  日本 ニッポン  東京 トーキョー  今日 キョー  人 ヒト  学校 ガッコー
新聞 シンブン  音楽 オンガク  先生 センセー  窓 マド  朝 アサ  犬 イヌ  休み ヤスミ  頭 アタマ
男 オトコ  図書館 トショカン  飛行機 ヒコーキ  私 ワタクシ
"""
CARRIERS = (
    "{}が降る。",
    "あの{}は、どう？",
    "大きな{}までも行った。",
    "昨日の{}ですよ。",
    "お{}だろうか。",
    "新{}展",
    "{}",
    "2024年{}、と{}さん。",
    "花{}を見た{}なのに",
)
RARE = ("ヴォ", "ツォ", "フュ", "クァ", "グォ", "ティ", "テュ", "ツェ", "ン", "ッ", "シ", "ク")  # moras of no sentence


@pytest.fixture(scope="module")
def reader():
    with ReadingFrontEnd() as opened:
        yield opened


@pytest.fixture(scope="module")
def said(reader):
    """Kana with accents of a text with braces."""
    return lambda text: to_notation(reader.reading(marked(text)))


def accented(kana: str, accent: int) -> str:
    moras = [written for _, written, _ in moras_of_kana(kana)]
    return "".join([*moras[:accent], "'" if accent else "", *moras[accent:]])


def assert_obeyed(reading, kana: str, begin: int = 0) -> int:
    """The word's phrases are in the reading, from the mora `begin` on, with their accents; gives where they end."""
    spoken, wanted = phrases(reading), phrases_of(kana)
    flat = [(phrase, at) for phrase in spoken for at in range(len(phrase.moras))]
    names = [phrase.moras[at].phones for phrase, at in flat]
    own = [mora.phones for phrase in wanted for mora in phrase.moras]
    starts = [at for at in range(begin, len(flat)) if names[at : at + len(own)] == own]
    assert starts, f"{kana} is not in {to_notation(reading)}"
    place = starts[0]
    for number, asked in enumerate(wanted):
        phrase, at = flat[place]
        end = at + len(asked.moras)
        if asked.nucleus:  # which the marks do not tell on the last mora of a phrase
            assert phrase.nucleus == (at + asked.nucleus) % len(phrase.moras), to_notation(reading)
        else:
            assert not at < phrase.nucleus <= end, to_notation(reading)
        assert number == 0 or at == 0
        assert number + 1 == len(wanted) or (end, asked.pause) == (len(phrase.moras), phrase.pause)
        place += len(asked.moras)
    return place


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_accent_is_obeyed_in_any_place(reader, carrier):
    for word, kana in re.findall(r"(\S+) (\S+)", WORDS):
        for accent in range(len(phrases_of(kana)[0].moras) + 1):
            wanted = accented(kana, accent)
            reading = reader.reading(marked(carrier.replace("{}", f"{{{word}|{wanted}}}")))
            end = 0
            for _ in range(carrier.count("{}")):
                end = assert_obeyed(reading, wanted, end)


@st.composite
def corrected(draw):
    """A sentence of which some stretches, words or not, have kana of any accent, and these kana."""
    text, made, kana = (
        draw(st.sampled_from([text for text in SENTENCES if "々" not in text and "ー" not in text])),
        "",
        [],
    )
    places = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=4)))
    at = 0
    for begin, end in zip(places[::2], places[1::2], strict=False):
        parts = []
        for _ in range(draw(st.integers(1, 2))):
            moras = ["ヴォ", *draw(st.lists(st.sampled_from(RARE), max_size=4))]
            moras.insert(draw(st.integers(1, len(moras))), draw(st.sampled_from(["", "'"])))
            parts.append("".join(moras))
        kana.append(draw(st.sampled_from("/、")).join(parts))
        made += f"{text[at:begin]}{{{text[begin:end]}|{kana[-1]}}}"
        at = end
    return made + text[at:], kana


@settings(max_examples=150, deadline=None)
@given(corrected())
def test_whatever_is_corrected_is_obeyed(reader, some):
    text, kana = some
    reading, end = reader.reading(marked(text)), 0
    for own in kana:
        end = assert_obeyed(reading, own, end)


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("{雨|ア'メ}が降る。", "ア'メガ/フ'ル"),
        ("{雨|アメ}が降る。", "アメガ'/フ'ル"),
        ("{雨|アメ'}が降る。", "アメ'ガ/フ'ル"),
        ("{雨|アメ}です。{雨|アメ}まで。", "アメデ'_ス、アメマ'デ"),  # what falls behind a flat word falls
        ("私は{明日|アス}は行く", "ワタシワ'/アスワ'/イク'"),
        ("{雨|ア'メ}{傘|カ'サ}", "ア'メ/カ'サ"),  # a phrase falls once
        ("大{雨|ア'メ}だ", "ダイア'メダ"),
        ("{行った|オコナッタ}人", "オコナッタ'/_ヒト'"),  # parts of speech are as they were
        ("{美しい|ウルワシ'イ}人", "ウルワシ'イ/_ヒト'"),
        ("{行った人|オコナッタ/ヒト}が", "オコナッタ'/_ヒトガ'"),
        ("{東|ア'ズマ}京子さん", "ア'ズマ/キョ'オコサン"),  # within a word of the dictionary's
        ("{東京大学|トーキョー/ダ'イガク}へ", "トオキョオ'/ダ'イガクエ"),
        ("{雨|ア、イ'ウ}が", "ア'、イ'ウガ"),
        ("{コーヒ|コーヒ'}ーを", "コオヒ'イオ"),
        ("{♪|ララ'ラ}と{é|エ'エ}", "ララ'ラト/エ'エ"),  # whatever stands there
        ("{$20|ダ'ラー}と$20", "ダ'ラアト/ニジュ'ウドル"),  # nothing in braces is written out
        ("{3/4|サンブ'ンシ}と3/4", "サンブ'ン_シト/ヨンブンノ'サン"),
        ("｛雨｜ア’メ｝だ", "ア'メダ"),
        ("{ 雨 | あ'め }だ", "ア'メダ"),
        ("{月|ツキ'}と{草|ク'サ}、{月|_ツ_キ}", "_ツキ'ト/ク'サ、_ツ_キ'"),  # devoiced by rule, or as it is told
    ],
)
def test_what_stands_around_it_is_read_with_it(said, text, kana):
    assert said(text) == kana


AS_EVER = """
雨が降るでしょう。 雨 ア'メ  彼が行った学校です。 行った イッタ  学校へ行きました。 学校 ガッコー
とても静かな部屋だ。 静か シ'ズカ  本を読んでいる人 読ん ヨ'ン  お茶をください。 ください クダサ'イ
駅に着きました。 駅 エ'キ  一種不思議な感覚 一種 イ'ッシュ  しばらくして音が止んだ。 音 オト'
"""


def test_a_word_that_is_said_as_ever_changes_nothing(reader):
    for text, word, kana in re.findall(r"(\S+) (\S+) (\S+)", AS_EVER):
        assert reader.reading(marked(text.replace(word, f"{{{word}|{kana}}}"))) == reader.reading(text), text


def test_a_users_words_are_known_beside_them(tmp_path):
    (tmp_path / "own.csv").write_text("鴻巣,コーノ'ス,姓\n", "utf-8")
    with ReadingFrontEnd(dictionary=tmp_path / "own.csv") as reader:
        before = reader.reading("鴻巣の雨")
        assert (
            to_notation(reader.reading(marked("鴻巣の{雨|アメ}と{鴻巣|コウノトリ}")))
            == "コオノ'スノ/アメト'/コウノトリ'"
        )
        assert reader.reading("鴻巣の雨") == before


@pytest.mark.parametrize("options", [{"vanilla": True}, {"sudachi": False, "nani": False}, {"iu": "dictionary"}])
def test_every_option_reads_them(options):
    with ReadingFrontEnd(**options) as reader:
        assert to_notation(reader.reading(marked("何と{雨|ア'メ}の方へ"))).startswith("ナ'ント/ア'メノホオエ")


def test_they_are_read_ahead_and_named_as_they_are_written(reader):
    texts = [marked(f"{{雨|ア'メ}}が{number}回降る") for number in range(40)]
    reader.expect((text, ()) for text in texts)
    assert {to_notation(reader.reading(text)).split("/")[0] for text in texts} == {"ア'メガ"}
    with pytest.raises(TextError, match=r"cannot read 々 .*on the text \"\{人\|ヒト'\}々\""):
        reader.reading(marked("{人|ヒト'}々"))


def test_the_text_of_a_corpus_has_no_corrections(reader):
    for text in ("{雨|カ'サ}が降る。", "{雨}", "a{b|c", "{}", "｛雨｜傘｝"):
        assert not {*OURS} & {*reader.spoken(text)}
    assert " ".join(reader.reading("{雨|カ'サ}").phones).startswith("sil a m e")
    for odd in OURS:
        with pytest.raises(TextError, match="cannot read"):
            reader.reading(f"雨{odd}が降る")
    with pytest.raises(TextError, match="cannot read"):
        reader.reading(f"{marked('{雨|アメ}')}が{OURS[0]}降る")


@pytest.mark.parametrize(
    "text", ["雨が降る。", "{雨}が", "{}", "a { b } c", "}{", "{雨\n|アメ}", "| a | {b} |", "{", "|"]
)
def test_other_braces_are_no_corrections(reader, text):
    assert marked(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("雨、{雨|ア'メが降る。", r"\{word\|kana\}, .* no end or a second \|, in .\{雨\|.* at character 3"),
        ("{雨|ア'メ|カ'サ}", r"has no end or a second \|.* at character 1 of the text"),
        ("{雨|アメ}と{傘|カサ", r"no end .* in '\{傘\|カサ' at character 8"),
        ("{|アメ}", "there is no word, in .* at character 1"),
        ("{雨|}", r"a phrase has no mora.*, in '\{雨\|\}' at character 1 of the text"),
        ("あ{雨|漢}", r"'漢' cannot be read: .* at character 1 of '漢', in '\{雨\|漢\}' at character 2"),
        ("{雨|ア'メ'}", "one ' at most"),
        ("{雨|アメ？}", "does not ask: write ？ behind the brace"),
        ("雨\ufdd0", r"no character: .*U\+FDD0"),
    ],
)
def test_what_is_no_correction_is_told_with_its_place(text, told):
    with pytest.raises(TextError, match=told):
        language("japanese").marked(text)


@given(st.lists(st.sampled_from(["雨", "{雨|ア'メ}", "{a|イ}", "。", "{b}", "1"])).map("".join))
def test_what_is_taken_out_comes_back(text):
    own = marked(text)
    assert put_back(*taken_out(own)) == own and shown(own) == text
