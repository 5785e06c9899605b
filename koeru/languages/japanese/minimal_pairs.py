"""Words of the same phones that differ in pitch accent alone, and where in a sentence to listen for it.

Both words of a pair are spoken in the same carrier sentences. The first has its accent on the first mora
(type 1): its pitch falls through the second vowel and after it. The second, flat or accented later, is still
high there. So the step of F0 from the word's second vowel to the vowel after it is lower in the first word,
in every voice that has learned the accent marks: in the stand-in voice by more than 350 cents for every pair.
"""

from collections.abc import Sequence
from typing import NamedTuple

from koeru.languages import Probes
from koeru.languages.japanese.phones import PAU, VOWELS

CARRIERS = ("{}も買いました。", "次は、{}が来ます。")


class MinimalPair(NamedTuple):
    """`head_high`: accent type 1; `partner`: any other type; `kana`: how both are read."""

    head_high: str
    partner: str
    kana: str


MINIMAL_PAIRS = (
    MinimalPair("雨", "飴", "アメ"),
    MinimalPair("朝", "麻", "アサ"),
    MinimalPair("赤", "垢", "アカ"),
    MinimalPair("秋", "空き", "アキ"),
    MinimalPair("鯵", "味", "アジ"),
    MinimalPair("電気", "伝記", "デンキ"),
    MinimalPair("富士", "藤", "フジ"),
    MinimalPair("箸", "橋", "ハシ"),
    MinimalPair("箸", "端", "ハシ"),
    MinimalPair("位置", "一", "イチ"),
    MinimalPair("医科", "烏賊", "イカ"),
    MinimalPair("息", "行き", "イキ"),
    MinimalPair("今", "居間", "イマ"),
    MinimalPair("医師", "石", "イシ"),
    MinimalPair("幹事", "漢字", "カンジ"),
    MinimalPair("歓喜", "換気", "カンキ"),
    MinimalPair("牡蠣", "柿", "カキ"),
    MinimalPair("鎌", "釜", "カマ"),
    MinimalPair("亀", "甕", "カメ"),
    MinimalPair("神", "紙", "カミ"),
    MinimalPair("神", "髪", "カミ"),
    MinimalPair("計器", "景気", "ケーキ"),
    MinimalPair("記事", "雉", "キジ"),
    MinimalPair("錐", "霧", "キリ"),
    MinimalPair("機能", "昨日", "キノー"),
    MinimalPair("独楽", "駒", "コマ"),
    MinimalPair("桑", "鍬", "クワ"),
    MinimalPair("未知", "道", "ミチ"),
    MinimalPair("腿", "桃", "モモ"),
    MinimalPair("無視", "虫", "ムシ"),
    MinimalPair("二本", "日本", "ニホン"),
    MinimalPair("二時", "虹", "ニジ"),
    MinimalPair("二羽", "庭", "ニワ"),
    MinimalPair("農", "能", "ノー"),
    MinimalPair("鮭", "酒", "サケ"),
    MinimalPair("隅", "墨", "スミ"),
    MinimalPair("志摩", "島", "シマ"),
    MinimalPair("白", "城", "シロ"),
    MinimalPair("足袋", "旅", "タビ"),
    MinimalPair("球", "玉", "タマ"),
    MinimalPair("海", "膿", "ウミ"),
    MinimalPair("和紙", "鷲", "ワシ"),
)


def step_vowels(phones: Sequence[str]) -> tuple[int, int]:
    """Indices of the word's second vowel and of the vowel after it, in the phones of a carrier sentence.

    The word stands at the start, or after the pause if there is one. ValueError when vowels are missing.
    """
    start = phones.index(PAU) if PAU in phones else 0
    vowels = [index for index in range(start, len(phones)) if phones[index] in VOWELS]
    if len(vowels) < 3:
        raise ValueError(f"not the phones of a carrier sentence: {' '.join(phones)}")
    return vowels[1], vowels[2]


PROBES = Probes(MINIMAL_PAIRS, CARRIERS, step_vowels)
