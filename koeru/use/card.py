"""The card of what is packed: what it is, what it was trained on, how well it does, and what binds who is given it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from koeru.corpora.licences import credit_of, licence_of
from koeru.data.bundle import exists, read_bytes

UNTOLD = "not told"
CARD, IN_WORDS = "card.json", "card.md"
RECORD = "record.json"  # of the view of an experiment


def rights(record: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Whatever a view's node was made of -> its licence, credit, consent, and whether voices may be passed on.

    `record` is the view's record.json; {} where it tells of no recordings, as an older koeru has shown it.
    """
    found: dict[str, dict[str, str]] = {}
    for node in record.values():
        for name, own in node.get("rights", {}).items():
            made_up = own.get("stand_in", False)
            licence, credit = own["licence"], own.get("credit", "")
            if "format" in own:
                licence = licence_of(licence, own["format"], made_up)
                credit = credit_of(credit, own["format"], made_up)
            found[name] = {
                "licence": licence,
                "credit": credit,
                "consent": own.get("consent", ""),
                "voices": "allowed" if made_up else own.get("voices", "unknown"),
            }
    return dict(sorted(found.items()))


def rights_of(model: Path) -> Mapping[str, Mapping[str, str]]:
    """Those that lie beside the file of a model, in a bundle or a view; {} where nothing there tells of them."""
    card, record = model.parent / CARD, model.parent / RECORD
    if exists(card):
        return json.loads(read_bytes(card))["trained_on"]
    return rights(json.loads(read_bytes(record))) if exists(record) else {}


def card(
    name: str,
    told: Mapping[str, Any],
    sound: str,
    corpora: Mapping[str, Mapping[str, str]],
    metrics: Mapping[str, Any],
    samples: Sequence[str],
) -> dict[str, Any]:
    """The content of card.json; `told` is what the model's file tells, and `metrics` the content of metrics.json."""
    trained = told.get("trained", {})  # untold by an older koeru
    vocabulary = {kind: told["vocabulary"][kind] for kind in ("language", "speakers", "emotions")}
    return {
        "name": name,
        "family": told["family"],
        **vocabulary,
        "sound": sound,
        "epoch": told["epoch"],
        "step": told["step"],
        "commit": told.get("commit", ""),
        "utterances": trained.get("utterances"),
        "hours": trained.get("hours"),
        "trained_on": corpora,
        "metrics": {
            key: {entry: metric[entry] for entry in ("label", "value", "unit", "better", "about")}
            for key, metric in metrics.get("metrics", {}).items()
        },
        "samples": list(samples),
    }


def in_words(content: Mapping[str, Any]) -> str:
    """A card as Markdown."""
    return "\n".join([*_lines(content), ""])


def warnings(corpora: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What must be known before a voice is passed on, a line each: the licences that forbid it, or do not say."""
    said = {
        "forbidden": "its entry says that voices must not be passed on that were trained on it",
        "unknown": "its entry does not say whether voices may be passed on that were trained on it: read its licence",
    }
    return [
        f"{name}: {said[own['voices']]} ({own['licence']})" for name, own in corpora.items() if own["voices"] in said
    ]


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {content['name']}"
    yield ""
    who = ", ".join(content["speakers"])
    language = content["language"].capitalize()
    yield f"A voice that koeru has trained. It speaks {language} as {who}."
    yield f"Emotions: {', '.join(content['emotions'])}. Its mels are made sound by: {content['sound']}."
    yield ""
    yield "## Trained on"
    yield ""
    for name, own in content["trained_on"].items():
        yield f"- **{name}**"
        for what in ("licence", "credit", "consent"):
            yield f"    - {what}: {own[what] or UNTOLD}"
        yield f"    - passing voices on: {own['voices']}"
    if content["hours"] is not None:
        utterances = content["utterances"]
        yield f"- {content['hours']:g} hours in {utterances['train']} utterances, those of its last training alone"
    yield f"- epoch {content['epoch']}, step {content['step']}, commit {content['commit'] or UNTOLD}"
    yield ""
    yield "## Measured on utterances that it was not trained on"
    yield ""
    yield "| what | value | better |"
    yield "|---|---|---|"
    for metric in content["metrics"].values():
        value = UNTOLD if metric["value"] is None else f"{metric['value']:.3g} {metric['unit']}".strip()
        yield f"| {metric['label']} | {value} | {metric['better'] or '–'} |"
    yield ""
    yield "## Samples"
    yield ""
    for sample in content["samples"]:
        yield f"- {sample}"
