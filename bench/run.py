"""Measure koeru's own cost beside what cannot be avoided: `make bench`. Ratios within one run, medians of several."""

import argparse
import platform
import sys
import tempfile
from pathlib import Path

import data_stages
import loader
import plan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=25, help="of stand-in speech (%(default)s)")
    parser.add_argument("--only", choices=("data", "plan", "loader"), help="one part")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}; ratios are what counts", flush=True)
    passed = []
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only in (None, "plan"):
            passed += plan.measure(Path(folder, "plan"))
        if arguments.only in (None, "data", "loader"):
            project = data_stages.prepare(Path(folder, "data"), arguments.minutes)
            if arguments.only in (None, "data"):
                passed += data_stages.measure(project)
            if arguments.only in (None, "loader"):
                passed += loader.measure(project)
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
