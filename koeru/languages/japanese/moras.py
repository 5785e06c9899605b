"""Moras: the kana of each, and its phones.

A mora is a vowel, with a consonant before it or alone, or N or cl. The table has all that OpenJTalk says, in its
phones; combinations without kana of their own (フ is `f u`, never `h u`) are moras as well, which no kana can write.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence

from koeru.languages.japanese.phones import VOWELS

Phones = tuple[str, ...]  # of one mora

MORA_ENDS = VOWELS | {"N", "cl"}
VOICELESS = frozenset(["k", "ky", "kw", "s", "sh", "t", "ty", "ch", "ts", "f", "fy", "h", "hy", "p", "py"])

# A consonant, and its kana before a i u e o; - where there is none.
TABLE = """
-   ア   イ   ウ   エ   オ
k   カ   キ   ク   ケ   コ
ky  キャ -    キュ キェ キョ
kw  クァ クィ クゥ クェ クォ
g   ガ   ギ   グ   ゲ   ゴ
gy  ギャ -    ギュ ギェ ギョ
gw  グァ グィ グゥ グェ グォ
s   サ   スィ ス   セ   ソ
sh  シャ シ   シュ シェ ショ
z   ザ   ズィ ズ   ゼ   ゾ
j   ジャ ジ   ジュ ジェ ジョ
t   タ   ティ トゥ テ   ト
ty  テャ -    テュ -    テョ
ts  ツァ ツィ ツ   ツェ ツォ
ch  チャ チ   チュ チェ チョ
d   ダ   ディ ドゥ デ   ド
dy  デャ -    デュ デェ デョ
n   ナ   ニ   ヌ   ネ   ノ
ny  ニャ -    ニュ ニェ ニョ
h   ハ   ヒ   -    ヘ   ホ
hy  ヒャ -    ヒュ ヒェ ヒョ
f   ファ フィ フ   フェ フォ
fy  -    -    フュ -    -
b   バ   ビ   ブ   ベ   ボ
by  ビャ -    ビュ ビェ ビョ
p   パ   ピ   プ   ペ   ポ
py  ピャ -    ピュ ピェ ピョ
m   マ   ミ   ム   メ   モ
my  ミャ -    ミュ ミェ ミョ
y   ヤ   -    ユ   イェ ヨ
r   ラ   リ   ル   レ   ロ
ry  リャ -    リュ リェ リョ
w   ワ   ウィ -    ウェ ウォ
v   ヴァ ヴィ ヴ   ヴェ ヴォ
"""
# Other spellings. Kana of history and dialect are said as those of today, a small one alone as the large one.
SPELLINGS = """
ヲ オ  ヰ イ  ヱ エ  ヂ ジ  ヅ ズ  ヂャ ジャ  ヂュ ジュ  ヂェ ジェ  ヂョ ジョ  クヮ クァ  グヮ グァ  シィ スィ
ヴャ ビャ  ヴュ ビュ  ヴョ ビョ  ヷ ヴァ  ヸ ヴィ  ヹ ヴェ  ヺ ヴォ
ァ ア  ィ イ  ゥ ウ  ェ エ  ォ オ  ャ ヤ  ュ ユ  ョ ヨ  ヮ ワ  ヵ カ  ヶ ケ
"""

KANA: dict[Phones, str] = {("N",): "ン", ("cl",): "ッ"} | {
    (vowel,) if consonant == "-" else (consonant, vowel): kana
    for consonant, *row in map(str.split, TABLE.strip().splitlines())
    for vowel, kana in zip("aiueo", row, strict=True)
    if kana != "-"
}
PHONES_OF: dict[str, Phones] = {kana: phones for phones, kana in KANA.items()}
PHONES_OF |= {other: PHONES_OF[kana] for other, kana in re.findall(r"(\S+) (\S+)", SPELLINGS)}

LONG = "ー"
HIRAGANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
KATAKANA_MORA = re.compile("|".join(sorted(PHONES_OF, key=len, reverse=True)))


def katakana(text: str) -> str:
    """A text in NFKC with its hiragana as katakana; other characters as they are."""
    return unicodedata.normalize("NFKC", text).translate(HIRAGANA)


def moras_of_kana(text: str, marks: Container[str] = ()) -> Iterator[tuple[int, str, Phones]]:
    """Yield (place, kana, phones) of each mora of a text in katakana; what is none has its character, and no phones.

    ー is one more mora, of the last phone before it, `marks` aside; behind nothing, or what is no mora, it is none.
    """
    at, last = 0, ""
    while at < len(text):
        if found := KATAKANA_MORA.match(text, at):
            phones = PHONES_OF[found[0]]
        else:
            phones = (last,) if text[at] == LONG and last else ()
        kana = found[0] if found else text[at]
        yield at, kana, phones
        at += len(kana)
        if kana not in marks:
            last = phones[-1] if phones else ""


def moras_of_phones(phones: Sequence[str]) -> list[Phones]:
    """Cut phones behind each vowel, N and cl. Pieces that are no moras are as they come: see `is_mora`."""
    moras, piece = [], []
    for phone in phones:
        piece.append(phone)
        if phone in MORA_ENDS:
            moras.append(tuple(piece))
            piece = []
    return [*moras, tuple(piece)] if piece else moras


def is_mora(phones: Phones) -> bool:
    """Whether phones are one mora: N, cl, or a vowel with at most one consonant before it."""
    *before, last = phones
    return last in MORA_ENDS if not before else last in VOWELS and len(before) == 1 and before[0] not in MORA_ENDS
