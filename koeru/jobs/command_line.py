"""The command lines of the stage scripts: a job of the workflow, or a look at one file by hand.

A job is `--node STAGE/KEY --plan FILE [--shard N]`, as Snakemake calls it. A look is a file (or folder) and, for every
parameter that the stage reads, an option of its name with the configuration's default, such as `--pitch.f0_floor 60`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from koeru.graph.briefing import told
from koeru.graph.stages import DATA_DEFAULTS, DATA_STAGES
from koeru.graph.store import Place, Store
from koeru.jobs.interruption import EXIT_STATUS, StoppedError
from koeru.jobs.refusal import is_refusal
from koeru.jobs.stage import ExclusionError, Work

Run = Callable[[Work, argparse.Namespace], None]
Add = Callable[[argparse._ActionsContainer], None]


def stage_command(
    stage: str,
    description: str | None,
    job: Run,
    look: Run | None = None,
    *,
    job_arguments: Add | None = None,
    look_arguments: Add | None = None,
) -> None:
    """Run the script of a stage: job(work, arguments) for a node of the workflow, look(work, arguments) for a file.

    For errors see `errors_in_words`.
    """
    parser = _parser(stage, description, job_arguments, look, look_arguments)
    arguments = parser.parse_args()
    for wanted in ("file", "folder", "text"):
        if arguments.node is None and getattr(arguments, wanted, wanted) is None:
            parser.error(f"a {wanted} to look at, or --node, is needed")
    with errors_in_words(stage, arguments.refusal, arguments.traceback):
        if arguments.node is not None:
            job(work_of(arguments), arguments)
        elif look is not None:
            look(Work(Place(stage, "look"), DATA_STAGES[stage].version, _chosen(stage, arguments)), arguments)
        else:
            parser.error("--node is needed")


def node_command(description: str | None, job: Run, *, job_arguments: Add | None = None) -> None:
    """Run a script that works on nodes of several stages: job(work, arguments)."""
    parser = argparse.ArgumentParser(description=description)
    node_arguments(parser, required=True)
    if job_arguments is not None:
        job_arguments(parser)
    parser.add_argument("--traceback", action="store_true", help="show where an error came from")
    arguments = parser.parse_args()
    with errors_in_words(arguments.node.partition("/")[0], arguments.refusal, arguments.traceback):
        job(work_of(arguments), arguments)


@contextmanager
def errors_in_words(who: str, refusal: Path | None = None, traceback: bool = False) -> Iterator[None]:
    """End the program with exit status 1 and the message of an error alone; with `traceback`, with where it came from.

    Work that was told to stop ends with the status that means "try again". A message about data or configuration is
    left in the file `refusal` as well: there is no use in trying again.
    """
    sys.stdout.reconfigure(errors="backslashreplace")  # of a locale other than UTF-8, as standard error does by itself
    try:
        if refusal is not None:
            refusal.unlink(missing_ok=True)  # of an earlier try
        yield
    except StoppedError as stopped:
        print(f"{who}: {stopped}", file=sys.stderr)
        sys.exit(EXIT_STATUS)
    except (ExclusionError, ValueError, RuntimeError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        if refusal is not None and is_refusal(error):
            refusal.parent.mkdir(parents=True, exist_ok=True)
            refusal.write_text(f"{who}: {message}\n", encoding="utf-8")
        if traceback:
            raise
        sys.exit(f"{who}: {message}")


def node_arguments(parser: argparse._ActionsContainer, required: bool = False) -> None:
    """The options that name a node."""
    parser.add_argument(
        "--node", required=required, metavar="STAGE/KEY", help="the node, such as pitch/c7a8bb7326b88e55"
    )
    parser.add_argument("--plan", required=required, type=Path, help="the run's file that says what it is")
    parser.add_argument("--store", type=Path, default=Path("store"), help="the folder of all outputs (%(default)s)")
    refusal_argument(parser)


def refusal_argument(parser: argparse._ActionsContainer) -> None:
    """The option that says where a job leaves a word about data or configuration that it ends with."""
    parser.add_argument("--refusal", type=Path, help="where to leave the error if trying again would not help")


def work_of(arguments: argparse.Namespace) -> Work:
    """The work that `--node` and `--plan` name."""
    if arguments.plan is None:
        raise ValueError("--node needs --plan, the file in which Snakemake has written what the node is")
    return Work.from_spec(told(arguments.plan, "nodes", arguments.node), Store(arguments.store))


def summarise(arrays: Mapping[str, Any]) -> None:
    """Print name, shape, kind, least, mean and greatest value of arrays."""
    for name, array in arrays.items():
        span = f"{array.min():.4g} … {array.mean():.4g} … {array.max():.4g}" if array.size else "empty"
        print(f"{name:12} {array.shape!s:14} {array.dtype!s:8} {span}")


def _parser(
    stage: str, description: str | None, job_arguments: Add | None, look: Run | None, look_arguments: Add | None
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"{stage}.py", description=description)
    job = parser.add_argument_group("a job of the workflow")
    node_arguments(job)
    if DATA_STAGES[stage].sharded:
        job.add_argument("--shard", type=int, help="which shard of the node")
    if job_arguments is not None:
        job_arguments(job)
    parser.add_argument("--traceback", action="store_true", help="show where an error came from")
    if look is not None:
        group = parser.add_argument_group("a look at one file")
        if look_arguments is None:
            group.add_argument("file", type=Path, nargs="?", help="a wav file")
        else:
            look_arguments(group)
        for leaf, default in _leaves_of(stage).items():
            group.add_argument(f"--{leaf}", metavar="VALUE", type=yaml.safe_load, default=default, help=_help(default))
    return parser


def _leaves_of(stage: str) -> dict[str, Any]:
    return {leaf: DATA_DEFAULTS[leaf] for leaf in DATA_STAGES[stage].reads if leaf in DATA_DEFAULTS}


def _chosen(stage: str, arguments: argparse.Namespace) -> dict[str, Any]:
    return {leaf: getattr(arguments, leaf) for leaf in _leaves_of(stage)}


def _help(default: Any) -> str:
    return f"default: {json.dumps(default, ensure_ascii=False)}"
