"""Show what a key holds under an entry's name, as data/<spk> or exp/<exp>."""

import argparse
from pathlib import Path

from koeru.graph.briefing import told
from koeru.graph.store import Place, Store
from koeru.graph.view import show
from koeru.jobs.command_line import errors_in_words, refusal_argument

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="show.py", description=__doc__)
    parser.add_argument("view", help="such as exp/LINE_15")
    parser.add_argument("--plan", required=True, type=Path, help="the file of the run that says which node it shows")
    parser.add_argument("--store", type=Path, default=Path("store"), help="the folder of all outputs (%(default)s)")
    refusal_argument(parser)
    arguments = parser.parse_args()
    with errors_in_words("show", arguments.refusal):
        view = told(arguments.plan, "views", arguments.view)
        place = Place(view["stage"], view["key"])
        show(Store(arguments.store), Path(arguments.view), place, view["record"], view["names"])
