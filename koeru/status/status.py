"""What is fresh, what is stale and why, and what it will cost: `snakemake status`, and the head of a dry run."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from koeru.config.languages import FILES
from koeru.corpora.on_disk import Size, all_delivered, difference, size_on_disk, sizes_when_listed
from koeru.graph.family import Registry
from koeru.graph.node import ancestry, record
from koeru.graph.plan import Job, Plan
from koeru.graph.store import Place, read_json
from koeru.status.estimate import Estimate
from koeru.status.lacking import lacking


def status_lines(plan: Plan) -> list[str]:
    """A table of every dataset and experiment, and below it what there is to say of them and of the corpora."""
    estimate = Estimate(plan)
    rows = [("", "state", "would run", "work")]
    reasons: list[str] = []
    shared: list[str] = []
    for kind in plan.graph.views:
        for name in plan.graph.views[kind]:
            state, jobs, why = _entry(plan, kind, name)
            rows.append((f"{kind}/{name}", state, _would_run(state, jobs), estimate.words(jobs)))
            reasons += [f"{kind}/{name}: {line}" for line in why]
            shared += [f"{kind}/{name} {line}" for line in _shared(plan, kind, name)]
    lines = _table(rows)
    for heading, told in {
        "What has changed:": reasons,
        "The same under two names:": shared,
        "Warnings:": _warnings(plan),
        "What a run would stop for:": _lacking(plan),
        "Corpora that are not as they were listed:": _corpora(plan),
    }.items():
        lines += ["", heading, *(f"  {line}" for line in told)] if told else []
    return lines


def dry_run_lines(plan: Plan, arguments: Iterable[str]) -> list[str]:
    """The same for the entries among a dry run's arguments (for all, if it names none): nothing for fresh ones."""
    entries = {f"{kind}/{name}": (kind, name) for kind in plan.graph.views for name in plan.graph.views[kind]}
    wanted = [entries[a.rstrip("/")] for a in arguments if a.rstrip("/") in entries]
    estimate = Estimate(plan)
    lines: list[str] = []
    for kind, name in wanted or entries.values():
        state, jobs, why = _entry(plan, kind, name)
        if state != "fresh":
            lines.append(f"{kind}/{name} is {state}: {_would_run(state, jobs)}; work: {estimate.words(jobs)}")
            lines += [f"  {line}" for line in why]
            lines += [f"  it {line}" for line in _shared(plan, kind, name)]
            lines += [f"  warning: {line}" for line in _warnings_of(plan, kind, name)]
    return lines


def changes(
    old: dict[str, Any], new: dict[str, Any], registry: Registry, files: Mapping[str, Mapping[str, str]] = {}
) -> list[str]:
    """Which parameters differ between two records of a node and its ancestors, from what to what.

    A leaf that is younger than a record had its default then, whatever koeru did. `files` are, of the nodes of the new
    record, those whose content a leaf stands for: path of roles -> leaf -> file.
    """
    found: dict[str, list[str]] = {}
    known, wanted = ({node["key"] for node in nodes.values()} for nodes in (old, new))
    for path in [*new, *(p for p in old if p not in new)]:
        stage = " of ".join(role for role, _ in itertools.groupby(reversed(path.split("/"))))
        if path not in old or path not in new:
            if path in new and new[path]["key"] not in known:
                found.setdefault(f"{stage} is new", [])
            elif path in old and old[path]["key"] not in wanted:
                found.setdefault(f"{stage} is no longer read", [])
            continue
        before, after = old[path], new[path]
        if before["version"] != after["version"]:
            text = f"koeru computes {after['stage']} anew (version {before['version']} → {after['version']})"
            found.setdefault(text, [])
        standard = registry.defaults(after["stage"])
        pairs = {leaf: (before["params"].get(leaf, standard.get(leaf)), now) for leaf, now in after["params"].items()}
        pairs |= {"epochs": (before["epoch"], after["epoch"])}
        for leaf, (was, now) in pairs.items():
            if was != now:
                file = files.get(path, {}).get(leaf)
                text = f"{leaf}: {_value(was)} → {_value(now)}" if file is None else _content(leaf, after, was, file)
                found.setdefault(text, []).append(stage)
    return [f"{text} (read by {', '.join(stages)})" if stages else text for text, stages in found.items()]


def summary(jobs: Sequence[Job]) -> str:
    """Which stages would run; how many shards, if not all of them, and how many epochs."""
    by_stage: dict[str, list[Job]] = {}
    for job in jobs:
        by_stage.setdefault(job.node.stage, []).append(job)
    return ", ".join(_amount(stage, group) for stage, group in by_stage.items())


def _would_run(state: str, jobs: Sequence[Job]) -> str:
    return summary(jobs) or ("" if state == "fresh" else "only its view")


