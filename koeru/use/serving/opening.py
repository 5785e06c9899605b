"""The voices that a command line names, ready to be served: how each is called, and what binds who uses it."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from itertools import chain, count
from pathlib import Path

from koeru.data import bundle
from koeru.data.exported import read_told
from koeru.data.vocabulary import Vocabulary, neutral
from koeru.languages import language
from koeru.use.card import UNTOLD, rights_of
from koeru.use.models import MODEL, able, model_file, opened, sound_of
from koeru.use.reading import VoiceReader
from koeru.use.serving.speakers import Named
from koeru.use.serving.voices import Served, Texts
from koeru.use.serving.words import UserDictionary
from koeru.use.speech import SpeakingVoice, Speech

WORDS = Path("koeru", "user_dict.json")  # in the folder for a user's data
RIGHTS = ("licence", "credit", "consent")


def voices_of(arguments: argparse.Namespace) -> list[Served]:
    """The voices, which share the readers of texts that are read alike, and the user's words.

    Errors: as of `model_file`, `opened` and `sound_of`; ValueError for a voice that is named twice.
    """
    models = [model_file(path) for path in arguments.voices]
    digests = [digest(model) for model in models]
    if twice := [path for path, own in zip(arguments.voices, digests, strict=True) if digests.count(own) > 1]:
        raise ValueError(f"{' and '.join(map(str, twice))} are one voice: name it once")
    texts = _texts(models, arguments.dictionary or words_file())
    names = distinct(named(path) for path in arguments.voices)
    return [_served(*own, arguments) for own in zip(models, names, digests, texts, strict=True)]


def _served(model: Path, name: str, own: str, texts: Texts, arguments: argparse.Namespace) -> Served:
    voice: SpeakingVoice = opened(model, "speak", arguments.device, arguments.threads)
    sound = sound_of(model, voice.mel_spec, arguments.sound)
    listed = Named(name, own, voice.speakers, emotions(voice))
    return Served(listed, Speech(voice, sound, arguments.seed, arguments.temperature), texts, policy(model))


def _texts(models: Sequence[Path], words: Path) -> list[Texts]:
    """Who reads to each model; those whose texts were read alike share one."""
    shared: dict[str, Texts] = {}
    found = []
    dictionary: UserDictionary | None = None
    for model in models:
        able(model, "speak")
        told = read_told(model)
        reading, spoken = told.get("reading"), Vocabulary.of(told["vocabulary"]).language
        dictionary = dictionary or UserDictionary(words, language(spoken))
        key = json.dumps([reading, spoken], sort_keys=True)
        if key not in shared:
            shared[key] = Texts(VoiceReader(reading, spoken, model), dictionary)
            shared[key].reader.start()  # while models are opened
        found.append(shared[key])
    return found


def words_file() -> Path:
    """Where a user's words are kept."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / WORDS


def digest(model: Path) -> str:
    """sha256 of the file of a model, in a bundle or not."""
    with bundle.opened(model) as (file, _):
        return hashlib.file_digest(file, "sha256").hexdigest()


def named(path: Path) -> str:
    """How a voice is called: as its experiment, or as its file."""
    own = path.resolve()
    if own.is_dir():
        return own.name
    return own.parent.name if own.stem == MODEL else own.stem


def distinct(names: Iterable[str]) -> list[str]:
    """Names, of which those that were there before get a number."""
    found: list[str] = []
    for name in names:
        others = (f"{name}-{number}" for number in count(2))
        found.append(next(own for own in chain([name], others) if own not in found))
    return found


def emotions(voice: SpeakingVoice) -> list[str]:
    """The emotions of a voice, that of its own first, which is the only one if it is told of none."""
    known = [*voice.vocabulary.emotions]
    own = neutral(known)
    return [own, *(other for other in known if other != own)] if "emotion" in voice.controls else [own]


def policy(model: Path) -> str:
    """What binds whoever uses a voice, a paragraph a corpus; "" where nothing beside its file tells."""
    return "\n\n".join(
        f"{name}: " + "; ".join(f"{right}: {own.get(right) or UNTOLD}" for right in RIGHTS)
        for name, own in rights_of(model).items()
    )
