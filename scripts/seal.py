"""Close a stage: every utterance that went in came out or is excluded with a reason, and not too many are excluded."""

import argparse
import json
import sys
from pathlib import Path

from koeru.stage import Work, seal
from koeru.store import Store

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="seal.py", description=__doc__)
    parser.add_argument(
        "--node", required=True, metavar="JSON", help="the node: its parameters and its parents' places"
    )
    parser.add_argument("--store", type=Path, default=Path("store"), help="the folder of all outputs (%(default)s)")
    arguments = parser.parse_args()
    try:
        seal(Work.from_spec(json.loads(arguments.node), Store(arguments.store)))
    except (ValueError, OSError) as error:
        sys.exit(str(error))
