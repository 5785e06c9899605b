"""The call of pyopenjtalk. Imported in the front end's child process only (`koeru.languages.japanese.front_end`)."""

import pyopenjtalk

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.hygiene import named
from koeru.text.reading import TextError

PAUSE = "、"


def extract(text: str) -> list[str]:
    """Return the full-context labels of a text, as `pyopenjtalk.extract_fullcontext` does.

    Raises TextError for letters that became a pause, which is what happens to a kanji outside the dictionary, and to
    々 and 〇 where they make no word with their neighbours.
    """
    words = pyopenjtalk.run_frontend(text)
    if unread := [c for word in words if word["pron"] == PAUSE for c in word["string"] if c.isalnum()]:
        raise TextError(f"the front end cannot read {named(unread)}: write the word in kana")
    return pyopenjtalk.make_label(words)


def read(text: str) -> tuple[str, bytes, str] | tuple[()]:
    """Return phones, devoiced flags and marks in little space, for `front_end.ReadingFrontEnd`; () for none."""
    if not (labels := extract(text)):
        return ()
    reading = read_labels(labels)
    return " ".join(reading.phones), bytes(reading.devoiced), "".join(reading.accents)
