"""Which files of a corpus are data, by their names, and what is left of a name without its ending."""

from __future__ import annotations

from functools import cache

Kind = tuple[str, ...]  # endings; of two files whose names differ in them alone, the first is preferred

RECORDING: Kind = (".wav", ".flac", ".aiff", ".aif", ".ogg", ".opus", ".mp3", ".m4a")
TEXTGRID: Kind = (".TextGrid",)
LAB: Kind = (".lab",)
PLACE = {TEXTGRID: "TextGrid", LAB: "lab"}  # the folders that files with times usually lie in
LIST: Kind = (".csv", ".tsv", ".txt", ".list")
TEXT: Kind = (".txt",)
ARCHIVE: Kind = (".gz", ".tgz", ".tar", ".zip")
OF_SYSTEMS = "__MACOSX"  # a folder of archives that a Mac made, full of hidden files


@cache
def spellings(kind: Kind) -> dict[str, int]:
    """Every ending as people write it (.wav, .WAV, .Wav), the preferred one first, with its place in this order."""
    forms = (
        form for ending in kind for form in (ending, ending.lower(), ending.upper(), f".{ending[1:].capitalize()}")
    )
    return {form: place for place, form in enumerate(dict.fromkeys(forms))}


def parts(name: str, kind: Kind) -> tuple[str, str]:
    """A name or path without its ending, and the ending; the ending is "" where it is none of the kind."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if dot + ending in spellings(kind) else (name, "")


def hidden(name: str) -> bool:
    """Whether a file or folder is none of its owner's: what systems leave behind (.DS_Store, ._x.wav, __MACOSX)."""
    return name.startswith(".") or name == OF_SYSTEMS
