"""Kana and the phones of each mora, as the front end says them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyopenjtalk import make_label

from koeru.languages.japanese.accents import read_labels
from koeru.languages.japanese.moras import KANA, PHONES_OF, is_mora, katakana, moras_of_kana, moras_of_phones
from koeru.languages.japanese.phones import PHONES

moras = st.sampled_from(sorted(KANA))


def test_every_mora_is_written_and_read_back():
    for phones, kana in KANA.items():
        assert PHONES_OF[kana] == phones and is_mora(phones) and set(phones) <= set(PHONES)
        assert list(moras_of_kana(kana)) == [(0, kana, phones)]
    assert len(set(KANA.values())) == len(KANA)


def test_the_front_end_says_the_moras_of_the_table():
    """Each as the pronunciation of a word, so that no dictionary has an opinion."""
    word = dict.fromkeys(("pos_group1", "pos_group2", "pos_group3", "ctype", "cform", "chain_rule"), "*")
    word |= {"pos": "名詞", "acc": 0, "mora_size": 1, "chain_flag": -1}
    for kana, phones in PHONES_OF.items():
        if kana not in {"ヵ", "ヂェ", "ヷ", "ヸ", "ヹ", "ヺ"}:  # which it does not say, or not as one mora
            labels = make_label([word | dict.fromkeys(("string", "orig", "read", "pron"), kana)])
            assert read_labels(labels).phones[1:-1] == phones, kana


@given(st.lists(moras))
def test_phones_are_cut_into_their_moras(some):
    assert moras_of_phones([phone for mora in some for phone in mora]) == some


@given(st.lists(st.sampled_from(PHONES[3:])))
def test_any_phones_are_cut_and_none_is_lost(phones):
    cut = moras_of_phones(phones)
    assert [phone for mora in cut for phone in mora] == phones and all(cut)


@pytest.mark.parametrize("phones", ["k", "k k a", "N a", "k N", "a i", "cl a", "a k"])
def test_what_is_no_mora(phones):
    assert not is_mora(tuple(phones.split()))


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("カー", "k a a"),
        ("んー", "N N"),
        ("ｳﾞｧｲｵﾘﾝ", "v a i o r i N"),
        ("きゃっと", "ky a cl t o"),
        ("フュージョン", "fy u u j o N"),
        ("ゔぃ", "v i"),
        ("ぢゃ、ヅ", "j a z u"),
        ("クヮ・グヮ", "kw a gw a"),
    ],
)
def test_kana_in_whatever_script_and_width(text, phones):
    assert " ".join(phone for _, _, mora in moras_of_kana(katakana(text)) for phone in mora) == phones


def test_a_length_mark_behind_nothing_is_no_mora():
    assert [phones for _, _, phones in moras_of_kana("ー、ー")] == [(), (), ()]
