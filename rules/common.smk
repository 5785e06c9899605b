# The configuration, the plan, and the few functions through which the rules ask it.
import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from koeru.config.duplicates import duplicate_keys
from koeru.config.tables import ConfigError, load
from koeru.families import FAMILIES
from koeru.graph.briefing import Briefing
from koeru.graph.graph import Graph
from koeru.graph.plan import Plan
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import Store
from koeru.jobs.environment import ENVIRONMENT
from koeru.languages import problems_of_files
from koeru.status.lacking import lacking
from koeru.status.status import dry_run_lines, status_lines


wildcard_constraints:
    key="[0-9a-f]{16}",
    shard=r"\d{3,4}",
    epoch=r"\d{4,6}",


for name, value in ENVIRONMENT.items():
    os.environ.setdefault(name, value)

SCRIPTS = shlex.quote(f"{workflow.basedir}/scripts")
# With --sdm conda a rule's environment brings its own Python; otherwise it is the one that runs Snakemake.
CONDA = "conda" in {method.name.lower() for method in workflow.deployment_settings.deployment_method}
PYTHON = f"env PYTHONPATH={shlex.quote(workflow.basedir)} python" if CONDA else shlex.quote(sys.executable)


def called_with(flag_letters, *flags):
    """Whether Snakemake was called with a flag, also as one letter of a group such as -np."""
    short = [a[1:] for a in sys.argv[1:] if a.startswith("-") and not a.startswith("--") and a[1:].isalpha()]
    return any(f in sys.argv[1:] for f in flags) or any(letter in a for a in short for letter in flag_letters)


def asked_for(name):
    """Whether Snakemake was called with a target that only prints; a folder of that name may be an option's value."""
    pairs = zip(sys.argv, sys.argv[1:])
    return any(a == name and before not in ("-d", "--directory", "--profile") for before, a in pairs)


def read_plan():
    """The plan of the configuration, or an error that lists all its problems."""
    repeated = [problem for path in workflow.configfiles for problem in duplicate_keys(Path(path).read_text("utf-8"))]
    try:
        if repeated:
            raise ConfigError(repeated)
        sound = load(config, FAMILIES.kinds)
        if problems := problems_of_files(sound):
            raise ConfigError(problems)
        return Plan(Graph(sound, FAMILIES), Store("store"))
    except ConfigError as error:
        raise WorkflowError(str(error)) from None


# `snakemake corpora --config verify=yes`: no entry, but how to look at the corpora.
VERIFY = asked_for("corpora") and str(config.pop("verify", "no")).lower() in ("yes", "true", "1")
PLAN = read_plan()
FAMILY_STAGES = {name: stage for name, stage in FAMILIES.stages.items() if name not in DATA_STAGES}
BRIEFING = Briefing(PLAN.graph, PLAN.store)


onstart:
    BRIEFING.write()


def script(name, arguments):
    """The command of a rule: a script and what it is told; what it says goes to the terminal and to the rule's log.

    A signal that tells a job to stop comes to all of its processes, as from Slurm. The script may still have something
    to save and to say: so there is no shell that would end before it, and tee ends when there is no more to read.
    """
    tee = "trap '' INT TERM USR1; exec tee {log:q} >&2"
    told = f"--plan {BRIEFING.path} --refusal {{output:q}}{REFUSED}"
    return f"exec {PYTHON} {SCRIPTS}/{name}.py {arguments} {told} 2> >({tee})"


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
    """What the job waits for that completes a node; files of others that are not there end the run before any job."""

    def inputs(wildcards):
        job = PLAN.whole(at(stage, wildcards.key))
        if not PLAN.exists(job.output) and (wanting := lacking(PLAN, job.node)):
            raise WorkflowError("\n".join(wanting))
        return paths(job)

    return inputs


def epoch_inputs(stage):
    """What a chunk of epochs waits for."""
    return lambda wildcards: paths(PLAN.epochs(at(stage, wildcards.key), int(wildcards.epoch)))


def epoch_before(stage):
    """The saved epoch that a chunk continues from."""
    return lambda wildcards: PLAN.start(at(stage, wildcards.key), int(wildcards.epoch))


def views_of(kind, name):
    """The views that a target asks for: that of a training's dataset is shown beside its own."""
    own = [PLAN.view(kind, name)]
    return own if kind == "data" else [*own, PLAN.view("data", PLAN.spk(kind, name))]


def view_inputs(wildcards):
    """What a view waits for: its node, and for what was trained its dataset's gates."""
    if Path(wildcards.kind, wildcards.name, ".shows", wildcards.key).exists():
        return []
    return [PLAN.whole(needed).output for needed in PLAN.targets(wildcards.kind, wildcards.name)]


# A terminal of another locale than UTF-8 shows \u2192 where it has no arrow, as it does for errors: no command ends by it.
if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(errors="backslashreplace")

if workflow.is_main_process:
    if asked_for("status"):
        print("\n".join(status_lines(PLAN)))
        sys.exit(0)
    if asked_for("corpora"):
        from koeru.status.survey import survey_lines  # the adapters are read in only when they are needed

        print("\n".join(survey_lines(PLAN, VERIFY)))
        sys.exit(0)
    if called_with("n", "--dry-run", "--dryrun"):
        print("\n".join(dry_run_lines(PLAN, sys.argv[1:])), file=sys.stderr)


def of_train(stage, leaf):
    """A leaf of the section `train` of a node's entry that is in no key; None where its job is not told it."""
    prefix = FAMILIES.of_stage(stage).kind.prefix
    return lambda wildcards: at(stage, wildcards.key).settings.get(f"{prefix}train.{leaf}")


def gpus(stage):
    """As many as a stage's devices, one where it has no number of them; none where it has none, or is for a CPU."""
    device, devices = of_train(stage, "device"), of_train(stage, "devices")

    def needed(wildcards):
        return 0 if device(wildcards) in (None, "cpu") else devices(wildcards) or 1

    return needed


def threads_of(stage):
    """Of each device those of torch, and a process for each worker; one for a job that is not told of any."""
    threads, workers, devices = (of_train(stage, leaf) for leaf in ("threads", "workers", "devices"))
    return lambda wildcards: (devices(wildcards) or 1) * ((threads(wildcards) or 1) + (workers(wildcards) or 0))


KINDS = ("trainings", "gpu_jobs", "shards")  # of jobs, of which a profile may set resources, as it may of a rule


def site(kind):
    """The resources that a profile sets of a kind of jobs, for a rule to have as its own; none where it sets none."""
    given = workflow.resource_settings.overwrite_resources.get(kind, {})
    return {name: evaluated(value) if value.is_evaluable() else value.value for name, value in given.items()}


def evaluated(resource):
    """An expression of a profile, such as `16000 * attempt`, as a function of a rule."""
    return lambda wildcards, **given: resource.evaluate(wildcards, **given).value


def shards_together(wildcards):
    """The group of what makes a shard, where a profile says how many are one job: else a dry run would list by groups.

    A function, as the settings of groups are not known yet while the Snakefile is read.
    """
    return "shards" if "shards" in workflow.group_settings.group_components else None
