"""The page of the epochs of an experiment: the same held-out sentences at every saved one, to hear when to stop.

They were said when the epochs were saved (`koeru.families.experiments.heard`), and are copied here: nothing is said
again when a training goes on. So the page has what the run has left up to now, and says where there is no audio.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koeru.families.experiments.heard import RECORDED, Samples, samples_of, samples_of_recordings
from koeru.families.experiments.taken import row_of
from koeru.graph.store import Place, read_json, replacing
from koeru.graph.view import mark
from koeru.jobs.stage import Work
from koeru.languages import language
from koeru.report.data import Picture, check_audio
from koeru.report.page import measured, render
from koeru.report.training import facts, losses, speaks
from koeru.training.manifest import ModelManifest
from koeru.training.taking import LOSS, best_row

START = "start"
NAME, AUDIO = "epochs.html", "epochs"  # the page, and the folder of what it plays
TEMPLATE = Path(__file__).parent / "templates" / "epochs.html.j2"
BEFORE = "saved by a koeru that did not let epochs be heard"
GONE = "its audio was deleted from the folder of the run"
NOT_SAVED = "not saved, but its weights are kept: the report has its speech"


@dataclass(frozen=True)
class Cell:
    """A sentence at an epoch: ``src`` is its audio, ``width`` its length as a share of the longest in the column."""

    src: str
    picture: Picture
    width: float
    note: str = ""

    def __post_init__(self) -> None:
        check_audio(self.src, self.picture.alt)


@dataclass(frozen=True)
class Row:
    """An epoch, or the recordings: the losses of the dev split by part, and by the id of a sentence what is heard.

    ``vocoder`` is "griffin-lim" or a vocoder's name, "" where nothing is heard; then ``note`` says why. ``tags`` say
    what is special about the epoch.
    """

    name: str
    losses: Mapping[str, float]
    cells: Mapping[str, Cell]
    vocoder: str = ""
    note: str = ""
    tags: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class EpochsPage:
    """All that is on the page: ``sentences`` (id, text, speaker, emotion) and ``parts`` of the loss are its columns.

    ``lowest`` names the row with the lowest loss of each part; ``curves`` are the losses of all epochs.
    """

    name: str
    key: str
    lang: str
    facts: Mapping[str, str]
    sentences: Sequence[Mapping[str, Any]]
    parts: Sequence[str]
    rows: Sequence[Row]
    lowest: Mapping[str, str]
    curves: Picture

    @property
    def vocoders(self) -> list[str]:
        """What has spoken, in the order of the rows; where it is more than one, not all rows compare."""
        return list(dict.fromkeys(row.vocoder for row in self.rows if row.vocoder))


def write_epochs(work: Work, trained: Place) -> None:
    """Write the page of a training up to `trained.epoch`, with its audio beside it."""
    page = epochs_page(work, trained)
    with replacing(work.folder / NAME) as temporary:
        temporary.write_text(render(TEMPLATE, page=page), encoding="utf-8")


def epochs_page(work: Work, trained: Place) -> EpochsPage:
    """The content of the page; the audio is copied into the folder of the job."""
    training, take = work.store.read_node(trained, ModelManifest), work["take"]
    run, best = work.store.folder(trained), best_row(training.log, LOSS)
    heard = {epoch: own for epoch, own in samples_of(run).items() if epoch <= training.epoch}
    recordings = samples_of_recordings(run) if heard else None
    rows = _rows(work, trained, training, heard, recordings)
    parts = sorted(training.log[-1]["dev"], key=lambda part: part != LOSS)
    known = {
        "Run of": mark("entries", work.place.key),
        "Dataset": mark("dataset", work.settings["dataset"]),
        "Trained": facts(training)["Trained"],
        "Speaks": speaks(training, take, LOSS, "loss"),
    }
    if best is not None:
        known["Lowest loss"] = f"epoch {best['epoch']}: {measured(best['dev'][LOSS], '')} on the dev split"
    return EpochsPage(
        name=mark(work.place.stage, work.place.key),
        key=work.place.key,
        lang=language(training.vocabulary.language).code,
        facts=known,
        sentences=heard[max(heard)].sentences if heard else (),
        parts=parts,
        rows=rows,
        lowest={part: min(_judged(rows, part), key=lambda row: row.losses[part]).name for part in parts},
        curves=losses(training, "epoch"),
    )


def _rows(
    work: Work,
    trained: Place,
    training: ModelManifest,
    heard: Mapping[int, Samples],
    recordings: Samples | None,
) -> list[Row]:
    """What the recordings sound like, what the weights were worth before the first step, and the epochs."""
    folders = {f"{epoch:04d}": own for epoch, own in heard.items()} | ({RECORDED: recordings} if recordings else {})
    longest: dict[str, int] = {}
    for one in (one for own in folders.values() for one in own.sentences):
        longest[one["id"]] = max(longest.get(one["id"], 0), one["frames"])

    def cells(name: str) -> dict[str, Cell]:
        return {
            one["id"]: _cell(work.folder, folders[name], name, one, longest[one["id"]])
            for one in folders[name].sentences
        }

    rows = [Row("recordings", {}, cells(RECORDED), recordings.vocoder)] if recordings else []
    rows += [Row(START, training.at_start, {}, note="before the first step")] if training.at_start else []
    dev = {row["epoch"]: row["dev"] for row in training.log}
    tagged = {"speaks": row_of(training.log, work["take"]), "lowest loss": best_row(training.log, LOSS)}
    taken = tagged["speaks"]["epoch"]
    for epoch in sorted({*heard, *_saved(work.store.folder(trained), training.epoch), taken}):
        tags = [tag for tag, row in tagged.items() if row is not None and row["epoch"] == epoch]
        if epoch in heard:
            said = {"cells": cells(f"{epoch:04d}"), "vocoder": heard[epoch].vocoder}
        else:
            said = {"cells": {}, "note": _silent(work, trained, epoch)}
        rows.append(Row(f"epoch {epoch}", dev[epoch], **said, tags=tags))
    return rows


def _judged(rows: Sequence[Row], part: str) -> list[Row]:
    """The epochs that have a part of the loss."""
    return [row for row in rows if part in row.losses and row.name != START]


def _saved(run: Path, until: int) -> list[int]:
    """The epochs whose states a run has, or had when they were told."""
    found = (int(path.stem.removeprefix("epoch_")) for path in run.glob("epoch_*.json"))
    return [epoch for epoch in found if epoch <= until]


def _silent(work: Work, trained: Place, epoch: int) -> str:
    """Why an epoch cannot be heard."""
    path = work.store.epoch_path(trained, epoch)
    if not path.exists():
        return NOT_SAVED
    if (told := read_json(path).get("samples")) is None:
        return BEFORE
    return f"nothing was heard: {told['note']}" if "note" in told else GONE


def _cell(folder: Path, own: Samples, name: str, one: Mapping[str, Any], longest: int) -> Cell:
    """What is heard and seen of a sentence; its audio is copied."""
    source = f"{AUDIO}/{name}/{one['audio']}"
    (folder / source).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(own.folder / one["audio"], folder / source)
    picture = base64.b64encode((own.folder / one["picture"]).read_bytes()).decode()
    seconds = one["frames"] * own.hop_s
    drawn = Picture(f"data:image/png;base64,{picture}", f"mel of {one['id']}, {name}: {seconds:.2f} s")
    return Cell(source, drawn, one["frames"] / longest, one.get("note", ""))
