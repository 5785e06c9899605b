"""`python -m koeru`: light until a command runs, and its errors are words."""

import subprocess
import sys

import pytest
from voices import view

RUN = """
import sys
from contextlib import suppress
from koeru.__main__ import main
sys.argv[1:] = {!r}
with suppress(SystemExit):
    main()
print("torch" in sys.modules, "numpy" in sys.modules)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["convert", "--help"], ["serve", "--help"], ["convert"]])
def test_help_needs_nothing_heavy(arguments):
    done = subprocess.run([sys.executable, "-c", RUN.format(arguments)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"


def test_an_error_is_a_line_and_an_exit_status(tmp_path):
    command = [sys.executable, "-m", "koeru", "convert", "exp/none", str(tmp_path / "in.wav")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == f"koeru convert: {tmp_path}/in.wav: there is no such recording or folder\n"


def test_whoever_has_read_enough_is_told_no_error(tmp_path):
    view(tmp_path / "own", {})
    command = f"{sys.executable} -m koeru voices {' '.join(['own'] * 2000)} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == "" and done.stdout == "own: speaks Japanese\n141\n"
