"""What every stage does around its own work: its node, its shards, exclusions, progress and manifests."""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from koeru.corpora.on_disk import delivered
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import (
    CANONICAL,
    Excluded,
    Manifest,
    Place,
    Record,
    Store,
    digest_of,
    read_json,
    read_manifest,
    replacing,
    write_json,
    write_manifest,
)
from koeru.jobs.progress import Progress
from koeru.jobs.run import source_commit, timed

if TYPE_CHECKING:
    import numpy as np

Arrays = Mapping[str, "np.ndarray"]
TOLD = 20  # exclusions that an error tells one by one


def imported(function: str) -> Callable[..., Any]:
    """The function that a declaration names as "module:function", or "module:Class.method"."""
    module, _, name = function.partition(":")
    return attrgetter(name)(importlib.import_module(module))


class ExclusionError(Exception):
    """Raised for an utterance that a stage cannot use: a short reason, and a sentence that says what to do."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Work:
    """A node as its script sees it: `work["pitch.method"]` is a parameter, `settings` holds what is in no key."""

    place: Place
    version: int
    params: Mapping[str, Any]
    parents: Mapping[str, Place] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    store: Store = field(default_factory=Store)
    job: str = ""  # the function that a stage of a family runs, as "module:function"
    uses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # role -> what is done with it -> function
    _read: dict[tuple[str, int], Manifest] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any], store: Store) -> Self:
        """The work that `koeru.graph.node.Node.spec` describes."""
        parents = {
            role: Place(p["stage"], p["key"], p["shards"], p.get("epoch")) for role, p in spec["parents"].items()
        }
        place = Place(spec["stage"], spec["key"], spec["shards"])
        return cls(place, spec["version"], spec["params"], parents, spec["settings"], store, spec["job"], spec["uses"])

    def __getitem__(self, leaf: str) -> Any:
        """A parameter, or a leaf that the job is told besides and no key holds; KeyError for any other."""
        return self.params[leaf] if leaf in self.params else self.settings[leaf]

    def use(self, role: str, what: str) -> Callable[..., Any]:
        """The function by which another family does something with what it has trained, such as to speak."""
        return imported(self.uses[role][what])

    def shard(self, role: str, number: int) -> Manifest:
        """The manifest of a parent's shard, read once: several parts of a job ask for it."""
        if (role, number) not in self._read:
            self._read[role, number] = self.store.read_shard(self.parents[role], number)
        return self._read[role, number]

    @property
    def source(self) -> Place:
        """Of a sharded stage, the parent whose utterances it passes on."""
        return self.parents[DATA_STAGES[self.place.stage].source]

    @property
    def folder(self) -> Path:
        """Where this node's output goes."""
        return self.store.folder(self.place)


Process = Callable[[Record], tuple[Iterable[Record], Arrays]]


def run_shard(
    work: Work,
    shard: int,
    process: Process,
    *,
    arrays: bool = True,
    tools: Mapping[str, str] | None = None,
    narrowed: Mapping[str, Any] | None = None,
    summary: Callable[[list[Record]], Iterable[str]] = lambda records: (),
) -> None:
    """Pass every utterance of one shard of the stage's source through `process`, and write shard and manifest.

    process(record) gives the records that come out (usually one) and their arrays, or raises ExclusionError. Any
    other error ends the job and names the utterance: what the machine did wrong says nothing of the data. Where an
    equal shard (stage, version, parameters, digests of the parents) exists under another key, it is linked and not
    computed again; of a stage that reads files of the corpora, only if the files of what was excluded there are as they
    were listed: the digests do not tell whether one has been mended since. `tools` are the versions of what is in
    no key but decides the content, such as a dictionary: they are recorded, and equal shards were made with the same.
    `narrowed` are parameters of which a part alone concerns this shard, such as the digest of a file with a line for
    some utterances: by that part an equal shard is known. It must be all of the parameter that `process` uses here.
    The lines of summary(records that came out) are printed and kept as notes.
    """
    parents = {role: work.shard(role, shard) for role in work.parents}
    identity = _identity(work, parents, tools or {}, narrowed or {})
    if _linked(work, shard, identity):
        return
    incoming = parents[DATA_STAGES[work.place.stage].source].utterances
    made = Manifest(work.place.stage, work.place.key, tools=dict(tools or {}))
    collected: dict[str, np.ndarray] = {}
    with timed(made.run), Progress(f"{work.place.stage} {shard:03d}", len(incoming)) as progress:
        for record in incoming:
            try:
                records, own = process(record)
                made.utterances += records
                collected |= own
            except ExclusionError as error:
                made.excluded.append(exclusion(record, error))
            except Exception as error:
                raise RuntimeError(_failure(work.place.stage, record["id"], error)) from error
            progress.step()
    made.notes += summary(made.utterances)
    for note in made.notes:
        print(f"{work.place.stage} {shard:03d}: {note}", file=sys.stderr, flush=True)
    work.store.write_shard(work.place, shard, made, collected if arrays else None)
    _keep(work, shard, identity)


