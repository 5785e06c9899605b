"""A text of any length as the sentences in which it is spoken, one after the other.

A sentence ends behind 。！？, with the brackets and signs that close it; behind an ellipsis, where a space, a bracket
or nothing follows; behind the full stop of a Latin sentence; and with its line. Within brackets it does not end:
「行く。」と言った。 is one sentence, and only where no particle follows, 「行く。」彼は…, what they hold is one itself.

What is too long is cut: behind 。！？… within brackets, else behind 、, else at a space or a bracket, else before a
word, as far as kanji and kana tell words. A correction is never cut; numbers, Latin words and addresses only where one
alone is too long.
"""

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from koeru.languages.japanese.braces import BRACES
from koeru.text.reading import Sentence

LONGEST = 120  # characters of a sentence
SENTENCE, LINE, PARAGRAPH, CLAUSE = 0.3, 0.5, 0.9, 0.1  # seconds of the pause behind it; none amid a clause
PIECE = 4096  # characters that are held of a text, about
SEEN = 1024  # characters that are seen beyond the longest sentence

PAIRS = dict(zip("「『（(【《〈〔［[｢“", "」』）)】》〉〕］]｣”", strict=True))
QUOTES, QUOTED = "「『｢“", "」』｣”"  # of what is said, which may be a sentence itself
CLOSING = re.escape("".join(PAIRS.values()))
BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
LATIN, DIGITS = "A-Za-zＡ-Ｚａ-ｚÀ-ÖØ-öø-ÿ", "0-9０-９"
MARKS = "\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"  # of the character before them
TOKENS = {
    "space": r"\s+",
    "correction": BRACES.pattern,
    "address": r"(?:https?://|www\.)[!-~]{1,400}",
    "number": rf"[{DIGITS}]+(?:[.,:/．，：／][{DIGITS}]+){{0,20}}",
    "latin": rf"[{LATIN}]{{1,100}}(?:[.'’-][{LATIN}]{{1,100}}){{0,20}}",
    "ellipsis": r"(?:[…‥]|[.・]{2,20}){1,20}",
    "stop": rf"(?:[。｡！？‼⁇⁈⁉]|．(?![{LATIN}{DIGITS}])|[!?]++(?![A-Za-z0-9=&/])){{1,20}}",
    "period": r"\.",
    "comma": r"[、､，,;；:：]",
    "open": f"[{re.escape(''.join(PAIRS))}]",
    "close": f"[{CLOSING}]",
    "kanji": "[㐀-䶿一-鿿々〆〇]{1,50}[ぁ-ゖー]{0,50}",
    "katakana": "[ァ-ヺーｦ-ﾟ]{1,50}[ぁ-ゖ]{0,50}",
    "hiragana": "[ぁ-ゖー]{1,50}",
    "other": rf".(?:\u200d.|[{MARKS}]){{0,20}}",
}
TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in TOKENS.items()), re.DOTALL)
SIGNS = "♪♫♬♡♥★☆※〜～~\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\u200d\ufe0f"
LAUGHS = rf"[wｗ]{{1,20}}(?![.{LATIN}])|笑{{1,20}}(?=[\s。、!?！？{CLOSING}]|$)|[（(]笑[)）]"
TAIL = re.compile(rf"(?:[{CLOSING}\"'’{SIGNS}]|{TOKENS['stop']}|{TOKENS['ellipsis']}|{LAUGHS}){{0,30}}")
SAID = re.compile("って|と(?:言|い[うっわ]|思|おも|聞|叫|尋|答|書)")  # behind what is said without brackets
GOES_ON = re.compile("[、，,とっなはがをにでものかだやへよ]")  # behind a quotation: a particle, most of the time
ENDS = re.compile(rf"\s|$|[{re.escape(QUOTES)}]")  # behind an ellipsis that ends a sentence, or a full stop
TITLES = {"mr", "mrs", "ms", "dr", "st", "prof", "vs", "jr", "sr"}
NUMBERED = {"no", "vol", "fig", "p", "pp", "ch"}
GOOD = {"stop": 4, "ellipsis": 4, "comma": 3, "space": 2, "close": 2}  # how good it is to cut behind them
BRACKET, WORD, ANYWHERE = 2, 1, 0
NOT_FIRST = {"close", "comma", "stop", "period", "ellipsis"}  # of a sentence
PAUSES = {4: SENTENCE, 3: CLAUSE}  # behind what is cut there


def sentences(text: str | Iterable[str], longest: int = LONGEST) -> Iterator[Sentence]:
    """The sentences of a text, or of the pieces of one, each with the pause that follows it; none follows the last.

    Together they are the text but for white space. One has `longest` characters at most, unless a correction alone has
    more. Sentences of signs alone are among them. Only some thousand characters are held at a time.
    """
    source = _Source([text] if isinstance(text, str) else text)
    source.skip_space()
    while source.fill(longest + SEEN):
        end, pause = _end(source.text, longest)
        sentence = source.take(end)
        lines = source.skip_space()
        last = not source.fill(1)
        yield Sentence(sentence.rstrip(), 0.0 if last else PARAGRAPH if lines > 1 else LINE if lines else pause)


