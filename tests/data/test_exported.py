"""What the file of a model tells is read without what computes it, and a damaged file is refused."""

import pytest
import torch

from koeru.data.bundle import write_bundle
from koeru.data.exported import files_of_graphs, read_graphs, read_told
from koeru.training.exported import read_exported, write_exported

TOLD = {"family": "x", "speakers": ["あ"]}


@pytest.fixture
def weights(tmp_path):
    write_exported(tmp_path / "m.safetensors", {"w": torch.arange(6.0), "v": torch.ones(2, 2)}, TOLD)
    return tmp_path / "m.safetensors"


def test_weights_and_what_they_tell_are_read_as_written_also_in_a_bundle(weights, tmp_path):
    write_bundle(tmp_path / "x.koeru", {"m.safetensors": weights.read_bytes()})
    for path in (weights, tmp_path / "x.koeru" / "m.safetensors"):
        assert read_told(path) == TOLD
        tensors, told = read_exported(path, "a thing", "family")
        assert told == TOLD and torch.equal(tensors["w"], torch.arange(6.0)) and tensors["v"].shape == (2, 2)
        with pytest.raises(ValueError, match="tell a `mel`: it is not a voice"):
            read_exported(path, "a voice", "mel")


def test_a_damaged_file_is_refused(weights):
    whole = weights.read_bytes()
    for content in (b"", b"text", whole[:5], whole[:40], whole[:-1], whole + b"0", b"\2\0\0\0\0\0\0\0[]"):
        weights.write_bytes(content)
        with pytest.raises(ValueError, match=r"m\.safetensors is not a safetensors file, or not all of one"):
            read_told(weights)


def test_graphs_are_read_as_written_also_in_a_bundle(tmp_path):
    graphs = {"one": b"1", "two": b"2"}
    files = files_of_graphs(tmp_path / "m.json", graphs, TOLD)
    for path, content in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    write_bundle(tmp_path / "x.koeru", {path.relative_to(tmp_path).as_posix(): one for path, one in files.items()})
    for path in (tmp_path / "m.json", tmp_path / "x.koeru" / "m.json"):
        assert read_graphs(path) == (graphs, TOLD | {"graphs": ["one", "two"]})


@pytest.mark.parametrize("content", ["", "{", '{"family": "x"}', "[]"])
def test_what_is_no_file_of_graphs_is_refused(tmp_path, content):
    (tmp_path / "m.json").write_text(content)
    with pytest.raises(ValueError, match=r"m\.json"):
        read_graphs(tmp_path / "m.json")
