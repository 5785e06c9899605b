"""The log of a training: log.jsonl, one record an epoch, and a TensorBoard log."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from koeru.training.checkpoint import Position

NAME = "log.jsonl"


class Speech(NamedTuple):
    """A sentence as a model says it: samples (N,) of full scale 1, and its mel as pixels (height, width, 3), uint8."""

    name: str
    wav: np.ndarray
    sample_rate: int
    pixels: np.ndarray


class Log:
    """Writes the log of a run into `folder`, or nothing where that is None.

    Opened at a position of the run, it forgets what an interrupted process logged beyond it: log.jsonl is
    written anew from the position, and TensorBoard is told to drop the later steps. So no step is there twice.
    """

    def __init__(self, folder: Path | None, position: Position) -> None:
        self.folder = folder
        self.writer = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self.writer = SummaryWriter(str(folder), purge_step=position.step + 1)
            self._write_records(position)

    def scalars(self, group: str, values: Mapping[str, float], step: int) -> None:
        """Named values of a step into TensorBoard."""
        if self.writer is not None:
            for name, value in values.items():
                self.writer.add_scalar(f"{group}/{name}", value, step)

    def epoch(self, position: Position) -> None:
        """The record of the epoch that ended last."""
        if self.writer is not None:
            record = position.log[-1]
            for group in ("train", "dev"):
                self.scalars(group, record[group], position.step)
            speed = {"frames_per_second": record["frames"] / record["seconds"], "padding": record["padding"]}
            self.scalars("speed", speed, position.step)
            self._write_records(position)

    def heard(self, sentences: Iterable[Speech], step: int) -> None:
        """What the model of a step says, and its mels, into TensorBoard."""
        if self.writer is not None:
            for one in sentences:
                self.writer.add_audio(f"speech/{one.name}", one.wav[None], step, one.sample_rate)
                self.writer.add_image(f"mel/{one.name}", one.pixels, step, dataformats="HWC")

    def flush(self) -> None:
        """Everything logged so far reaches the files."""
        if self.writer is not None:
            self.writer.flush()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()

    def _write_records(self, position: Position) -> None:
        path = self.folder / NAME
        partial = path.with_name(f".{NAME}.partial")
        partial.write_text("".join(f"{json.dumps(record)}\n" for record in position.log), encoding="utf-8")
        os.replace(partial, path)
