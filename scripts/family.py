"""A job of a family that is no training: what it makes of a trained model, how it measures it, its page."""

import argparse

from koeru.jobs.command_line import node_command
from koeru.jobs.stage import Work, imported


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Run the function that the stage's family declares."""
    imported(work.job)(work)


if __name__ == "__main__":
    node_command(__doc__, job)
