"""What a stage is, and what each stage of a dataset reads: leaves of the configuration, and the stages before it.

Whoever changes what a stage computes, or a default, raises the stage's version below, or where its family declares it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from koeru.config.base import defaults
from koeru.config.corpora import StandIn
from koeru.config.languages import FILES
from koeru.config.spk import Spk


@dataclass(frozen=True)
class Stage:
    """A step of the flow.

    `parents` are the roles of the nodes whose output it reads: a role is the stage's name, or what its own declaration
    calls it. `reads` are the leaves that its job reads. `title` says what it does, in a few words. `job` is the
    function that a stage of a family runs, as "module:function"; one of a dataset has a script of its own.
    """

    version: int
    parents: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    title: str = ""
    job: str = ""
    workers: int = 1  # processes that its job starts
    sharded: bool = False  # one job a shard, and a seal
    of_corpora: bool = False  # its job reads files of the corpora, and is told where they lie
    chunked: bool = False  # a training: its jobs are chunks of epochs
    on_device: bool = False  # its job may use a GPU, if its settings say so
    beginnings: tuple[str, ...] = ()  # roles of what a training begins with, and needs no more once it has begun
    of_others: tuple[str, ...] = ()  # roles of what other entries have trained: their ancestors are told apart
    uses: Mapping[str, str] = field(default_factory=dict)  # what other families do with it -> "module:function"

    @property
    def source(self) -> str:
        """Of a sharded stage, the parent whose utterances it passes on: the last one."""
        return self.parents[-1]


STFT = ("mel.n_fft", "mel.hop_length", "mel.win_length")
MEL = ("wav.sample_rate", *STFT, "mel.n_mels", "mel.fmin", "mel.fmax")
F0 = ("wav.sample_rate", "pitch.method", "pitch.f0_floor", "pitch.f0_ceil", "pitch.speakers")
# What decides how a text is read: the same for all stages that read texts. The last two are what a user's files say.
READING = tuple(f"labels.{leaf}" for leaf in ("language", "max_characters", "iu", "nani", "sudachi", "vanilla"))
READING += tuple(FILES)
_LABELS = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("labels.") and leaf not in READING)
SEGMENTS = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("segments."))
_PAIRS = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("pairs."))
GATES = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("gates."))
# `provenance` is no leaf of a dataset: it is what its corpora say of their labels; the last are what files say.
DATA_DEFAULTS = defaults(Spk) | defaults(StandIn, "stand_in.") | {"provenance": {}} | dict.fromkeys(FILES, "")

DATA_STAGES: Mapping[str, Stage] = {
    "stand_in": Stage(
        1,
        (),
        ("stand_in.minutes", "stand_in.seed", "stand_in.faults", "stand_in.pair"),
        title="synthesising a stand-in corpus",
        workers=2,
    ),
    "utterances": Stage(4, ("stand_in",), ("corpora", "shards", "speakers", "emotions"), title="listing the corpora"),
    "splits": Stage(2, ("utterances",), ("splits.dev", "splits.eval"), title="train, dev and eval"),
    "wav": Stage(
        3,
        ("utterances",),
        ("wav.sample_rate", "wav.max_clipped"),
        title="resampling",
        sharded=True,
        of_corpora=True,
    ),
    "segments": Stage(2, ("wav",), SEGMENTS, title="silence", sharded=True),
    "labels": Stage(
        4,
        ("utterances", "segments"),
        ("wav.sample_rate", "mel.hop_length", "provenance", "corrections", *_LABELS, *READING),
        title="phones, accents and durations",
        sharded=True,
        of_corpora=True,
    ),
    "tokens": Stage(
        2,
        ("utterances", "segments"),
        (*READING, "labels.reading", "corrections"),
        title="symbols of texts",
        sharded=True,
    ),
    "pitch": Stage(1, ("wav", "segments"), (*F0, "mel.hop_length"), title="F0", sharded=True),
    "energy": Stage(1, ("wav", "segments"), STFT, title="frame energy", sharded=True),
    "mel": Stage(1, ("wav", "segments"), MEL, title="log-mel", sharded=True),
    "sp": Stage(
        1, ("wav", "segments"), (*F0, "sp.frame_period", "sp.n_coded"), title="spectral envelope", sharded=True
    ),
    "stats": Stage(
        3,
        ("utterances", "labels", "pitch", "energy", "mel", "splits"),
        ("stats.per_speaker",),
        title="normalisation statistics of the training split",
    ),
    "sp_stats": Stage(
        1,
        ("utterances", "labels", "sp", "splits"),
        ("stats.per_speaker",),
        title="normalisation statistics of the spectral envelope",
    ),
    "pairs": Stage(
        4,
        ("utterances", "segments", "splits"),
        (*_PAIRS, *READING, "labels.reading", "corrections"),
        title="parallel utterances of two speakers",
    ),
    "dataset": Stage(
        4,
        (
            *("utterances", "wav", "segments", "labels", "tokens", "pitch", "energy", "mel", "sp", "splits"),
            *("stats", "sp_stats", "pairs"),
        ),
        GATES,
        title="the account, the quality page and the gates",
    ),
}

# What a dataset makes where its entry, or a training, asks for it: a name in `features` of the entry -> the stages.
ON_DEMAND: Mapping[str, tuple[str, ...]] = {"tokens": ("tokens",), "sp": ("sp", "sp_stats")}
