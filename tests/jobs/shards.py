"""A stage over two shards of segments, and what may become of its records."""

from dataclasses import replace

import numpy as np
import pytest

from koeru.graph.store import Manifest, Place, read_json
from koeru.jobs.stage import Work, run_shard, seal

SEGMENTS = Place("segments", "5" * 16, 2)
PITCH = Place("pitch", "a" * 16, 2)
OLD, NEW = {"front_end": "jtalk 1.0", "dictionary": "aa"}, {"front_end": "jtalk 1.1", "dictionary": "aa"}
RUN = {"seconds": 0.0, "cpu_seconds": 0.0, "started": "", "host": "here"}


def work_on(store, *shards, key=PITCH.key, version=1, params=None, max_excluded=1.0):
    """A pitch node over a segments node that holds the given ids, a list for each shard."""
    if shards:
        write_segments(store, shards)
    place = replace(PITCH, key=key)
    settings = {"max_excluded": max_excluded}
    return Work(place, version, params or {"pitch.method": "dio"}, {"segments": SEGMENTS}, settings, store)


def write_segments(store, shards):
    for shard, ids in enumerate(shards):
        records = [{"id": name, "speaker": "Teacher", "emotion": "Sad", "seconds": 2.0} for name in ids]
        store.write_shard(SEGMENTS, shard, Manifest("segments", SEGMENTS.key, records, run=dict(RUN)))


def kept(record):
    return [record | {"utterance": record["id"]}], {f"{record['id']}/log_f0": np.full(3, len(record["id"]))}


def never(record):
    pytest.fail(f"{record['id']} was computed again")


def close(work, process, shards=2):
    for shard in range(shards):
        run_shard(work, shard, process)
    seal(work)
    return read_json(work.store.node_path(work.place))
