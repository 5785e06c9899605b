"""The utterances of a split as recordings of which clips are read from the store when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import soundfile

from koeru.audio.frames import n_frames
from koeru.audio.muting import silenced
from koeru.data.split_table import SplitTable
from koeru.families.vocoder.clips import Clip
from koeru.graph.store import ArrayReader, Place, Store
from koeru.jobs.segments import muted_of
from koeru.jobs.stage import Work

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Excerpt:
    """Where an utterance lies: its shard, the recording that it is of, and which samples of that.

    `muted` are the stretches [start, stop) of the recording that are digital zero: (K, 2).
    """

    id: str
    shard: int
    file: str
    start: int
    stop: int
    muted: NDArray[np.int32] | tuple[()]


class StoredRecordings:
    """The utterances of a split that a stage has mels of (see `clips.Recordings`), in a fixed order.

    That is the stage `mel`, or `gta`, whose mels an acoustic model has made.
    """

    def __init__(self, store: Store, parents: Mapping[str, Place], mels: str, split: str, hop_length: int) -> None:
        self.store, self.hop_length = store, hop_length
        self.mels, self.wavs = parents[mels], parents["wav"]
        splits = SplitTable.read(store.folder(parents["splits"]) / "splits.json")
        self.stretches: list[Excerpt] = []
        for shard in range(self.mels.shards):
            segments = {r["id"]: r for r in store.read_shard(parents["segments"], shard).utterances}
            files = {r["id"]: r["file"] for r in store.read_shard(self.wavs, shard).utterances}
            for record in store.read_shard(self.mels, shard).utterances:
                segment = segments[record["id"]]
                if splits[segment["utterance"]] == split:
                    muted = muted_of(segment)
                    kept = np.array(muted, np.int32) if muted else ()  # of all utterances, so in little memory
                    where = (files[segment["utterance"]], segment["start"], segment["stop"], kept)
                    self.stretches.append(Excerpt(record["id"], shard, *where))
        self.ids = [stretch.id for stretch in self.stretches]
        self.frame_lengths = [n_frames(stretch.stop - stretch.start, hop_length) for stretch in self.stretches]
        self._open: dict[int, ArrayReader] = {}

    @classmethod
    def of(cls, work: Work, split: str) -> Self:
        """The recordings of a split for a vocoder, with the mels that it is to learn from."""
        mels = {"natural": "mel", "teacher_forced": "gta"}[work["vocoder.mels"]]
        return cls(work.store, work.parents, mels, split, work["mel.hop_length"])

    def read(self, index: int, start: int, stop: int) -> Clip:
        """The frames from `start` to before `stop` of an utterance, and their samples; nothing else is read.

        Errors: ValueError naming the utterance where its mel has other frames than its segment, or the file where it
        does not have the samples.
        """
        stretch, name = self.stretches[index], f"{self.ids[index]}/mel"
        arrays = self._arrays(stretch.shard)
        if arrays.length(name) != self.frame_lengths[index]:
            raise ValueError(
                f"{stretch.id}: its mel in {arrays.path} has {arrays.length(name)} frames, its segment has "
                f"{self.frame_lengths[index]}: delete the file and its manifest, and run again"
            )
        first, count = stretch.start + start * self.hop_length, (stop - start) * self.hop_length
        wav = read_samples(self.store.folder(self.wavs) / stretch.file, first, count)
        return Clip(stretch.id, arrays.rows(name, start, stop), silenced(wav, stretch.muted, first))

    def _arrays(self, shard: int) -> ArrayReader:
        if shard not in self._open:
            self._open[shard] = self.store.arrays(self.mels, shard)
        return self._open[shard]


def read_samples(path: Path, start: int, count: int) -> NDArray[np.float32]:
    """`count` samples from sample `start` on of a mono file, of full scale 1: (count,). The others are not decoded.

    Errors: ValueError naming the file where it cannot be read, has fewer samples or several channels.
    """
    try:
        with soundfile.SoundFile(path) as file:
            if file.channels != 1 or file.frames < start + count:
                raise ValueError(
                    f"{path}: samples up to {start + count} of one channel are wanted, there are {file.frames} of "
                    f"{file.channels}: delete the file and the manifest of its shard, and run again"
                )
            file.seek(start)
            return file.read(count, dtype="float32")
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{path}: cannot be read ({error}): delete it and its manifest, and run again") from error
