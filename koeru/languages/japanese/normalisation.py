"""What is written otherwise than it is spoken, written out before the front end reads it: a table of rules.

The rules act one after another, on texts in NFKC (`koeru.languages.japanese.hygiene`). Each stands for one kind of
writing, and changes nothing where it is not sure: a number with a stroke is a fraction, but not where it may be a date.
"""

import re
from collections.abc import Collection
from functools import lru_cache

from koeru.languages.japanese.homographs import HOMOGRAPHS
from koeru.languages.japanese.rules import rule
from koeru.languages.japanese.words import Words

AMOUNT = r"\d[\d,]*(?:\.\d+)?[万億兆]*"
JAPANESE = "ぁ-ゖァ-ヺー々〇一-鿿"
COUNTED = (
    "(?:時間|分間|時|分|秒|年|ヶ?か?ヵ?月|日|週|人|名|円|ドル|個|回|度|歳|才|本|枚|巻|章|番|号|頁|ページ|階|台|匹"
    "|羽|冊|杯|件|点|位|組|行|話|問|倍|割|%|パーセント|[kcm]?m|k?g|キロ|メートル|センチ|グラム)"
)
END = r"(?=$|[\s、。!?」』)])"
FIRST = r"(?<![A-Za-z0-9.,/-])"  # before it there is no more of the same word or number

MONEY = {"$": "ドル", "¥": "円", "€": "ユーロ", "£": "ポンド", "₩": "ウォン", "¢": "セント", "₽": "ルーブル"}
SIGNS_OF_MONEY = "".join(MONEY)
SIGNS = {"×": "かける", "*": "かける", "÷": "割る", "<": "小なり", ">": "大なり"}
SIGNS |= dict.fromkeys("≤≦", "小なりイコール") | dict.fromkeys("≥≧", "大なりイコール")
SIGNS |= {"≒": "ニアリーイコール", "≠": "ノットイコール"}
DOMAINS = "com|org|net|edu|gov|info|biz|jp|us|uk|de|fr|it|es|cn|kr|tw|eu|io|ai|app|dev|tv|me|co"
HOST = rf"(?:[A-Za-z0-9-]+\.)+(?:{DOMAINS})"
IN_ADDRESSES = {
    ".": "ドット",
    "@": "アットマーク",
    "/": "スラッシュ",
    ":": "コロン",
    "-": "ハイフン",
    "_": "アンダーバー",
}
IN_ADDRESSES |= {"?": "クエスチョン", "=": "イコール", "&": "アンド", "#": "シャープ", "%": "パーセント", "+": "プラス"}
IN_ADDRESSES |= {
    "www": "ダブリュー" * 3,
    "com": "コム",
    "org": "オーグ",
    "net": "ネット",
    "info": "インフォ",
    "~": "チルダ",
}


def _address(found: re.Match[str]) -> str:
    """An address, letter by letter where it is no word."""
    parts = re.findall(r"[A-Za-z]+|\d+|.", found[0])
    return "".join(IN_ADDRESSES.get(part.lower(), part) for part in parts)


def _laughter(found: re.Match[str]) -> str:
    return "、" + ("ワラ" if found[0][0] == "w" else "ワライ") * len(found[0])


def _date(found: re.Match[str]) -> str:
    year = f"{int(found['year'])}年" if found["year"] else ""
    return f"{year}{int(found['month'])}月{int(found['day'])}日"


def _clock(found: re.Match[str]) -> str:
    hour, minute, second = (int(part or 0) for part in found.group("hour", "minute", "second"))
    return f"{hour}時" + (f"{minute}分" if minute or second else "") + (f"{second}秒" if second else "")


def _range(found: re.Match[str]) -> str:
    low, high = found.group("low", "high")
    return f"{low}から{high}" if float(low) < float(high) else found[0]


