"""TextGrids in the forms and encodings in which they come, and broken ones."""

import codecs
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.text.reading import Interval
from koeru.text.textgrid import TextGridError, read_tier, write_phones

PHONES = [
    Interval(0.0, 0.5, ""),
    Interval(0.5, 0.75, "a"),
    Interval(0.75, 1.25, "sh"),
    Interval(1.25, 2.0, "sil"),
]


def tier_text(name: str, intervals: list[Interval]) -> str:
    rows = "".join(
        f"        intervals [{k}]:\n            xmin = {i.start} \n            xmax = {i.end} \n"
        f'            text = "{i.phone}" \n'
        for k, i in enumerate(intervals, 1)
    )
    return (
        f'    item [1]:\n        class = "IntervalTier" \n        name = "{name}" \n        xmin = 0 \n'
        f"        xmax = 2 \n        intervals: size = {len(intervals)} \n{rows}"
    )


def long_text(*tiers: tuple[str, list[Interval]]) -> str:
    """As Praat writes it, spaces before line ends included."""
    return (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0 \nxmax = 2 \ntiers? <exists> \n'
        f"size = {len(tiers)} \nitem []: \n" + "".join(tier_text(*tier) for tier in tiers)
    )


def short_text(name: str, intervals: list[Interval], header: str = "ooTextFile") -> str:
    rows = "".join(f'{i.start}\n{i.end}\n"{i.phone}"\n' for i in intervals)
    return (
        f'File type = "{header}"\n"TextGrid"\n\n0\n2\n<exists>\n1\n"IntervalTier"\n"{name}"\n0\n2\n'
        f"{len(intervals)}\n{rows}"
    )


