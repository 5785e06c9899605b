"""`snakemake corpora`, with real Snakemake: it prints what there is, takes no lock, starts no job, and leaves."""

import subprocess
import sys
import wave
from pathlib import Path

import yaml
from memo import checkout, memo

SNAKEMAKE = Path(sys.executable).with_name("snakemake")


def test_corpora_are_told_found_or_not_even_in_a_folder_that_is_locked_and_has_one_of_that_name(tmp_path):
    dialogue = tmp_path / "corpora" / "MINE" / "Long_dialogue" / "LD01"
    for name in ("wav", "txt"):
        (dialogue / name).mkdir(parents=True)
    (dialogue / "txt" / "LD01-Dialogue-01.txt").write_text("講師|平静|これは例です。\n", "utf-8")
    with wave.open(str(dialogue / "wav" / "LD01-Dialogue-01-Teacher-Turn-01.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * 7))
    corpora = {"MINE": {"format": "studies", "path": "corpora/MINE"}, "AWAY": {"format": "studies", "path": "away"}}
    (tmp_path / "small.yaml").write_text(yaml.safe_dump({"corpora": corpora}), "utf-8")
    lock = tmp_path / ".snakemake" / "locks" / "0.input.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("corpora\n")

    checkout(tmp_path)
    command = [SNAKEMAKE, "--configfile", "small.yaml", "--", "corpora"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    blocks = {block.split(" ")[0]: block for block in done.stdout.split("\n\n")}
    assert str(tmp_path / "corpora" / "MINE") in blocks["MINE"]
    assert "7 s in 1 wav file" in blocks["MINE"] and "Teacher" in blocks["MINE"]
    assert f"not found: there is no folder {tmp_path / 'away'}" in blocks["AWAY"]
    assert set(memo()["corpora"]) <= blocks.keys()
    assert not (tmp_path / "store").exists() and "Building DAG" not in done.stderr
