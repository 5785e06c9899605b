"""What the fakes of Mandarin corpora say: Chinese texts. Their sound is that of the Japanese stand-in voices."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fakes.speech import spoken, write_recording

RATE = 16_000
NO_TIMES = {"times": "none"}  # labels of a dataset of such a corpus, which delivers none
# A text as a list of words, as many corpora write it, and the pinyin of its characters.
SENTENCES = (
    ("今天 天气 很 好", "jin1 tian1 tian1 qi4 hen3 hao3"),
    ("我们 去 广州", "wo3 men5 qu4 guang3 zhou1"),
    ("打开 空调", "da3 kai1 kong1 tiao2"),
    ("银行 在 哪里", "yin2 hang2 zai4 na3 li3"),
    ("请 说 普通话", "qing3 shuo1 pu3 tong1 hua4"),
    ("对 楼市 成交 抑制 作用 最 大", "dui4 lou2 shi4 cheng2 jiao1 yi4 zhi4 zuo4 yong4 zui4 da4"),
    ("女 大学生 登山 失联", "nv3 da4 xue2 sheng1 deng1 shan1 shi1 lian2"),
    ("一会儿 见", "yi2 hui4 er5 jian4"),
    ("明天 会 下雨", "ming2 tian1 hui4 xia4 yu3"),
    ("这 本 书 很 长", "zhe4 ben3 shu1 hen3 chang2"),
    ("他 长 高 了", "ta1 zhang3 gao1 le5"),
    ("音乐 很 快乐", "yin1 yue4 hen3 kuai4 le4"),
    ("关 灯", "guan1 deng1"),
    ("妈妈 骂 马", "ma1 ma5 ma4 ma3"),
    ("你好 老师", "ni3 hao3 lao3 shi1"),
    ("不 要 紧", "bu2 yao4 jin3"),
)
SPOKEN = (
    "今日は晴れです。",
    "水が冷たい。",
    "道が遠い。",
    "犬が走る。",
    "猫が寝る。",
    "空が暗い。",
    "夜が長い。",
    "こんにちは。",
)
VOICES = ("Teacher", "MStudent", "FStudent")


def words(number: int) -> str:
    """The text of a sentence with spaces between its words."""
    return SENTENCES[number % len(SENTENCES)][0]


def text(number: int) -> str:
    """The text of a sentence as it is written."""
    return words(number).replace(" ", "")


def pinyin(number: int) -> str:
    """The pinyin of a sentence, one syllable a character."""
    return SENTENCES[number % len(SENTENCES)][1]


def record(path: Path, number: int, voice: int, sample_rate: int = RATE) -> None:
    """A recording in place of a sentence by one of the voices."""
    write_recording(path, spoken(SPOKEN[number % len(SPOKEN)], VOICES[voice % len(VOICES)]), sample_rate)


def numbered(speakers: Iterable[str], each: int) -> list[tuple[int, str, int]]:
    """(number of the speaker, speaker, number of the sentence): speakers share sentences, but not the first ones."""
    return [(n, speaker, 4 * n + sentence) for n, speaker in enumerate(speakers) for sentence in range(each)]
