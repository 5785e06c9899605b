"""What lists call a recording, and which file they mean."""

import pytest
from fakes.checks import touch

from koeru.corpora.delivered import Delivered
from koeru.corpora.listed import Listed
from koeru.corpora.transcripts import Row


def meant(root, *written):
    """name and recording of every row, None where it is refused"""
    listed = Listed.of(Delivered("C", root), written)
    rows = [listed.row(f"line {number} of x", path, "はい。") for number, path in enumerate(written, 1)]
    return [(row.id, row.recording) if isinstance(row, Row) else None for row in rows]


@pytest.mark.parametrize("home", ["", "wav/", "wavs/", "raw/"])
@pytest.mark.parametrize(
    "written",
    [
        "{}",
        "{}.wav",
        "{}.MP3",
        "./{}.wav",
        "wavs/{}.wav",
        "wavs\\{}.wav",
        "/data/mine/wavs/{}.wav",
        "~/mine/{}.wav",
        "C:\\mine\\{}.wav",
        "C:/mine/{}.wav",
        "\\\\server\\mine\\{}.wav",
        "corpus/raw/{}.wav",
    ],
)
def test_every_way_to_write_a_recording(tmp_path, home, written):
    if home not in ("", "wavs/") and "wavs" in written and "/data" not in written:
        home = "wavs/"  # a path that counts from the corpus must be where it says
    for name in "ab":
        touch(tmp_path / f"{home}{name}.wav")
    found = meant(tmp_path, *(written.format(name) for name in "ab"))
    assert found == [(f"C_{name}", f"{home}{name}") for name in "ab"]


def test_folders_that_tell_recordings_apart_are_part_of_the_id(tmp_path):
    for path in ("wavs/x/1.wav", "wavs/y/1.wav"):
        touch(tmp_path / path)
    found = [("C_x-1", "wavs/x/1"), ("C_y-1", "wavs/y/1")]
    assert meant(tmp_path, "x/1", "y/1") == found
    assert meant(tmp_path, "/home/me/v/x/1.wav", "/home/me/v/y/1.wav") == found
    assert meant(tmp_path, "wavs/x/1.wav", "wavs/y/1.wav") == found


def test_no_recording_is_taken_for_one_of_another_folder(tmp_path):
    """x/1 is missing; that of the other speaker, or one at the top, is another recording."""
    for path in ("wavs/y/1.wav", "wavs/1.wav"):
        touch(tmp_path / path)
    assert meant(tmp_path, "/v/x/1.wav", "/v/y/1.wav") == [("C_x-1", "wavs/x/1"), ("C_y-1", "wavs/y/1")]
    assert meant(tmp_path, "x/1.wav", "y/1.wav") == [("C_x-1", "wavs/x/1"), ("C_y-1", "wavs/y/1")]


def test_what_is_missing_is_looked_for_where_the_others_lie(tmp_path):
    touch(tmp_path / "raw" / "a.wav")
    assert meant(tmp_path, "C:\\v\\a.wav", "C:\\v\\b.wav")[1] == ("C_b", "raw/b")
    assert meant(tmp_path, "raw/a.wav", "raw/b.wav")[1] == ("C_b", "raw/b")


@pytest.mark.parametrize("written", ["../a", "x/../a", "/x/../a", "C:\\x\\..\\..\\a", "", "/", "a/", "x//a"])
def test_what_leads_out_or_is_no_path_is_refused(tmp_path, written):
    touch(tmp_path / "a.wav")
    assert meant(tmp_path, written, "a") == [None, ("C_a", "a")]
