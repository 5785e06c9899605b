"""What was measured: pooled over utterances, beside its baselines, and the same when it is read again."""

import json
import math

import numpy as np
import pytest

from koeru.report.measurement import METRICS, UTTERANCES, Baseline, Measurement, Metric, Quantity
from koeru.report.metrics import Part

ERROR = Quantity("error", "Error", "Hz", 1, about="how wrong", statistic="root_mean", baselines={"mean": "the mean"})
SHARE = Quantity("share", "Share", "share", 2)


def who(name: str) -> dict[str, str]:
    return {"id": name, "speaker": "Anna", "emotion": "Sad"}


@pytest.fixture
def found() -> Measurement:
    found = Measurement(more={"texts": ["雨"]})
    rng = np.random.default_rng(0)
    for number in range(20):
        own, other = (Part(float(total), 4) for total in (rng.uniform(1, 2), rng.uniform(4, 5)))
        found.add(who(f"u{number}"), {"error": own, "error_mean": other})
    found.add(who("u3"), {"share": Part(1.0, 4)})
    found.add(who("other"), {"share": Part(0.0, 0)})
    found.pool([ERROR, SHARE, Quantity("absent", "Absent")], 200)
    found.tell(Quantity("ratio", "Ratio", better="nearer to 1", about="of two").valued(0.9, (0.8, 1.1), "of Anna 90 %"))
    return found


def test_a_metric_is_pooled_over_the_rows_that_have_it(found):
    assert list(found.metrics) == ["error", "share", "ratio"]
    error, share = found.metrics["error"], found.metrics["share"]
    totals = [row["error"].total for row in found.rows.values() if "error" in row]
    assert error.value == pytest.approx(math.sqrt(sum(totals) / 80)) and error.interval_95[0] < error.value
    assert (error.utterances, error.without_value, share.utterances, share.without_value) == (20, 0, 2, 1)
    assert share.value == 0.25 and found.rows["u3"].keys() == {*who(""), "error", "error_mean", "share"}


def test_a_baseline_is_compared_on_the_same_utterances(found):
    error = found.metrics["error"]
    baseline = error.baselines["mean"]
    assert baseline.label == "the mean" and baseline.value > error.value
    assert baseline.ratio_interval_95[0] < error.value / baseline.value < baseline.ratio_interval_95[1] < 1


def test_a_metric_that_nobody_has_a_value_of_is_null():
    found = Measurement()
    found.add(who("u"), {"error": Part(0.0, 0), "error_mean": Part(3.0, 1)})
    found.pool([ERROR], 20)
    error = found.metrics["error"]
    assert (error.value, error.interval_95, error.without_value) == (None, None, 1)
    assert error.baselines["mean"].ratio_interval_95 is None and error.baselines["mean"].value is not None


def test_what_is_read_is_what_was_written(found, tmp_path):
    found.write(tmp_path)
    assert Measurement.read(tmp_path) == found
    told = json.loads((tmp_path / METRICS).read_text("utf-8"))
    assert told["utterances"] == len(found.rows) and told["texts"] == ["雨"]
    assert told["metrics"]["error"] | {"baselines": {}} == {
        "label": "Error",
        "unit": "Hz",
        "digits": 1,
        "better": "lower",
        "about": "how wrong",
        "statistic": "root_mean",
        "value": found.metrics["error"].value,
        "interval_95": list(found.metrics["error"].interval_95),
        "utterances": 20,
        "without_value": 0,
        "baselines": {},
    }
    rows = [json.loads(line) for line in (tmp_path / UTTERANCES).read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == list(found.rows) and rows[3]["share"] == [1.0, 4]


def test_what_is_told_more_follows_what_a_quantity_says(found):
    assert found.metrics["ratio"].about == "of two: of Anna 90 %." and found.metrics["ratio"].statistic == ""


def test_shares_are_shown_in_per_cent():
    share = Metric("s", "S", 0.25, (0.2, 0.3), "share", baselines={"x": Baseline("X", None, None, (0.5, 0.6))})
    shown = share.in_per_cent
    assert (shown.value, shown.unit) == (25.0, "%") and shown.interval_95 == pytest.approx((20, 30))
    assert shown.baselines["x"].value is None and shown.baselines["x"].ratio_interval_95 == (0.5, 0.6)
    assert Metric("h", "H", 0.25, unit="Hz").in_per_cent.value == 0.25
