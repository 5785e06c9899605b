"""What pages show, as plain dataclasses that the stages fill in.

Seconds are seconds of speech unless a name says otherwise. ``None`` means "not known" or "does not apply"
and is shown as a dash. Audio paths are relative to the page; pictures are data URIs made by
``koeru.report.plots``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit


def check_audio(src: str | None, owner: str) -> None:
    """Raises ValueError, naming the owner, unless ``src`` is a plain path below the page's folder."""
    if src is None:
        return
    parts = urlsplit(src)
    path = PurePosixPath(src)
    if parts.scheme or parts.netloc or path.is_absolute() or ".." in path.parts or not src:
        raise ValueError(f"{owner}: audio {src!r} must be a path relative to the page and inside its folder")


@dataclass(frozen=True)
class Picture:
    """A plot: ``src`` a data URI, ``alt`` what it shows, for those who cannot see it."""

    src: str
    alt: str
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.src.startswith("data:image/"):
            raise ValueError(f"picture {self.alt!r}: src must be a data URI; pages load nothing from elsewhere")


@dataclass(frozen=True)
class Setting:
    """A leaf of the configuration that differs from its default; ``source`` is the entry that set it."""

    name: str
    value: Any
    default: Any
    source: str = ""


@dataclass(frozen=True)
class Gate:
    """A measured value and its limit. ``relation`` says how the value must stand to the threshold.

    A value of the unit "share" is shown in per cent. ``about`` says what is measured, ``worst`` where the value was
    found, ``remedy`` what to do when the gate fails, ``leaf`` which leaf of the configuration is the threshold.
    """

    name: str
    value: float
    relation: Literal["<=", ">=", "<", ">"]
    threshold: float
    unit: str = ""
    about: str = ""
    worst: str = ""
    remedy: str = ""
    leaf: str = ""

    @property
    def passed(self) -> bool:
        """NaN passes no gate."""
        return self.passes(self.value)

    def passes(self, value: float) -> bool:
        """Whether another value, such as another speaker's, would pass."""
        limit = self.threshold
        return {"<=": value <= limit, ">=": value >= limit, "<": value < limit, ">": value > limit}[self.relation]


@dataclass(frozen=True)
class StageRun:
    """Where one node came from, as in its ``node.json``. ``seconds`` is wall time."""

    stage: str
    key: str
    when: str
    seconds: float | None = None
    host: str = ""
    commit: str = ""


@dataclass(frozen=True)
class Speaking:
    """What has turned mels into sound. Without ``curve`` it is published weights as they are."""

    facts: Mapping[str, str]
    warnings: Sequence[str] = ()
    curve: Picture | None = None
    losses: Picture | None = None
    settings: Sequence[Setting] = ()
