"""External weights: where the file that an entry names lies. Light enough for the Snakefile."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koeru.graph.store import file_digest

ROOT = Path(__file__).resolve().parents[3]  # koeru's own folder, the checkout: weights that come with it lie there


def places(path: Path | str) -> list[Path]:
    """Where the file of an entry is looked for: from the working folder, then from koeru's own."""
    return list(dict.fromkeys(folder / path for folder in (Path.cwd(), ROOT)))


def found_at(path: Path | str) -> Path | None:
    """The file that an entry names, where it is first found; None where there is none."""
    return next((place for place in places(path) if place.is_file()), None)


def missing_weights(name: str, leaf: str, path: Path | str, source: str) -> str:
    """What to tell a person whose weights are not where the leaf, `generator` or `discriminators`, says."""
    return "\n  ".join(
        [
            f"weights.{name}.{leaf}: there is no file",
            *map(str, places(path)),
            f"Get it: {source or 'the `source:` of the entry says nothing about where'}",
            f"Then set weights.{name}.{leaf}. Without it, `vocoder: griffin-lim` in an experiment needs no weights.",
        ]
    )


def lacking_weights(settings: Mapping[str, Any]) -> list[str]:
    """What to tell of the files of a `weights` node that are not there: see `missing_weights`."""
    return [
        missing_weights(settings["name"], leaf, path, settings["source"])
        for leaf, path in _named(settings).items()
        if found_at(path) is None
    ]


def unstated_weights(settings: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """What to tell of the files of a `weights` node that are there, and whose sha256 its entry does not state."""
    return [
        f"weights.{settings['name']}.{leaf}_sha256 is not stated; of {file} it is {file_digest(file)}: write it down, "
        "if that is the file you want"
        for leaf, path in _named(settings).items()
        if params[f"weights.{leaf}_sha256"] is None and (file := found_at(path)) is not None
    ]


def _named(settings: Mapping[str, Any]) -> dict[str, str]:
    return {leaf: settings[leaf] for leaf in ("generator", "discriminators") if settings[leaf] is not None}
