"""Phones that are heard for one another, with moras and accent as they are."""

from collections.abc import Sequence

Pair = tuple[str, str]  # phones of two readings, beside one another

# Pairs of phones of which speakers and label sets have one or the other. Some hold only after a vowel. Never is a vowel
# in a class with a consonant, and N and cl, moras alone, are in none.
REASONS = (
    # pairs, after which vowel, why
    ("e i", "e", "えい is one long vowel for most speakers, and e i in careful speech and in some label sets"),
    ("o u", "o", "おう likewise"),
    ("k g, ky gy, s z, sh j, ts z, t d, ch j, h b, hy by, f b", None, "sequential voicing varies: さんかい, さんがい"),
    ("j z", None, "ズィ of loan words is ジ for many speakers"),
    ("f h, fy hy", None, "ふ is written with either, and フォーム is ホーム in older loan words"),
    ("kw k, gw g", None, "クォ, クヮ, グァ of loan words are コ, カ, ガ for many speakers"),
)
CLASSES = {frozenset(pair.split()): vowel for pairs, vowel, _ in REASONS for pair in pairs.split(",")}
ALIKE = frozenset({frozenset({"v", "b"})})  # one phone in most of Japanese


def long_vowel(before: Pair, phones: Pair) -> bool:
    """Whether two phones are the second half of one long vowel, written in two ways, as `before` them stand two."""
    vowel = CLASSES.get(frozenset(phones))
    return vowel is not None and before == (vowel, vowel)


def same(before: Pair, phones: Pair) -> bool:
    """Whether two phones, behind the two `before` them, are the same but for what is alike and long vowels."""
    return phones[0] == phones[1] or frozenset(phones) in ALIKE or long_vowel(before, phones)


def all_same(said: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether two sequences of phones are the same but for what is alike and long vowels."""
    pairs = list(zip(said, wanted, strict=False))
    return len(said) == len(wanted) and all(map(same, [("", ""), *pairs], pairs))
