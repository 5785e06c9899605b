"""List the corpora of a dataset: who says what in which file. No audio is read."""

import argparse
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from koeru.config.corrections import read_corrections
from koeru.config.nearest import nearest
from koeru.config.speakers import nobodies
from koeru.corpora.astray import wanted_of
from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.delivered import Delivered
from koeru.corpora.on_disk import delivered, missing, size_on_disk, unmatched
from koeru.corpora.provenance import Provenance
from koeru.corpora.selection import Selection
from koeru.corpora.spool import Spool
from koeru.corpora.utterance import Utterance
from koeru.data.vocabulary import NO_TURN, Names
from koeru.graph.store import Manifest
from koeru.jobs.command_line import stage_command
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import LeftOut, Work, check_excluded, finish, told


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write the utterances of all corpora in shards, and the ids of their speakers and emotions."""
    if lacking := missing(work.settings):
        raise FileNotFoundError("\n".join(lacking))
    sets = {
        corpus["name"]: {labels["name"]: Provenance.of(labels) for labels in corpus.get("labels", ())}
        for corpus in work["corpora"]
    }
    places = delivered(work.settings, work.store.root, sets)
    spool = Spool(work.folder / "listing", work["shards"])
    run, remarks, sizes, offered = {}, [], {}, set()
    with timed(run), Progress("utterances", None) as progress:
        for corpus in work["corpora"]:
            place = places[corpus["name"]]
            selection = Selection.of(corpus)
            remarks += [f"{place.name}: {remark}" for remark in _list(corpus, selection, place, spool, progress)]
            offered |= selection.offered["speakers"]
            sizes[place.name] = size_on_disk(place.root, *place.labels.values())
        content = _shards(work, spool, remarks, run)
        # Now, rather than by the labels, which come hours later.
        told = [
            unmatched(work.store, work.place, path, read_corrections(path)) for path in work.settings["corrections"]
        ]
        if lost := [line for lines in told for line in lines]:
            raise ValueError("\n".join(lost))
    content["others"] = sorted(offered - set(content["speakers"]))
    if unknown := list(nobodies(work.settings["named"], content["speakers"], content["others"])):
        raise ValueError("\n".join(unknown))
    shutil.rmtree(spool.folder)
    finish(work, run, content | {"corpora": sizes})


def _list(corpus: dict, selection: Selection, place: Delivered, spool: Spool, progress: Progress) -> list[str]:
    """Put what a dataset takes of a corpus into the spool; the remarks about it."""
    remarks, used = [], set()
    for item in ADAPTERS[corpus["format"]].utterances(place, selection):
        progress.step()
        if isinstance(item, str):
            remarks.append(item)
        elif selection.takes(item):
            spool.add(place.name, item)
            used |= item.label_folders() if isinstance(item, Utterance) else set()
    if problems := list(selection.problems()):
        raise ValueError("\n".join(f"corpora: {place.name}: {problem}" for problem in problems))
    unused = [name for name in place.labels if name not in used]
    remarks += [f"labels: no utterance has a file in {name} ({place.labels[name]})" for name in unused]
    for remark in (*remarks, *selection.remarks()):
        print(f"utterances: {place.name}: {remark}", file=sys.stderr)
    return [*remarks, *selection.remarks()]


def _shards(work: Work, spool: Spool, remarks: list[str], run: dict) -> dict:
    """Write every shard; the account of all of them, the names in the order of their ids, and all remarks."""
    kept, excluded = 0, LeftOut()
    speakers, emotions, before_emotions = set(), set(), set()
    for shard in range(work["shards"]):
        manifest = Manifest("utterances", work.place.key, *spool.shard(shard), notes=[] if shard else remarks)
        speakers |= {record["speaker"] for record in manifest.utterances}
        emotions |= {record["emotion"] for record in manifest.utterances}
        before_emotions |= {record["before_emotion"] for record in manifest.utterances}
        kept += len(manifest.utterances)
        excluded.add(manifest.excluded)
        manifest.run = run | {"seconds": 0.0, "cpu_seconds": 0.0}
        work.store.write_shard(work.place, shard, manifest)
    if not kept:
        places = delivered(work.settings, work.store.root)
        wanted = [wanted_of(places[corpus["name"]], corpus["format"]) for corpus in work["corpora"]]
        reasons_why = told(excluded) if excluded.reasons else []
        raise ValueError("\n".join(["no utterance was found", *wanted, *remarks, *reasons_why]))
    left_out = excluded.reasons.total()
    check_excluded("utterances", kept + left_out, excluded, work.settings["max_excluded"])
    unheard = [
        f"{kind}: {name!r} has no utterance here{nearest(name, sorted(found))}"
        for kind, found in (("speakers", speakers), ("emotions", emotions))
        for name in work[kind]
        if name not in found
    ]
    for remark in unheard:
        print(f"utterances: {remark}", file=sys.stderr)
    names = Names(
        _ids("speakers", speakers, work["speakers"]),
        _ids("emotions", emotions, work["emotions"]),
        (NO_TURN, *sorted(before_emotions - {NO_TURN})),
    )
    return {
        "in": kept + left_out,
        "out": kept,
        "excluded": left_out,
        "excluded_by_reason": dict(excluded.reasons.most_common()),
        **names.to_dict(),
        "remarks": [*remarks, *unheard],
    }


def _ids(kind: str, found: Iterable[str], named: list[str]) -> tuple[str, ...]:
    """The names in the order of their ids: as the configuration has them, else sorted."""
    if not named:
        return tuple(sorted(found))
    if lacking := sorted(set(found) - set(named)):
        raise ValueError(f"{kind}: the dataset has {', '.join(lacking)}, which the list in the configuration lacks")
    return tuple(named)


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("folder", type=Path, nargs="?", help="the folder of a corpus")
    parser.add_argument("--format", choices=sorted(ADAPTERS), default="studies")
    parser.add_argument("--labels", type=Path, action="append", default=[], help="a folder of label files beside it")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print what the adapter finds."""
    folders = [arguments.folder, *arguments.labels]
    if absent := [folder for folder in folders if not folder.is_dir()]:
        raise FileNotFoundError(f"there is no folder {absent[0]}")
    place = Delivered(arguments.folder.name, arguments.folder, {path.name: path for path in arguments.labels})
    for item in ADAPTERS[arguments.format].utterances(place, Selection()):
        if isinstance(item, Utterance):
            print(f"{item.id}\t{item.subset}\t{item.dialogue}\t{item.text}")
        else:
            print(f"# {item if isinstance(item, str) else f'{item.id}: {item.reason}: {item.detail}'}")


if __name__ == "__main__":
    stage_command("utterances", __doc__, job, look, look_arguments=look_arguments)
