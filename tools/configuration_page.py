"""Write docs/configuration.md: every leaf with its kind, default and the stages that read it, from the code itself."""

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from koeru.config.base import Section
from koeru.config.corpora import Chosen, Corpus, StandIn
from koeru.config.label_sets import LabelSet
from koeru.config.languages import FILES, LanguageFiles
from koeru.config.spk import Spk
from koeru.families import FAMILIES
from koeru.graph.stages import Stage

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
HEAD = """# Configuration

Every dataset (`spk`) and experiment (`exp`) is an entry of `config.yaml`. A changed leaf plans exactly the stages in
the last column and what is downstream of them; a leaf without a stage changes no result and is in no key. `base:`
takes over another entry of the same table: mappings merge, lists are replaced, `null` puts a value back to its
default, and `note` is not inherited.

This page is written by `python tools/configuration_page.py`; a test keeps it true.
"""
# Leaves that decide which nodes there are, rather than being a parameter of one; and those of what lies in a list.
STRUCTURE = {
    "corpora.format": "utterances",
    "corpora.labels": "utterances, labels",
    "corpora.revision": "utterances",
    "corpora.stand_in": "stand_in",
    "spk.features": "dataset",
    "labels.name": "utterances, labels",
    "labels.made": "utterances, labels",
    "labels.gives": "utterances (times, reading), labels",
    **{f"spk.corpora.{leaf}": "utterances" for leaf in Chosen.model_fields},
}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    parts += _entries("corpora", Corpus, "", STRUCTURE)
    parts += _entries("corpora: an entry of the list `labels`", LabelSet, "labels.", STRUCTURE)
    parts += _entries("corpora: stand_in", StandIn, "stand_in.", {})
    parts += _entries("spk", Spk, "", {"features": STRUCTURE["spk.features"]})
    structure = {leaf.removeprefix("spk."): told for leaf, told in STRUCTURE.items()}
    parts += _entries("spk: an entry of the list `corpora`", Chosen, "corpora.", structure)
    files = {name: f"{', '.join(_readers(leaf, FAMILIES.stages))} (what it says)" for leaf, name in FILES.items()}
    parts += _entries("languages", LanguageFiles, "", files)
    for family in FAMILIES.families:
        for kind in (family.kind, *family.further):
            types = f": `model.type: {' or '.join(kind.types)}`" if kind.types else ""
            stages = FAMILIES.stages if kind.prefix else family.stages
            parts += _entries(f"{kind.table}{types}", kind.section, "", family.structure, kind.prefix, stages)
    return "\n".join(parts)


def _entries(
    title: str,
    kind: type[Section],
    prefix: str,
    structure: Mapping[str, str],
    table: str = "",
    stages: Mapping[str, Stage] = FAMILIES.stages,
) -> list[str]:
    known = {leaf.removeprefix("corpora.") if title == "corpora" else leaf: told for leaf, told in structure.items()}
    return [f"\n## {title}\n", *_section(kind, prefix, table, known, stages)]


def _section(
    kind: type[Section], prefix: str, table: str, structure: Mapping[str, str], stages: Mapping[str, Stage]
) -> list[str]:
    lines = [inspect.getdoc(kind) or "", "", "| leaf | kind | default | read by |", "|---|---|---|---|"]
    nested: list[str] = []
    for name, field in kind.model_fields.items():
        if isinstance(field.default, Section):
            nested += [
                "",
                f"### {prefix}{name}",
                "",
                *_section(type(field.default), f"{prefix}{name}.", table, structure, stages),
            ]
            continue
        leaf = f"{prefix}{name}"
        default = "required" if field.is_required() else f"`{_shown(field.default)}`"
        readers = ", ".join(_readers(f"{table}{leaf}", stages)) or structure.get(f"{table}{leaf}", "–")
        lines.append(f"| `{leaf}` | {_kind(field.annotation)} | {default} | {readers} |")
    return lines + nested


def _readers(leaf: str, stages: Mapping[str, Stage]) -> list[str]:
    return [stage for stage, told in stages.items() if leaf in told.reads]


def _kind(annotation: object) -> str:
    if getattr(annotation, "__origin__", None) is not None and str(annotation).startswith("typing.Literal"):
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    named = {int: "whole number", float: "number", str: "text", bool: "true or false"}
    if annotation in named:
        return named[annotation]
    inner = [a for a in get_args(annotation) if a is not type(None) and a is not Ellipsis]
    if getattr(annotation, "__origin__", None) is tuple:
        return f"list of {_kind(inner[0])}"
    if getattr(annotation, "__origin__", None) is dict:
        return "mapping of names to paths" if _kind(inner[-1]) == "text" else "mapping by speaker"
    return _kind(inner[0]) if inner else "mapping"


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        default = list(default)
    return json.dumps(default, ensure_ascii=False)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page() + "\n", encoding="utf-8")
