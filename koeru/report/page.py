"""Pages: one HTML file each that needs nothing else but the audio beside it: styles and pictures are inside it."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from koeru.jobs.progress import duration
from koeru.report.measurement import Baseline, Metric

TEMPLATES = Path(__file__).parent / "templates"
DASH = "–"
NO_BREAK = "\u00a0"
TIMES = 4.0  # from this ratio on, it is told as such and not in per cent
LEAST = 1e-4  # what is smaller is only said to be smaller
RELATIONS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}


def measured(value: float, unit: str) -> str:
    """A measured value with its unit to three digits, or to a whole number; a share (unit "share") in per cent; a dash
    for nan."""
    if math.isnan(value):
        return DASH
    number, unit = (100 * value, "%") if unit == "share" else (value, unit)
    digits = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"
    text = f"<{NO_BREAK}{LEAST:.4f}" if 0 < abs(number) < LEAST else digits.replace("-", "−")
    return f"{text}{NO_BREAK}{unit}".rstrip()


def verdict(metric: Metric, baseline: Baseline) -> tuple[str, str]:
    """How a metric with a value differs from the baseline, in words, and what that means: "better", "worse", "open"
    (the 95 % interval of metric / baseline holds 1: no clear difference) or "untested" (no interval known, or neither
    direction is better).
    """
    if baseline.value <= 0 or metric.value < 0:
        difference = metric.value - baseline.value
        return f"differs by {difference:+.{metric.digits}f} {metric.unit}".rstrip(), "untested"
    ratio = metric.value / baseline.value
    if baseline.ratio_interval_95 is None or metric.better not in ("lower", "higher"):
        return _percent(ratio), "untested"
    low, high = baseline.ratio_interval_95
    text = f"{_percent(ratio)} (95 %: {_change(low)} to {_change(high)})"
    if low <= 1 <= high:
        return text, "open"
    return text, "better" if (high < 1) == (metric.better == "lower") else "worse"


def lacking(metrics: Iterable[Metric]) -> list[str]:
    """How many utterances have no value of a metric, or of what it is held against; those of which none lacks it are
    not named."""
    counts: dict[str, int] = {}
    for metric in metrics:
        counts[metric.label] = metric.without_value
        counts |= {f"{metric.label} of {other.label}": other.without_value for other in metric.baselines.values()}
    return [f"{label}: {count}" for label, count in counts.items() if count]


def seconds(value: float | None) -> str:
    """Seconds of speech for a table: ``3.2 s``, ``12.4 min``, ``1.62 h``; a dash for None."""
    if value is None:
        return DASH
    if value < 60:
        return f"{value:.1f} s"
    return f"{value / 60:.1f} min" if value < 3600 else f"{value / 3600:.2f} h"


def _percent(ratio: float) -> str:
    if ratio >= TIMES:
        return f"{ratio:.3g} times as high"
    return f"{abs(ratio - 1):.0%}".replace("%", f"{NO_BREAK}%") + (" lower" if ratio < 1 else " higher")


def _change(ratio: float) -> str:
    if ratio >= TIMES:
        return f"×{NO_BREAK}{ratio:.3g}"
    return f"{ratio - 1:+.0%}".replace("%", f"{NO_BREAK}%").replace("-", "−")


def _number(value: float | None, digits: int = 0, unit: str = "") -> str:
    if value is None or math.isnan(value):
        return DASH
    return f"{value:,.{digits}f} {unit}".rstrip().replace("-", "−")


def _compact(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _plain(value: Any) -> str:
    """A configuration value as it is written in the config file."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(content)}" for key, content in value.items()) + "}"
    return str(value)


def _total(items: Iterable[Any], attribute: str) -> float:
    return sum(getattr(item, attribute) or 0 for item in items)


def render(template: Path, **context: Any) -> str:
    """A template as a whole HTML document, with the filters and words that all pages share.

    It may use what lies in its own folder, and the templates that lie here.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([template.parent, TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "seconds": seconds,
        "clock": lambda value: DASH if value is None else duration(value),
        "number": _number,
        "compact": _compact,
        "measured": measured,
        "plain": _plain,
        "total": _total,
        "counted": lambda items, attribute, name: sum(getattr(item, attribute).get(name, 0) for item in items),
        "relative": lambda path: quote(path, safe="/"),
    }
    environment.globals |= {
        "verdict": verdict,
        "lacking": lacking,
        "relation": RELATIONS,
        "names_of": lambda items, attribute: sorted({name for item in items for name in getattr(item, attribute)}),
        "css": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
    }
    return environment.get_template(template.name).render(**context)
