"""Who speaks: names that a command line gives, held against those that a model knows."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from koeru.config.nearest import nearest
from koeru.use.speech import SpeakingVoice, Who

NEUTRAL = "Normal"  # the emotion in which a voice speaks unless told, where it has one of this name


def known(option: str, wanted: str, names: Sequence[str]) -> str:
    """A name that a model knows. Errors: ValueError naming the option and the nearest."""
    if wanted not in names:
        raise ValueError(f"{option}: the model does not know {wanted!r}{nearest(wanted, names)}")
    return wanted


def speaking(
    voice: SpeakingVoice, speaker: str | None, emotion: str | None, before_emotion: str | None, *, quiet: bool = False
) -> Who:
    """Who speaks, as a person says, or as the voice does first; what was chosen of several is told.

    Errors: ValueError naming the option of a name that the voice does not know.
    """
    names = voice.vocabulary
    if speaker is None:
        speaker = voice.speakers[0]
        if len(voice.speakers) > 1 and "speaker" in voice.controls and not quiet:
            print(f"speaker: {speaker}; --speaker takes {_listed(voice.speakers)}", file=sys.stderr)
    if emotion is None:
        emotion = NEUTRAL if NEUTRAL in names.emotions else names.emotions[0]
        if len(names.emotions) > 1 and "emotion" in voice.controls and not quiet:
            print(f"emotion: {emotion}; --emotion takes {_listed(names.emotions)}", file=sys.stderr)
    return Who(
        known("--speaker", speaker, voice.speakers),
        known("--emotion", emotion, names.emotions),
        known("--before-emotion", before_emotion or "", names.before_emotions),
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} others"