def _failure(stage: str, utterance: str, error: Exception) -> str:
    """What to tell of an error that is no exclusion."""
    words = f"{stage} failed at utterance {utterance}: {error}"
    if not isinstance(error, OSError):
        return words
    return (
        f"{words}\nThis is a fault of the machine (a disk, a mount, a process that was killed), and nothing was noted "
        "of the utterance: when it is mended, the same command goes on. If the file is gone for good, raise the "
        "revision of its corpus"
    )


def exclusion(record: Record, error: ExclusionError) -> Excluded:
    """The line of the account for an utterance that was left out."""
    who = {name: record.get(name, "") for name in ("speaker", "emotion")}
    return Excluded(record["id"], error.reason, error.detail, record.get("seconds"), **who)


def seal(work: Work) -> None:
    """Close a sharded node: every utterance that went in came out or is excluded, and not too many are excluded.

    Writes `node.json`. Raises ValueError with a table of what went wrong, and when shards were made with different
    tools.
    """
    store, place = work.store, work.place
    source = work.source
    manifests: list[Manifest] = []  # without utterances and exclusions: of a large dataset these are much
    excluded = LeftOut()
    entered, out, seconds = 0, 0, 0.0
    for shard in range(place.shards):
        manifest = store.read_shard(place, shard)
        incoming = [r["id"] for r in store.read_shard(source, shard).utterances]
        ids = set(incoming)
        came_out = {r["id"] if r["id"] in ids else r["utterance"] for r in manifest.utterances}
        check_account(f"{place.stage} shard {shard}", ids, came_out, manifest.excluded)
        entered, out = entered + len(incoming), out + len(manifest.utterances)
        seconds += seconds_of(manifest.utterances)
        excluded.add(manifest.excluded)
        manifests.append(replace(manifest, utterances=[], excluded=[]))
    check_excluded(place.stage, entered, excluded, work.settings["max_excluded"])
    run = {
        "seconds": round(sum(m.run["seconds"] for m in manifests), 3),
        "cpu_seconds": round(sum(m.run["cpu_seconds"] for m in manifests), 3),
        "started": min(m.run["started"] for m in manifests),
        "hosts": sorted({m.run["host"] for m in manifests}),
        "jobs": sorted({m.run["job"] for m in manifests if "job" in m.run}),
    }
    content = account(entered, out, seconds, excluded) | {"digests": [m.digest for m in manifests]}
    if tools := _tools(work, manifests):
        content["tools"] = tools
    finish(work, run, content)


def _tools(work: Work, manifests: list[Manifest]) -> dict[str, str]:
    """The tools that the shards were made with, apart from shards that needed none; ValueError unless all agree."""
    shards: dict[str, list[int]] = {}
    for shard, manifest in enumerate(manifests):
        if manifest.tools:
            shards.setdefault(json.dumps(manifest.tools, sort_keys=True), []).append(shard)
    if len(shards) <= 1:
        return next((m.tools for m in manifests if m.tools), {})
    rows = []
    for tools, made in shards.items():
        begun = min(manifests[shard].run["started"] for shard in made)
        told = ", ".join(f"{name} {value}" for name, value in json.loads(tools).items())
        rows.append(f"  {', '.join(f'{shard:03d}.json' for shard in made)} ({begun} or later): {told}")
    raise ValueError(
        f"{work.place.stage}: the shards in {work.folder} were made with different versions of the same tools:\n"
        + "\n".join(rows)
        + "\nDelete the older shards and run again; what was made of them is then made anew."
    )


def seconds_of(records: Iterable[Record]) -> float:
    """How long some utterances are together; a stage that knows no lengths has none."""
    return sum(record.get("seconds", 0.0) for record in records)


@dataclass
class LeftOut:
    """Exclusions by reason, and some of them in full: they may be as many as the utterances."""

    reasons: Counter[str] = field(default_factory=Counter)
    first: dict[str, Excluded] = field(default_factory=dict)  # of every reason
    others: list[Excluded] = field(default_factory=list)  # the first that are not those

    def add(self, excluded: Iterable[Excluded]) -> Self:
        """Count some more."""
        for one in excluded:
            self.reasons[one.reason] += 1
            if self.first.setdefault(one.reason, one) is not one and len(self.others) < TOLD:
                self.others.append(one)
        return self


def account(entered: int, out: int, seconds_out: float, excluded: LeftOut) -> dict[str, Any]:
    """The figures of a stage's account."""
    return {
        "in": entered,
        "out": out,
        "seconds_out": round(seconds_out, 3),
        "excluded": excluded.reasons.total(),
        "excluded_by_reason": dict(excluded.reasons.most_common()),
    }


def finish(work: Work, run: Mapping[str, Any], content: Mapping[str, Any]) -> None:
    """Write `node.json`, last of all: what the node is, what it came from, how it ran, and `content`."""
    node = {
        "stage": work.place.stage,
        "version": work.version,
        "key": work.place.key,
        "params": dict(work.params),
        "parents": {role: {"stage": p.stage, "key": p.key, "epoch": p.epoch} for role, p in work.parents.items()},
        "commit": source_commit(),
        "run": dict(run),
    }
    write_json(work.store.node_path(work.place), node | dict(content))


