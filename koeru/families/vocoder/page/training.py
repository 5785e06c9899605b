"""What pages tell of the training of a vocoder, from the manifest of the epoch (`epoch_NNNN.json`).

These are the vocoder's own page, and those of the experiments whose speech it makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from koeru.config.base import defaults
from koeru.families.vocoder.entry import VocoderEntry
from koeru.families.vocoder.page.plots import mel_errors
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import Place, Store, read_json
from koeru.graph.view import mark
from koeru.jobs.progress import duration
from koeru.report import plots
from koeru.report.data import Picture, Speaking
from koeru.report.provenance import ancestors, settings
from koeru.report.training import computed

Told = Mapping[str, Any]
TRAIN = "vocoder.train"
STANDARD = DATA_DEFAULTS | defaults(VocoderEntry, "vocoder.")
LOSSES = {"adversarial": "adversarial", "features": "features", "mel": "mel", "stft": "multi-resolution STFT"}
ABOUT_LOSSES = "All that the training measures: means over clips; those of the discriminators are their own losses"


def speaking(store: Store, place: Place, take: str | None) -> Speaking:
    """All that is told of what speaks: a `vocoder` at an epoch, of which `take` says which weights, or `weights`."""
    nodes = [*ancestors(store, place), {"stage": "vocoder", "params": {"vocoder.take": take}}]
    own = [setting for setting in settings(nodes, STANDARD) if setting.name.startswith("vocoder.")]
    if place.epoch is None:
        return Speaking(published(read_json(store.node_path(place))), settings=own)
    told = read_json(store.epoch_path(place, place.epoch))
    begun = {"Vocoder": mark(place.stage, place.key), "Started": origin(told), "Mels": mels(store, told)}
    known = begun | {"Speaks": speaks(told, take)} | facts(told)
    return Speaking(known, warnings(told), curve(told), losses(told), own)


def origin(told: Told) -> str:
    """What the weights come from, such as "from LINE_6 at epoch 100"."""
    start = told["parents"].get("start")
    if start is None:
        return "from random weights"
    name = mark(start["stage"], start["key"])
    words = f"from {name}, published weights" if start["epoch"] is None else f"from {name} at epoch {start['epoch']}"
    kept = told["loaded"]["optimizer"] == "keep"
    return f"{words}; the state of its optimisers is kept" if kept else words


def published(told: Told) -> dict[str, str]:
    """Short facts of published weights that speak as they are, from their `node.json`."""
    params, (file, size) = told["params"], _file(told)
    trained = f"{told['step']:,} steps ({told['epoch']:,} epochs)" if told["step"] else "not told by the file"
    return {
        "Vocoder": f"{mark('weights', told['key'])}: published weights as they are, not trained here",
        "Model": f"HiFi-GAN {params['weights.variant'].upper()}, {_millions(told['parameters']['generator'])}",
        "Trained": trained,
        "File": f"{file}, {size / 1e6:.1f} MB",
        "sha256": params["weights.generator_sha256"],
    }


def mels(store: Store, told: Told) -> str:
    """Which mels the vocoder learned to speak, and was judged by."""
    gta = told["parents"].get("gta")
    if gta is None:
        return "natural, of the recordings"
    teacher = read_json(store.node_path(Place(gta["stage"], gta["key"])))["parents"]["train"]
    return f"teacher-forced, by {mark('train', teacher['key'])} at epoch {teacher['epoch']}"


def speaks(told: Told, take: str | None) -> str:
    """Which epoch makes the audio: see `koeru.families.vocoder.speaking.taken`."""
    if take == "last":
        return f"epoch {told['epoch']}, the last"
    return f"epoch {told['best']['epoch']} of {told['epoch']}, the best: its mel error on the dev split is the lowest"


def facts(told: Told) -> dict[str, str]:
    """Short facts by name: how long, of what size, by which losses, on what, how fast."""
    params, counts, last = told["params"], told["parameters"], told["log"][-1]
    took = duration(sum(row["seconds"] for row in told["log"]))
    weighed = {words: params[f"{TRAIN}.{part}_weight"] for part, words in LOSSES.items()}
    generator = f"HiFi-GAN {params['vocoder.variant'].upper()}, {_millions(counts['generator'])}"
    judges = f"discriminators of {_millions(counts['discriminators'])}" if counts["discriminators"] else ""
    return {
        "Trained": f"{told['epoch']} epochs, {told['step'] - _first_step(told)} steps, {took}",
        "Model": f"{generator}; {judges or 'trained without discriminators'}",
        "Loss": ", ".join(f"{weight:g} × {words}" for words, weight in weighed.items() if weight),
        "Computed": computed(told, params[f"{TRAIN}.precision"]),
        "Last epoch": f"{last['frames'] / max(last['seconds'], 1e-9):,.0f} frames a second",
    }


def warnings(told: Told) -> list[str]:
    """What a listener should know: what the training has said aloud of its start, and if it did not lower the error."""
    loaded, start, best = told["loaded"], told["at_start"]["mel"], told["best"]
    found = []
    if loaded:
        name = mark(*loaded["from"].split("/"))
        found += [f"The vocoder's training: {note.replace(loaded['from'], name)}" for note in loaded["notes"]]
    if start <= best["mel"]:
        found.append(
            f"The vocoder's training did not lower the mel error on the dev split: it was {start:.3f} neper at the "
            f"start, {best['mel']:.3f} at its best (epoch {best['epoch']})"
        )
    return found


def curve(told: Told) -> Picture:
    """The mel error on the dev split over epochs, from the start on, with the best marked."""
    start, best, last = told["at_start"]["mel"], told["best"], told["log"][-1]
    drawn = mel_errors(told["log"], start, best["epoch"])
    kind = {"natural": "natural", "teacher_forced": "teacher-forced"}[told["params"]["vocoder.mels"]]
    words = [f"{start:.3f} at the start"]
    if best["epoch"] != last["epoch"]:
        words.append(f"{best['mel']:.3f} at epoch {best['epoch']}, the lowest")
    words.append(f"{last['dev']['mel']:.3f} at epoch {last['epoch']}, the last")
    about = f"Mel error (full band, neper) of speech from the {kind} mels of the dev split: {', '.join(words)}"
    return Picture(drawn, "mel error over epochs, development and training", about)


def losses(told: Told) -> Picture:
    """All parts of the losses over epochs."""
    rows = [
        {"epoch": row["epoch"]}
        | {f"{split}/{part}": value for split in ("train", "dev") for part, value in row[split].items()}
        for row in told["log"]
    ]
    return Picture(plots.loss_curves(rows, x="epoch"), "losses over epochs, training and development", ABOUT_LOSSES)


def _file(told: Told) -> tuple[str, int]:
    """Name and bytes of the file of published weights that holds the generator."""
    found = next(file for leaf, file in told["files"].items() if leaf.endswith(".generator"))
    return PurePath(found["path"]).name, found["bytes"]


def _first_step(told: Told) -> int:
    """The step of the state that the run began with: not 0 where `optimizer: keep` continues another one's."""
    return told["loaded"]["step"] if told["loaded"] else 0


def _millions(count: int) -> str:
    return f"{count / 1e6:.2f} million parameters"
