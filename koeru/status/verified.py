"""Whether delivered files hold what was read of them: `snakemake corpora --config verify=yes` compares digests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from koeru.corpora.delivered import NO_FILE, Delivered
from koeru.graph.node import Node
from koeru.graph.plan import Plan, place
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import FACTS, Record, file_digest
from koeru.jobs.progress import Progress

NAMED = 3  # changed files that are told by name


@dataclass
class Verified:
    """Of a corpus how many of its files hold what was read, and which do not; `unknown` were read without a digest."""

    equal: int = 0
    changed: list[str] = field(default_factory=list)
    unknown: int = 0

    def words(self, corpus: str) -> str:
        """What to tell of it."""
        found = [f"{self.equal:,} files hold what was read"] if self.equal or self.changed else []
        if self.changed:
            few = ", ".join(self.changed[:NAMED])
            more = f" and {len(self.changed) - NAMED:,} more" if len(self.changed) > NAMED else ""
            found.append(f"{len(self.changed):,} do not: {few}{more}; raise corpora.{corpus}.revision")
        if self.unknown:
            found.append(f"{self.unknown:,} were read before digests were kept: a new revision keeps them")
        return "; ".join(found) or "nothing was read yet"


def verified_files(plan: Plan, places: Mapping[str, Delivered]) -> dict[str, Verified]:
    """Read every file of the corpora that finished shards were made of, and compare; by corpus."""
    found = {name: Verified() for name in places}
    seen: set[tuple[str, str, str]] = set()  # corpus, digest of the utterances, digest of the shard
    digest_of = lru_cache(maxsize=8)(file_digest)  # excerpts of a recording follow each other
    shards = list(_finished(plan))
    progress = Progress("corpora: verifying", len(shards), unit="shards")
    for node, shard in shards:
        progress.step()
        utterances = plan.store.read_shard(place(node.parents["utterances"]), shard)
        made = plan.store.read_shard(place(node), shard)
        if (node.stage, utterances.digest, made.digest) in seen:
            continue  # linked: another dataset reads the same files
        seen.add((node.stage, utterances.digest, made.digest))
        for utterance, digests in _read(utterances.utterances, made.utterances):
            if (corpus := utterance["corpus"]) in found:
                _compare(found[corpus], places[corpus], utterance, digests, digest_of)
    return found


def _finished(plan: Plan) -> Iterator[tuple[Node, int]]:
    """The shards that were made of files of the corpora."""
    for node in plan.graph.nodes.values():
        if node.stage in DATA_STAGES and DATA_STAGES[node.stage].of_corpora and node.declared.sharded:
            for shard in range(node.shards):
                if Path(plan.shard(node, shard).output).exists():
                    yield node, shard


def _read(utterances: list[Record], made: list[Record]) -> Iterator[tuple[Record, Mapping[str, str] | None]]:
    """Every utterance of which something was made, once, with the digests of its files; None where none were kept."""
    by_id = {utterance["id"]: utterance for utterance in utterances}
    for name, record in {record.get("utterance", record["id"]): record for record in made}.items():
        yield by_id[name], record.get(FACTS, {}).get("digests")


def _compare(
    found: Verified,
    corpus: Delivered,
    utterance: Record,
    digests: Mapping[str, str] | None,
    digest_of: Callable[[str], str],
) -> None:
    if digests is None:
        found.unknown += 1
        return
    for role, digest in digests.items():
        try:
            equal = digest_of(corpus.path(utterance[role])) == digest
        except OSError as error:
            if error.errno not in NO_FILE:
                raise
            equal = False
        if equal:
            found.equal += 1
        else:
            found.changed.append(utterance[role]["path"])
