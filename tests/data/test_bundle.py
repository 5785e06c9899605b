"""A folder in one file: the same bytes each time, read where it lies, refused where anything in it is amiss."""

import json
import zipfile
from hashlib import sha256

import pytest

from koeru.data.bundle import exists, is_bundle, opened, read_bytes, write_bundle

FILES = {"b.txt": b"two", "a/c.txt": b"three"}


@pytest.fixture
def bundle(tmp_path):
    write_bundle(tmp_path / "x.koeru", FILES)
    return tmp_path / "x.koeru"


def zipped(path, files, manifest=None, compression=zipfile.ZIP_STORED):
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    with zipfile.ZipFile(path, "w", compression) as made:
        made.writestr("manifest.json", json.dumps({"format": 1, "sha256": digests} if manifest is None else manifest))
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_a_file_in_a_bundle_is_read_by_its_path_and_as_beside_it(bundle, tmp_path):
    (tmp_path / "b.txt").write_bytes(b"two")
    for folder in (bundle, tmp_path):
        assert read_bytes(folder / "b.txt") == b"two" and exists(folder / "b.txt")
        assert not exists(folder / "none.txt") and not exists(folder / "a")
        with opened(folder / "b.txt") as (file, size):
            assert (file.read(2), size) == (b"tw", 3)
        with pytest.raises(FileNotFoundError, match=r"none\.txt"):
            read_bytes(folder / "none.txt")
    assert read_bytes(bundle / "a" / "c.txt") == b"three"
    assert is_bundle(bundle) and not is_bundle(tmp_path)


def test_packed_twice_it_has_the_same_bytes_in_whatever_order(bundle, tmp_path):
    write_bundle(tmp_path / "y.koeru", dict(reversed(FILES.items())))
    assert bundle.read_bytes() == (tmp_path / "y.koeru").read_bytes()


def test_it_is_a_plain_zip_for_those_who_look_into_it(bundle):
    with zipfile.ZipFile(bundle) as found:
        assert found.namelist() == ["manifest.json", "a/c.txt", "b.txt"] and found.testzip() is None


def test_what_was_changed_is_refused(bundle):
    bundle.write_bytes(bundle.read_bytes().replace(b"three", b"THREE"))
    with pytest.raises(ValueError, match=r"x\.koeru is not a file that koeru has packed, or not all of one"):
        read_bytes(bundle / "a" / "c.txt")
    assert read_bytes(bundle / "b.txt") == b"two"


def test_a_change_that_a_zip_does_not_notice_is_refused(tmp_path):
    manifest = {"format": 1, "sha256": {"a": sha256(b"x").hexdigest()}}
    with pytest.raises(ValueError, match=r"a is not what manifest\.json says"):
        read_bytes(zipped(tmp_path / "x.koeru", {"a": b"y"}, manifest) / "a")


@pytest.mark.parametrize("name", ["../up", "/root", "a/../../up", "C:\\x", "a\\b", "a//b", "."])
def test_names_that_lead_elsewhere_are_neither_written_nor_read(tmp_path, name):
    with pytest.raises(ValueError, match="cannot be the name"):
        write_bundle(tmp_path / "x.koeru", {name: b""})
    with pytest.raises(ValueError, match="not a file that koeru has packed"):
        exists(zipped(tmp_path / "x.koeru", {name: b"", "b": b""}) / "b")


def test_what_is_no_bundle_is_refused(bundle, tmp_path):
    whole, path = bundle.read_bytes(), tmp_path / "x.koeru"
    for content in (b"", b"no zip", whole[:-30], whole[:100]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="get it again"):
            exists(path / "b.txt")
    for manifest in ({}, [], {"format": 1, "sha256": {}}, {"format": 1, "sha256": {"a": "0", "b": "0"}}):
        with pytest.raises(ValueError, match="get it again"):
            exists(zipped(path, {"a": b""}, manifest) / "a")
    with pytest.raises(ValueError, match="format 2: another koeru"):
        exists(zipped(path, {"a": b""}, {"format": 2, "sha256": {}}) / "a")
    with pytest.raises(ValueError, match="not stored as they are"):
        exists(zipped(path, {"a": b"0" * 10**6}, compression=zipfile.ZIP_DEFLATED) / "a")