def check_account(where: str, entered: Iterable[str], came_out: Iterable[str], excluded: Iterable[Excluded]) -> None:
    """Raise ValueError unless in = out + excluded, by id."""
    entered, came_out, left_out = set(entered), set(came_out), {e.id for e in excluded}
    lost = sorted(entered - came_out - left_out)
    invented = sorted((came_out | left_out) - entered)
    both = sorted(came_out & left_out)
    if lost or invented or both:
        raise ValueError(
            f"{where}: the account is not closed: lost {lost[:5]}, invented {invented[:5]}, "
            f"both kept and excluded {both[:5]}; this is a defect of koeru: the stage is not sealed"
        )


def check_excluded(stage: str, entered: int, excluded: LeftOut, limit: float) -> None:
    """Raise ValueError with a table of reasons if more than the share `limit` of the utterances was excluded."""
    count = excluded.reasons.total()
    if not entered or count <= limit * entered:
        return
    share = count / entered
    raise ValueError(
        "\n".join(
            [
                f"{stage}: {count} of {entered} utterances are excluded ({share:.1%}), more than "
                f"gates.max_excluded allows ({limit:.1%}):",
                *told(excluded),
                "Mend the recordings or texts (and raise the revision), or raise gates.max_excluded of the spk.",
            ]
        )
    )


def told(excluded: LeftOut) -> list[str]:
    """Lines that tell how many utterances were excluded for which reason, and examples, first one of every reason."""
    examples = [*excluded.first.values(), *excluded.others][:TOLD]
    more = excluded.reasons.total() - len(examples)
    return [
        *(f"  {n:6d}  {reason}" for reason, n in excluded.reasons.most_common()),
        "The utterances:",
        *(f"  {e.id}: {e.reason}: {e.detail}" for e in examples),
        *([f"  … and {more} more"] if more else []),
    ]


def _identity(
    work: Work, parents: Mapping[str, Manifest], tools: Mapping[str, str], narrowed: Mapping[str, Any]
) -> str:
    """What decides a shard's content, whatever its key."""
    if unknown := sorted(narrowed.keys() - work.params.keys()):
        raise KeyError(f"{work.place.stage}: {', '.join(unknown)} is no parameter that a shard could have a part of")
    digests = {role: manifest.digest for role, manifest in parents.items()}
    params = dict(work.params) | dict(narrowed)
    return digest_of([work.place.stage, work.version, params, digests, *([dict(tools)] if tools else [])])


def _kept(work: Work, identity: str) -> Path:
    """Where the manifest of a shard is kept a second time, by what decides its content.

    Snakemake takes a manifest away when another job of the same group fails, although this one is finished.
    """
    return work.store.root / work.place.stage / "equal" / f"{identity[:32]}.manifest.json"


def _keep(work: Work, shard: int, identity: str) -> None:
    kept = _kept(work, identity)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with replacing(kept) as temporary:
        work.store.link(work.store.shard_path(work.place, shard), temporary)


def _as_listed(work: Work, shard: int, excluded: Iterable[Excluded]) -> bool:
    """Whether the files of what a stage excluded are as they were when they were listed, by their sizes and times."""
    left_out = {one.id for one in excluded}
    if not left_out:
        return True
    source = work.shard(DATA_STAGES[work.place.stage].source, shard).utterances
    names = {record.get("utterance", record["id"]) for record in source if record["id"] in left_out}
    corpora = delivered(work.settings, work.store.root)
    return all(
        corpora[record["corpus"]].as_listed(record[role])
        for record in work.shard("utterances", shard).utterances
        if record["id"] in names
        for role in ("wav", "alignment", "full_context")
        if record[role] is not None
    )


def _linked(work: Work, shard: int, identity: str) -> bool:
    """Link an equal shard, if there is one: of another key, or this very one, whose manifest was taken away."""
    kept = _kept(work, identity)
    if not kept.exists():
        return False
    manifest = read_manifest(kept)
    if DATA_STAGES[work.place.stage].of_corpora and not _as_listed(work, shard, manifest.excluded):
        return False
    mine = work.store.shard_path(work.place, shard)
    theirs = work.store.folder(Place(work.place.stage, manifest.key))
    files = [r["file"] for r in manifest.utterances if "file" in r]
    files += [manifest.payload["file"]] if manifest.payload else []
    if not all((theirs / name).exists() for name in files):
        return False
    if theirs == mine.parent:
        with replacing(mine) as temporary:
            work.store.link(kept, temporary)
        return True
    for name in files:
        target = mine.parent / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        work.store.link(theirs / name, target)
    content = read_json(kept) | {"key": work.place.key}
    content["run"] = {**content["run"], "seconds": 0.0, "cpu_seconds": 0.0, "linked_from": manifest.key}
    write_manifest(mine, map(CANONICAL.encode, content["utterances"]), content)
    return True
