"""Measure koeru's own cost beside what cannot be avoided: `make bench`. Ratios within one run, medians of several."""

import argparse
import importlib
import platform
import sys
import tempfile
from pathlib import Path
from types import ModuleType

PARTS = (  # that which measures memory first
    "plan",
    "listing",
    "labels",
    "readings",
    "data",
    "scale",
    "loader",
    "training",
    "fastspeech2",
    "waiting",
    "vocoder",
    "graphs",
    "speaking",
    "prosody",
    "alignment",
    "conversion",
    "submission",
)
MODULES = {"data": "data_stages", "training": "training_ratio"}
ON_STAND_IN_SPEECH = ("data", "scale", "loader", "training")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=25, help="of stand-in speech (%(default)s)")
    parser.add_argument("--only", choices=PARTS, help="one part")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}; ratios are what counts", flush=True)
    passed = []
    with tempfile.TemporaryDirectory() as folder:
        project = None
        for part in [arguments.only] if arguments.only else PARTS:
            if part in ON_STAND_IN_SPEECH and project is None:
                project = module("data").prepare(Path(folder, "data"), arguments.minutes)
            passed += module(part).measure(project if part in ON_STAND_IN_SPEECH else Path(folder, part))
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    sys.exit(not all(passed))


def module(part: str) -> ModuleType:
    """The module of a part, read in when its turn comes.

    A process that is started counts the memory of the one that starts it as its own peak: so that one stays small.
    """
    return importlib.import_module(MODULES.get(part, part))


if __name__ == "__main__":
    main()
