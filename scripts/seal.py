"""Close a stage: every utterance that went in came out or is excluded with a reason, and not too many are excluded."""

import argparse

from koeru.jobs.command_line import node_command
from koeru.jobs.stage import Work, seal


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write node.json."""
    seal(work)


if __name__ == "__main__":
    node_command(__doc__, job)
