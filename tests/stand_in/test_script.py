import time
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koeru.languages.japanese.minimal_pairs import CARRIERS, MINIMAL_PAIRS
from koeru.stand_in import voice
from koeru.stand_in.script import SPEAKERS, estimate_s, plan, written

ROWS = [row for dialogue in written() for row in dialogue]
MORAS = {*"aiueoAIUEON", "cl"}


def test_there_is_enough_and_no_sentence_twice():
    assert len(written()) >= 36
    assert len(ROWS) >= 210
    assert len({row.text for row in ROWS}) == len(ROWS)
    assert 11 * 60 < sum(estimate_s(row.text) for row in ROWS) < 15 * 60


def test_one_student_and_the_teacher_take_turns():
    for dialogue in written():
        assert 4 <= len(dialogue) <= 8
        speakers = [row.speaker for row in dialogue]
        assert all((one == "Teacher") != (two == "Teacher") for one, two in pairwise(speakers))
        assert len(set(speakers)) == 2


def test_speakers_and_emotions_are_balanced():
    speakers, emotions = Counter(row.speaker for row in ROWS), Counter(row.emotion for row in ROWS)
    assert set(speakers) == set(voice.SPEAKERS) == set(SPEAKERS) and set(emotions) == set(voice.EMOTIONS)
    assert speakers["Teacher"] <= len(ROWS) / 2
    assert all(count >= len(ROWS) / 4 for count in speakers.values())
    assert 0.33 < emotions["Normal"] / len(ROWS) < 0.45
    assert all(count > 0.17 * len(ROWS) for count in emotions.values())
    assert min(Counter((row.speaker, row.emotion) for row in ROWS).values()) >= 10
    assert len({(row.speaker, row.emotion) for dialogue in written()[:2] for row in dialogue}) == 12


def test_the_sentences_are_of_a_length_to_learn_from():
    for row in ROWS:
        phones = voice.phones(voice.full_context(row.text))
        assert 6 <= sum(phone in MORAS for phone in phones) <= 35, row.text
        assert phones.count("pau") == row.text.count("、"), row.text
        assert "|" not in row.text


def test_the_words_of_minimal_pairs_are_said_but_not_their_test_sentences():
    texts = [row.text for row in ROWS]
    for pair in MINIMAL_PAIRS:
        for word in (pair.head_high, pair.partner):
            assert any(word in text for text in texts), word
            assert not any(carrier.format(word) in texts for carrier in CARRIERS)


@settings(max_examples=20)
@given(few=st.floats(0.01, 40), more=st.floats(0, 20), seed=st.integers(0, 3))
def test_fewer_minutes_are_a_prefix_of_more(few, more, seed):
    short, long = plan(few, seed), plan(few + more, seed)
    assert long[: len(short)] == short
    assert {row.speaker for dialogue in short for row in dialogue} == set(SPEAKERS)
    shared = min(len(short), len(written()))
    assert short[:shared] == written()[:shared]


def test_ten_hours_are_planned_in_no_time():
    start = time.perf_counter()
    texts = [row.text for dialogue in plan(600, seed=1) for row in dialogue]
    assert time.perf_counter() - start < 3
    assert len(texts) == len(set(texts)) >= 9000


def test_no_time_at_all_is_an_error():
    with pytest.raises(ValueError, match="minutes"):
        plan(0)
