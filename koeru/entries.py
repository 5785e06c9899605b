"""The entries of a configuration: every leaf with its kind, its unit and its default.

A *leaf* is one value that an entry can set, named by its dotted path, for example `pitch.f0_floor`. Lists, and
dictionaries keyed by speaker, are one leaf.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

PRETRAIN = re.compile(r"(?P<exp>[A-Za-z0-9_.-]+)@(?P<epoch>[0-9]+)")

Positive = Annotated[int, Field(gt=0)]
Even = Annotated[int, Field(gt=0, multiple_of=2)]
Hertz = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class Section(BaseModel):
    """A group of leaves: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class StandIn(Section):
    """A synthesised corpus in place of a real one."""

    minutes: Annotated[float, Field(gt=0)] | None = None
    seed: int = 0
    faults: tuple[str, ...] = ()


class Corpus(Section):
    """Recordings and transcripts as delivered. `source` says, in words, where to get them.

    `labels` are folders of label files that lie beside the corpus, by name, the preferred one first. `licence` is
    what `snakemake corpora` shows; unless given, what koeru knows of the format.
    """

    note: str = ""
    format: Literal["folder", "ita", "jsss", "jsut", "jvs", "studies"]
    path: str | None = None
    labels: dict[str, str] = {}
    source: str = ""
    licence: str = ""
    revision: int = 1
    stand_in: StandIn | None = None


class Selection(Section):
    """What a dataset takes of a corpus: names, or patterns such as jvs0*; an empty list takes everything.

    `drop` names the ids of utterances to leave out. A corpus alone by its name is taken whole.
    """

    name: str
    subsets: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class Wav(Section):
    """Resampling; `max_clipped` is the share of samples at full scale beyond which a recording is excluded."""

    sample_rate: Positive = 22050
    max_clipped: Share = 0.005


class Segments(Section):
    """Silence: thresholds in dBFS for head and tail (the tail's also for inner silences), lengths in ms."""

    silence_thresh_h: float = -60.0
    silence_thresh_t: float = -70.0
    min_silence_len: Positive = 500
    keep_silence: Annotated[int, Field(ge=0)] = 100
    inner: Literal["mark", "split"] = "mark"


class Labels(Section):
    """Phones and accent marks; `tier` is the TextGrid tier with the phones.

    `times` says when phones sound: by the label files that the corpus delivers; or `none`, for a dataset without
    phones, as voice conversion wants it, on which no model that reads text can be trained.

    `reading` says how texts become phones and accents: by the full-context labels that the corpus delivers, where it
    has some, and by the front end elsewhere; or always by the front end. Of an utterance's phones, `max_substitutions`
    may be heard as another one of their class (see `koeru.text.align`) before the utterance is excluded.
    """

    accent: bool = True
    times: Literal["delivered", "none"] = "delivered"
    reading: Literal["delivered", "front_end"] = "delivered"
    tier: str = "phones"
    max_characters: Positive = 500
    max_substitutions: Annotated[int, Field(ge=0)] = 0


class F0Range(Section):
    """Bounds in Hz between which F0 is searched."""

    f0_floor: Hertz = 71.0
    f0_ceil: Hertz = 800.0

    @model_validator(mode="after")
    def _ordered(self) -> F0Range:
        if self.f0_floor >= self.f0_ceil:
            raise ValueError(f"f0_floor {self.f0_floor:g} Hz must be below f0_ceil {self.f0_ceil:g} Hz")
        return self


class Pitch(F0Range):
    """WORLD F0; `speakers` gives some speakers bounds of their own."""

    method: Literal["dio", "harvest"] = "dio"
    speakers: dict[str, F0Range] = {}


class Mel(Section):
    """Short-time analysis and mel bands, as HiFi-GAN defines them; lengths in samples, frequencies in Hz."""

    n_fft: Positive = 1024
    hop_length: Positive = 256
    win_length: Positive = 1024
    n_mels: Positive = 80
    fmin: Annotated[float, Field(ge=0)] = 0.0
    fmax: Hertz = 8000.0


class Sp(Section):
    """Coded WORLD spectral envelope; `frame_period` in ms."""

    frame_period: Annotated[float, Field(gt=0)] = 5.0
    n_coded: Positive = 34


class Splits(Section):
    """Shares of the dialogues that are held out."""

    dev: Part = 0.05
    eval: Part = 0.05


