"""The quality page of a dataset as HTML."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from koeru.report.data import Gate
from koeru.report.page import render
from koeru.report.quality.dataset import LISTED, Exclusion, Quality, Speaker

MEANS = {  # of readings that follow a recording, or kana
    "as read": "what the front end reads by itself",
    "options": "the front end, with other options",
    "n-best": "another guess of the front end",
    "words": "the phones of words replaced, their accents kept",
}
TEMPLATE = Path(__file__).parent / "templates" / "quality.html.j2"


def quality_page(data: Quality) -> str:
    """The quality page of one dataset as a whole HTML document."""
    return render(
        TEMPLATE,
        page=data,
        speakers=list(dict.fromkeys(g.speaker for g in data.groups)),
        exclusions=_some_of_each(data.exclusions),
        measures=sorted(data.speakers, key=lambda speaker: all(_passes(speaker, data.gates))),
        told_means=MEANS,
        limits={gate.leaf: gate for gate in data.gates},
    )


def _passes(speaker: Speaker, gates: Sequence[Gate]) -> Iterable[bool]:
    return (gate.passes(speaker.gated[gate.leaf]) for gate in gates if gate.leaf in speaker.gated)


def _some_of_each(exclusions: Sequence[Exclusion]) -> list[Exclusion]:
    """At most as many as the page lists, in their order: the first of each stage and reason, then the second, …"""
    seen: Counter[tuple[str, str]] = Counter()
    ranked = []
    for place, item in enumerate(exclusions):
        seen[item.stage, item.reason] += 1
        ranked.append((seen[item.stage, item.reason], place))
    return [exclusions[place] for place in sorted(place for _, place in sorted(ranked)[:LISTED])]