RULES = (
    # a long vowel's length, and laughter
    rule("elongation", r"ー{2,}", "ー"),
    rule("long dash", r"[〜~]{2,}", "〜"),
    rule("small tsu", r"([っッ])[っッ]+", r"\1"),
    rule("bar between digits", r"(?<=\d)ー(?=\d)", "-"),
    rule("bar behind nothing", r"(?:^|(?<=[\s\d、。!?「」『』()・…]))ー", ""),
    rule("laughter", rf"(?:(?<=[ぁ-ゖァ-ヺー!?。、)」])w+|(?<=[一-鿿])ww+){END}", _laughter),
    rule("笑", rf"(?<=[ぁ-ゖァ-ヺー!?。、])笑+{END}", _laughter),
    # addresses
    rule("address", rf"(?:https?://)?(?<![A-Za-z0-9@.])(?:[\w.+-]+@)?{HOST}(?![A-Za-z0-9])(?:/[!-~]*)?", _address),
    # numbers
    rule("№", rf"{FIRST}(?:No|NO|no)\.? ?(?=\d)", "ナンバー"),
    rule("Vol.", rf"{FIRST}(?:Vol|VOL|vol)\.? ?(?=\d)", "ボリューム"),
    rule("page", rf"{FIRST}pp?\. ?(\d+)", r"\1ページ"),
    rule("§", r"§ ?", "セクション"),
    rule("# of a number", r"(?<![A-Za-z0-9#])#(?=\d)", "ナンバー"),
    rule("hashtag", r"(?<![A-Za-z0-9#])#(?=\w)", "ハッシュタグ"),
    rule("money before", rf"(?:US(?=\$))?([{SIGNS_OF_MONEY}]) ?({AMOUNT})(?:円|ドル)?", lambda f: f[2] + MONEY[f[1]]),
    rule("money behind", rf"({AMOUNT}) ?([{SIGNS_OF_MONEY}])", lambda f: f[1] + MONEY[f[2]]),
    rule("date", r"(?<![\d/.-])(?P<year>\d{4})([/.-])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?![\d/.-])", _date),
    rule("day of a week", r"(?<![\d/])(?P<year>)(?P<month>\d{1,2})/(?P<day>\d{1,2})(?=\s?\([月火水木金土日])", _date),
    rule("fraction", r"(?<![A-Za-z0-9/.⁄])(\d+) ?[/⁄] ?(\d+)(?![\d/⁄]|\.\d)", r"\2分の\1"),
    rule(
        "clock",
        r"(?<![\d:])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])",
        _clock,
    ),
    rule("minutes", r"(?<=時)0(\d)(?=分)", r"\1"),
    rule("arrival", rf"(?<=[時分])着(?=[のでだ]|予定|{END})", "ちゃく"),
    rule("full hour", r"(?<=\d時)00?分", ""),
    rule("range", rf"(?<=\d)({COUNTED})? ?[〜~–] ?(?=[\d−-])", r"\1から"),
    rule("open range", rf"(?<=\d)({COUNTED}) ?[〜~]{END}", r"\1から"),
    rule("range with a hyphen", rf"(?<![\d.-])(?P<low>[1-9]\d*)-(?P<high>[1-9]\d*)(?={COUNTED}(?!地))", _range),
    rule("difference", r"(?<=\d)(?: ?− ?| - |-(?=\d+ ?=))(?=\d)", "引く"),
    rule("plus or minus", r"±", "プラスマイナス"),
    rule("minus", rf"(?<![\w)\]{JAPANESE}-])[−-](?=\d)|−(?=\d)", "マイナス"),
    rule("equals", r"(?<=\d) ?= ?(?=マイナス\d|プラスマイナス\d|\d)", "は"),
    rule("equal", r"(?<=[\w)]) ?= ?(?=[\w(])", "イコール"),
    rule("sum", r"(?<=\d) ?\+ ?(?=\d)", "足す"),
    rule("plus", r"\+(?=[\w+])|(?<=[A-Za-z0-9+])\+", "プラス"),
    rule("sign", rf"(?<=\d) ?([{''.join(SIGNS)}]) ?(?=\d)", lambda found: SIGNS[found[1]]),
    rule("multiplication", r"(?<=\w) ?× ?(?=\w)", "かける"),
    rule("percent", r"(?<!\d)%", "パーセント"),
    rule("root", r"√(?=\w)", "ルート"),
    rule("infinity", r"∞", "無限大"),
    # between words
    rule("arrow", r"(?<=[\w)」]) ?[→⇒⇨] ?(?=[\w(「])", "から"),
    rule("ampersand", r" ?& ?", "アンド"),
)  # fmt: skip
# Nothing that a rule concerns: most texts.
PLAIN = re.compile(r"(?:[ぁ-ゖァ-ヺ々〇一-鿿、。「」・….!?\s]|ー(?!ー))*")
OF_WORDS = "|".join(one.word.rstrip("い") for one in HOMOGRAPHS)
DOUBTFUL = re.compile(rf"{OF_WORDS}|笑|[っッ]{{2}}|[時分]着|(?:^|[\s、。!?「」『』()・…])ー")


class Normaliser:
    """Writes texts out, with a table of Latin words; `kept` are words that a dictionary reads as they are."""

    def __init__(self, words: Words, kept: Collection[str] = ()) -> None:
        self.words = words
        self._rules = [*RULES, *(one for one in HOMOGRAPHS if one.word not in kept)]
        odd = sorted((word for word in kept if not PLAIN.fullmatch(word)), key=len, reverse=True)
        self._kept = re.compile("|".join(map(_whole, odd))) if odd else None
        self.spoken = lru_cache(maxsize=256)(self._spoken)  # asked for when a text is sent, and when its turn comes

    def _spoken(self, text: str) -> str:
        """A text in NFKC as it is spoken."""
        if PLAIN.fullmatch(text) and not DOUBTFUL.search(text):
            return text
        if self._kept is None:
            return self._written_out(text)
        done, at = [], 0
        for found in self._kept.finditer(text):
            done += [self._written_out(text[at : found.start()]), found[0]]
            at = found.end()
        return "".join([*done, self._written_out(text[at:])])

    def _written_out(self, text: str) -> str:
        for one in self._rules:
            text = one.pattern.sub(one.spoken, text)
        return self.words.read(text)


def _whole(word: str) -> str:
    """A pattern for a word that is no part of a longer one in Latin letters or digits."""
    first, last = (r"[A-Za-z0-9]" if re.match("[A-Za-z0-9]", word[end]) else "" for end in (0, -1))
    return (f"(?<!{first})" if first else "") + re.escape(word) + (f"(?!{last})" if last else "")
