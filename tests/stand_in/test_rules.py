import re
from itertools import groupby

import pyopenjtalk
import pytest

from koeru.stand_in.expand import TEMPLATES
from koeru.stand_in.rules import ACCENTS, VOWEL_OF, accent_phrases, changed, first_vowel
from koeru.stand_in.voice import full_context, phones

TEXT = "犬が私の傘を、海の橋で探しましたか？"  # inuga watashino kasao umino hashide sagashimashitaka
PHRASE = re.compile(r"/F:(\d+)_(\d+)#.*?/G|-pau\+")  # moras of an accent phrase, its accent, and where it stands


def accents(labels):
    """Moras and accent of each accent phrase; of one whose pitch never falls labels say that it does at its end."""
    found = [match for label in labels if (match := PHRASE.search(label))]
    phrases = [next(same) for _, same in groupby(found, key=lambda match: match[0])]
    return [tuple(map(int, match.groups())) for match in phrases if match[1]]


def test_accents_differ_where_the_rule_says_so():
    words = pyopenjtalk.run_frontend(TEXT)
    wanted = []
    for phrase in accent_phrases(words):
        if moras := sum(word["mora_size"] for word in phrase):
            wanted.append((moras, ACCENTS.get(first_vowel(phrase[0]["pron"]), phrase[0]["acc"])))
    own, other = accents(full_context(TEXT)), accents(full_context(TEXT, changed))

    assert other == [(moras, accent or moras) for moras, accent in wanted]
    assert [moras for moras, _ in own] == [moras for moras, _ in other]
    differ = [one != two for one, two in zip(own, other, strict=True)]
    assert differ == [False, True, False, True, True, True]  # i- is kept, and kasa has the accent already


def test_a_pause_follows_the_particles_inside_of_a_sentence():
    own, other = phones(full_context(TEXT)), phones(full_context(TEXT, changed))
    assert (own.count("pau"), other.count("pau")) == (1, 2)
    at = other.index("pau")
    assert other[:at] == ["sil", "i", "n", "u", "g", "a"] and other[:at] + other[at + 1 :] == own


@pytest.mark.parametrize("text", ["犬が。", "犬が、来た。", "犬がいる川。"])
def test_no_pause_beside_another_or_at_an_end(text):
    added = phones(full_context(text, changed)).count("pau") - phones(full_context(text)).count("pau")
    assert added == (text == "犬がいる川。")


@pytest.mark.parametrize(
    ("pronunciation", "vowel"),
    [("アメ", "a"), ("キョー", "o"), ("ツル", "u"), ("フィルム", "i"), ("ン", ""), ("、", "")],
)
def test_the_first_vowel(pronunciation, vowel):
    assert first_vowel(pronunciation) == vowel


def test_every_mora_that_a_sentence_can_begin_with_has_a_vowel():
    said = {word["pron"][0] for word in pyopenjtalk.run_frontend(TEMPLATES.read_text("utf-8")) if word["mora_size"]}
    kana = {letter for letter in said if "ァ" <= letter <= "ヶ"}
    assert len(kana) > 40 and kana - VOWEL_OF.keys() <= {"ン", "ッ"}
