"""Spaces between words of a language that is written without."""

import pytest

from koeru.corpora.spaced import joined


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("而 对 楼市", "而对楼市"),
        ("你  好\t吗", "你好吗"),
        ("打开 WIFI 吧", "打开WIFI吧"),
        ("open the door 吧", "open the door吧"),
        ("Ｋ Ｔ Ｖ", "Ｋ Ｔ Ｖ"),
        ("二 0 1 7 年", "二0 1 7年"),
        ("你好 ， 再见", "你好，再见"),
        ("你好", "你好"),
        ("", ""),
    ],
)
def test_they_go_but_for_those_between_letters(written, text):
    assert joined(written) == text and joined(text) == text
