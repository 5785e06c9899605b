"""What each stage reads: the leaves of the configuration, and the stages before it.

Whoever changes what a stage computes, or a default, raises the stage's version below.
"""

from __future__ import annotations

from dataclasses import dataclass

from koeru.config.base import defaults
from koeru.config.spk import Spk, StandIn
from koeru.families.acoustic.entry import Exp
from koeru.families.vocoder.entry import Vocoder, Weights

DEFAULTS = (
    defaults(Spk)
    | defaults(Exp)
    | defaults(StandIn, "stand_in.")
    | defaults(Weights, "weights.")
    | defaults(Vocoder, "vocoder.")
)


@dataclass(frozen=True)
class Stage:
    """A step of the flow: `reads` are the leaves that its script reads, `parents` the stages whose output it reads."""

    version: int
    parents: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    sharded: bool = False

    @property
    def source(self) -> str:
        """Of a sharded stage, the parent whose utterances it passes on: the last one."""
        return self.parents[-1]


_STFT = ("mel.n_fft", "mel.hop_length", "mel.win_length")
_MEL = ("wav.sample_rate", *_STFT, "mel.n_mels", "mel.fmin", "mel.fmax")
_F0 = ("wav.sample_rate", "pitch.method", "pitch.f0_floor", "pitch.f0_ceil", "pitch.speakers")
_LABELS = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("labels."))
GATES = tuple(leaf for leaf in defaults(Spk) if leaf.startswith("gates."))
_MODEL = tuple(leaf for leaf in defaults(Exp) if leaf.startswith("model."))
INERT_TRAIN = (
    "train.threads",
    "train.device",
    "train.devices",
    "train.workers",
    "train.compile",
    "train.checkpoint_every",
)
_TRAIN = tuple(leaf for leaf in defaults(Exp) if leaf.startswith("train.") and leaf not in INERT_TRAIN)
INERT_VOCODER = tuple(f"vocoder.{leaf}" for leaf in (*INERT_TRAIN, "train.cuda_graphs"))
_VOCODER = tuple(
    leaf for leaf in defaults(Vocoder, "vocoder.") if leaf.startswith("vocoder.train.") and leaf not in INERT_VOCODER
)
_WEIGHTS = ("weights.variant", "weights.generator_sha256", "weights.discriminators_sha256")

STAGES: dict[str, Stage] = {
    "stand_in": Stage(1, (), ("stand_in.minutes", "stand_in.seed", "stand_in.faults")),
    "utterances": Stage(3, ("stand_in",), ("corpora", "shards", "speakers", "emotions")),
    "splits": Stage(2, ("utterances",), ("splits.dev", "splits.eval")),
    "wav": Stage(2, ("utterances",), ("wav.sample_rate", "wav.max_clipped"), sharded=True),
    "segments": Stage(
        2,
        ("wav",),
        (
            "segments.silence_thresh_h",
            "segments.silence_thresh_t",
            "segments.min_silence_len",
            "segments.keep_silence",
            "segments.inner",
        ),
        sharded=True,
    ),
    "labels": Stage(3, ("utterances", "segments"), ("wav.sample_rate", "mel.hop_length", *_LABELS), sharded=True),
    "pitch": Stage(1, ("wav", "segments"), (*_F0, "mel.hop_length"), sharded=True),
    "energy": Stage(1, ("wav", "segments"), _STFT, sharded=True),
    "mel": Stage(1, ("wav", "segments"), _MEL, sharded=True),
    "sp": Stage(1, ("wav", "segments"), (*_F0, "sp.frame_period", "sp.n_coded"), sharded=True),
    "stats": Stage(3, ("utterances", "labels", "pitch", "energy", "mel", "splits"), ("stats.per_speaker",)),
    "pairs": Stage(1, ("utterances", "segments", "splits"), ("pairs.speakers", "pairs.max_duration_ratio")),
    "dataset": Stage(
        2,
        ("utterances", "wav", "segments", "labels", "pitch", "energy", "mel", "sp", "splits", "stats", "pairs"),
        GATES,
    ),
    "train": Stage(
        2,
        ("labels", "pitch", "energy", "mel", "stats", "splits", "pretrain"),
        (*_MODEL, *_TRAIN, "optimizer", "partial"),
    ),
    "weights": Stage(1, (), _WEIGHTS),
    "gta": Stage(1, ("train", "labels", "pitch", "energy", "mel", "stats", "splits")),
    "vocoder": Stage(
        1,
        ("wav", "segments", "mel", "splits", "gta", "start"),
        (
            "wav.sample_rate",
            *_STFT,
            "mel.n_mels",
            "mel.fmin",
            "vocoder.mels",
            "vocoder.optimizer",
            "vocoder.variant",
            "vocoder.mpd_channels",
            "vocoder.msd_channels",
            *_VOCODER,
        ),
    ),
    "resynthesis": Stage(
        1,
        ("vocoder", "wav", "segments", "mel", "splits", "gta"),
        (
            *_F0,
            *_MEL[1:],
            "vocoder.take",
            "vocoder.samples",
            "vocoder.griffin_lim_iterations",
            "vocoder.bootstrap",
        ),
    ),
    "synthesis": Stage(
        3,
        ("train", "wav", "segments", "labels", "pitch", "energy", "mel", "stats", "splits", "vocoder"),
        (*_MEL, "synthesis.samples", "synthesis.temperature", "synthesis.griffin_lim_iterations", "vocoder.take"),
    ),
    "evaluation": Stage(
        2,
        ("train", "labels", "pitch", "energy", "mel", "stats", "splits"),
        ("evaluation.bootstrap", "evaluation.prosody_samples", "synthesis.temperature"),
    ),
    "exp": Stage(4, ("train", "stats", "synthesis", "evaluation", "vocoder")),
}
