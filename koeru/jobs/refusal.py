"""Why a job ended: by a fact of data or configuration, which would end it again, or by what a machine did to it."""

from __future__ import annotations

from koeru.jobs.stage import ExclusionError


def is_refusal(error: BaseException) -> bool:
    """Whether an error tells of data or configuration: not one that the system is behind, and none of another kind."""
    while error.__cause__ is not None and not isinstance(error, OSError):
        error = error.__cause__
    return isinstance(error, ExclusionError | ValueError | KeyError)
