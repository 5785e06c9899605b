"""`python -m koeru pack`: what an experiment has trained in one file, to give away."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koeru.data.bundle import SUFFIX, write_bundle
from koeru.data.exported import WEIGHTS, files_of_graphs, read_told
from koeru.families import FAMILIES
from koeru.graph.store import read_json
from koeru.jobs.stage import imported
from koeru.use.card import CARD, IN_WORDS, RECORD, card, in_words, rights, warnings
from koeru.use.models import MODEL

SAMPLES = 3  # that are packed
SPOKEN = (".synthesised.wav", ".converted.wav")  # what a model has made, and never a recording
SETTINGS, METRICS = "config.yaml", "metrics.json"  # of a view


def run(arguments: argparse.Namespace) -> int:
    """Pack an experiment, and tell what of its corpora's licences must be known."""
    view, target = arguments.experiment, arguments.to or Path(f"{arguments.experiment.resolve().name}{SUFFIX}")
    if target.suffix != SUFFIX:
        raise ValueError(f"{target}: it becomes one file of koeru: give it a name that ends with {SUFFIX}")
    if target.exists() and not arguments.force:
        raise FileExistsError(f"{target} is there already: give another name by --to, or --force to write over it")
    files = packed(view, graphs=arguments.onnx)
    write_bundle(target, files)
    for line in warnings(json.loads(files[CARD])["trained_on"]):
        print(line, file=sys.stderr)
    with_graphs = " and graphs for ONNX" if arguments.onnx else ""
    print(f"{target}: {target.stat().st_size / 2**20:.1f} MiB, weights{with_graphs}; {IN_WORDS} in it tells of it")
    return 0


def packed(view: Path, *, graphs: bool) -> dict[str, bytes]:
    """What is packed of the view of an experiment: name -> content.

    Errors: FileNotFoundError, or ValueError, with a remedy where the view is none, or tells too little.
    """
    for name in (f"{MODEL}{WEIGHTS}", RECORD, SETTINGS, METRICS):
        if not (view / name).is_file():
            raise FileNotFoundError(
                f"{view} holds no {name}: give the folder of a trained experiment, such as exp/N2C_23"
            )
    if not (corpora := rights(read_json(view / RECORD))):
        raise ValueError(
            f"{view}: its {RECORD} does not tell what it was trained on: an older koeru has shown it: remove the "
            "folder, and let Snakemake show it again"
        )
    sounds = [family for family in FAMILIES.at_work("sound") if (view / f"{family}{WEIGHTS}").is_file()]
    files: dict[str, bytes] = {SETTINGS: (view / SETTINGS).read_bytes()}
    for name in (MODEL, *sounds):
        files[f"{name}{WEIGHTS}"] = (view / f"{name}{WEIGHTS}").read_bytes()
    told = read_told(view / f"{MODEL}{WEIGHTS}")
    if graphs:
        files |= _graphs(view, MODEL, told.get("family"))
        for family in sounds:
            files |= _graphs(view, family, family)
    samples = _samples(view)
    files |= {f"samples/{path.name}": path.read_bytes() for path in samples}
    sound = sounds[0] if sounds else "griffin-lim"
    content = card(
        view.resolve().name,
        told,
        sound,
        corpora,
        read_json(view / METRICS),
        [f"samples/{path.name}" for path in samples],
    )
    files[CARD] = _json(content)
    files[IN_WORDS] = in_words(content).encode()
    return files


def _samples(view: Path) -> list[Path]:
    """Some of what the model has said of held-out utterances, from the first to the last."""
    found = sorted(path for path in (view / "samples").glob("*.wav") if path.name.endswith(SPOKEN))
    return found[:: max(1, len(found) // SAMPLES)][:SAMPLES]


def _graphs(view: Path, name: str, family: str | None) -> dict[str, bytes]:
    """A model's file of graphs, and the graphs. Errors: ValueError where models of its family become none."""
    able = FAMILIES.at_work("become graphs")
    if family not in able:
        raise ValueError(f"{view / name}{WEIGHTS} is of the kind {family!r}, of which there are no graphs: omit --onnx")
    graphs, told = imported(able[family])(view / f"{name}{WEIGHTS}")
    return {path.as_posix(): content for path, content in files_of_graphs(Path(f"{name}.json"), graphs, told).items()}


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
