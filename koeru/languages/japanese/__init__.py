"""Japanese: OpenJTalk's phones and accent marks, and how texts become them."""

from koeru.languages.japanese.accents import LABEL, read_labels
from koeru.languages.japanese.braces import marked
from koeru.languages.japanese.classes import ALIKE, CLASSES
from koeru.languages.japanese.dictionary import problems_of, rows_concerning
from koeru.languages.japanese.front_end import ReadingFrontEnd
from koeru.languages.japanese.kana import from_notation, kana_of, pronounced, to_notation
from koeru.languages.japanese.letters import letters
from koeru.languages.japanese.minimal_pairs import PROBES
from koeru.languages.japanese.moras import is_mora
from koeru.languages.japanese.phones import ACCENTS, CLOSING, PAU, PHONES, SIL, VOWELS, normalise
from koeru.languages.japanese.phrases import phrases, reading_of
from koeru.languages.japanese.sentences import sentences
from koeru.languages.japanese.versions import tools, version


class Japanese:
    """The `koeru.languages.Language` of this package."""

    name, code = "japanese", "ja"
    symbols, marks = PHONES, ACCENTS
    silences = (SIL, PAU)
    vowels = long_vowels = VOWELS
    alike, classes = ALIKE, CLASSES
    closing = CLOSING
    full_context = LABEL
    letters = staticmethod(letters)
    probes = PROBES
    reader = ReadingFrontEnd
    normalise = staticmethod(normalise)
    read_labels = staticmethod(read_labels)
    from_notation = staticmethod(from_notation)
    to_notation = staticmethod(to_notation)
    phrases = staticmethod(phrases)
    reading_of = staticmethod(reading_of)
    is_mora = staticmethod(is_mora)
    kana_of = staticmethod(kana_of)
    pronounced = staticmethod(pronounced)
    marked = staticmethod(marked)
    sentences = staticmethod(sentences)
    problems_of = staticmethod(problems_of)
    rows_concerning = staticmethod(rows_concerning)
    tools = staticmethod(tools)
    version = staticmethod(version)


LANGUAGE = Japanese()
