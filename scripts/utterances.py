"""List the corpora of a dataset: who says what in which file. No audio is read."""

import argparse
from dataclasses import asdict
from pathlib import Path

from koeru.command_line import stage_command
from koeru.corpora.catalogue import ADAPTERS, shard_of, without_duplicates
from koeru.corpora.on_disk import corpus_folders, missing_corpus, size_on_disk
from koeru.corpora.utterance import Utterance
from koeru.progress import Progress
from koeru.stage import Work, account, check_excluded, finish
from koeru.store import Excluded, Manifest, timed


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Write the utterances of all corpora, in shards."""
    shards = [Manifest("utterances", work.place.key) for _ in range(work["shards"])]
    kept, excluded, sizes, run = [], [], {}, {}
    folders = corpus_folders(work.settings, work.store.root)
    with timed(run), Progress("utterances", None) as progress:
        for corpus in work["corpora"]:
            name, root = corpus["name"], folders[corpus["name"]]
            if not root.is_dir():
                raise FileNotFoundError(missing_corpus(name, str(root), work.settings["sources"].get(name, "")))
            sizes[name] = size_on_disk(root)
            for item in without_duplicates(ADAPTERS[corpus["format"]](root)):
                progress.step()
                if isinstance(item, str):
                    shards[0].notes.append(f"{name}: {item}")
                elif isinstance(item, Excluded):
                    excluded.append(item)
                    shards[shard_of(item.id, len(shards))].excluded.append(item)
                else:
                    kept.append(asdict(item) | {"corpus": name})
                    shards[shard_of(item.id, len(shards))].utterances.append(kept[-1])
    if not kept:
        raise ValueError(f"no utterance was found in {', '.join(str(f) for f in folders.values())}")
    check_excluded("utterances", len(kept) + len(excluded), excluded, work.settings["max_excluded"])
    for shard, manifest in enumerate(shards):
        manifest.run = run
        work.store.write_shard(work.place, shard, manifest)
    finish(work, run, account(len(kept) + len(excluded), kept, excluded) | {"corpora": sizes})


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("folder", type=Path, nargs="?", help="the folder of a corpus")
    parser.add_argument("--format", choices=sorted(ADAPTERS), default="studies")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print what the adapter finds."""
    if not arguments.folder.is_dir():
        raise FileNotFoundError(f"there is no folder {arguments.folder}")
    for item in without_duplicates(ADAPTERS[arguments.format](arguments.folder)):
        if isinstance(item, Utterance):
            print(f"{item.id}\t{item.dialogue}\t{item.text}")
        else:
            print(f"# {item if isinstance(item, str) else f'{item.id}: {item.reason}: {item.detail}'}")


if __name__ == "__main__":
    stage_command("utterances", __doc__, job, look, look_arguments=look_arguments)