def _amount(stage: str, jobs: Sequence[Job]) -> str:
    if jobs[0].node.declared.chunked:
        chunks = [job for job in jobs if job.epoch is not None]
        return f"{stage} ({len(chunks)} {'chunk' if len(chunks) == 1 else 'chunks'} of epochs)"
    shards = [job for job in jobs if job.shard is not None]
    everything = sum(node.shards for node in {job.node for job in shards})
    return stage if len(shards) == everything else f"{stage} ({len(shards)} of {everything} shards)"


def _entry(plan: Plan, kind: str, name: str) -> tuple[str, list[Job], list[str]]:
    """The state of an entry, the jobs it lacks, and what has changed since its view was shown."""
    jobs = plan.planned(plan.targets(kind, name))
    if not Path(kind, name, "record.json").exists():
        return "missing", jobs, []
    if not plan.exists(plan.view(kind, name)):
        return "stale", jobs, _changed(plan, kind, name)
    if not jobs:
        return "fresh", jobs, []
    # An experiment's own result can be as it should be while its dataset's gates are to be judged anew.
    return "incomplete", jobs, _changed(plan, "data", plan.spk(kind, name)) if kind != "data" else []


def _changed(plan: Plan, kind: str, name: str) -> list[str]:
    """What differs between an entry's record in its view and the configuration."""
    shown = Path(kind, name, "record.json")
    if not shown.exists():
        return []
    node = plan.entry(kind, name)
    files = {path: ancestor.settings.get("files", {}) for path, ancestor, _ in ancestry(node)}
    return changes(read_json(shown), record(node), plan.graph.registry, files)


def _shared(plan: Plan, kind: str, name: str) -> list[str]:
    """Which earlier entry an entry is the same as, or shares its training with."""
    earlier = list(itertools.takewhile(lambda other: other != name, plan.graph.views[kind]))
    for other in earlier:
        if plan.entry(kind, other) is plan.entry(kind, name):
            return [f"is {kind}/{other}"]
    trained = plan.graph.trained.get(kind, {})
    for other in earlier if name in trained and trained[name].node.declared.chunked else ():
        if trained[other].node is trained[name].node:
            own, theirs = trained[name].epoch, trained[other].epoch
            until = f", up to epoch {min(own, theirs)}" if own != theirs else ""
            return [f"shares its training with {kind}/{other}{until}"]
    return []


def _warnings(plan: Plan) -> list[str]:
    """What trainings are warned of, each warning once with all the entries that it concerns."""
    found: dict[str, list[str]] = {}
    for kind, names in plan.graph.views.items():
        for name in names:
            for warning in _warnings_of(plan, kind, name):
                found.setdefault(warning, []).append(f"{kind}/{name}")
    return [f"{', '.join(names)}: {warning}" for warning, names in found.items()]


def _warnings_of(plan: Plan, kind: str, name: str) -> list[str]:
    """What an entry's training is warned of."""
    if kind not in plan.graph.trained:
        return []
    warnings = plan.graph.registry.family(plan.graph.config[kind][name]).warnings
    return [] if warnings is None else warnings(plan, name)


def _lacking(plan: Plan) -> list[str]:
    """What jobs that were not run yet cannot do without, other than corpora; each once."""
    nodes = (node for node in plan.graph.nodes.values() if node.stage != "utterances")
    wanted = (node for node in nodes if not plan.exists(plan.whole(node).output))
    return list(dict.fromkeys(line for node in wanted for told in lacking(plan, node) for line in told.splitlines()))


def when_listed(plan: Plan) -> dict[str, list[Size]]:
    """The sizes on disk of each corpus when the datasets of the configuration listed it."""
    keys = sorted(key for stage, key in plan.graph.nodes if stage == "utterances")
    return sizes_when_listed(plan.store.node_path(Place("utterances", key)) for key in keys)


def _corpora(plan: Plan) -> list[str]:
    """Corpora whose files, or those of the labels beside them, are not as they were listed; those that are there."""
    places = all_delivered(plan.graph, plan.store.root)
    lines = []
    for name, listed in when_listed(plan).items():
        folders = [places[name].root, *places[name].labels.values()]
        if name not in plan.graph.stand_in and all(folder.is_dir() for folder in folders):
            try:
                lines.append(difference(name, listed, size_on_disk(*folders)))
            except OSError as error:
                lines.append(f"corpora.{name}: cannot be looked at: {error}")
    return [line for line in lines if line]


def _content(leaf: str, node: Mapping[str, Any], was: str, file: str) -> str:
    """What to tell of a file, "" for none, whose content is another one than that of before."""
    name = f"languages.{node['params']['labels.language']}.{FILES[leaf]}" if leaf in FILES else leaf
    if not file:
        return f"{name}: there is no file any more"
    return f"{name}: {file}: its content has changed" if was else f"{name}: – → {file}"


def _value(value: Any) -> str:
    """A value as the configuration would write it; a dash where there is none."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
