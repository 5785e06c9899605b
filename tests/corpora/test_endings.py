"""Which files are data, by their names."""

import pytest

from koeru.corpora.endings import LAB, RECORDING, TEXTGRID, hidden, parts, spellings


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("a.wav", RECORDING, ("a", ".wav")),
        ("a.WAV", RECORDING, ("a", ".WAV")),
        ("a.Flac", RECORDING, ("a", ".Flac")),
        ("a.b.mp3", RECORDING, ("a.b", ".mp3")),
        ("a.wav.bak", RECORDING, ("a.wav.bak", "")),
        ("a.txt", RECORDING, ("a.txt", "")),
        ("wav", RECORDING, ("wav", "")),
        ("sub.wav/a", RECORDING, ("sub.wav/a", "")),
        ("a.textgrid", TEXTGRID, ("a", ".textgrid")),
        ("a.TextGrid", TEXTGRID, ("a", ".TextGrid")),
        ("a.TEXTGRID", TEXTGRID, ("a", ".TEXTGRID")),
        ("a.LAB", LAB, ("a", ".LAB")),
    ],
)
def test_a_name_and_its_ending(name, kind, found):
    assert parts(name, kind) == found


def test_the_preferred_spelling_comes_first():
    assert list(spellings(TEXTGRID)) == [".TextGrid", ".textgrid", ".TEXTGRID", ".Textgrid"]
    assert list(spellings(RECORDING))[:4] == [".wav", ".WAV", ".Wav", ".flac"]


@pytest.mark.parametrize(("name", "told"), [("._a.wav", True), (".DS_Store", True), ("__MACOSX", True), ("a", False)])
def test_what_systems_leave_behind_is_hidden(name, told):
    assert hidden(name) == told
