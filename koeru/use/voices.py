"""`python -m koeru voices`: what can speak, or convert, here."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from koeru.data.bundle import SUFFIX, exists, is_bundle, read_bytes
from koeru.data.exported import read_told
from koeru.families import FAMILIES
from koeru.use.card import CARD, rights_of
from koeru.use.models import model_file

NONE = "?"
SHOWN = 3  # metrics
DOES = {"speak": "speaks", "convert": "converts", "recognise": "recognises"}


def run(arguments: argparse.Namespace) -> int:
    """List what was named, or what lies here; 1 where something of it cannot be used."""
    paths = arguments.models or [*found_here(Path.cwd())]
    if not paths:
        raise FileNotFoundError(f"there is no voice in exp/, and no file that ends with {SUFFIX}, in {Path.cwd()}")
    failed = False
    for path in paths:
        try:
            told = [*lines(path)]
        except (OSError, ValueError) as error:
            failed = True
            print(f"{path}: {error}", file=sys.stderr)
        else:
            print(*told, sep="\n")
    return int(failed)


def found_here(folder: Path) -> Iterator[Path]:
    """The experiments of a folder that have left a model, and the bundles in it."""
    for view in sorted((folder / "exp").glob("*/model.safetensors")):
        yield view.parent.relative_to(folder)
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        yield path.relative_to(folder)


def lines(path: Path) -> Iterator[str]:
    """What is to be known of a voice: what it does, who speaks, how well, and what binds who uses it."""
    model = model_file(path)
    told = read_told(model)
    names = told.get("vocabulary", {})
    does = [verb for what, verb in DOES.items() if told.get("family") in FAMILIES.at_work(what)]
    yield f"{path}: {' and '.join(does) or NONE} {names.get('language', 'japanese').capitalize()}"
    yield f"  file      {model}, epoch {told.get('epoch', NONE)}"
    yield f"  speakers  {', '.join(names.get('speakers', [NONE]))}"
    yield f"  emotions  {', '.join(names.get('emotions', [NONE]))}"
    if measured := quality(path):
        yield f"  quality   {'; '.join(measured)}"
    for name, own in rights_of(model).items():
        yield f"  corpus    {name}: {own['licence']}"


def quality(path: Path) -> list[str]:
    """The first metrics of a voice, in words; [] where none lie beside it."""
    metrics = _content(path, CARD if is_bundle(path) else "metrics.json").get("metrics", {})
    return [
        f"{metric['label']} {metric['value']:.3g} {metric['unit']}".strip()
        for metric in [*metrics.values()][:SHOWN]
        if metric["value"] is not None
    ]


def _content(path: Path, name: str) -> dict[str, Any]:
    folder = path if is_bundle(path) or path.is_dir() else path.parent
    return json.loads(read_bytes(folder / name)) if exists(folder / name) else {}
