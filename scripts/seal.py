"""Close a stage: every utterance that went in came out or is excluded with a reason, and not too many are excluded."""

import argparse

from koeru.jobs.command_line import errors_in_words, node_arguments, work_of
from koeru.jobs.stage import seal

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="seal.py", description=__doc__)
    node_arguments(parser, required=True)
    arguments = parser.parse_args()
    with errors_in_words("seal", arguments.refusal):
        seal(work_of(arguments))
