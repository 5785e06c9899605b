"""What is done with the fake of every layout: a file is lost, a whole dataset is built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from in_process import made

from fakes.fake import Fake
from koeru.corpora import folder
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded


@contextmanager
def without(path: Path) -> Iterator[None]:
    """A file of a fake is gone for a while."""
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    try:
        yield
    finally:
        hidden.rename(path)


def touch(path: Path, content: str = "") -> Path:
    """A file, with the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    return path


def place(file: File | None) -> tuple[str, str] | None:
    """Where a file of labels lies: the set, and the path in it."""
    return file and (file.folder, file.path)


def labelled(fake: Fake, root: Path) -> set[str]:
    """The ids that have labels in the dataset of a fake, after every stage; `seal` raises if an account is not closed.

    Raises AssertionError unless every other utterance is excluded because it has no file of labels, and the labels tell
    the emotion of the turn before as the adapter does.
    """
    spk = {"corpora": ["FAKE"], "shards": 2, "splits": {"dev": 0.2, "eval": 0.2}, "gates": {"max_excluded": 0.5}}
    spk["labels"] = fake.labels
    project = made({"corpora": {"FAKE": fake.entry}, "spk": {"x": spk}, "exp": {}}, root)
    node = project.graph.data["x"]
    labels = project.run([node]).work(node).parents["labels"]
    excluded = [e for shard in range(2) for e in project.store.read_shard(labels, shard).excluded]
    assert {e.reason for e in excluded} <= {"no alignment"}, excluded
    records = {record["id"]: record for _, record in project.store.records(labels)}
    said = fake.listed().kept
    assert all(record["before_emotion"] == said[name].before_emotion for name, record in records.items())
    ids = set(records)
    assert ids | {e.id for e in excluded} == fake.kept
    return ids


def in_folder(root, labels=None, **filters):
    """What `sorted_out` gives of a corpus in the format `folder`."""
    return sorted_out(folder.utterances(Delivered("MINE", root, labels or {}), Selection(**filters)))


def sorted_out(found):
    """What an adapter gives: (utterances by id, exclusions by id, remarks)"""
    found = list(found)
    kept = {u.id: u for u in found if isinstance(u, Utterance)}
    lost = {e.id: e for e in found if isinstance(e, Excluded)}
    remarks = [r for r in found if isinstance(r, str)]
    assert len(kept) + len(lost) + len(remarks) == len(found)
    return kept, lost, remarks


def two_recordings(root):
    """A folder with the recordings a and b, and no list."""
    for name in "ab":
        touch(root / "wavs" / f"{name}.wav")
    return root


def reasons(lost):
    return {name: e.reason for name, e in lost.items()}


def texts(kept):
    return {name: u.text for name, u in kept.items()}
