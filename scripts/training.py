"""Train for a chunk of epochs and save the full state; a run that was stopped continues exactly where it was."""

import argparse

from koeru.config.base import over
from koeru.families import FAMILIES
from koeru.jobs.command_line import node_command
from koeru.jobs.stage import Work, imported
from koeru.training.run import train_chunk


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Train until the epoch, from the latest state there is."""
    family = FAMILIES.of_stage(work.place.stage)
    entry = over(family.kind.section, work, family.kind.prefix)
    train_chunk(work, imported(family.prepare), entry.train, arguments.start, arguments.epoch)


def job_arguments(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--epoch", type=int, required=True, help="train until this epoch")
    parser.add_argument("--start", type=int, default=0, help="the saved epoch to start from (0: none)")


if __name__ == "__main__":
    node_command(__doc__, job, job_arguments=job_arguments)
