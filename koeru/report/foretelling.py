"""What is told of a training before it begins: what it is warned of, and its schedule as a picture in its folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import accumulate

from koeru.config.base import defaults, over
from koeru.config.training import Training
from koeru.data.sampling import n_batches
from koeru.graph.store import replacing
from koeru.jobs.stage import Work
from koeru.report.schedule import schedule_file
from koeru.training.manifest import Beginning
from koeru.training.parallel import is_first
from koeru.training.warnings import training_warnings


def foretell(work: Work, kind: type[Training], frame_lengths: Sequence[int], loaded: Beginning | None) -> None:
    """Say what the run is warned of, and draw its schedule in its folder: to the last epoch that an entry asks for.

    `kind` is the section of the entry, whose `train` is a `Scheduled`.
    """
    if not is_first():
        return
    train = over(kind, work).train
    begins_after = loaded.step if loaded else 0
    counts = (
        n_batches(frame_lengths, train.batch_size, train.group_size, train.seed, number, train.batch_frames)
        for number in range(max(work.settings["saved"]))
    )
    ends = list(accumulate(counts, initial=begins_after))[1:]
    for warning in training_warnings(work.params, defaults(kind), ends[-1], pretrained=loaded is not None):
        print(f"{work.place.stage}: warning: {warning}", file=sys.stderr)
    with replacing(work.folder / "schedule.svg") as temporary:
        temporary.write_bytes(schedule_file(train, ends, begins_after + 1))
