"""The layout of LJSpeech."""

import pytest
from fakes import ljspeech as fake_ljspeech
from fakes.checks import labelled, touch

from koeru.corpora import ljspeech
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import Utterance


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_ljspeech.write(tmp_path_factory.mktemp("ljspeech"))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept
    assert found.reasons == fake.excluded
    assert not found.remarks


def test_the_normalised_text_is_what_is_said(fake):
    said = {f"FAKE_{name}": normalised or text for name, text, normalised in fake_ljspeech.SAID}
    assert {name: u.text for name, u in fake.listed().kept.items()} == said
    assert {u.speaker for u in fake.listed().kept.values()} == {"FAKE"}


@pytest.mark.parametrize("row", ["a|はい。", 'a|"はい。', "a|１。|はい。", "a|はい。|", "a.wav|はい。|はい。"])
def test_rows_that_are_understood(tmp_path, row):
    touch(tmp_path / "wavs" / "a.flac")
    touch(tmp_path / "metadata.csv", f"{row}\n")
    (found,) = ljspeech.utterances(Delivered("C", tmp_path), Selection())
    assert isinstance(found, Utterance) and found.text.strip('"') == "はい。"


@pytest.mark.parametrize("row", ["a", "a,はい。", "a|はい。|はい。|はい。"])
def test_rows_that_are_not(tmp_path, row):
    touch(tmp_path / "metadata.csv", f"{row}\n")
    (found,) = ljspeech.utterances(Delivered("C", tmp_path), Selection())
    assert found.reason == "row not understood" and "line 1 of metadata.csv is not id|text or id|" in found.detail


def test_a_list_that_is_missing_is_told(tmp_path):
    (found,) = ljspeech.utterances(Delivered("C", tmp_path), Selection())
    assert found.reason == "no transcript" and "metadata.csv" in found.detail


def test_a_dataset(fake, tmp_path):
    assert labelled(fake, tmp_path) == fake.kept
