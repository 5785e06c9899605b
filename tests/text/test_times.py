"""Times from TextGrids and .lab files, and where they are said to come from."""

import pytest

from koeru.languages.japanese.accents import LABEL
from koeru.text.lab import LabError
from koeru.text.reading import Interval
from koeru.text.textgrid import TextGridError, write_phones
from koeru.text.times import TimesError, read_times

PHONES = [Interval(0.0, 0.5, "sil"), Interval(0.5, 1.0, "a"), Interval(1.0, 2.0, "sil")]


def grid(path, tier="phones"):
    write_phones(path, PHONES, 2.0)
    path.write_text(path.read_text().replace('"phones"', f'"{tier}"'))
    return path


@pytest.mark.parametrize("name", ["a.TextGrid", "a.textgrid", "a.TEXTGRID"])
@pytest.mark.parametrize(
    ("tier", "source"),
    [
        ("phones", "TextGrid tier phones"),
        ("Phones", "TextGrid tier Phones"),
        ("segment", "TextGrid tier segment (the only one)"),
    ],
)
def test_textgrids(tmp_path, name, tier, source):
    found = read_times(grid(tmp_path / name, tier), "phones", LABEL)
    assert (found.intervals, found.source, found.full_context) == (PHONES, source, None)


@pytest.mark.parametrize("name", ["a.lab", "a.b.LAB"])
@pytest.mark.parametrize(("scale", "form", "unit"), [(1, ".4f", "seconds"), (1e7, ".0f", "100 ns")])
def test_labs(tmp_path, full_context, name, scale, form, unit):
    path = tmp_path / name
    labels = full_context(("a", 1))
    for given, kept in ((["sil", "a", "sil"], None), (labels, labels)):
        rows = zip(PHONES, given, strict=True)
        path.write_text("".join(f"{i.start * scale:{form}} {i.end * scale:{form}} {label}\n" for i, label in rows))
        found = read_times(path, "phones", LABEL)
        assert (found.intervals, found.source, found.full_context) == (PHONES, f".lab in {unit}", kept)


def test_other_files_are_named(tmp_path):
    with pytest.raises(TimesError, match=r"a\.txt is neither"):
        read_times(tmp_path / "a.txt", "phones", LABEL)
    for name, error in (("a.lab", LabError), ("a.TextGrid", TextGridError)):
        (tmp_path / name).write_text("nothing of the kind")
        with pytest.raises(error, match=name):
            read_times(tmp_path / name, "phones", LABEL)
