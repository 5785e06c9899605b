"""Whether a voice orders speakers and emotions as the corpus does, by voices of which it is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from koeru.families.acoustic.measure import control as module
from koeru.families.acoustic.measure.control import MeanF0, comparisons, control, texts
from koeru.report.metrics import CENTS

SPEAKERS = {"Teacher": 200.0, "MStudent": 120.0}
EMOTIONS = {"Normal": 0.0, "Happy": 200.0, "Sad": -250.0, "Angry": -100.0}  # cents
KNOWN = {(s, e): np.log(hz) + cents / CENTS for s, hz in SPEAKERS.items() for e, cents in EMOTIONS.items()}
VOWELS = frozenset("aiueo")
RECORDS = [
    {"id": f"u{i}", "text": f"text {i % 20}", "phones": ["sil", "k", "a", "i", "sil"], "devoiced": [0, 0, 0, 1, 0]}
    for i in range(40)
]


class Told:
    """A voice whose F0 in vowels is a function of speaker and emotion, and nonsense elsewhere."""

    def __init__(self, log_f0=KNOWN.__getitem__, controls=("speaker", "emotion"), draws: bool = False) -> None:
        self.log_f0, self.controls, self.draws_prosody = log_f0, list(controls), draws
        self.batches: list[tuple[int, int]] = []

    def contours(self, records, *, temperature, seed):
        self.batches.append((len(records), seed))
        durations = np.array([2, 1, 4, 3, 2])
        answers = []
        for record in records:
            phones = np.array([99.0, 99.0, self.log_f0((record["speaker"], record["emotion"])), 99.0, 99.0])
            answers.append(SimpleNamespace(durations=durations, frame_log_f0=np.repeat(phones, durations)))
        return answers


def corpus(log_f0=KNOWN) -> MeanF0:
    """Frames of which half are voiced, around a known mean."""
    means = MeanF0()
    for group, value in log_f0.items():
        for shift in (-0.1, 0.1):
            means.add(group, np.array([value + shift, 7.0] * 5), np.array([1, 0] * 5, np.uint8))
    return means


def test_a_voice_that_does_as_it_is_told_orders_everything():
    found = control(Told(), RECORDS, corpus(), VOWELS, temperature=1.0)
    assert found["order"] == {"speaker": 1.0, "emotion": 1.0}
    for row in found["groups"]:
        assert row["corpus_hz"] == pytest.approx(np.exp(KNOWN[row["speaker"], row["emotion"]]))
        assert row["voice_hz"] == pytest.approx(row["corpus_hz"])
    assert len(found["groups"]) == 8
    assert [len(found["comparisons"][kind]) for kind in ("speaker", "emotion")] == [4, 12]


def test_a_voice_that_confuses_two_emotions_orders_fewer():
    confused = {"Sad": "Angry", "Angry": "Sad"}
    found = control(Told(lambda g: KNOWN[g[0], confused.get(g[1], g[1])]), RECORDS, corpus(), VOWELS, temperature=1.0)
    assert found["order"] == {"speaker": 1.0, "emotion": pytest.approx(5 / 6)}
    wrong = [one for one in found["comparisons"]["emotion"] if not one["kept"]]
    assert {(one["lower"][1], one["higher"][1]) for one in wrong} == {("Sad", "Angry")}
    assert all(one["voice_cents"] == pytest.approx(-one["corpus_cents"]) for one in wrong)


def test_a_voice_that_ignores_what_it_is_told_orders_nothing():
    found = control(Told(lambda _: 5.0), RECORDS, corpus(), VOWELS, temperature=1.0)
    assert found["order"] == {"speaker": 0, "emotion": 0}


def test_only_what_the_voice_is_told_of_is_measured():
    found = control(Told(controls=["speaker"]), RECORDS, corpus(), VOWELS, temperature=1.0)
    assert found["order"].keys() == {"speaker"}
    assert control(Told(controls=[]), RECORDS, corpus(), VOWELS, temperature=1.0) is None
    one_speaker = corpus({group: value for group, value in KNOWN.items() if group[0] == "Teacher"})
    assert control(Told(), RECORDS, one_speaker, VOWELS, temperature=1.0)["order"].keys() == {"emotion"}
    assert control(Told(), RECORDS, corpus({("Teacher", "Normal"): 5.0}), VOWELS, temperature=1.0) is None


def test_texts_without_a_voiced_vowel_say_nothing_of_f0():
    assert control(Told(), RECORDS, corpus(), frozenset(), temperature=1.0) is None


def test_groups_that_the_corpus_hardly_tells_apart_have_no_order():
    close = {("A", "x"): 5.0, ("A", "y"): 5.0 + 49 / CENTS, ("A", "z"): 5.0 + 100 / CENTS}
    found = {(one.lower[1], one.higher[1]) for one in comparisons(close, close, "emotion")}
    assert found == {("x", "z"), ("y", "z")}


def test_prosody_that_is_drawn_is_averaged_over_several_draws():
    once, often = Told(), Told(draws=True)
    control(once, RECORDS, corpus(), VOWELS, temperature=1.0)
    control(often, RECORDS, corpus(), VOWELS, temperature=1.0)
    assert len(often.batches) == module.DRAWS * len(once.batches)
    assert {seed for _, seed in often.batches} == set(range(module.DRAWS))


def test_many_groups_are_spoken_in_pieces(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 3)
    voice = Told()
    assert control(voice, RECORDS, corpus(), VOWELS, temperature=1.0)["order"]["speaker"] == 1
    assert [size for size, _ in voice.batches[:3]] == [3, 3, 2]


def test_the_same_few_texts_are_chosen_whatever_the_order():
    chosen = texts(RECORDS)
    assert len({record["text"] for record in chosen}) == len(chosen) == module.TEXTS
    assert texts(RECORDS[::-1]) == chosen
    assert len(texts(RECORDS[:3])) == 3
