"""Words that a person corrects inside a text, said as he wants them. Imported in the front end's child process only.

The library gets stand-ins for these words, one for each of their parts of speech, which a dictionary has: so what
stands around them is read as it was. In the library's words (NJD features) the person's kana take the place of the
stand-ins, and where the pitch falls in an accent phrase is the person's too, if his word is in it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise

import pyopenjtalk
from pyopenjtalk.openjtalk import OpenJTalk
from pyopenjtalk.types import MeCabMorph, NJDFeature

from koeru.config.rows import Row
from koeru.languages.japanese.braces import Word, parted
from koeru.languages.japanese.moras import KANA
from koeru.text.phrases import Phrase
from koeru.text.reading import TextError

FIRST = 0xE000  # of the stand-ins, by the library's number of their part of speech: for private use, refused in texts
STAND_IN = re.compile("[\ue000-\uf8ff]+")
NOUN = "名詞,一般,*,*,*,*,*"
SIGN, EDGE = "記号", "BOS/EOS"  # parts of speech that no word has
COST = "-30000"  # so that nothing is preferred to a stand-in
SAID, MORAS = "アアアアア", 5  # rules of accents count back some moras
BOUND = re.compile("助詞|助動詞|動詞|.*(接尾|非自立)")  # parts of speech that leave an accent before them where it is
FLATTENS = "C4"  # what other flat words do to it
PAUSE = "、"
OF_PAUSE = dict.fromkeys(("pos_group2", "pos_group3", "ctype", "cform", "chain_rule"), "*")
OF_PAUSE |= dict.fromkeys(("string", "orig", "read", "pron"), PAUSE) | {"pos": SIGN, "pos_group1": "読点"}
OF_PAUSE |= {"acc": 0, "mora_size": 0}
DEVOICED = "’"  # behind its mora, in the library's kana

Contexts = Mapping[str, str]  # parts of speech -> the library's numbers of them
FrontEnd = Callable[[str], list[NJDFeature]]


@dataclass
class _Phrase:
    """An accent phrase of the library's words, of which some are a person's."""

    nodes: list[NJDFeature] = field(default_factory=list)
    words: list[NJDFeature] = field(default_factory=list)  # those of the nodes that are a person's
    moras: int = 0
    asked: int = 0  # the nucleus as a person wants it, 0 where he wants none
    natural: int = 0  # and as the library has it, 0 where that is in a stand-in

    def add(self, node: NJDFeature) -> None:
        self.nodes.append(node)
        self.moras += node["mora_size"]

    def add_word(self, node: NJDFeature, nucleus: int) -> None:
        self.words.append(node)
        self.asked = self.moras + nucleus if nucleus else self.asked
        self.add(node)

    def close(self) -> None:
        for number, node in enumerate(self.nodes):
            node["chain_flag"] = int(number > 0)
        if self.words:
            self.nodes[0]["acc"] = self.asked or self.natural


def rows(contexts: Contexts) -> list[Row]:
    """The dictionary of stand-ins."""
    found = []
    for part, number in contexts.items():
        if not part.startswith((SIGN, EDGE)):
            said = SAID, SAID, f"0/{MORAS}", "*" if BOUND.match(part) else FLATTENS
            found.append((chr(FIRST + int(number)), number, number, COST, *part.split(",")[:6], "*", *said))
    return found


def read(text: str, front_end: FrontEnd, contexts: Contexts) -> list[NJDFeature]:
    """The words of a marked text; the front end must know the stand-ins.

    Raises TextError where it does not read a word as one.
    """
    pieces, words = parted(text)
    stand_ins = _stand_ins(pieces, words, contexts)
    nodes = front_end(pieces[0] + "".join(map(str.__add__, stand_ins, pieces[1:])))
    if "".join(node["string"] for node in nodes if STAND_IN.fullmatch(node["string"])) != "".join(stand_ins):
        raise TextError("a corrected word cannot be read where it stands: correct what is beside it too")
    phrases = list(_said(nodes, words, map(len, stand_ins)))
    for phrase in phrases:
        phrase.close()
    _devoice(phrases)
    return [node for phrase in phrases for node in phrase.nodes]


@cache
def library() -> OpenJTalk:
    """The library, for what needs no words of a user."""
    return OpenJTalk(dn_mecab=pyopenjtalk.OPEN_JTALK_DICT_DIR)


def _stand_ins(pieces: list[str], words: list[Word], contexts: Contexts) -> list[str]:
    """The stand-ins of each word: of the words that it is in its sentence, or of a noun where it is a part of one."""
    parts = [part for piece, word in zip(pieces, words, strict=False) for part in (piece, word.written)]
    ends = [*accumulate(len(library().normalize_for_mecab(part)) for part in parts)]
    _, morphs = pyopenjtalk.run_mecab_detailed("".join([*parts, pieces[-1]]))
    found = []
    for begin, end in zip(ends[::2], ends[1::2], strict=True):
        own = [morph for morph in morphs if begin <= morph["char_span"][0] and morph["char_span"][1] <= end]
        whole = own and (own[0]["char_span"][0], own[-1]["char_span"][1]) == (begin, end)
        known = whole and not any(map(_is_sign, own))
        numbers = [morph["left_id"] for morph in own] if known else [int(contexts[NOUN])]
        found.append("".join(chr(FIRST + number) for number in numbers))
    return found


def _is_sign(morph: MeCabMorph) -> bool:
    return SIGN in morph["features"][:2]


def _said(nodes: list[NJDFeature], words: Iterable[Word], counts: Iterable[int]) -> Iterator[_Phrase]:
    """The accent phrases of the library's words, with a person's, each in the place of a number of stand-ins.

    Of a phrase in which two of his have a nucleus there become two.
    """
    rest, left, phrase = zip(words, counts, strict=True), 0, _Phrase()
    for node, falls in zip(nodes, _falls(nodes), strict=True):
        is_first = node["chain_flag"] != 1
        if not STAND_IN.fullmatch(node["string"]):
            if is_first and phrase.nodes:
                yield phrase
                phrase = _Phrase()
            phrase.natural = phrase.moras + falls if falls else phrase.natural
            phrase.add(node)
        elif left:
            left -= 1
        else:
            word, count = next(rest)
            left = count - 1
            for number, own in enumerate(word.phrases):
                if phrase.nodes and (number or is_first or (own.nucleus and phrase.asked)):
                    yield phrase
                    phrase = _Phrase()
                phrase.add_word(_node(node, own), own.nucleus)
                if own.pause:
                    yield phrase
                    phrase = _Phrase([node | OF_PAUSE])
    yield phrase


def _falls(nodes: list[NJDFeature]) -> Iterator[int]:
    """Of each of the library's words the mora, from 1, behind which its accent phrase falls; 0 for most."""
    left = 0
    for node in nodes:
        left = node["acc"] if node["chain_flag"] != 1 else left
        yield left if 0 < left <= node["mora_size"] else 0
        left -= node["mora_size"]


