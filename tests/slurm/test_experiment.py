"""The demo's experiment at its smallest on a real Slurm: which jobs it is, and a shard among them that fails."""

import json
import re

from slurm.on_slurm import queue, shown

STAGES = {"rule_utterances", "rule_splits", "rule_stats", "rule_dataset", "rule_train", "rule_synthesis", "rule_exp"}


def test_the_experiment_is_made_by_jobs_of_slurm(built):
    jobs = queue()
    print(f"\nexp/LINE_15: {len(jobs)} jobs submitted: {', '.join(what.split('_wildcards')[0] for _, _, what in jobs)}")
    assert (built.folder / "exp" / "LINE_15" / "report.html").exists()
    assert {state for _, state, _ in jobs} == {"COMPLETED"}
    assert {what.split("_wildcards")[0] for _, _, what in jobs} >= STAGES


def test_the_shards_are_one_entry_of_the_queue(built):
    """Two shards through seven stages: one job, which takes up to four, one after the other, on one processor."""
    ((job, _),) = groups()
    assert "NumCPUs=1 " in shown(job)


def test_every_node_knows_its_jobs(built):
    ids = {job for job, _, _ in queue()}
    nodes = [json.loads(path.read_text()) for path in built.folder.glob("store/*/*/node.json")]
    nodes += [json.loads(path.read_text()) for path in built.folder.glob("store/train/*/epoch_*.json")]
    assert len(nodes) > 10
    for node in nodes:
        own = set(node["run"].get("jobs", [node["run"].get("job")]))
        assert own and own <= ids, node["stage"]


def test_trainings_asked_for_a_gpu(built):
    (job, *_) = [job for job, _, what in queue() if what.startswith("rule_train_")]
    assert "Partition=gpu" in shown(job) and re.search(r"TresPerJob=gres:gpu:1\b", shown(job))


def test_a_second_call_submits_nothing(built):
    before = queue()
    assert "Nothing to be done" in built.run("exp/LINE_15")
    assert queue() == before


def test_a_failed_shard_takes_no_finished_one_with_it(built):
    """Snakemake deletes what a failed group of jobs has made; koeru puts back what was finished."""
    config = built.config
    known = set(built.folder.glob("store/segments/*"))
    built.set("spk.LINE_3.segments.min_silence_len", 450)
    dry = built.run("data/LINE_3", options=("-n", "--quiet", "host"))
    in_the_way = built.folder / "store" / "pitch" / re.search(r"store/pitch/(\w+)/", dry)[1]
    in_the_way.touch()  # where a folder is to be: whatever shard comes to pitch has its segments by then, and fails
    try:
        built.run("data/LINE_3", options=("--retries", "0"), fails=True)
        left = [path for path in built.folder.glob("store/segments/*/00?.json") if path.parent not in known]
        in_the_way.unlink()
        built.run(f"store/pitch/{in_the_way.name}/node.json")
    finally:
        built.configure(config)
    (folder,) = set(built.folder.glob("store/segments/*")) - known
    first, second = groups()[-2:]
    assert (first[1], second[1]) == ("FAILED", "COMPLETED")
    assert not left
    made = {json.loads((folder / f"00{shard}.json").read_text())["run"]["job"] for shard in (0, 1)}
    assert first[0] in made
    print(f"\njob {first[0]} failed; what it had finished was put back by job {second[0]}")


def groups() -> list[tuple[str, str]]:
    """(job, state) of every job that makes shards."""
    return [(job, state) for job, state, what in queue() if what.startswith("rule_shards")]
