"""Where the files of external weights lie, and what is told where they do not."""

import hashlib
from pathlib import Path

import pytest

from koeru.families.vocoder import weights_file
from koeru.families.vocoder.weights_file import (
    ROOT,
    found_at,
    lacking_weights,
    missing_weights,
    places,
    unstated_weights,
)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The working folder and koeru's own, both empty."""
    working, own = tmp_path / "working", tmp_path / "own"
    working.mkdir(), own.mkdir()
    monkeypatch.chdir(working)
    monkeypatch.setattr(weights_file, "ROOT", own)
    return working, own


def test_koerus_own_folder_is_the_checkout():
    assert (ROOT / "Snakefile").is_file() and (ROOT / "koeru" / "families" / "vocoder" / "weights_file.py").samefile(
        weights_file.__file__
    )


def test_the_working_folder_is_first_and_koerus_own_second(folders):
    working, own = folders
    path = "weights/g_02500000"
    assert found_at(path) is None
    for folder in (own, working):
        (folder / "weights").mkdir()
        assert found_at(path) in (None, own / path)
        (folder / path).touch()
        assert found_at(path) == folder / path
        assert found_at(Path(path)) == folder / path


def test_an_absolute_path_is_itself(folders):
    working, own = folders
    path = working.parent / "g"
    assert places(path) == [path] and found_at(path) is None
    path.touch()
    assert found_at(path) == path
    assert found_at(own) is None  # a folder is no file


def test_what_is_missing_is_told_with_places_and_remedies(folders):
    working, own = folders
    told = missing_weights("universal", "generator", "weights/g", "the page of its authors")
    assert told.startswith("weights.universal.generator: there is no file\n")
    for word in (working / "weights/g", own / "weights/g", "the page of its authors", "`vocoder: griffin-lim`"):
        assert str(word) in told
    assert "`source:` of the entry says nothing" in missing_weights("universal", "generator", "weights/g", "")


def test_each_file_that_is_named_and_not_there_is_told(folders):
    working, _ = folders
    named = {"name": "universal", "source": "there", "generator": "g", "discriminators": "do"}
    assert [line.split(":")[0] for line in lacking_weights(named)] == [
        "weights.universal.generator",
        "weights.universal.discriminators",
    ]
    (working / "g").touch()
    (told,) = lacking_weights(named)
    assert told.startswith("weights.universal.discriminators: there is no file")
    assert lacking_weights(named | {"discriminators": None}) == []


def test_a_file_whose_digest_is_not_stated_is_told_with_its_digest(folders):
    working, _ = folders
    named = {"name": "universal", "source": "there", "generator": "g", "discriminators": "do"}
    stated = {"weights.generator_sha256": None, "weights.discriminators_sha256": None}
    assert unstated_weights(named, stated) == []  # nothing is there
    (working / "g").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    (told,) = unstated_weights(named, stated)
    assert told.startswith("weights.universal.generator_sha256 is not stated") and digest in told
    assert unstated_weights(named, stated | {"weights.generator_sha256": digest}) == []
