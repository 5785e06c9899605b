"""Entries that seem to have been built, and what is said of them."""

import itertools
import json
from pathlib import Path

import yaml
from configured import graph_of

from koeru.graph.node import record
from koeru.graph.plan import Plan
from koeru.graph.store import Store

CONFIG = """
corpora:
  A: {format: studies, path: corpora/A}
spk:
  voice: {corpora: [A], shards: 2, features: [sp]}
  other: {base: voice, mel: {fmax: 7600}}
exp:
  parent: {spk: voice, epochs: 4, chunk: 2}
  child: {base: parent, train: {seed: 3}, pretrain: parent@2}
"""


def plan_of(*replaced):
    """The plan of the configuration with some of its words (old, new) replaced."""
    text = CONFIG
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return Plan(graph_of(yaml.safe_load(text)), Store("store"))


def write(path, content=None):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content or {}))


def finish(plan, kind, name, seconds=0.0, show=True):
    """Pretend that every job of an entry has run, each shard and each epoch for some seconds."""
    node = plan.entry(kind, name)
    for job in plan.planned([node]):
        content = {"run": {"seconds": seconds}}
        if job.epoch is not None:
            start = plan.start(job.node, job.epoch)
            content = {"run": {"seconds": seconds * (job.epoch - start)}, "epoch": job.epoch, "start": start}
            content["step"] = 10 * job.epoch
        elif job.node.declared.sharded:
            content = {"run": {"seconds": seconds * job.node.shards}, "digests": [""] * job.node.shards}
        elif job.node.stage == "utterances":
            content["corpora"] = {"A": {"files": 2, "bytes": 3}}
        elif job.node.stage == "stats":
            content |= {"utterances": {"train": 2209}, "frames": {"train": 1_000_001}}
        elif job.node.stage == "durations":
            content |= {"utterances": {"train": 801}, "frames": {"train": 500_001}}
        write(job.output, content)
    if show:
        write(plan.view(kind, name))
        write(Path(kind, name, "record.json"), record(node))


def below(lines, heading):
    """The lines below a heading, to the next one."""
    rest = lines[lines.index(heading) + 1 :] if heading in lines else []
    return [line.strip() for line in itertools.takewhile(lambda line: line, rest)]
