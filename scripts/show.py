"""Show what a key holds under an entry's name, as data/<spk> or exp/<exp>."""

import argparse
import json
import sys
from pathlib import Path

from koeru.store import Place, Store
from koeru.view import show

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="show.py", description=__doc__)
    parser.add_argument("kind", choices=("data", "exp"))
    parser.add_argument("name", help="the entry")
    parser.add_argument("--node", required=True, metavar="STAGE/KEY", help="the node that the view is to show")
    parser.add_argument("--record", required=True, metavar="JSON", help="the node and its ancestors")
    parser.add_argument("--names", required=True, metavar="JSON", help="names of entries by stage/key")
    parser.add_argument("--store", type=Path, default=Path("store"), help="the folder of all outputs (%(default)s)")
    arguments = parser.parse_args()
    stage, key = arguments.node.split("/")
    record, names = json.loads(arguments.record), json.loads(arguments.names)
    try:
        show(Store(arguments.store), Path(arguments.kind, arguments.name), Place(stage, key), record, names)
    except (ValueError, OSError) as error:
        sys.exit(f"show: {error}")
