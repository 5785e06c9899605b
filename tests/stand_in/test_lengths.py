import re
from pathlib import Path

import pyopenjtalk
import pytest

from koeru.stand_in.lengths import lengthened
from koeru.stand_in.voice import Manner, full_context, phones, render

LABELS = full_context("お星さまの側で、傘を探しましたか？")
FRAME_S = 240 / 48_000
PLAIN = Manner(1.0, 0.0, -7.5)
LENGTHS = {"o": 1.5, "s": 0.6, "pau": 2.0}


@pytest.fixture(scope="module")
def voice():
    return Path(pyopenjtalk.DEFAULT_HTS_VOICE.decode()).read_bytes()


def seconds(manner):
    return [interval.end - interval.start for interval in render(LABELS, manner).intervals]


def test_each_phone_has_the_length_that_it_was_given():
    """To half a frame for each of the five states of a phone, to which the engine rounds."""
    own, other = seconds(PLAIN), seconds(PLAIN + Manner(1.0, 0.0, 0.0, tuple(LENGTHS.items())))
    assert LENGTHS.keys() <= set(phones(LABELS))
    for phone, before, after in zip(phones(LABELS), own, other, strict=True):
        wanted = before * LENGTHS.get(phone, 1.0)
        assert after == pytest.approx(wanted, abs=1e-9 if phone not in LENGTHS else 5 * FRAME_S)


def test_nothing_else_of_the_voice_changes(voice):
    """The parts behind the durations are the same bytes, where the head says that they are."""

    def parts(file):
        head, _, data = file.partition(b"[DATA]\n")
        rows = re.findall(rb"^(\S+):(\d+-\d+(?:,\d+-\d+)*)$", head, re.MULTILINE)
        ranges = {name: [tuple(map(int, at.split(b"-"))) for at in places.split(b",")] for name, places in rows}
        return {name: [data[a : b + 1] for a, b in at] for name, at in ranges.items()}, ranges, len(data)

    (before, _, _), (after, ranges, size) = parts(voice), parts(lengthened(voice, LENGTHS))
    assert before.keys() == after.keys() and len(before) == 15
    assert {name for name in before if before[name] != after[name]} == {b"DURATION_PDF", b"DURATION_TREE"}
    flat = [end for at in ranges.values() for pair in at for end in pair]
    assert flat == sorted(flat) and flat[-1] == size - 1


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda voice: b"RIFF", "no voice of the HTS engine"),
        (lambda voice: voice.replace(b"DURATION_PDF", b"OTHER_PDF"), "no voice of the HTS engine"),
        (lambda voice: voice.replace(b"{*}[2]", b"{*}[3]", 1), "not one decision tree"),
    ],
)
def test_another_file_is_refused(voice, spoil, told):
    with pytest.raises(ValueError, match=told):
        lengthened(spoil(voice), LENGTHS)
