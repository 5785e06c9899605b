"""Machines that people have: a terminal that is not of UTF-8."""

import os
import subprocess

import pytest


@pytest.mark.parametrize("encoding", ["euc_jp", "iso8859-1", "ascii"])
@pytest.mark.parametrize("command", ["status", "corpora", "-n"])
def test_a_terminal_of_another_locale_ends_no_command(project, encoding, command):
    project.set("spk.LINE_3.pitch.f0_floor", 77)  # what has changed is told with an arrow
    arguments = ["-n", "data/LINE_3"] if command == "-n" else [command]
    environment = os.environ | {"PYTHONIOENCODING": f"{encoding}:strict", "PYTHONUTF8": "0"}
    options = [argument for argument in project.command(*arguments[-1:])]
    if command == "-n":
        options.insert(1, "-n")
    done = subprocess.run(options, cwd=project.folder, env=environment, capture_output=True)
    project.set("spk.LINE_3.pitch.f0_floor", None)
    told = (done.stdout + done.stderr).decode(encoding, "replace")
    assert done.returncode == 0 and "UnicodeEncodeError" not in told, told
    assert command == "corpora" or "data/LINE_3" in told