class Stats(Section):
    """Normalisation: one set of statistics, or one a speaker."""

    per_speaker: bool = False


class Pairs(Section):
    """Parallel utterances for voice conversion: [source, target] speakers, or patterns of them.

    Of the same sentence, the longer recording may last `max_duration_ratio` times as long as the shorter.
    """

    speakers: tuple[tuple[str, str], ...] = ()
    max_duration_ratio: Annotated[float, Field(ge=1)] = 2.0


class Gates(Section):
    """What a dataset must pass; the names begin with the direction of their limit, `max_` or `min_`.

    All are shares from 0 to 1, except `max_level_spread_db` in dB. `max_excluded` is the share of its utterances that
    a stage may exclude, `max_shared_sentences` that of the dev and eval utterances whose sentence is trained on. The
    others are measured for each speaker, and the worst one counts: voiced frames of all frames; voiced frames more than
    an octave from the speaker's median F0; samples at full scale; levels of the segments in dBFS, from the 5th to the
    95th percentile; frames of silence and pauses; energy that silence trimming took away; segments spoken at less than
    half or more than double the speaker's median rate.
    """

    max_excluded: Share = 0.01
    min_voiced_share: Share = 0.3
    max_f0_outliers: Share = 0.1
    max_clipped_share: Share = 0.0005
    max_level_spread_db: Annotated[float, Field(ge=0)] = 25.0
    max_silence_share: Share = 0.4
    max_trimmed_energy: Share = 0.0005
    max_rate_outliers: Share = 0.05
    max_shared_sentences: Share = 0.0


def _selection(written: Any) -> Any:
    """A corpus written by its name alone."""
    return {"name": written} if isinstance(written, str) else written


class Spk(Section):
    """A dataset: its corpora and the parameters of every data stage.

    `speakers` and `emotions` give names their ids by their order; where they are empty, the sorted names of the
    dataset do. A list may name what the dataset does not have yet, and must name all that it has.
    """

    note: str = ""
    corpora: tuple[Annotated[Selection, BeforeValidator(_selection)], ...] = Field(min_length=1)
    shards: Annotated[int, Field(gt=0, le=1000)] = 16
    speakers: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    wav: Wav = Wav()
    segments: Segments = Segments()
    labels: Labels = Labels()
    pitch: Pitch = Pitch()
    mel: Mel = Mel()
    sp: Sp = Sp()
    splits: Splits = Splits()
    stats: Stats = Stats()
    pairs: Pairs = Pairs()
    gates: Gates = Gates()


class Model(Section):
    """FastSpeech2: widths in channels, kernel sizes in phones or frames.

    Pitch and energy are one value a phone or one a frame, and embedded by a convolution, or by `n_bins` bins whose
    edges come from the dataset's statistics. `emotion` tells the model the emotion of an utterance, `before_emotion`
    that of the turn before it in its dialogue.

    With `local_prosody` (a vector of `prosody_emb_dim` numbers a phone) or `global_prosody` (one an utterance) this is
    the model that the memo calls wGMM: an extractor hears prosody in the mel, and a predictor gives it as a mixture of
    `num_gaussians` (of the global vector: `global_num_gaussians`). With `prosody_speaker_independence` the predictor
    is not told the speaker.
    """

    type: Literal["fastspeech2"] = "fastspeech2"
    hidden: Positive = 256
    encoder_layers: Positive = 4
    decoder_layers: Positive = 6
    heads: Positive = 2
    filter_size: Positive = 1024
    kernel_sizes: tuple[Positive, Positive] = (9, 1)
    dropout: Share = 0.2
    variance_filter_size: Positive = 256
    variance_kernel_size: Positive = 3
    variance_dropout: Share = 0.5
    postnet_layers: Annotated[int, Field(ge=0)] = 5
    accent: bool = True
    speaker: bool = True
    emotion: bool = True
    before_emotion: bool = False
    pitch_level: Literal["phone", "frame"] = "phone"
    energy_level: Literal["phone", "frame"] = "phone"
    variance_embedding: Literal["conv", "bins"] = "conv"
    n_bins: Annotated[int, Field(ge=2)] = 256
    local_prosody: bool = False
    global_prosody: bool = False
    num_gaussians: Positive = 10
    global_num_gaussians: Positive = 10
    prosody_emb_dim: Even = 64
    prosody_filter_size: Positive = 256
    prosody_gru_size: Even = 512
    prosody_dropout: Share = 0.2
    prosody_gru_dropout: Share = 0.1
    prosody_speaker_independence: bool = True


