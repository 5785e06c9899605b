"""The calls of pyopenjtalk. Imported in the front end's child process only (`koeru.languages.japanese.front_end`)."""

import csv
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from unicodedata import category, normalize

import pyopenjtalk
from pyopenjtalk.types import NJDFeature

from koeru.config.rows import Row
from koeru.languages.japanese import by_hand
from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.braces import OPEN
from koeru.languages.japanese.dictionary import compiled, read_dictionary
from koeru.languages.japanese.hygiene import named
from koeru.text.reading import Followed, Reading, TextError

PAUSE = "、"
PAUSES = "−|~^`"  # signs, by their category, that are written for a pause: a hyphen is the first, to the library
SIGNS = "#%&*@\\ー"  # and punctuation that is none
IU = {
    "dictionary": None,
    "iu": "Iu",
    "yuu": "Yuu",
    "yuu_base": "YuuBase",
    "kanji_iu": "KanjiIu",
    "kanji_yuu": "KanjiYuu",
    "kanji_yuu_base": "KanjiYuuBase",
}
Packed = tuple[str, bytes, str, str]  # phones, devoiced flags, marks, and what is not spoken


def read(
    text: str,
    *,
    iu: str = "yuu_base",
    nani: bool = True,
    sudachi: bool = True,
    vanilla: bool = False,
    dictionary: str = "",
) -> list[NJDFeature]:
    """The words of a text that is written out as it is spoken, with their readings and accents.

    The options are those of `koeru.languages.japanese.front_end.FrontEnd`.
    """
    corrected = OPEN in text
    use_dictionary(dictionary, corrected)
    front_end = partial(
        pyopenjtalk.run_frontend,
        iu_pronunciation=IU[iu],
        predict_nani=nani,
        use_sudachi_kanji_yomi=sudachi,
        use_vanilla=vanilla,
    )
    return by_hand.read(text, front_end, _contexts()) if corrected else front_end(text)


@cache  # one a child; with the first corrected word there are stand-ins, and they stay
def use_dictionary(path: str, stand_ins: bool = False) -> None:
    """Let the library know a user's words. Raises OSError: what is wrong with the words themselves was told before."""
    if not path and not stand_ins:
        return
    with tempfile.TemporaryDirectory() as folder:
        rows, words = Path(folder, "words.csv"), Path(folder, "words.dic")
        try:
            own = compiled(read_dictionary(path), _contexts()) if path else []
            _write_rows(rows, own + (by_hand.rows(_contexts()) if stand_ins else []))
            with _quietly():
                pyopenjtalk.mecab_dict_index(str(rows), str(words))
            entry = {"dic_path": str(words), "is_reading_protected": True}
            pyopenjtalk.update_global_jtalk_with_user_dict([entry])
        except (RuntimeError, ValueError) as error:
            raise OSError(f"the dictionary {path} could not be compiled: {error}") from error


@cache
def _contexts() -> dict[str, str]:
    """Parts of speech -> the library's ids of them."""
    lines = Path(pyopenjtalk.OPEN_JTALK_DICT_DIR.decode(), "left-id.def").read_text("utf-8").splitlines()
    return {part: number for number, _, part in (line.partition(" ") for line in lines)}


def _write_rows(path: Path, rows: list[Row]) -> None:
    """Write rows with their words as the library has them when it looks them up: in full width."""
    full_width = by_hand.library().normalize_for_mecab
    with path.open("w", encoding="utf-8", newline="") as file:
        for word, *row in rows:
            csv.writer(file, lineterminator="\n").writerow([full_width(normalize("NFKC", word)), *row])


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what C code prints on standard output: a bar of progress."""
    before = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(before, 1)
        os.close(before)


def labels(text: str, wanted: tuple[str, ...] | str = (), **options: object) -> list[str]:
    """The full-context labels of a text. Raises TextError for letters that the front end cannot read."""
    return _labels(read(text, **options))


def readings(text: str, wanted: tuple[str, ...] | str, **options: object) -> Packed | tuple[Packed, str] | tuple[()]:
    """The reading of a text in little space, () where nothing is read; and of wanted phones, how it has them."""
    if wanted:
        from koeru.languages.japanese.following import follow

        found: Followed = follow(text, wanted, partial(read, **options))
        return packed(found.reading), found.means
    words = read(text, **options)
    return packed(read_labels(made), unspoken(words)) if (made := _labels(words)) else ()


def _labels(words: list[NJDFeature]) -> list[str]:
    refuse_unread(words)
    return pyopenjtalk.make_label(words)


def refuse_unread(words: list[NJDFeature]) -> None:
    """Raise TextError for letters that became a pause.

    This is what happens to a kanji outside the dictionary, and to 々 and 〇 where they make no word with their
    neighbours.
    """
    if unread := [c for c in _silent(words) if c.isalnum() and c != "ー"]:
        raise TextError(f"the front end cannot read {named(unread)}: write the word in kana")


def unspoken(words: list[NJDFeature]) -> str:
    """The signs that became a pause though they are no punctuation."""
    signs = dict.fromkeys(_silent(words))
    return "".join(c for c in signs if c in SIGNS or (category(c)[0] == "S" and c not in PAUSES))


def _silent(words: list[NJDFeature]) -> str:
    silent = "".join(word["string"] for word in words if word["pron"] == PAUSE)
    return normalize("NFKC", silent)


def packed(reading: Reading, silent: str = "") -> Packed:
    """A reading as it travels."""
    return " ".join(reading.phones), bytes(reading.devoiced), "".join(reading.accents), silent
