"""Views: what a key holds, under an entry's name. Built beside and renamed, so a view never shows half of a thing.

A page speaks of nodes by key, since names are in no key: it holds marks such as `[[dataset/<key>]]`, which become the
names of the entries when the view is shown.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from koeru.graph.store import Place, Store, read_json, replacing_folder, write_json

PAGES = (".html",)
NOT_SHOWN = ("node.json",)
MARK = re.compile(r"\[\[([a-z_]+/[0-9a-f]+)\]\]")


def mark(stage: str, key: str) -> str:
    """What stands in a page where the name of an entry belongs."""
    return f"[[{stage}/{key}]]"


def show(store: Store, view: Path, place: Place, record: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Make `view` show the node at `place`, and note it in the journal.

    record: the node and its ancestors (koeru.graph.node.record); names: "stage/key" -> name of the entry. Raises
    ValueError if the view holds files that koeru did not put there: they would be lost.
    """
    if strange := strangers(view):
        raise ValueError(
            f"{view} holds files that are not koeru's: {', '.join(strange[:5])}. A view is replaced as a whole; "
            f"move them elsewhere and run again"
        )
    source = store.folder(place)
    with replacing_folder(view) as fresh:
        for path in sorted(p for p in source.rglob("*") if p.is_file() and p.name not in NOT_SHOWN):
            target = fresh / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in PAGES:
                target.write_text(with_names(path.read_text("utf-8"), names), "utf-8")
            else:
                shutil.copyfile(path, target)
        (fresh / "config.yaml").write_text(_settings(view.name, record), "utf-8")
        (fresh / ".shows").mkdir()
        (fresh / ".shows" / place.key).touch()
        write_json(fresh / "record.json", record)
        files = sorted(p.relative_to(fresh).as_posix() for p in fresh.rglob("*") if p.is_file())
        write_json(fresh / ".shows" / "files.json", files)
    _journal(store, view, place)


def strangers(view: Path) -> list[str]:
    """Files in a view's folder that koeru did not put there."""
    if not view.exists():
        return []
    listed = view / ".shows" / "files.json"
    known = {*read_json(listed), ".shows/files.json"} if listed.exists() else set()
    found = {p.relative_to(view).as_posix() for p in view.rglob("*") if p.is_file()}
    return sorted(found - known)


def with_names(page: str, names: Mapping[str, str]) -> str:
    """A page with the names of entries in place of the marks; a node that no entry names keeps its key."""
    return MARK.sub(lambda found: names.get(found[1], found[1]), page)


def _settings(name: str, record: Mapping[str, Any]) -> str:
    """The resolved parameters by stage, as YAML."""
    nodes = {
        path: {"key": node["key"]} | ({"epoch": node["epoch"]} if node["epoch"] else {}) | dict(node["params"])
        for path, node in record.items()
    }
    head = "# What this view was made with: every parameter, by the stage that reads it.\n"
    return head + yaml.safe_dump({"entry": name, "nodes": nodes}, allow_unicode=True, sort_keys=False, width=120)


def _journal(store: Store, view: Path, place: Place) -> None:
    """Append which name a key has now; lines are never removed."""
    line = {
        "when": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "view": view.as_posix(),
        "stage": place.stage,
        "key": place.key,
    }
    with (store.root / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write(json.dumps(line, ensure_ascii=False) + "\n")
