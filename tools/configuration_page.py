"""Write docs/configuration.md: every leaf with its kind, default and the stages that read it, from the code itself."""

import inspect
import json
from pathlib import Path
from typing import get_args

from koeru.config.base import Section
from koeru.config.spk import Corpus, Selection, Spk, StandIn
from koeru.families.acoustic.entry import Exp
from koeru.families.vocoder.entry import Vocoder, Weights
from koeru.graph.stages import STAGES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
HEAD = """# Configuration

Every dataset (`spk`) and experiment (`exp`) is an entry of `config.yaml`. A changed leaf plans exactly the stages in
the last column and what is downstream of them; a leaf without a stage changes no result and is in no key. `base:`
takes over another entry of the same table: mappings merge, lists are replaced, `null` puts a value back to its
default, and `note` is not inherited.

This page is written by `python tools/configuration_page.py`; a test keeps it true.
"""
# Title, kind, what stands before its leaves, and before those again where stages name them.
ENTRIES: tuple[tuple[str, type[Section], str, str], ...] = (
    ("corpora", Corpus, "", ""),
    ("corpora: stand_in", StandIn, "stand_in.", ""),
    ("spk", Spk, "", ""),
    ("spk: an entry of the list `corpora`", Selection, "corpora.", ""),
    ("exp", Exp, "", ""),
    ("weights", Weights, "", "weights."),
    ("vocoder", Vocoder, "", "vocoder."),
)
# Leaves that decide which nodes there are, rather than being a parameter of one.
STRUCTURE = {
    "format": "utterances",
    "labels": "utterances (the names of the sets)",
    "revision": "utterances",
    "stand_in": "stand_in",
    "spk": "train",
    "pretrain": "train",
    "epochs": "train (only the new chunks), synthesis, evaluation, exp",
    "vocoder": "synthesis",
    "vocoder.spk": "vocoder",
    "vocoder.start": "vocoder",
    "vocoder.exp": "gta",
    "vocoder.epochs": "vocoder (only the new chunks), resynthesis, synthesis, exp",
}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, kind, prefix, table in ENTRIES:
        parts.append(f"\n## {title}\n")
        parts += _section(kind, prefix, table)
    return "\n".join(parts)


def _section(kind: type[Section], prefix: str, table: str) -> list[str]:
    lines = [inspect.getdoc(kind) or "", "", "| leaf | kind | default | read by |", "|---|---|---|---|"]
    nested: list[str] = []
    for name, field in kind.model_fields.items():
        if isinstance(field.default, Section):
            nested += ["", f"### {prefix}{name}", "", *_section(type(field.default), f"{prefix}{name}.", table)]
            continue
        leaf = f"{prefix}{name}"
        default = "required" if field.is_required() else f"`{_shown(field.default)}`"
        readers = ", ".join(stage for stage, told in STAGES.items() if f"{table}{leaf}" in told.reads)
        readers = readers or STRUCTURE.get(f"{table}{leaf}", "utterances" if kind is Selection else "–")
        lines.append(f"| `{leaf}` | {_kind(field.annotation)} | {default} | {readers} |")
    return lines + nested


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
        return "mapping of names to paths" if inner[-1] is str else "mapping by speaker"
    return _kind(inner[0]) if inner else "mapping"


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        default = list(default)
    return json.dumps(default, ensure_ascii=False)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page() + "\n", encoding="utf-8")
