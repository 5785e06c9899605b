"""Entries of datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from koeru.config.base import Hertz, InHome, NotNegative, Part, Positive, Section, Share
from koeru.config.corpora import Chosen


class Wav(Section):
    """Resampling; `max_clipped` is the share of samples on flat tops beyond which a recording is excluded."""

    sample_rate: Positive = 22050
    max_clipped: Share = 0.005


class Segments(Section):
    """Silence: thresholds in dBFS for head and tail (the tail's also for inner silences), lengths in ms.

    Head and tail are trimmed, and inner silences looked for, in steps of `chunk_size`. With `mute_inner` every chunk
    between head and tail that is not louder than `silence_thresh_t` becomes digital zero; the quality page shows how
    much of the speech that is, at this threshold and at others.
    """

    silence_thresh_h: float = -60.0
    silence_thresh_t: float = -70.0
    chunk_size: Positive = 10
    min_silence_len: Positive = 500
    keep_silence: Annotated[int, Field(ge=0)] = 100
    inner: Literal["mark", "split"] = "mark"
    mute_inner: bool = False

    @model_validator(mode="after")
    def _whole_chunks(self) -> Segments:
        if self.min_silence_len < self.chunk_size:
            raise ValueError(
                f"min_silence_len {self.min_silence_len} ms must be at least chunk_size, {self.chunk_size} ms"
            )
        return self


class Labels(Section):
    """Phones and accent marks, in the symbols of a `language`; `tier` is the TextGrid tier with the phones.

    `times` says when phones sound: by the label files that the corpus delivers; or `none`, for a dataset without
    phones, as voice conversion wants it, on which no model that reads text can be trained.

    `reading` says how texts become phones and accents: by the full-context labels that the corpus delivers, where
    people made them, and by the front end elsewhere, which with `follow` takes the phones that people wrote for the
    recording, or else the delivered kana, for what is said; with `delivered` it follows nothing; with `front_end` it
    reads every text by itself. Of an utterance's phones, `max_substitutions` may be heard as another one of their class
    (the language's package lists them) before the utterance is excluded; nothing that is followed needs it.

    The others are options of the front end. `iu` says how 言う and という are said: as its `dictionary` has it, as `iu`
    or as `yuu`; with `_base`, as `yuu` where the word ends in ウ, so that 言った stays as it is; with `kanji_`, only
    where it is written with 言. With `nani` a model tells ナニ from ナン, with `sudachi` a second dictionary corrects
    kanji by their neighbours; with `vanilla` it does without both, and without all else that it adds to OpenJTalk.
    """

    language: Literal["japanese"] = "japanese"
    accent: bool = True
    times: Literal["delivered", "none"] = "delivered"
    reading: Literal["follow", "delivered", "front_end"] = "follow"
    tier: str = "phones"
    max_characters: Positive = 500
    max_substitutions: Annotated[int, Field(ge=0)] = 0
    iu: Literal["dictionary", "iu", "yuu", "yuu_base", "kanji_iu", "kanji_yuu", "kanji_yuu_base"] = "yuu_base"
    nani: bool = True
    sudachi: bool = True
    vanilla: bool = False


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
    """WORLD F0; `speakers` gives some speakers bounds of their own: one that is not given there is that of all."""

    method: Literal["dio", "harvest"] = "dio"
    speakers: dict[str, F0Range] = Field({})

    @model_validator(mode="before")
    @classmethod
    def _inherited(cls, written: Any) -> Any:
        speakers = written.get("speakers") if isinstance(written, Mapping) else None
        if not isinstance(speakers, Mapping):
            return written
        common = {name: written[name] for name in F0Range.model_fields if name in written}
        own = {name: common | dict(given) if isinstance(given, Mapping) else given for name, given in speakers.items()}
        return {**written, "speakers": own}


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


class Statistics(Section):
    """Normalisation: one set of statistics, or one a speaker."""

    per_speaker: bool = False


class Pairs(Section):
    """Parallel utterances for voice conversion: [source, target] speakers, or patterns of them.

    Of the same sentence, the longer recording may last `max_duration_ratio` times as long as the shorter. How alike the
    phones of two texts are must be at least `min_text_similarity`: corpora may number their sentences differently.
    """

    speakers: tuple[tuple[str, str], ...] = ()
    max_duration_ratio: Annotated[float, Field(ge=1)] = 2.0
    min_text_similarity: Share = 0.9


class Gates(Section):
    """What a dataset must pass; the names begin with the direction of their limit, `max_` or `min_`.

    All are shares from 0 to 1, except `max_level_spread_db` in dB and `min_bandwidth_hz`. `max_excluded` is the share
    of its utterances that a stage may exclude (public corpora lack labels of up to 2 %), `max_shared_sentences` that of
    the dev and eval utterances whose sentence is trained on. The others are measured for each speaker, and the worst
    one counts: voiced frames of all frames; voiced frames more than an octave from the speaker's median F0; samples on
    flat tops; the frequency up to which nine tenths of the recordings, by length, hold speech; levels of the segments
    in dBFS, from the 5th to the 95th percentile; frames of silence and pauses; energy that was trimmed or muted away;
    segments spoken at less than half or more than double the speaker's median rate.
    """

    max_excluded: Share = 0.02
    min_voiced_share: Share = 0.3
    max_f0_outliers: Share = 0.1
    max_clipped_share: Share = 0.0005
    min_bandwidth_hz: NotNegative = 5000.0
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

    `features` are computed besides those that its trainings and its page read: `sp`, the spectral envelope with its
    statistics, and `tokens`, the symbols of its texts without times, for models that need no alignment.

    `speakers` and `emotions` give names their ids by their order; where they are empty, the sorted names of the
    dataset do. A list may name what the dataset does not have yet, and must name all that it has.

    `corrections` is a CSV file of readings that a person has corrected (id, kana with accents): what it says is in the
    key, where it lies is not.
    """

    note: str = ""
    corpora: tuple[Annotated[Chosen, BeforeValidator(_selection)], ...] = Field(min_length=1)
    shards: Annotated[int, Field(gt=0, le=9999)] = 16
    features: tuple[Literal["sp", "tokens"], ...] = ()
    speakers: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    corrections: InHome = ""
    wav: Wav = Wav()
    segments: Segments = Segments()
    labels: Labels = Labels()
    pitch: Pitch = Pitch()
    mel: Mel = Mel()
    sp: Sp = Sp()
    splits: Splits = Splits()
    stats: Statistics = Statistics()
    pairs: Pairs = Pairs()
    gates: Gates = Gates()