class _Source:
    """A text of which the beginning is held."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self.text = ""
        self._pieces = (piece[at : at + PIECE] for piece in pieces for at in range(0, len(piece), PIECE))

    def fill(self, count: int) -> bool:
        """Hold so many characters, or all there are; whether there are any."""
        held, length = [self.text], len(self.text)
        while length < count and (piece := next(self._pieces, "")):
            held.append(piece)
            length += len(piece)
        self.text = "".join(held)
        return bool(self.text)

    def take(self, count: int) -> str:
        taken, self.text = self.text[:count], self.text[count:]
        return taken

    def skip_space(self) -> int:
        """Leave white space out, and tell how many lines ended in it."""
        returns = others = 0
        while self.fill(1):
            rest = self.text.lstrip()
            space = self.take(len(self.text) - len(rest))
            returns += space.count("\r")
            others += sum(c in BREAKS for c in space) - space.count("\r")
            if rest:
                break
        return max(returns, others)  # they come in pairs, or alone


def _end(text: str, longest: int) -> tuple[int, float]:
    """Where the first sentence of a text ends, which begins without space, and the pause behind it, in seconds."""
    places: dict[int, int] = {}  # how good it is to cut there -> the last such place
    width, closers, before = 0, [], None
    for token in TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "space" and any(c in BREAKS for c in token[0]):
            return token.start(), SENTENCE
        if before is not None and before.lastgroup != "open" and kind not in NOT_FIRST:
            places[_goodness(before, kind)] = token.start()
        width += _width(token[0])
        if width > longest:
            return _cut(places, token, longest)
        if kind == "open" and _closes(text, token, longest):
            closers.append(PAIRS[token[0]])
        elif kind == "close" and token[0] in closers:
            while closers.pop() != token[0]:
                pass
        if not closers and before is not None and _ends(text, token, before):
            return token.end() + _tail(text, token.end(), longest - width), SENTENCE
        before = token
    return len(text), SENTENCE


def _width(text: str) -> int:
    """How many characters a reader may count."""
    return max(len(text), len(normalize("NFKC", text)))


def _closes(text: str, token: re.Match[str], longest: int) -> bool:
    """Whether a bracket has its other half, in its line and not too far."""
    end = text.find(PAIRS[token[0]], token.end(), token.end() + longest)
    return end >= 0 and not any(c in BREAKS for c in text[token.end() : end])


def _ends(text: str, token: re.Match[str], before: re.Match[str]) -> bool:
    """Whether a sentence ends behind a token that no bracket holds."""
    kind = token.lastgroup
    if kind == "stop":
        return SAID.match(text, token.end()) is None
    if kind == "close":
        whole = token[0] in QUOTED or PAIRS.get(text[0]) == token[0]
        return whole and before.lastgroup in ("stop", "ellipsis") and GOES_ON.match(text, token.end()) is None
    if kind in ("ellipsis", "period"):
        behind = ENDS.match(text, TAIL.match(text, token.end()).end()) is not None
        return behind and (kind == "ellipsis" or _is_full_stop(text, token, before))
    return False


def _is_full_stop(text: str, token: re.Match[str], before: re.Match[str]) -> bool:
    """Whether . ends a sentence: not that of Dr. or No. 5, of J. S., or of a number that counts."""
    if before.lastgroup == "latin":
        word = before[0].lower()
        numbers = word in NUMBERED and text[token.end() :].lstrip()[:1].isdigit()
        return not (numbers or word in TITLES or "." in word or len(word) == 1)
    return before.lastgroup == "close" or (before.lastgroup == "number" and before.start() > 0)


def _tail(text: str, at: int, left: int) -> int:
    """How many characters behind its end belong to a sentence that has room for a number of them."""
    tail = TAIL.match(text, at)[0]
    while _width(tail) > left:
        tail = tail[:-1]
    return len(tail)


def _goodness(before: re.Match[str], kind: str) -> int:
    """How good it is to cut between a token and one of a kind."""
    good = GOOD.get(before.lastgroup, BRACKET if kind == "open" else ANYWHERE)
    begins_word = kind not in ("hiragana", "number", "other") and "ぁ" <= before[0][-1] <= "ゖ"
    return WORD if good == ANYWHERE and begins_word else good


def _cut(places: dict[int, int], token: re.Match[str], longest: int) -> tuple[int, float]:
    """Where a sentence is cut before a token with which it is too long, and the pause there."""
    if not places:
        alone = len(token[0]) if token.lastgroup == "correction" else max(1, min(len(token[0]), longest))
        return token.start() or alone, 0.0
    far = [good for good, place in places.items() if place >= longest // 3]
    good = max(far) if far else max(places, key=places.get)
    return places[good], PAUSES.get(good, 0.0)
