# What `retries` of a profile means: what the machine may have done is tried again. A job that ends with a word about data
# or configuration leaves it beside its output (koeru/jobs/refusal.py), and would end with the same word again.
from pathlib import Path

from snakemake.jobs import GroupJob, Job

REFUSED = ".refused"


def refused(job):
    """Whether a job ended with a word about data or configuration."""
    return any(Path(f"{output}{REFUSED}").exists() for output in job.output)


def try_again_unless_refused(kind, members):
    """Let Snakemake, which asks a job after each failure how often it may be tried again, hear 0 of one that was refused.

    Its `retries` are of a rule, whatever its jobs fail of.
    """
    allowed = kind.restart_times.fget
    kind.restart_times = property(lambda job: 0 if any(map(refused, members(job))) else allowed(job))


try_again_unless_refused(Job, lambda job: [job])
try_again_unless_refused(GroupJob, lambda group: group.jobs)
