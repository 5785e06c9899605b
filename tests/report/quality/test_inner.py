"""What thresholds silence within the speech, summed over segments whose chunks are known."""

import base64
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from koeru.audio.muting import THRESHOLDS
from koeru.graph.stages import DATA_DEFAULTS
from koeru.report.quality.inner import EVERYONE, MARKED, MAX_ROWS, InnerSilence, at

CHUNK = 50  # ms
ON = {"segments.mute_inner": True, "segments.silence_thresh_t": -80}


def told(background=0, muted_s=None, loudest=-82.0, **chunks):
    """The facts of a recording with so many chunks under each threshold ("m80" is -80), and above all of them."""
    counts = [chunks.get(f"m{-threshold}", 0) for threshold in THRESHOLDS]
    quiet = {
        "chunks": [*counts, chunks.get("loud", 0)],
        "peaks": [round(100000 * 10 ** (t / 20)) if n else 0 for t, n in zip(THRESHOLDS, counts, strict=True)],
        "background": background,
    }
    if muted_s is None:
        return {"quiet": quiet}
    lost = {"seconds": muted_s, "energy": 10.0, "energy_share": 1e-6, "loudest_dbfs": loudest, "loudest_at": 0}
    return {"quiet": quiet, "muted": lost}


def shard(*segments):
    """A shard of (speaker, facts); None where a segment was made before they were told."""
    records = [{"speaker": s, "trimmed": {}} | ({} if facts is None else {"facts": facts}) for s, facts in segments]
    records += [{"speaker": "N", "trimmed": None}]  # another piece of a recording that was split
    return SimpleNamespace(records=lambda stage: records)


def content(*shards, energy_share=0.0, **params):
    found = InnerSilence()
    for one in shards:
        found.add(one)
    return found.content(DATA_DEFAULTS | {"segments.chunk_size": CHUNK} | params, energy_share)


def test_minus_80_silences_what_minus_100_leaves():
    found = content(shard(("N", told(m80=240, loud=760))))
    high, low = found.rows[EVERYONE]
    assert (high.threshold, low.threshold) == MARKED == (-80, -100)
    assert (high.seconds, high.share) == pytest.approx((12.0, 0.24))
    assert high.peak_dbfs == pytest.approx(-80 + 9.69, abs=0.1)
    assert (low.seconds, low.share, low.peak_dbfs) == (0, 0, None)
    assert found.muted is None and not found.warnings


def test_lower_thresholds_count_for_higher_ones():
    (high, low) = content(shard(("N", told(m100=2, m90=3, m80=5, m75=7, loud=3)))).rows[EVERYONE]
    assert (high.seconds, low.seconds) == pytest.approx((0.5, 0.1))


@pytest.mark.parametrize(("background", "standing_out"), [(0, 0.35), (1, 0.2), (2, 0.0), (11, 0.0)])
def test_what_stands_out_lies_two_thresholds_above_the_background_of_its_own_recording(background, standing_out):
    found = InnerSilence()
    found.add(shard(("N", told(background, m100=1, m90=2, m80=3, m75=4, loud=9))))
    assert at(found.everyone.silenced(CHUNK), -75).standing_out_s == pytest.approx(standing_out)


def test_shard_by_shard_and_by_speaker_the_sums_are_the_same():
    rows = [(name, told(m100=i, m80=2 * i, loud=9)) for i, name in enumerate("NCNCCN")]
    whole, parts = content(shard(*rows)), content(*(shard(row) for row in rows))
    assert whole == parts and list(whole.rows) == [EVERYONE, "C", "N"]  # both have as much: by name
    for i in range(len(MARKED)):
        everyone, *each = (own[i] for own in whole.rows.values())
        assert everyone.seconds == pytest.approx(sum(row.seconds for row in each))


def test_segments_of_before_are_counted_and_nothing_is_said_of_them():
    found = content(shard(("N", None), ("N", told(m80=2, loud=8)), ("C", None)))
    assert (found.recordings, found.untold) == (3, 2) and list(found.rows) == [EVERYONE, "N"]
    assert content(shard(("N", None))).picture is None


def test_what_is_muted_is_told():
    first, second = (("N", told(m80=4, loud=6, muted_s=s, loudest=level)) for s, level in ((0.2, -81.0), (0.3, -85.0)))
    found = content(shard(first, second), energy_share=2e-6, **ON)
    assert found.muted.seconds == pytest.approx(0.5) and found.muted.share == pytest.approx(0.5)
    assert (found.muted.loudest_dbfs, found.muted.energy_share) == (-81.0, 2e-6)
    nothing = content(shard(("N", told(loud=6, muted_s=0.0, loudest=None))), **ON)
    assert (nothing.muted.seconds, nothing.muted.loudest_dbfs) == (0, None) and not nothing.warnings


def test_muting_more_than_the_background_is_warned_of():
    room = ("N", told(background=1, m90=40, m80=40, loud=99, muted_s=4.0))
    breath = ("C", told(background=0, m100=40, m80=40, loud=99, muted_s=4.0))
    assert content(shard(room), **ON).warnings == []
    (warning,) = content(shard(room, breath), **ON).warnings
    assert "4.0 s of C digital zero, of which at least 2.0 s stand out" in warning
    assert "lower segments.silence_thresh_t" in warning and "other speakers" not in warning
    assert content(shard(room, breath)).warnings == ()  # nothing is muted
    assert "and of 1 other speakers" in content(shard(breath, ("D", breath[1])), **ON).warnings[0]


@pytest.mark.parametrize(("threshold", "expected"), [(-200, -100), (-95, -100), (-85, -90), (-80, -80), (-20, -40)])
def test_a_threshold_between_those_of_the_grid_is_told_by_the_one_below(threshold, expected):
    assert at(InnerSilence().everyone.silenced(CHUNK), threshold).threshold == expected


@pytest.mark.parametrize(("speakers", "lines"), [(1, 1), (6, 6), (30, 6)])
def test_the_picture_has_a_line_a_speaker_or_those_with_the_most(speakers, lines):
    found = content(shard(*((f"S{i:02d}", told(m80=i, loud=50)) for i in range(speakers))))
    svg = base64.b64decode(found.picture.src.partition("base64,")[2])
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    drawn = [text for text in svg.decode().split("<!-- ")[1:] if text[:3] in ("S00", "S29", "S05", "all")]
    assert found.speakers == speakers and len(found.rows) == min(speakers, MAX_ROWS) + 1
    if speakers == 30:
        names = list(found.rows)
        assert names[:3] == [EVERYONE, "S29", "S28"] and "30 with the most" in found.picture.caption
        assert any(text.startswith("S29") for text in drawn) and not any(text.startswith("S00") for text in drawn)
    assert sum(svg.decode().count(f"<!-- {name} -->") for name in found.rows) == lines  # each once in the legend
