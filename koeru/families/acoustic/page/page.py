"""The page of an experiment as HTML."""

from pathlib import Path
from typing import Any

from koeru.config.training import GRIFFIN_LIM
from koeru.families.acoustic.page.data import AccentPair, Experiment
from koeru.report.metrics import accent_contrast
from koeru.report.page import render

TEMPLATE = Path(__file__).parent / "templates" / "experiment.html.j2"
ACCENT_MARGIN = 100.0  # cents


def experiment_page(data: Experiment) -> str:
    """The page of one experiment as a whole HTML document."""
    speakers = list(dict.fromkeys(pair.speaker for pair in data.accent_pairs))
    accents = [_accent_row(s, [p for p in data.accent_pairs if p.speaker == s]) for s in speakers]
    return render(TEMPLATE, page=data, accents=accents, griffin_lim=data.vocoder == GRIFFIN_LIM)


def _accent_row(speaker: str, pairs: list[AccentPair]) -> dict[str, Any]:
    head_high = [pair.head_high_cents for pair in pairs]
    partner = [pair.partner_cents for pair in pairs]
    return {
        "speaker": speaker,
        "pairs": pairs,
        "share": accent_contrast(head_high, partner, ACCENT_MARGIN),
        "head_high": sum(head_high) / len(pairs),
        "partner": sum(partner) / len(pairs),
        "failed": [p for p in pairs if not p.head_high_cents - p.partner_cents < -ACCENT_MARGIN],
    }
