"""What grows with a corpus: disk by stage, and jobs that see all of it at once, shown the same speech many times."""

import shutil
from dataclasses import replace
from pathlib import Path

import yaml
from common import ROOT, cost_of, overlay, told
from data_stages import command
from entries import graph_of
from own_cost import OwnCost, own_cost_of
from safetensors.numpy import load_file

from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.plan import place
from koeru.graph.store import Place, Store, read_json, write_json

DATASET, EXP = "LINE_3", "LINE_8"
HOURS = 10_000
TIMES = 64
BOUNDED = ("splits", "stats")  # below 1 GiB at any size; `dataset` draws larger pictures of more utterances
STAGES = ("utterances", "wav", "segments", "labels", "pitch", "energy", "mel")  # with shards


def measure(project: Path) -> list[bool]:
    """Print disk by stage, and time and memory of what is done once a dataset: an utterance, and 10,000 hours."""
    cost_of(command(project, f"data/{DATASET}"))
    few = graph_of(project)
    nodes = dataset(few)
    wav = read_json(Store(project / "store").node_path(place(nodes["wav"])))
    hours, utterances = wav["seconds_out"] / 3600, wav["out"]
    print(f"scale: {60 * hours:.1f} minutes, {utterances} utterances; then {HOURS:,} hours like these", flush=True)
    for stage in STAGES:
        folder = project / "store" / stage / nodes[stage].key
        mib = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / hours / 2**20
        print(f"  {stage}: {mib:,.2f} MiB an hour, {mib * HOURS / 1024:,.0f} GiB")

    larger = enlarged(project, nodes)
    projects = [(project, few), (larger, graph_of(larger))]
    passed = []
    for script, stage in (("seal", "labels"), ("splits",) * 2, ("stats",) * 2, ("dataset",) * 2):
        costs = [whole(folder, script, dataset(graph)[stage]) for folder, graph in projects]
        gib = report(f"{script} of {stage}" if script == "seal" else stage, costs, utterances, hours)
        passed += [told(f"memory that all utterances add to {stage}", gib, 1, " GiB")] if stage in BOUNDED else []
    costs = [own_cost_of(ROOT / "bench" / "entries.py", folder, EXP) for folder, _ in projects]
    report("what a training knows of its utterances", costs, utterances, hours)
    return passed


def report(what: str, costs: list[OwnCost], utterances: int, hours: float) -> float:
    """Print what an utterance adds, and all of them; these in GiB."""
    few, many = costs
    seconds, _, mib = ((b - a) / utterances / (TIMES - 1) for a, b in zip(few, many, strict=True))  # no mapped files
    of_all = utterances / hours * HOURS
    print(
        f"  {what}: {1e3 * seconds:.3f} ms, {1024 * mib:.2f} KiB an utterance; {of_all / 1e6:.1f} million: "
        f"{seconds * of_all / 3600:.1f} h, {mib * of_all / 1024:,.1f} GiB",
        flush=True,
    )
    return mib * of_all / 1024


def dataset(graph: Graph) -> dict[str, Node]:
    """The nodes of the dataset by stage, itself too."""
    node = graph.data[DATASET]
    return node.parents | {"dataset": node}


def whole(project: Path, script: str, node: Node) -> OwnCost:
    """What the job takes that completes a node, once more."""
    Store(project / "store").node_path(place(node)).unlink()
    plans = (project / "store" / "plans").glob("*.json")
    plan = next(path for path in plans if f"{node.stage}/{node.key}" in path.read_text("utf-8"))
    arguments = ("--node", f"{node.stage}/{node.key}", "--plan", plan.relative_to(project))
    return own_cost_of(ROOT / "scripts" / f"{script}.py", *arguments, folder=project)


def enlarged(project: Path, nodes: dict[str, Node]) -> Path:
    """Another project, with the dataset of a corpus that has every utterance many times, under as many names."""
    larger = project.with_name("larger")
    config = yaml.safe_load((project / "small.yaml").read_text("utf-8"))
    shards = config["spk"]["LINE"]["shards"]
    config["spk"]["LINE"]["shards"] *= TIMES
    overlay(larger, config)
    own, others = Store(larger / "store"), Store(project / "store")
    for stage, node in dataset(graph_of(larger)).items():
        if stage in STAGES:
            for shard in range(TIMES * shards):
                _again(others, place(nodes[stage]), own, place(node), shard, shards)
    shutil.copytree(others.root / "stand_in", own.root / "stand_in")
    utterances = place(dataset(graph_of(larger))["utterances"])
    told = read_json(others.node_path(place(nodes["utterances"])))
    write_json(own.node_path(utterances), told | {"key": utterances.key, "out": TIMES * told["out"]})
    cost_of(command(larger, f"data/{DATASET}"))
    return larger


def _again(others: Store, there: Place, own: Store, here: Place, shard: int, shards: int) -> None:
    """A shard of another store once more, its utterances under other names."""
    copy, source = divmod(shard, shards)
    manifest = others.read_shard(there, source)
    manifest.key = here.key
    for record in manifest.utterances:
        record |= {name: f"{copy}_{record[name]}" for name in ("id", "utterance") if name in record}
    manifest.excluded = [replace(left_out, id=f"{copy}_{left_out.id}") for left_out in manifest.excluded]
    arrays = None
    if manifest.payload:
        payload = load_file(others.shard_path(there, source).with_suffix(".safetensors"))
        arrays = {f"{copy}_{name}": array for name, array in payload.items()}
    own.write_shard(here, shard, manifest, arrays)
    recordings = others.folder(there) / f"{source:03d}"
    if recordings.is_dir() and not copy:
        (own.folder(here) / recordings.name).symlink_to(recordings)
