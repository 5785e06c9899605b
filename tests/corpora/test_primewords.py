"""Primewords as it is delivered: one list in JSON, of which one object is read at a time."""

import json
import tracemalloc

import pytest
from fakes import primewords as fake_primewords
from fakes.checks import sorted_out, touch

from koeru.corpora import primewords
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection

GOOD = {"file": "ab-1.wav", "text": "你 好", "user_id": "88"}
LIST = primewords.TRANSCRIPT


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_primewords.write(tmp_path_factory.mktemp("primewords"))


def listed(root, content):
    touch(root / "audio_files/a/ab/ab-1.wav")
    touch(root / LIST, content)
    return sorted_out(primewords.utterances(Delivered("P", root), Selection()))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded


def test_an_utterance(fake):
    found = fake.listed().kept[f"primewords_88_{fake_primewords.file_of(0)[:-4]}"]
    assert (found.text, found.speaker, found.subset) == ("今天天气很好", "primewords_88", "")
    assert found.wav.path == fake_primewords.place_of(0)


def test_a_user_may_be_a_number(fake):
    assert {u.speaker for u in fake.listed().kept.values()} == {f"primewords_{user}" for user in (7, 88, 101)}


@pytest.mark.parametrize(
    "content", [json.dumps([GOOD]), f" [\n{json.dumps(GOOD, indent=2)}\n] \n", f"\ufeff[{json.dumps(GOOD)}]"]
)
def test_lists_that_say_the_same(tmp_path, content):
    kept, lost, _ = listed(tmp_path, content)
    assert [u.text for u in kept.values()] == ["你好"] and not lost


@pytest.mark.parametrize(
    "entry",
    [
        *({**GOOD, key: value} for key in GOOD for value in (None, [])),
        {**GOOD, "file": "../ab-1.wav"},
        {**GOOD, "file": "a/ab-1.wav"},
        {**GOOD, "file": "a.wav"},
        {**GOOD, "user_id": ""},
        [GOOD],
        "ab-1.wav",
    ],
)
def test_an_object_that_is_not_understood(tmp_path, entry):
    kept, lost, _ = listed(tmp_path, json.dumps([entry, GOOD]))
    assert len(kept) == 1 and [(e.id, e.reason) for e in lost.values()] == [
        (f"entry-1-of-{LIST}", "row not understood")
    ]


@pytest.mark.parametrize(
    ("content", "kept", "told"),
    [
        (f"[{json.dumps(GOOD)}, {{]", 1, "entry 2 of set1_transcript.json is no JSON"),
        (f"[{json.dumps(GOOD)}", 1, "cut off behind entry 1"),
        (f"[{json.dumps(GOOD)},", 1, "entry 2 of set1_transcript.json is no JSON"),
        (json.dumps(GOOD), 0, "is no list in JSON"),
        ("[", 0, "entry 1 of set1_transcript.json is no JSON"),
    ],
)
def test_what_is_no_list_is_told(tmp_path, content, kept, told):
    found, lost, _ = listed(tmp_path, content)
    assert len(found) == kept and lost[LIST].reason == "transcript cannot be read" and told in lost[LIST].detail


@pytest.mark.parametrize("content", ["[]", " [ ] ", ""])
def test_a_list_of_nothing(tmp_path, content):
    kept, lost, _ = listed(tmp_path, content)
    assert not kept and [e.reason for e in lost.values()] == ["no transcript row"]


def test_the_list_is_not_held_as_objects(tmp_path):
    """A text of some megabytes, of which every object would take several times as much."""
    touch(tmp_path / LIST, json.dumps([GOOD | {"file": f"ab-{n}.wav"} for n in range(5000)]))
    size = (tmp_path / LIST).stat().st_size
    tracemalloc.start()
    try:
        count = sum(1 for _ in primewords._rows(Delivered("P", tmp_path)))
        assert count == 5000 and tracemalloc.get_traced_memory()[1] < 4 * size
    finally:
        tracemalloc.stop()


def test_what_the_licence_allows_is_told():
    assert "no commercial use" in primewords.LICENCE and "Primewords" in primewords.CREDIT
