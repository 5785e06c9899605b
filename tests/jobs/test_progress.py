import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koeru.jobs.interruption import StoppedError
from koeru.jobs.progress import Progress, duration


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(total: int | None, step_s: float, steps: int, every_s: float = 5.0) -> list[str]:
    stream, clock = io.StringIO(), Clock()
    with Progress("pitch 003", total, stream=stream, every_s=every_s, clock=clock) as progress:
        for _ in range(steps):
            clock.now += step_s
            progress.step()
    assert "\r" not in stream.getvalue() and stream.getvalue().endswith("\n")
    return stream.getvalue().splitlines()


def test_lines_name_the_rate_and_the_rest():
    stream, clock = io.StringIO(), Clock()
    with Progress("pitch 003", 160, stream=stream, every_s=12.0, clock=clock) as progress:
        for _ in range(4):
            clock.now += 12
            progress.step(40)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "pitch 003: 40 of 160 utterances, 12 s, about 36 s left"
    assert lines[3:] == ["pitch 003: 160 utterances in 48 s"]


@given(st.floats(0.01, 20), st.integers(1, 60), st.floats(0.5, 10))
def test_at_most_one_line_every_so_often(step_s: float, steps: int, every_s: float):
    lines = run(steps, step_s, steps, every_s)
    assert len(lines) <= steps * step_s / every_s + 1 + 1e-6
    assert lines[-1].startswith(f"pitch 003: {steps} utterances in ")


def test_unknown_total_promises_nothing():
    lines = run(None, 3.0, 4)
    assert lines[0] == "pitch 003: 2 utterances, 6 s"
    assert not any("left" in line or "of" in line for line in lines)


def test_note_is_shown_when_a_line_is_due():
    stream, clock = io.StringIO(), Clock()
    with Progress("mel 000", 10, stream=stream, every_s=1.0, clock=clock) as progress:
        progress.step(note="too early")
        clock.now += 2
        progress.step(3, note="loss 0.4")
    assert "mel 000: 4 of 10 utterances, 2 s, about 3 s left (loss 0.4)" in stream.getvalue()
    assert "too early" not in stream.getvalue()


@pytest.mark.parametrize(("error", "words"), [(KeyError("x"), "stopped by KeyError"), (StoppedError("x"), "stopped")])
def test_a_loop_that_ends_early_does_not_claim_to_be_done(error, words):
    stream, clock = io.StringIO(), Clock()
    with pytest.raises(type(error)), Progress("mel 000", 10, stream=stream, clock=clock) as progress:
        progress.step(4)
        raise error
    assert stream.getvalue() == f"mel 000: {words} after 4 of 10 utterances in 0 s\n"


def test_nothing_to_do_is_said():
    assert run(0, 1.0, 0) == ["pitch 003: 0 utterances in 0 s"]


def test_default_stream_is_standard_error(capsys):
    with Progress("x", 1, "files") as progress:
        progress.step()
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err == "x: 1 files in 0 s\n"


def test_duration_for_people():
    assert [duration(s) for s in (0, 59.4, 59.6, 245, 3599.7, 7620)] == [
        "0 s",
        "59 s",
        "1 min 00 s",
        "4 min 05 s",
        "1 h 00 min",
        "2 h 07 min",
    ]
