# The configuration, the plan, and the few functions through which the rules ask it.
import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from koeru.graph.briefing import Briefing
from koeru.config.tables import ConfigError, duplicate_keys, load
from koeru.corpora.on_disk import missing
from koeru.graph.graph import Graph
from koeru.graph.node import inert
from koeru.graph.plan import TRAININGS, VIEWS, Plan, entries
from koeru.status.status import dry_run_lines
from koeru.status.status import status_lines
from koeru.graph.store import Store
from koeru.families.vocoder.weights_file import lacking_weights
from koeru.families.vocoder.weights_file import unstated_weights


wildcard_constraints:
    key="[0-9a-f]{16}",
    shard=r"\d{3,4}",
    epoch=r"\d{4,6}",


# glibc gives large arrays back to the system at once and gets them anew, page by page, for every utterance: keeping them
# makes WORLD twice as fast (docs/benchmarks.md). Other C libraries ignore these.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 * 2**20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(256 * 2**20))

SCRIPTS = shlex.quote(f"{workflow.basedir}/scripts")
# With --sdm conda a rule's environment brings its own Python; otherwise it is the one that runs Snakemake.
CONDA = "conda" in {method.name.lower() for method in workflow.deployment_settings.deployment_method}
PYTHON = f"env PYTHONPATH={shlex.quote(workflow.basedir)} python" if CONDA else shlex.quote(sys.executable)


def read_plan():
    """The plan of the configuration, or an error that lists all its problems."""
    repeated = [problem for path in workflow.configfiles for problem in duplicate_keys(Path(path).read_text("utf-8"))]
    try:
        if repeated:
            raise ConfigError(repeated)
        return Plan(Graph(load(config)), Store("store"))
    except ConfigError as error:
        raise WorkflowError(str(error)) from None


PLAN = read_plan()
BRIEFING = Briefing(PLAN.graph, PLAN.store)


onstart:
    BRIEFING.write()


def script(name, arguments):
    """The command of a rule: a script and what it is told; what it says goes to the terminal and to the rule's log.

    A signal that tells a job to stop comes to all of its processes, as from Slurm. The script may still have something
    to save and to say: so there is no shell that would end before it, and tee ends when there is no more to read.
    """
    tee = "trap '' INT TERM USR1; exec tee {log:q} >&2"
    return f"exec {PYTHON} {SCRIPTS}/{name}.py {arguments} --plan {BRIEFING.path} 2> >({tee})"


def stage_script(stage, arguments=""):
    """The command of a rule that works on a node of a stage."""
    return script(stage, f"--node {stage}/{{wildcards.key}} {arguments}".rstrip())


def at(stage, key):
    """The node of a key; a key that no entry leads to any more is an error in words."""
    try:
        return PLAN.graph.at(stage, key)
    except KeyError as error:
        raise WorkflowError(error.args[0]) from None


def paths(job):
    """What a job waits for, as the files of other jobs; nothing once its own output exists."""
    return [further.output for further in PLAN.waits_for(job)]


def shard_inputs(stage):
    """What a shard of a stage waits for."""
    return lambda wildcards: paths(PLAN.shard(at(stage, wildcards.key), int(wildcards.shard)))


def whole_inputs(stage):
    """What the job waits for that completes a node."""
    return lambda wildcards: paths(PLAN.whole(at(stage, wildcards.key)))


def epoch_inputs(stage):
    """What a chunk of epochs waits for."""
    return lambda wildcards: paths(PLAN.epochs(at(stage, wildcards.key), int(wildcards.epoch)))


def epoch_before(stage):
    """The saved epoch that a chunk continues from."""
    return lambda wildcards: PLAN.start(at(stage, wildcards.key), int(wildcards.epoch))


def weights_inputs(wildcards):
    """What reading published weights waits for; a file that is not there, or not named, ends the run before any job."""
    node = at("weights", wildcards.key)
    job = PLAN.whole(node)
    if not PLAN.exists(job.output):
        wanting = lacking_weights(node.settings) + unstated_weights(node.settings, node.params)
        if wanting:
            raise WorkflowError("\n".join(wanting))
    return paths(job)


def corpus_inputs(wildcards):
    """What the listing of the corpora waits for; a corpus that is not there ends the run before any job."""
    node = at("utterances", wildcards.key)
    job = PLAN.whole(node)
    if not PLAN.exists(job.output) and (lacking := missing(node.settings)):
        raise WorkflowError("\n".join(lacking))
    return paths(job)


def views_of(kind, name):
    """The views that a target asks for: the dataset of an experiment or a vocoder is shown beside it."""
    own = [PLAN.view(kind, name)]
    return own if kind == "data" else [*own, PLAN.view("data", PLAN.spk(kind, name))]


def view_inputs(wildcards):
    """What a view waits for: its node, and for an experiment its dataset's gates."""
    if Path(wildcards.kind, wildcards.name, ".shows", wildcards.key).exists():
        return []
    return [PLAN.whole(needed).output for needed in PLAN.targets(wildcards.kind, wildcards.name)]


def called_with(flag_letters, *flags):
    """Whether Snakemake was called with a flag, also as one letter of a group such as -np."""
    short = [a[1:] for a in sys.argv[1:] if a.startswith("-") and not a.startswith("--") and a[1:].isalpha()]
    return any(f in sys.argv[1:] for f in flags) or any(letter in a for a in short for letter in flag_letters)


def asked_for(name):
    """Whether Snakemake was called with a target that only prints; a folder of that name may be an option's value."""
    pairs = zip(sys.argv, sys.argv[1:])
    return any(a == name and before not in ("-d", "--directory", "--profile") for before, a in pairs)


if workflow.is_main_process:
    if asked_for("status"):
        print("\n".join(status_lines(PLAN)))
        sys.exit(0)
    if asked_for("corpora"):
        from koeru.status.survey import survey_lines  # the adapters are read in only when they are needed

        print("\n".join(survey_lines(PLAN)))
        sys.exit(0)
    if called_with("n", "--dry-run", "--dryrun"):
        print("\n".join(dry_run_lines(PLAN, sys.argv[1:])), file=sys.stderr)


def gpus(stage):
    """As many as a stage's devices, one where it has no number of them; none where its entry says that it runs on a CPU."""

    def needed(wildcards):
        settings = inert(at(stage, wildcards.key))
        return 0 if settings["device"] == "cpu" else settings.get("devices", 1)

    return needed


def training_threads(stage):
    """Of each device those of torch, and a process for each worker."""

    def threads(wildcards):
        settings = inert(at(stage, wildcards.key))
        return settings["devices"] * (settings["threads"] + settings["workers"])

    return threads
