"""Parts of a model: a dotted name stands for the tensors whose names are it, or begin with it and a dot.

So `prosody.predictor.local` covers `prosody.predictor.local.gru.weight_ih_l0`, and not `prosody.predictor.locality`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import accumulate


def covers(part: str, name: str) -> bool:
    """Whether a part covers a tensor, or another part."""
    return name == part or name.startswith(f"{part}.")


def covered(name: str, parts: Iterable[str]) -> bool:
    """Whether one of the parts covers a tensor, or another part."""
    return any(covers(part, name) for part in parts)


def parts_around(name: str) -> list[str]:
    """Every part that covers a name, the widest first: a, a.b, a.b.c of a.b.c."""
    return list(accumulate(name.split("."), "{}.{}".format))


def common_parts(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """The widest parts that cover `names` and none of the `others`: what says the same in fewer words."""
    taken = {part for other in others for part in parts_around(other)}
    return list(dict.fromkeys(next((p for p in parts_around(n) if p not in taken), n) for n in names))


def unknown_parts(parts: Iterable[str], names: Iterable[str]) -> list[str]:
    """The parts that cover none of the names, each with the nearest parts that do."""
    known = list(dict.fromkeys(part for name in names for part in parts_around(name)))
    found = []
    for part in (part for part in parts if part not in known):
        near = difflib.get_close_matches(part, known, n=3, cutoff=0.6)
        remedy = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(n for n in known if '.' not in n)}"
        found.append(f"{part!r}; {remedy}")
    return found
