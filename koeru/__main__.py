"""What a trained model can do, without a workflow: `python -m koeru COMMAND`."""

import argparse
import os
import sys

from koeru.jobs.command_line import errors_in_words
from koeru.jobs.stage import imported
from koeru.use.commands import COMMANDS

INTERRUPTED, CLOSED = 130, 141  # exit statuses, as shells have them


def main() -> int:
    """Run the command that the command line names, and give its exit status."""
    parser = argparse.ArgumentParser(prog="python -m koeru", description=__doc__)
    parser.add_argument("--traceback", action="store_true", help="show where an error came from")
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.arguments(parsers.add_parser(name, help=command.about, description=command.about))
    arguments = parser.parse_args()
    with errors_in_words(f"koeru {arguments.command}", traceback=arguments.traceback):
        try:
            status = imported(COMMANDS[arguments.command].run)(arguments)
            sys.stdout.flush()
            return status
        except KeyboardInterrupt:
            return INTERRUPTED
        except BrokenPipeError:  # whoever reads what is printed has read enough, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return CLOSED


if __name__ == "__main__":
    sys.exit(main())
