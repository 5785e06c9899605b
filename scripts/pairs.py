"""Pair the utterances of speakers who read the same sentences, for voice conversion.

pairs.json holds

    {"pairs": [{"id", "source", "target", "name", "split", "ratio", "source_seconds", "target_seconds",
                "similarity"}, ...],
     "accounts": [{"source", "target", "pairs", "source_in", "target_in",
                   "source_excluded": {reason: count}, "target_excluded": {reason: count}}, ...],
     "excluded": [{"source_speaker", "target_speaker", "id", "reason", "detail"}, ...]}

In pairs, `source` and `target` are ids of utterances, and ratio = source_seconds / target_seconds without trimmed
silence; similarity is that of the texts, null where one has none. There is one account for each couple of speakers, and
on each side of it in = pairs + excluded. An excluded id is that of an utterance of either speaker; reasons are "no
partner", "duplicate name", "different sentences", "different splits" and "duration ratio". Where several speakers lack
the partner of an utterance, one row names them all, joined by ", ".
pairs.tsv and pairs_excluded.tsv hold the same rows for people.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from koeru.data.alike import Read, comparing
from koeru.data.corrections import all_corrections
from koeru.data.pairs import Couple, Limits, Spoken, expand, paired, spoken
from koeru.data.split_table import SplitTable
from koeru.data.splits import SplitOf
from koeru.graph.store import Excluded, replacing, write_json
from koeru.jobs import readings
from koeru.jobs.command_line import stage_command
from koeru.jobs.progress import Progress
from koeru.jobs.readings import Known
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.jobs.texts import reader_of
from koeru.languages import Language, Reader, language
from koeru.text.reading import OtherSentenceError, TextError

PAIR = ("id", "source", "target", "name", "split", "ratio", "source_seconds", "target_seconds", "similarity")
EXCLUDED = ("source_speaker", "target_speaker", "id", "reason", "detail")


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write pairs.json, pairs.tsv and pairs_excluded.tsv."""
    run: dict = {}
    with timed(run):
        speakers = work.store.read_node(work.parents["utterances"]).more["speakers"]
        wanted = expand(work["pairs.speakers"], speakers)
        spoken_here = language(work["labels.language"])
        with reader_of(work) as front_end:
            content = account(couples(work, wanted, reading(front_end, spoken_here, work["labels.reading"])))
        if not content["pairs"]:
            raise ValueError(nothing(content))
        write_json(work.folder / "pairs.json", content)
        write_table(work, "pairs.tsv", PAIR, content["pairs"])
        write_table(work, "pairs_excluded.tsv", EXCLUDED, content["excluded"])
    lonely = [f"{a['source']} and {a['target']}" for a in content["accounts"] if not a["pairs"]]
    if lonely:
        print(f"pairs: warning: no pair of {', '.join(lonely)}", file=sys.stderr)
    without = sum(pair["similarity"] is None for pair in content["pairs"])
    if without:
        words = f"{without} of {len(content['pairs'])} pairs have nothing in common but a name, as there are no texts"
        print(f"pairs: warning: {words}: the quality page shows how alike they sound", file=sys.stderr)
    counts = {"pairs": len(content["pairs"]), "couples": len(wanted), "without_text": without}
    told = counts | {"excluded_by_reason": excluded_by_reason(content["accounts"]), "tools": spoken_here.tools()}
    finish(work, run, told)


def reading(front_end: Reader, own: Language, how: str) -> Read:
    """How utterances are read, with `how` as labels.reading has it."""

    def phones(known: Known) -> Sequence[str] | None:
        try:
            return readings.spoken(readings.read(known, own, front_end, how).reading, own)
        except (TextError, OtherSentenceError):
            return None

    return phones


def couples(work: Work, wanted: list[tuple[str, str]], read: Read) -> Iterable[Couple]:
    """The pairs of each couple of speakers that is wanted."""
    splits = SplitTable.read(work.store.folder(work.parents["splits"]) / "splits.json")
    utterances = said(work, splits, {speaker for couple in wanted for speaker in couple})
    limits = Limits(work["pairs.max_duration_ratio"], work["pairs.min_text_similarity"])
    with Progress("pairs", len(wanted), "couples") as progress:
        for couple in paired(utterances, wanted, limits, comparing(read)):
            yield couple
            progress.step()


def said(work: Work, splits: SplitOf, speakers: Container[str]) -> Iterator[Spoken]:
    """The utterances of some speakers; the texts are in the shards that the segments are in."""
    corrections = all_corrections(work)
    for shard in range(work.parents["segments"].shards):
        listed, segments = (
            work.store.read_shard(work.parents[s], shard).utterances for s in ("utterances", "segments")
        )
        known = {r["id"]: Known(r["text"], r["kana"], corrections.get(r["id"], "")) for r in listed}
        yield from spoken((record for record in segments if record["speaker"] in speakers), splits, known)


def account(found: Iterable[Couple]) -> dict[str, list[dict[str, Any]]]:
    """What pairs.json holds. Of the couples, which may be many, no more is kept than that."""
    pairs, accounts = [], []
    partners: dict[tuple[str, Excluded], list[str]] = {}  # all whom the same words about an utterance concern
    for couple in found:
        pairs += [asdict(pair) for pair in couple.pairs]
        accounts.append(couple.account())
        for excluded in couple.source_excluded:
            partners.setdefault(("target_speaker", excluded), []).append(couple.target)
        for excluded in couple.target_excluded:
            partners.setdefault(("source_speaker", excluded), []).append(couple.source)
    rows = [
        dict.fromkeys(EXCLUDED[:2], e.speaker)
        | {role: ", ".join(others), "id": e.id, "reason": e.reason, "detail": e.detail}
        for (role, e), others in partners.items()
    ]
    return {"pairs": pairs, "accounts": accounts, "excluded": rows}


def nothing(content: Mapping[str, list[dict[str, Any]]]) -> str:
    """The words where there is no pair at all."""
    reasons = ", ".join(f"{count} × {reason}" for reason, count in excluded_by_reason(content["accounts"]).items())
    examples = "; ".join(f"{row['id']}: {row['detail']}" for row in content["excluded"][:3])
    return (
        f"pairs.speakers: these speakers have no pair ({reasons or 'they have no utterances'}). {examples}. "
        "Pair speakers whose corpora give the same sentences the same names, or unset pairs.speakers"
    )


def excluded_by_reason(accounts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How often an utterance of a couple is in no pair, by reason."""
    reasons: Counter[str] = Counter()
    for figures in accounts:
        reasons.update(figures["source_excluded"])
        reasons.update(figures["target_excluded"])
    return dict(reasons.most_common())


def write_table(work: Work, name: str, columns: tuple[str, ...], rows: list[Mapping[str, Any]]) -> None:
    """Rows as lines of tab-separated columns under a heading."""
    cells = (("" if row[column] is None else str(row[column]) for column in columns) for row in rows)
    lines = ["\t".join(columns), *map("\t".join, cells)]
    with replacing(work.folder / name) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    stage_command("pairs", __doc__, job)
