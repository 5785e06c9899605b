"""Entries of corpora, and what a dataset takes of one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from koeru.config.base import InHome, Section, Seed
from koeru.config.label_sets import LabelSet, listed


class StandIn(Section):
    """A synthesised corpus in place of a real one: dialogues, or a `pair` of speakers who read the same sentences.

    The dialogues are in the format studies and may have `faults`, the pair is in the format folder. `minutes` are those
    of all speech, of a pair those of the source.
    """

    minutes: Annotated[float, Field(gt=0)] | None = None
    seed: Seed = 0
    faults: tuple[str, ...] = ()
    pair: bool = False


class Corpus(Section):
    """Recordings and transcripts as delivered. `source` says, in words, where to get them.

    `labels` are sets of label files that lie beside the corpus, the preferred one first, each with its `name`, its
    `path`, who `made` it (by_hand or machine) and what it `gives` (times, reading, accents, devoicing). `licence` and
    `credit` (the line that names its makers) are what `snakemake corpora` shows; unless given, what koeru knows of the
    format. Whoever is given a voice that was trained on the corpus reads both, what is known of the `consent` of who
    speaks, and whether such `voices` may be passed on (allowed, forbidden; unless given, unknown).
    """

    note: str = ""
    format: Literal[
        "aidatatang_200zh",
        "aishell1",
        "aishell3",
        "cn_celeb",
        "folder",
        "ita",
        "jsss",
        "jsut",
        "jvs",
        "ljspeech",
        "primewords",
        "st_cmds",
        "studies",
        "style_bert_vits2",
    ]
    path: InHome | None = None
    labels: Annotated[tuple[LabelSet, ...], BeforeValidator(listed)] = ()
    source: str = ""
    licence: str = ""
    credit: str = ""
    consent: str = ""
    voices: Literal["allowed", "forbidden", "unknown"] = "unknown"
    revision: int = 1
    stand_in: StandIn | None = None


class Chosen(Section):
    """What a dataset takes of a corpus: names, or patterns such as jvs0*; an empty list takes everything.

    `drop` names the ids of utterances to leave out. A corpus alone by its name is taken whole.
    """

    name: str
    subsets: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
