"""What clients say and are told, as JSON: the names, and what they mean, are those of VOICEVOX's engine.

Lengths are seconds. The pitch of a mora is the natural logarithm of its F0 in Hz, 0 where it has none.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_SECONDS = 60.0  # of one length
MAX_PITCH = 8.0  # e^8 is 2981 Hz
Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)]
Pitch = Annotated[float, Field(ge=0, le=MAX_PITCH, allow_inf_nan=False)]
Scale = Annotated[float, Field(le=100, allow_inf_nan=False)]
Phone = Annotated[str, Field(min_length=1, max_length=4)]


class RequestError(ValueError):
    """What cannot be done as it is asked; the message says why."""


class Told(BaseModel):
    """What is told; names that koeru does not know are passed over, as newer clients have more of them."""

    model_config = ConfigDict(extra="ignore")


class Mora(Told):
    """A mora, or a pause, whose vowel is `pau`. A devoiced vowel is a capital letter."""

    text: str = Field(max_length=8, description="its kana; what is spoken are consonant and vowel")
    consonant: Phone | None = None
    consonant_length: Seconds | None = None
    vowel: Phone
    vowel_length: Seconds
    pitch: Pitch = Field(description="natural logarithm of the F0 in Hz; 0 leaves it to the voice")


class AccentPhrase(Told):
    """The moras of an accent phrase; the pitch falls behind mora `accent`, the last one standing for a flat phrase."""

    moras: list[Mora] = Field(min_length=1, max_length=1000)
    accent: int = Field(ge=0, le=1000)
    pause_mora: Mora | None = None
    is_interrogative: bool = False


AccentPhrases = Annotated[list[AccentPhrase], Field(max_length=1000)]


class AudioQuery(Told):
    """How a text is said; as a voice would say it itself, until it is changed."""

    accent_phrases: AccentPhrases
    speed: Scale = Field(alias="speedScale", gt=0, description="1.25 makes all a fifth shorter")
    pitch: Scale = Field(alias="pitchScale", ge=-1, le=1, description="pitches times 2 to the power of this")
    intonation: Scale = Field(alias="intonationScale", ge=0, le=10, description="of distances from the mean pitch")
    volume: Scale = Field(alias="volumeScale", ge=0, le=10)
    before: Seconds = Field(alias="prePhonemeLength", description="silence before speech")
    after: Seconds = Field(alias="postPhonemeLength", description="silence behind it")
    pause: Seconds | None = Field(None, alias="pauseLength", description="of each pause; null: as long as it says")
    pause_scale: Scale = Field(1.0, alias="pauseLengthScale", ge=0)
    sample_rate: int = Field(alias="outputSamplingRate", ge=8000, le=96000)
    stereo: bool = Field(alias="outputStereo")
    kana: str | None = Field("", max_length=20000, description="the reading in kana with accents; not used")


class Style(Told):
    """An emotion of a speaker; the id is what `speaker` of other requests means."""

    name: str
    id: int
    type: Literal["talk"] = "talk"


class SupportedFeatures(Told):
    """What of a speaker may be mixed with others: nothing."""

    permitted_synthesis_morphing: Literal["NOTHING"] = "NOTHING"


class Speaker(Told):
    """A speaker of a voice."""

    name: str
    speaker_uuid: str
    styles: list[Style]
    version: str
    supported_features: SupportedFeatures = SupportedFeatures()


class StyleInfo(Told):
    """Pictures and samples of a style, in base64."""

    id: int
    icon: str
    portrait: str | None = None
    voice_samples: list[str] = []


class SpeakerInfo(Told):
    """The terms under which a speaker may be heard, and pictures in base64."""

    policy: str
    portrait: str
    style_infos: list[StyleInfo]


class ParseKanaBadRequest(Told):
    """Why kana with accents are no reading."""

    text: str
    error_name: str
    error_args: dict[str, str]


WordType = Literal["PROPER_NOUN", "COMMON_NOUN", "VERB", "ADJECTIVE", "SUFFIX"]


class UserDictWord(Told):
    """A word of the user's dictionary, as VOICEVOX's engine tells it."""

    surface: str
    priority: int
    context_id: int = 1348
    part_of_speech: str
    part_of_speech_detail_1: str
    part_of_speech_detail_2: str
    part_of_speech_detail_3: str
    inflectional_type: str = "*"
    inflectional_form: str = "*"
    stem: str = "*"
    yomi: str
    pronunciation: str
    accent_type: int
    mora_count: int | None = None
    accent_associative_rule: str = "*"