def _node(stand_in: NJDFeature, phrase: Phrase) -> NJDFeature:
    kana = "".join(KANA[mora.phones] + DEVOICED * mora.devoiced for mora in phrase.moras)
    read = kana.replace(DEVOICED, "")
    return stand_in | {"string": read, "orig": read, "read": read, "pron": kana, "mora_size": len(phrase.moras)}


def _devoice(phrases: list[_Phrase]) -> None:
    """Devoice by the library's rule the phrases with a person's words, but for words of which he says it himself."""
    nodes = [node for phrase in phrases for node in phrase.nodes]
    told = {id(node) for phrase in phrases for node in phrase.words if DEVOICED in node["pron"]}
    concerned = [node for phrase in phrases if phrase.words for node in phrase.nodes if id(node) not in told]
    for before, after in pairwise(phrases):
        if after.words and not before.words:
            concerned.append(before.nodes[-1])
        elif before.words and not after.words and DEVOICED in after.nodes[0]["pron"]:  # if not two in a row
            concerned.append(after.nodes[0])
    for node in concerned:
        node["pron"] = node["pron"].replace(DEVOICED, "")
    revoiced = {id(node): new["pron"] for node, new in zip(nodes, library().set_unvoiced_vowel(nodes), strict=True)}
    for node in concerned:
        node["pron"] = revoiced[id(node)]