class Train(Section):
    """Optimisation; the schedule is a function of the step alone, so that it does not change with `epochs`.

    A batch has `batch_size` utterances, or, where `batch_frames` is set, as many as fill that many frames, padding
    included. An utterance of more than `max_frames` frames is not trained on, and counted. `beta` and `g_beta` are the
    weights of the likelihoods of local and global prosody. `freeze` names parts of the model, such as
    `prosody.extractor`, that keep the weights they begin with. `checkpoint_every` is in seconds; `workers` are
    processes that load batches, `devices` how many GPUs (or, on the CPU, processes) share each batch.
    """

    seed: int = 773
    batch_size: Positive = 16
    group_size: Positive = 16
    batch_frames: Positive | None = None
    max_frames: Positive | None = None
    beta: Annotated[float, Field(ge=0)] = 0.02
    g_beta: Annotated[float, Field(ge=0)] = 0.02
    freeze: tuple[str, ...] = ()
    base_lr: Annotated[float, Field(gt=0)] = 0.0625
    warmup_steps: Positive = 2000
    max_lr_scale: Annotated[float, Field(gt=0)] = 0.016
    anneal_steps: tuple[Positive, ...] = (150_000, 200_000, 250_000)
    anneal_rate: Annotated[float, Field(gt=0, le=1)] = 0.3
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: Positive = 2
    device: Literal["auto", "cpu", "cuda"] = "auto"
    devices: Positive = 1
    workers: Annotated[int, Field(ge=0)] = 0
    compile: bool = False
    checkpoint_every: Annotated[float, Field(gt=0)] = 300.0


class Synthesis(Section):
    """Held-out utterances as audio; `temperature` scales how far sampled prosody strays (0: not at all)."""

    samples: Positive = 8
    temperature: Annotated[float, Field(ge=0)] = 1.0
    griffin_lim_iterations: Positive = 60


class Evaluation(Section):
    """Objective metrics; `bootstrap` is the number of resamples behind each confidence interval.

    Where prosody is sampled, `prosody_samples` of each utterance tell how much they differ.
    """

    bootstrap: Positive = 1000
    prosody_samples: Annotated[int, Field(ge=2)] = 8


class Exp(Section):
    """An experiment: a model on a dataset, perhaps pretrained from another experiment at an epoch.

    With `optimizer: keep` the step, the warm-up and the moments of the parent continue, with `reset` they start anew.
    `partial` names the parts of the model, such as `prosody.predictor.local`, whose weights the parent may lack, or
    have in another shape, or have too many of.
    """

    note: str = ""
    spk: str
    model: Model = Model()
    train: Train = Train()
    pretrain: str | None = None
    optimizer: Literal["reset", "keep"] = "reset"
    partial: tuple[str, ...] = ()
    epochs: Positive = 500
    chunk: Positive = 50
    synthesis: Synthesis = Synthesis()
    evaluation: Evaluation = Evaluation()

    def pretrained_from(self) -> tuple[str, int] | None:
        """The parent experiment and its epoch, or None."""
        if self.pretrain is None:
            return None
        match = PRETRAIN.fullmatch(self.pretrain)
        return (match["exp"], int(match["epoch"])) if match else None

    def saved_epochs(self) -> list[int]:
        """The grid of epochs that become files: every `chunk` epochs, and the last."""
        return [*range(self.chunk, self.epochs, self.chunk), self.epochs]


class Config(Section):
    """All entries, by name."""

    corpora: dict[str, Corpus]
    spk: dict[str, Spk]
    exp: dict[str, Exp]


def leaves(section: Section, prefix: str = "") -> dict[str, Any]:
    """Every leaf of an entry with its value: {"pitch.f0_floor": 71.0, ...}."""
    found: dict[str, Any] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Section):
            found |= leaves(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = _plain(value)
    return found


def defaults(kind: type[Section], prefix: str = "") -> dict[str, Any]:
    """The default of every leaf of an entry that has one."""
    found: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if isinstance(field.default, Section):
            found |= defaults(type(field.default), f"{prefix}{name}.")
        elif not field.is_required():
            found[f"{prefix}{name}"] = _plain(field.default)
    return found


def _plain(value: Any) -> Any:
    """A leaf as JSON would hold it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value
