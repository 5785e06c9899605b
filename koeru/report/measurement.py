"""What a family has measured, as the two files that every one writes: metrics.json and utterances.jsonl.

metrics.json has each metric with all that is to be said of it: {"utterances": how many rows there are, "metrics": {key:
{"label", "unit", "digits", "better", "about", "statistic", "value", "interval_95", "utterances", "without_value",
"baselines"}}}, and what else a family tells. utterances.jsonl has one row a held-out utterance: its id, speaker and
emotion, and of each metric and baseline the share of the utterance as [sum, count]; the metric's `statistic` pools them
(`koeru.report.metrics`). So two models are compared on the utterances that both have said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from koeru.graph.store import Record, read_json, replacing, write_json
from koeru.report.metrics import STATISTICS, Part, bootstrap, paired_ratio, pooled

Ends = tuple[float, float]
Better = Literal["lower", "higher", "nearer to 1", ""]  # "": none is, by itself
Parts = Mapping[str, Part]  # key of a metric, or of a baseline (`Quantity.column`) -> one utterance's share of it
METRICS, UTTERANCES = "metrics.json", "utterances.jsonl"
WHO = ("id", "speaker", "emotion")


@dataclass(frozen=True)
class Baseline:
    """What a metric is held against, on the same utterances; see `Metric`.

    `ratio_interval_95` is that of metric / baseline; without it no certainty is claimed.
    """

    label: str
    value: float | None
    interval_95: Ends | None = None
    ratio_interval_95: Ends | None = None
    without_value: int = 0


@dataclass(frozen=True)
class Metric:
    """One number about a model. The value is None where no utterance has one; `without_value` of them lack it.

    Values of the unit "share" are told in per cent.
    """

    key: str
    label: str
    value: float | None
    interval_95: Ends | None = None
    unit: str = ""
    digits: int = 3
    better: Better = "lower"
    about: str = ""
    statistic: str = ""  # "": it is not pooled over utterances
    utterances: int = 0  # that were measured
    without_value: int = 0
    baselines: Mapping[str, Baseline] = field(default_factory=dict)

    @property
    def in_per_cent(self) -> Metric:
        """A share as a page shows it; any other metric as it is."""
        if self.unit != "share":
            return self
        baselines = {name: _times_100(baseline) for name, baseline in self.baselines.items()}
        return replace(_times_100(self), unit="%", baselines=baselines)


@dataclass(frozen=True)
class Quantity:
    """What a family measures, declared beside its measurement.

    `statistic` pools the shares of utterances: a name in `koeru.report.metrics.STATISTICS`. `baselines` (name -> label)
    are measured as the metric is, on the same utterances.
    """

    key: str
    label: str
    unit: str = ""
    digits: int = 3
    better: Better = "lower"
    about: str = ""
    statistic: str = "mean"
    baselines: Mapping[str, str] = field(default_factory=dict)

    def column(self, baseline: str) -> str:
        """The key of a baseline's shares."""
        return f"{self.key}_{baseline}"

    def valued(self, value: float, interval: Ends | None = None, about: str = "") -> Metric:
        """The metric whose value is not pooled from shares of utterances; of which `about` tells more, if it does."""
        told = vars(self) | {"statistic": "", "baselines": {}}
        told["about"] += f": {about}." if about else ""
        return Metric(**told, value=value, interval_95=interval)

    def measured(self, rows: Iterable[Parts], resamples: int) -> Metric:
        """The metric over the rows that have a share of it, with 95 % intervals of so many resamples."""
        rows = [row for row in rows if self.key in row]
        own = [row[self.key] for row in rows]
        value, interval, without = self._over(own, resamples)
        baselines = {}
        for name, label in self.baselines.items():
            theirs = [row[self.column(name)] for row in rows]
            ratio = paired_ratio(own, theirs, resamples, statistic=STATISTICS[self.statistic])
            other, other_interval, lacking = self._over(theirs, resamples)
            baselines[name] = Baseline(label, other, other_interval, ratio, lacking)
        counted = {"utterances": len(rows), "without_value": without, "baselines": baselines}
        return Metric(**vars(self) | counted, value=value, interval_95=interval)

    def _over(self, parts: Sequence[Part], resamples: int) -> tuple[float | None, Ends | None, int]:
        """Value and interval of the shares that hold a value, and how many do not."""
        valued, statistic = [part for part in parts if part.count], STATISTICS[self.statistic]
        if not valued:
            return None, None, len(parts)
        return pooled(valued, statistic), bootstrap(valued, resamples, statistic=statistic), len(parts) - len(valued)


@dataclass
class Measurement:
    """All that was measured of a model: metrics in the order in which they are told, and the shares of utterances."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # utterance -> who says it, and its shares
    more: dict[str, Any] = field(default_factory=dict)  # what else metrics.json tells

    def add(self, record: Record, parts: Parts) -> None:
        """Take in the shares that a held-out utterance has of some metrics."""
        row = self.rows.setdefault(record["id"], {name: record[name] for name in WHO})
        row |= parts

    def pool(self, quantities: Iterable[Quantity], resamples: int) -> None:
        """The metrics of all that was taken in."""
        rows = self.rows.values()
        wanted = [quantity for quantity in quantities if any(quantity.key in row for row in rows)]
        self.tell(*(quantity.measured(rows, resamples) for quantity in wanted))

    def tell(self, *metrics: Metric) -> None:
        """Take in metrics, behind the others."""
        self.metrics |= {metric.key: metric for metric in metrics}

    def write(self, folder: Path) -> None:
        """Write the two files."""
        content = {key: {name: v for name, v in asdict(m).items() if name != "key"} for key, m in self.metrics.items()}
        write_json(folder / METRICS, {"utterances": len(self.rows), "metrics": content} | self.more)
        with replacing(folder / UTTERANCES) as temporary, temporary.open("w", encoding="utf-8") as file:
            for row in self.rows.values():
                file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Measurement:
        """The inverse of `write`."""
        more = read_json(folder / METRICS)
        del more["utterances"]
        metrics = {key: _metric(key, **told) for key, told in more.pop("metrics").items()}
        with (folder / UTTERANCES).open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return cls(metrics, {row["id"]: row | _parts(row) for row in rows}, more)


def _metric(key: str, *, interval_95: Sequence[float] | None, baselines: Mapping[str, Any], **told: Any) -> Metric:
    known = {name: Baseline(**_tuples(baseline)) for name, baseline in baselines.items()}
    return Metric(key=key, interval_95=_tuple(interval_95), baselines=known, **told)


def _tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) if name.endswith("_95") else value for name, value in told.items()}


def _tuple(interval: Sequence[float] | None) -> Ends | None:
    return None if interval is None else tuple(interval)


def _parts(row: Mapping[str, Any]) -> dict[str, Part]:
    return {name: Part(*value) for name, value in row.items() if name not in WHO}


def _times_100(told: Any) -> Any:
    """A metric or a baseline of which all values are a hundred times as large."""
    interval = told.interval_95 and tuple(100 * end for end in told.interval_95)
    return replace(told, value=None if told.value is None else 100 * told.value, interval_95=interval)
