"""How utterances are read: corrections first, then labels, then what was heard, then kana, then the text alone."""

from dataclasses import replace

import pytest

from koeru.jobs.readings import Known, question, read, spoken
from koeru.languages.japanese import LANGUAGE
from koeru.languages.japanese.kana import KanaError
from koeru.text.reading import OtherSentenceError, TextError

NAME = "長谷さんが来た。"  # which may be Hase, Nagaya, Nagatani


@pytest.fixture(scope="module")
def front_end():
    with LANGUAGE.reader() as opened:
        yield opened


def phones(kana):
    return LANGUAGE.pronounced(kana)


def said(found):
    return spoken(found.reading, LANGUAGE)


@pytest.mark.parametrize("kana", ["ハセサンガキタ", "ナガヤサンガキタ", "ナガタニサンガキタ"])
def test_what_was_heard_or_delivered_as_kana_is_read(front_end, kana):
    heard = read(Known(NAME, heard=phones(kana)), LANGUAGE, front_end, "follow")
    delivered = read(Known(NAME, kana=kana + "。"), LANGUAGE, front_end, "follow")
    assert said(heard) == said(delivered) == phones(kana)
    assert heard.reading == delivered.reading and heard.means == delivered.means != ""
    both = read(Known(NAME, kana="ハセサンガキタ", heard=phones(kana)), LANGUAGE, front_end, "follow")
    assert said(both) == phones(kana), "what was heard goes before kana"


@pytest.mark.parametrize("how", ["delivered", "front_end"])
def test_nothing_is_followed_where_nobody_asks_for_it(front_end, how):
    alone = front_end.reading(NAME)
    known = Known(NAME, kana="ナガタニサンガキタ", heard=phones("ナガタニサンガキタ"))
    found = read(known, LANGUAGE, front_end, how)
    assert (found.reading, found.source, found.means) == (alone, "front end", "")


def test_a_correction_goes_before_everything(front_end):
    labels = LANGUAGE.from_notation("ハ'セサンガ/キタ'")
    known = Known(
        NAME, "ハセサンガキタ", "ナガタニサンガ/キ'タ", phones("ハセサンガキタ"), labels, frozenset({"reading"})
    )
    found = read(known, LANGUAGE, front_end, "follow")
    assert found.source == "correction" and found.reading == LANGUAGE.from_notation("ナガタニサンガ/キ'タ")
    assert question(known, LANGUAGE, "follow") is None
    with pytest.raises(KanaError, match="'長' cannot be read"):
        read(replace(known, correction="長谷"), LANGUAGE, front_end, "follow")


def test_labels_have_what_they_give_and_the_rest_from_the_front_end(front_end):
    own = front_end.reading("串を探した。")
    assert any(own.devoiced)
    flat = replace(own, devoiced=(0,) * len(own.phones), accents=("^", *"_" * (len(own.phones) - 2), "$"))
    known = Known("串を探した。", labels=flat, gives=frozenset({"reading", "accents", "devoicing"}))
    everything = read(known, LANGUAGE, front_end, "follow")
    assert (everything.reading, everything.source) == (flat, "delivered")
    no_devoicing = read(replace(known, gives=frozenset({"reading", "accents"})), LANGUAGE, front_end, "follow").reading
    assert (no_devoicing.devoiced, no_devoicing.accents) == (own.devoiced, flat.accents)
    assert read(replace(known, gives=frozenset({"reading"})), LANGUAGE, front_end, "follow").reading == own


def test_labels_of_another_sentence_are_refused_and_a_text_nobody_reads_tells_nothing(front_end):
    labels = front_end.reading("串を探した。")
    known = Known("今日はいい天気ですね。", labels=labels, gives=frozenset({"reading", "accents", "devoicing"}))
    with pytest.raises(OtherSentenceError, match="text and recording have different phones"):
        read(known, LANGUAGE, front_end, "follow")
    found = read(replace(known, text="Привет"), LANGUAGE, front_end, "follow")
    assert said(found) == spoken(labels, LANGUAGE)
    assert found.reading.remarks[0].startswith("labels not compared with the text: the front end cannot read")


def test_kana_that_cannot_be_read_are_a_remark(front_end):
    found = read(Known("雨が降る。", kana="雨ガフル"), LANGUAGE, front_end, "follow")
    assert said(found) == phones("アメガフル") and found.means == ""
    assert found.reading.remarks == ("delivered kana not used: '雨' is no kana, at character 1 of '雨ガフル'",)


@pytest.mark.parametrize("more", [{}, {"kana": "アメ"}, {"heard": ("a", "m", "e")}])
def test_without_a_text_nothing_is_asked_and_only_a_correction_is_read(more):
    """A corpus of speakers tells none, in whatever language."""
    nobody = Known("", **more)
    assert question(nobody, LANGUAGE, "follow") is None
    with pytest.raises(TextError, match="there is no text: the corpus tells none"):
        read(nobody, LANGUAGE, None, "follow")
    assert said(read(replace(nobody, correction="ア'メ"), LANGUAGE, None, "follow")) == phones("アメ")


def test_the_front_end_is_asked_what_it_was_told_to_expect(monkeypatch):
    """Otherwise each question would be read twice."""
    labels = LANGUAGE.from_notation("アメガ/フ'ル")
    some = [
        Known("雨が降る。"),
        Known("雨が降る。", kana="アメガフル"),
        Known("雨が降る。", heard=phones("アメガフル")),
    ]
    some.append(Known("雨が降る。", labels=labels, gives=frozenset({"reading"})))
    for how in ("follow", "delivered", "front_end"):
        with LANGUAGE.reader() as front_end:
            asked = []
            monkeypatch.setattr(
                front_end, "_answer", lambda q, asked=asked, own=front_end._answer: asked.append(q) or own(q)
            )
            for known in some:
                text, wanted = question(known, LANGUAGE, how)
                read(known, LANGUAGE, front_end, how)
                assert asked.pop() == (front_end.spoken(text), wanted)
