"""The samples of a segment, as all that reads them sees them: what was muted is digital zero."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from koeru.audio.muting import silenced
from koeru.audio.silence import Stretch


def samples_of(segment: Mapping[str, Any], wav: NDArray) -> NDArray:
    """The samples (N,) of a segment, by its record, out of those of its whole recording."""
    return silenced(wav[segment["start"] : segment["stop"]], muted_of(segment), segment["start"])


def muted_of(segment: Mapping[str, Any]) -> list[Stretch]:
    """The stretches of its recording that are muted in a segment; none where its dataset mutes nothing."""
    return segment.get("muted", [])
