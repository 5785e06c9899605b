"""HTK label files as corpora deliver them, and broken ones."""

import codecs
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.languages.japanese.accents import LABEL
from koeru.text.lab import LabError, read_lab
from koeru.text.reading import Interval

PHONES = [Interval(0.0, 0.3, "sil"), Interval(0.3, 0.4, "a"), Interval(0.4, 0.55, "sh"), Interval(0.55, 1.0, "sil")]


@pytest.fixture
def lab(tmp_path):
    def lab(content):
        path = tmp_path / "a.lab"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_lab(path, LABEL)

    return lab


def rows(intervals, form="{:.4f} {:.4f} {}\n", scale=1):
    return "".join(form.format(i.start * scale, i.end * scale, i.phone) for i in intervals)


STEPS = rows(PHONES, "{:.0f} {:.0f} {}\n", 1e7)


@pytest.mark.parametrize(
    ("content", "unit"),
    [
        (rows(PHONES), "seconds"),
        (rows(PHONES, "{:.7f}\t{:.7f}\t{}\n"), "seconds"),
        (rows(PHONES, "{:g} {:g} {}\n"), "seconds"),  # 0 and 1 among 0.3 and 0.4
        (rows(PHONES, "  {} {} {} \r\n"), "seconds"),
        (rows(PHONES) + "\n\n", "seconds"),
        ("\n" + rows(PHONES).replace("\n", "\n\n"), "seconds"),
        (rows(PHONES, "{} {} {} -123.4 word\n"), "seconds"),
        (STEPS, "100 ns"),
        (STEPS.replace(" ", "\t").rstrip(), "100 ns"),
    ],
)
def test_all_forms_are_read(lab, content, unit):
    found = lab(content)
    assert found.intervals == PHONES
    assert (found.unit, found.full_context) == (unit, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932"])
@pytest.mark.parametrize("content", [rows(PHONES), STEPS])
def test_all_encodings_are_read(lab, content, encoding):
    assert lab(content.encode(encoding)).intervals == PHONES
    assert lab(codecs.BOM_UTF16_BE + content.encode("utf-16-be")).intervals == PHONES
    kanji = [interval._replace(phone="亜") for interval in PHONES]
    assert lab(rows(kanji).encode(encoding)).intervals == kanji


def test_whole_numbers_are_told_apart_by_size(lab):
    assert lab("0 3 a\n3 7 i\n").intervals[1] == Interval(3.0, 7.0, "i")
    assert lab("0 99999 a\n").intervals == [Interval(0.0, 99999.0, "a")]
    assert lab("0 100000 a\n").intervals == [Interval(0.0, 0.01, "a")]


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=30, unique=True).map(sorted))
def test_both_units_say_the_same(tmp_path_factory, ends):
    steps = [0, *ends[:-1], ends[-1] + 10**5]
    path = tmp_path_factory.getbasetemp() / "both.lab"
    path.write_text("".join(f"{a} {b} a\n" for a, b in pairwise(steps)))
    in_steps = read_lab(path, LABEL)
    path.write_text("".join(f"{a / 1e7:.7f} {b / 1e7:.7f} a\n" for a, b in pairwise(steps)))
    in_seconds = read_lab(path, LABEL)
    assert (in_steps.unit, in_seconds.unit) == ("100 ns", "seconds")
    assert in_steps.intervals == in_seconds.intervals


def test_gaps_are_left(lab):
    assert [i.start for i in lab("0.1 0.2 a\n0.5 0.6 i\n").intervals] == [0.1, 0.5]


def test_full_context_labels_give_their_phones(lab, full_context):
    labels = full_context(("k a|sh I", 1), None, ("a", 1))
    found = lab("".join(f"{k * 1000000} {(k + 1) * 1000000} {label}\n" for k, label in enumerate(labels)))
    assert [i.phone for i in found.intervals] == ["sil", "k", "a", "sh", "I", "pau", "a", "sil"]
    assert found.full_context == labels
    assert found.unit == "100 ns"
    in_seconds = lab("".join(f"{k / 10:.4f} {(k + 1) / 10:.4f} {label}\n" for k, label in enumerate(labels)))
    assert in_seconds.intervals == found.intervals and in_seconds.full_context == labels


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no line `begin end label`"),
        ("\n \n", "no line `begin end label`"),
        ("0.0 0.1 a\n\n0.1 0.2\n", "line 3 is not `begin end label`: '0.1 0.2'"),
        ("0.0 0.1 a\n0.1 0.2 i\n-0.2 -0.1 u\n", "line 3: 'u' at -0.2--0.1 s has a negative time"),
        ("-1000000 2000000 a\n", "line 1: 'a' at -0.1-0.2 s has a negative time"),
        ("0.0 0.1 a\n0.3 0.2 i\n", "line 2: 'i' at 0.3-0.2 s ends before it begins"),
        (
            "0 1000000 a\n\n900000 2000000 i\n",
            "line 3: 'i' at 0.09-0.2 s overlaps the one before it, which ends at 0.1",
        ),
        ("0.0 0.1 a\n0.1 end i\n", "line 2: 'end' is not a time"),
        ("a 0.0 0.1\n", "line 1: 'a' is not a time"),
        ("0 nan a\n", "line 1: 'a' at 0-nan s has a time that is not a number"),
        ("0.0 0.1 a\n0.1 2000000 i\n", "line 2: 0.1 2000000 are steps of 100 ns by their size"),
        ("0 1000000 a\n1000000 2000000.5 i\n", "line 1: 0 1000000 are steps of 100 ns"),
    ],
)
def test_broken_files_are_named(lab, content, told):
    with pytest.raises(LabError) as caught:
        lab(content)
    assert "a.lab: " in str(caught.value) and told in str(caught.value)


def test_full_context_labels_do_not_mix_with_others(lab, full_context):
    first, *_ = full_context(("a", 1))
    with pytest.raises(LabError, match="line 2 is no full-context label"):
        lab(f"0.0 0.1 {first}\n0.1 0.2 a\n")
    assert lab(f"0.0 0.1 a\n0.1 0.2 {first}\n").full_context is None  # an unknown phone, later


def test_unknown_encodings_are_named(lab):
    with pytest.raises(LabError, match=r"a\.lab: neither UTF-8"):
        lab(b"0.0 0.1 a\xff\xfd\x81\n")
