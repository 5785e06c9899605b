"""What Style-Bert-VITS2 trains on."""

import pytest
from fakes import style_bert_vits2 as fake_vits2
from fakes.checks import labelled, touch

from koeru.corpora import style_bert_vits2
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection

ENGLISH = {"aki_hello", "aki_thanks"}


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_vits2.write(tmp_path_factory.mktemp("vits2"))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept
    assert found.reasons == fake.excluded


def test_a_recording(fake):
    found = fake.listed().kept["aki_calm-1"]
    assert (found.speaker, found.emotion, found.subset, found.name) == ("aki", "Normal", "JP", "1")
    assert found.wav.path == "raw/calm/1.wav" and found.alignment.path == "TextGrid/calm/1.TextGrid"


def test_languages_are_subsets_and_what_is_not_taken_needs_no_row(fake):
    found = fake.listed(subsets=("JP",))
    assert set(found.kept) == fake.kept - ENGLISH
    assert found.reasons == fake.excluded


@pytest.mark.parametrize(
    "row", ["a.wav|aki|はい。", "a.wav|aki|JP|はい。|_ h a i _|0 0 1 0 0|1 2 2", "a.wav,aki,JP,はい。"]
)
def test_a_row_that_is_not_understood_says_what_is_wanted(tmp_path, row):
    touch(tmp_path / "esd.list", f"{row}\n")
    (found,) = style_bert_vits2.utterances(Delivered("C", tmp_path), Selection())
    assert found.reason == "row not understood"
    assert found.detail == f"line 1 of esd.list is not file|speaker|language|text: {row!r}"


def test_a_dataset(fake, tmp_path):
    assert labelled(fake, tmp_path) == fake.kept - ENGLISH
