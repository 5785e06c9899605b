"""What a training is warned of before it runs."""

from __future__ import annotations

from koeru.graph.plan import Plan


def warnings(plan: Plan, name: str) -> list[str]:
    return []
