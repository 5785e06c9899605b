"""Who speaks: as a command line says, or as a voice does first."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from koeru.data.vocabulary import neutral
from koeru.use.names import known
from koeru.use.speech import SpeakingVoice, Who


def speaking(voice: SpeakingVoice, speaker: str | None, emotion: str | None, before_emotion: str | None) -> Who:
    """Who speaks, as a person says, or as the voice does first; what was chosen of several is told.

    Errors: ValueError naming the option of a name that the voice does not know.
    """
    names = voice.vocabulary
    if speaker is None:
        speaker = voice.speakers[0]
        if len(voice.speakers) > 1 and "speaker" in voice.controls:
            print(f"speaker: {speaker}; --speaker takes {_listed(voice.speakers)}", file=sys.stderr)
    if emotion is None:
        emotion = neutral(names.emotions)
        if len(names.emotions) > 1 and "emotion" in voice.controls:
            print(f"emotion: {emotion}; --emotion takes {_listed(names.emotions)}", file=sys.stderr)
    return Who(
        known("--speaker", speaker, voice.speakers),
        known("--emotion", emotion, names.emotions),
        known("--before-emotion", before_emotion or "", names.before_emotions),
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} others"
