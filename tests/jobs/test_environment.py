import os
import subprocess
import sys

from memo import ROOT

from koeru.jobs.environment import ENVIRONMENT


def test_it_is_printed_for_a_shell():
    variables = f"env -i $({sys.executable} -m koeru.jobs.environment) env"
    told = subprocess.run(["sh", "-c", variables], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert dict(line.split("=", 1) for line in told.splitlines()) == ENVIRONMENT


def test_torchs_threads_read_how_long_they_wait():
    environ = os.environ | ENVIRONMENT | {"OMP_DISPLAY_ENV": "verbose"}
    command = [sys.executable, "-c", "import torch"]
    told = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stderr
    assert f"GOMP_SPINCOUNT = '{ENVIRONMENT['GOMP_SPINCOUNT']}'" in told
