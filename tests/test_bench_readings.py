"""The benchmark of readings, on a corpus of a few sentences: what it finds, counts and tells."""

import pytest
import readings

from koeru.languages import language
from koeru.languages.japanese.phrases import phrases

EMOTION = "EMOTION100_001:雨が降る。,アメガフル。\nEMOTION100_002:そうですか？,ソーデスカ？\n"
RECITATION = "RECITATION324_001:本を読む。,ホンオカウ。\n"
MARKS = "emoNormal001,a m e g a f u r u\nemoNormal001,] _ _ _ # _ _ _ #\n"


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    folder = tmp_path / "transcripts"
    folder.mkdir()
    (folder / "emotion_transcript_utf8.txt").write_text(EMOTION, "utf-8")
    (folder / "recitation_transcript_utf8.txt").write_text(RECITATION, "utf-8")
    monkeypatch.setenv("KOERU_ITA", str(tmp_path))
    return folder


def test_sentences_are_held_against_their_kana(corpus, tmp_path, capsys):
    assert readings.measure(tmp_path) == [False, True]
    told = capsys.readouterr().out
    assert "3 sentences of ITA; 66.7 % equal" in told and "66.67 % (at least 92 %) BELOW THE LIMIT" in told
    assert "kana followed: 2 as read, 1 words" in told and "100.00 % (at least 99 %) ok" in told
    assert "accents: skipped" in told


def test_accents_are_held_against_those_by_hand(corpus, tmp_path, capsys):
    (corpus / "accent_and_phoneme_emotion.csv").write_text(MARKS, "utf-8")
    (corpus / "emotion_transcript_utf8.txt").write_text(EMOTION.splitlines()[0], "utf-8")
    readings.measure(tmp_path)
    # ame and furu fall behind their first moras; the list has the second flat
    assert "accents of 1 sentences: 50.0 % of phrases, boundaries F1 100.0, 60.0 % of moras" in capsys.readouterr().out


def test_without_the_corpus_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KOERU_ITA", str(tmp_path))
    assert readings.measure(tmp_path) == []
    assert "skipped, as there is no ITA corpus: set KOERU_ITA" in capsys.readouterr().out


def test_moras_are_high_from_the_second_to_the_nucleus():
    with language("japanese").reader() as front_end:
        read = {text: phrases(front_end.reading(text)) for text in ("雨", "友達が", "卵")}
    assert [readings.heights(found) for found in read.values()] == [
        [True, False],
        [False, True, True, True, True],
        [False, True, False],
    ]
