"""The corrections of a dataset, as jobs use them: of a shard, checked against its utterances."""

from __future__ import annotations

from collections.abc import Mapping

from koeru.config.corrections import Corrections, digest, read_corrections
from koeru.corpora.catalogue import shard_of
from koeru.corpora.on_disk import unmatched
from koeru.jobs.stage import Work


def corrections_of(work: Work, shard: int) -> Corrections:
    """The corrections of the utterances of a shard, of a node that has the parameter `corrections`.

    Raises ValueError as `all_corrections` does, and where an utterance of the shard is corrected that is not there:
    every id belongs to one shard, so the shards together see all of them.
    """
    shards = work.parents["utterances"].shards
    own = {name: kana for name, kana in all_corrections(work).items() if shard_of(name, shards) == shard}
    if own.keys() - work.shard("utterances", shard).ids:
        path = work.settings["files"]["corrections"]
        raise ValueError("\n".join(unmatched(work.store, work.parents["utterances"], path, own)))
    return own


def all_corrections(work: Work) -> Corrections:
    """The corrections of a dataset. Raises ValueError where the file is not any more what the plan was made of."""
    if not work["corrections"]:
        return {}
    path = work.settings["files"]["corrections"]
    said = read_corrections(path)
    if digest(said) != work["corrections"]:
        raise ValueError(f"corrections: {path} has changed since this run was planned; run the same command again")
    return said


def narrowed(corrections: Mapping[str, str]) -> dict[str, str]:
    """What of the parameter `corrections` concerns a shard that has these of its own."""
    return {"corrections": digest(corrections)}