FORMS = {
    "long": long_text(("phones", PHONES)),
    "short": short_text("phones", PHONES),
    "ooTextFile short": short_text("phones", PHONES, "ooTextFile short"),
    "CRLF": long_text(("phones", PHONES)).replace("\n", "\r\n"),
    "CR": long_text(("phones", PHONES)).replace("\n", "\r"),
    "no last line end": long_text(("phones", PHONES)).rstrip(),
    "times in another notation": long_text(("phones", PHONES)).replace("0.75", "7.5e-01"),
    "leading blank line": "\n" + long_text(("phones", PHONES)),
    "no blank third line": long_text(("phones", PHONES)).replace("\n\n", "\n"),
    "blank lines between": long_text(("phones", PHONES)).replace("item [1]", "\n\nitem [1]"),
    "another tier with signs": long_text(
        ("words", [Interval(0, 1, 'he said ""a = b""\nand left'), Interval(1, 2, "言葉")]), ("phones", PHONES)
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_are_read(tmp_path, form):
    path = tmp_path / "a.TextGrid"
    path.write_text(FORMS[form], encoding="utf-8", newline="")
    assert read_tier(path, "phones").intervals == PHONES


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [(name, b"") for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932")]
    + [("utf-16-be", codecs.BOM_UTF16_BE)],
)
def test_all_encodings_are_read(tmp_path, encoding, mark):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(mark + FORMS["another tier with signs"].encode(encoding))
    assert read_tier(path, "phones").intervals == PHONES
    assert read_tier(path, "words").intervals[1].phone == "言葉"


POINTS = (
    '    item [2]:\n        class = "TextTier" \n        name = "phones" \n        xmin = 0 \n        xmax = 2 \n'
    + ('        points: size = 1 \n        points [1]:\n            number = 1 \n            mark = "a" \n')
)
OTHER = [Interval(0.0, 2.0, "words")]


@pytest.mark.parametrize(
    ("tiers", "name", "only"),
    [
        ([("phones", PHONES)], "phones", False),
        ([("words", OTHER), ("phones", PHONES)], "phones", False),
        ([("Phones", OTHER), ("phones", PHONES)], "phones", False),
        ([("words", OTHER), ("PHONES", PHONES)], "PHONES", False),
        ([("segment", PHONES)], "segment", True),
    ],
)
def test_tiers_are_found_by_name_then_ignoring_case_then_for_being_the_only_one(tmp_path, tiers, name, only):
    path = tmp_path / "a.TextGrid"
    path.write_text(long_text(*tiers))
    assert read_tier(path, "phones") == (name, only, PHONES)


def test_a_point_tier_is_no_interval_tier(tmp_path):
    path = tmp_path / "a.TextGrid"
    path.write_text(long_text(("segment", PHONES)).replace("size = 1", "size = 2", 1) + POINTS)
    assert read_tier(path, "phones") == ("segment", True, PHONES)


@pytest.mark.parametrize(
    "label",
    [
        "",
        "a",
        " a ",
        "a=b",
        'a""b',
        '""',
        '""""',
        "a = b",
        'a = ""b""',
        "a\nb",
        "xmin = 3",
        "言葉",
        "sil\n    text = a",
    ],
)
def test_odd_labels_move_no_other_label(tmp_path, label):
    path = tmp_path / "a.TextGrid"
    path.write_text(long_text(("words", [Interval(0, 1, label), Interval(1, 2, label)]), ("phones", PHONES)))
    assert read_tier(path, "phones").intervals == PHONES
    assert len(read_tier(path, "words").intervals) == 2
    path.write_text(long_text(("phones", [Interval(0, 0.75, label), *PHONES[2:]])))
    assert read_tier(path, "phones").intervals[1:] == PHONES[2:]


times = st.lists(st.integers(1, 10**6), min_size=1, max_size=20, unique=True).map(lambda many: [0, *sorted(many)])


@given(times, st.data())
def test_what_is_written_is_read(tmp_path_factory, ends, data):
    labels = st.sampled_from(["a", "sh", "", "cl", "あ", "o:", "-", "[", "#"])
    seconds = [end / 1000 for end in ends]
    intervals = [Interval(start, end, data.draw(labels)) for start, end in pairwise(seconds)]
    path = tmp_path_factory.getbasetemp() / "written.TextGrid"
    write_phones(path, intervals, seconds[-1])
    assert read_tier(path, "phones").intervals == intervals


OVERLAP = [Interval(0, 1, "a"), Interval(0.9, 2, "i")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            long_text(("words", PHONES), ("phone", PHONES)),
            "no interval tier 'phones'; there is 'words', 'phone'",
        ),
        (long_text(("Phones", PHONES), ("PHONES", PHONES)), "no interval tier 'phones'; there is 'Phones', 'PHONES'"),
        (long_text(("phones", [Interval(0, float("nan"), "a")])), r"interval 1 \('a'\) starts at 0.0 s"),
        (long_text(("phones", OVERLAP)), r"interval 2 \('i'\) starts at 0.9 s, before 1.0 s"),
        (long_text(("phones", [Interval(-0.5, 1, "a")])), r"interval 1 \('a'\) starts at -0.5 s"),
        (long_text(("phones", [Interval(1, 0.5, "a")])), "xmin > xmax"),
        (long_text(("phones", PHONES), ("phones", PHONES)), "2 tiers, but only 1 different names"),
        (long_text(("phones", PHONES))[:300], "broken or cut off"),
        (long_text(), "no interval tier 'phones'; there is none"),
        ("0 100 a\n", "not a Praat TextGrid"),
        ("", "not a Praat TextGrid"),
        ("ooBinaryFile\x08TextGrid", "not a Praat TextGrid in text form"),
    ],
)
def test_broken_files_are_named(tmp_path, text, words):
    path = tmp_path / "broken.TextGrid"
    path.write_text(text)
    with pytest.raises(TextGridError, match=rf"broken\.TextGrid: .*{words}"):
        read_tier(path, "phones")


def test_unknown_encodings_are_named(tmp_path):
    path = tmp_path / "broken.TextGrid"
    path.write_bytes(FORMS["long"].encode() + b"\xff\xfd\x81")
    with pytest.raises(TextGridError, match=r"broken\.TextGrid: neither UTF-8"):
        read_tier(path, "phones")
