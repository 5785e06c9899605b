"""Close a stage: every utterance that went in came out or is excluded with a reason, and not too many are excluded."""

import argparse
import sys

from koeru.jobs.command_line import node_arguments, work_of
from koeru.jobs.stage import seal

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="seal.py", description=__doc__)
    node_arguments(parser, required=True)
    arguments = parser.parse_args()
    try:
        seal(work_of(arguments))
    except (ValueError, OSError) as error:
        sys.exit(str(error))
