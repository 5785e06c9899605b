"""Token errors of held-out speech, by the best path and by a search, and how long labels last, with 95 % intervals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from koeru.config.base import over
from koeru.data.records import Spoken
from koeru.data.splits import nothing_left
from koeru.families.experiments.taken import told_of
from koeru.families.recogniser.ctc import BLANK
from koeru.families.recogniser.decoding import beam, errors, greedy, said
from koeru.families.recogniser.entry import Ctc, Head
from koeru.families.recogniser.heads import Teacher
from koeru.families.recogniser.items import SpeechItems, speech
from koeru.families.recogniser.recogniser import Recogniser
from koeru.graph.store import replacing
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.measurement import Measurement, Quantity
from koeru.report.metrics import Part

HEARD = "heard.jsonl"  # of each held-out utterance what was heard, beside what was to be
WHAT = {"phones": "phones", "letters": "letters", "marks": "marks"}


def quantities(head: Head) -> list[Quantity]:
    """What is measured of a head."""
    what = WHAT[head]
    share = {"unit": "share", "digits": 1}
    wrong = "Labels put in, left out or exchanged, of those that the reading has"
    return [
        Quantity(f"{head}_errors", f"Token error rate, {what}, best path", about=f"{wrong}.", **share),
        Quantity(
            f"{head}_errors_beam", f"Token error rate, {what}, beam search", about=f"{wrong}; by a search.", **share
        ),
        Quantity(
            f"{head}_blank",
            f"Frames that are blank, {what}",
            better="",
            about="Of all frames, pauses too, those in which the blank is likeliest.",
            **share,
        ),
    ]


def measured_of(log_probs: np.ndarray, wanted: list[int], head: Head, width: int) -> tuple[dict[str, Part], list[int]]:
    """The shares of one utterance in what is measured of a head, and the labels that were heard by the search."""
    path, found = greedy(log_probs), beam(log_probs, width)
    blank = float((log_probs.argmax(1) == BLANK).sum())
    return {
        f"{head}_errors": Part(float(errors(path, wanted)), len(wanted)),
        f"{head}_errors_beam": Part(float(errors(found, wanted)), len(wanted)),
        f"{head}_blank": Part(blank, len(log_probs)),
    }, found


def measured(items: SpeechItems, recogniser: Recogniser, width: int, found: Measurement) -> Iterator[Mapping[str, Any]]:
    """Take in each held-out utterance; what was heard of it."""
    for record, item in items:
        posteriors, told = recogniser.log_posteriors(item.mel), {}
        for head in recogniser.heads:
            wanted = said(item.labels[head].tolist())
            parts, heard = measured_of(posteriors[head], wanted, head, width)
            found.add(record, parts)
            told[head] = {
                "wanted": [recogniser.classes[head][label] for label in wanted],
                "heard": [recogniser.classes[head][label] for label in heard],
                "errors": round(parts[f"{head}_errors_beam"].total),
            }
        yield _who(record) | {"heads": told}


def _who(record: Spoken) -> dict[str, Any]:
    return {name: record[name] for name in ("id", "speaker", "emotion", "text")}


def held_out(work: Work, recogniser: Recogniser, settings: Ctc) -> SpeechItems:
    """The utterances of the eval split. Errors: ValueError where there is none."""
    features = speech(work)
    teacher = Teacher(features.language, recogniser.vocabulary, recogniser.heads, settings)
    items = SpeechItems(features, "eval", teacher, recogniser.stride)
    if not len(items):
        raise ValueError(nothing_left("eval"))
    return items


def job(work: Work) -> None:
    """Write metrics.json and utterances.jsonl, and heard.jsonl: what was heard of each utterance."""
    run: dict = {}
    with timed(run):
        training, take = work.parents["recogniser"], work["take"]
        features = speech(work)
        recogniser = Recogniser.load(work.store, training, take, features.mel_spec)
        params = work.store.read_node(training).params
        items, found = held_out(work, recogniser, over(Ctc, params, "ctc.")), Measurement()
        work.folder.mkdir(parents=True, exist_ok=True)
        with (
            Progress("recognition", len(items), "utterances") as progress,
            replacing(work.folder / HEARD) as temporary,
            temporary.open("w", encoding="utf-8") as file,
        ):
            for told in measured(items, recogniser, work["evaluation.beam"], found):
                file.write(json.dumps(told, ensure_ascii=False) + "\n")
                progress.step()
        found.pool([one for head in recogniser.heads for one in quantities(head)], work["evaluation.bootstrap"])
        found.more["speaks"] = told_of(work.store, training, take)
        found.more["excluded"] = items.excluded
        found.write(work.folder)
    finish(work, run, {})
