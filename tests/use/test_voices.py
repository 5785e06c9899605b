"""What can speak is listed with who it is, how well it does, and what binds who uses it."""

from argparse import Namespace

import pytest
from voices import view

from koeru.use import pack
from koeru.use.voices import run

RIGHTS = {
    "FREE": {"format": "folder", "licence": "CC0", "credit": "", "consent": "", "voices": "allowed", "stand_in": False}
}


def test_experiments_and_packed_voices_are_listed(tmp_path, monkeypatch, capsys):
    view(tmp_path / "exp" / "own", RIGHTS)
    pack.run(Namespace(experiment=tmp_path / "exp" / "own", to=tmp_path / "given.koeru", onnx=False, force=False))
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert run(Namespace(models=[])) == 0
    told = capsys.readouterr().out.splitlines()
    heads = [line for line in told if not line.startswith(" ")]
    assert heads == ["exp/own: speaks Japanese", "given.koeru: speaks Japanese"]
    for part in (told[: len(told) // 2], told[len(told) // 2 :]):
        assert "  speakers  a, b" in part and "  emotions  Normal, Happy" in part
        assert "  quality   F0 error 12.3 cents" in part and "  corpus    FREE: CC0" in part


def test_what_is_none_is_told_beside_the_others(tmp_path, capsys):
    view(tmp_path / "own", RIGHTS)
    (tmp_path / "other.safetensors").write_bytes(b"no")
    assert run(Namespace(models=[tmp_path / "other.safetensors", tmp_path / "own"])) == 1
    told = capsys.readouterr()
    assert "is not a safetensors file" in told.err and "speaks Japanese" in told.out


def test_where_there_is_none_it_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no voice in exp/"):
        run(Namespace(models=[]))
