"""The vocabularies and the names they are known by."""

import re

import pytest

from koeru.languages.japanese.front_end import FrontEnd
from koeru.languages.japanese.phones import ACCENTS, PHONES, normalise
from koeru.text.reading import UnknownPhoneError


def test_vocabularies_have_no_doubles_and_pad_is_zero():
    for vocabulary in (PHONES, ACCENTS):
        assert len(set(vocabulary)) == len(vocabulary)
        assert vocabulary[0] == "<pad>"


def test_every_phone_of_the_front_ends_is_known():
    # OpenJTalk over the ITA corpus, plus those of loan words (kw, gw, fy) and devoiced A, E, O.
    names = (
        "A E O I U N a b by ch cl d dy e f fy g gw gy h hy i j k kw ky m my n ny o p pau py r ry s sh sil "
        "t ts ty u v w y z"
    )
    for name in names.split():
        assert normalise(name)[0] in PHONES[1:]


@pytest.mark.parametrize("phone", PHONES[1:])
def test_normalised_phones_stay(phone):
    assert normalise(phone) == (phone, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A", ("a", 1)), ("I", ("i", 1)), ("U", ("u", 1)), ("E", ("e", 1)), ("O", ("o", 1)),
        ("q", ("cl", 0)), ("Q", ("cl", 0)),
        ("silB", ("sil", 0)), ("silE", ("sil", 0)),
        ("sp", ("pau", 0)), ("", ("pau", 0)), ("spn", ("pau", 0)),
    ],
)  # fmt: skip
def test_other_names_are_normalised(name, expected):
    assert normalise(name) == expected


@pytest.mark.parametrize("name", ["xx", "<pad>", "SIL", "aa", "o:"])
def test_unknown_phones_are_named(name):
    with pytest.raises(UnknownPhoneError, match=repr(name)):
        normalise(name)


PHONE = re.compile(r"-([^+]*)\+")
KANA = [chr(code) for code in range(ord("ァ"), ord("ヴ") + 1)]  # behind it, ヵ ヶ ヷ ヸ ヹ ヺ alone are refused
SMALL = "ァィゥェォャュョヮ"


def test_every_mora_of_the_front_end_is_known():
    """All kana, each with every small one behind it: クヮ グァ ヴァ ティ ドゥ ファ ウィ ツァ ヂェ イェ スィ デュ …"""
    moras = [kana + small for kana in KANA for small in ("", *SMALL, "ー", "ッ")]
    texts = ["、".join(moras[k : k + 20]) for k in range(0, len(moras), 20)]
    with FrontEnd() as front_end:
        front_end.expect((text, ()) for text in texts)
        found = {normalise(PHONE.search(label)[1])[0] for text in texts for label in front_end.labels(text)}
        assert set(PHONES) - found == {"<pad>"}
        for mora, consonant in {"クヮ": "kw", "グァ": "gw", "ヴァ": "v", "フュ": "fy", "デュ": "dy"}.items():
            assert f"-{consonant}+" in front_end.labels(mora)[1]
