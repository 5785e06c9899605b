"""The benchmark of waiting threads: that it trains with the settings, beside processes that end."""

import os

import pytest
import waiting
from waiting import busy, measure, trained


def test_it_makes_steps_with_a_setting():
    assert len(trained({"GOMP_SPINCOUNT": "10000"}, seconds=0.0, least=2)) == 2


def test_busy_processes_are_busy_and_end():
    with busy(2) as processes:
        assert all(process.poll() is None for process in processes)
    assert all(process.returncode for process in processes)


def test_settings_take_turns_and_are_judged(monkeypatch, tmp_path, capsys):
    asked = []

    def steps(variables, seconds, least):
        asked.append(variables)
        return [0.2 if variables else 4.0]

    monkeypatch.setattr(waiting, "trained", steps)
    assert measure(tmp_path) == [True, True, True]
    assert asked == [*waiting.SETTINGS.values()] * waiting.ROUNDS * len(waiting.LIMITS)
    monkeypatch.setattr(waiting, "trained", lambda variables, seconds, least: [1.5 if variables else 4.0])
    assert measure(tmp_path) == [True, True, False]
    assert (
        "beside 6 busy processes: as torch waits 4.000 s a step, as koeru's jobs do 1.500 s a step"
        in capsys.readouterr().out
    )


def test_variables_of_the_one_who_measures_do_not_reach_the_training(monkeypatch):
    monkeypatch.setitem(os.environ, "OMP_NUM_THREADS", "not a number")
    assert trained({}, seconds=0.0, least=1)
    with pytest.raises(Exception, match="returned non-zero"):
        trained({"PYTHONHOME": "/nowhere"}, seconds=0.0, least=1)
