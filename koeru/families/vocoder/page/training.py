"""What pages tell of the training of a vocoder, from the manifest of the epoch.

These are the vocoder's own page, and those of the experiments whose speech it makes.
"""

from __future__ import annotations

from pathlib import PurePath

from koeru.config.base import defaults
from koeru.families.vocoder.entry import JUDGED_BY, VocoderEntry
from koeru.families.vocoder.manifest import VocoderManifest, WeightsManifest
from koeru.families.vocoder.page.plots import mel_errors
from koeru.graph.stages import DATA_DEFAULTS
from koeru.graph.store import NodeManifest, Place, Store
from koeru.graph.view import mark
from koeru.jobs.progress import duration
from koeru.report.data import Picture, Speaking
from koeru.report.provenance import ancestors, settings
from koeru.report.training import computed, losses, speaks

TRAIN = "vocoder.train"
STANDARD = DATA_DEFAULTS | defaults(VocoderEntry, "vocoder.")
LOSSES = {"adversarial": "adversarial", "features": "features", "mel": "mel", "stft": "multi-resolution STFT"}


def speaking(store: Store, place: Place, take: str | None) -> Speaking:
    """All that is told of what speaks: a `vocoder` at an epoch, of which `take` says which weights, or `weights`."""
    taken = NodeManifest(stage="vocoder", key="", params={"vocoder.take": take}, parents={})
    own = [s for s in settings([*ancestors(store, place), taken], STANDARD) if s.name.startswith("vocoder.")]
    if place.epoch is None:
        return Speaking(published(store.read_node(place, WeightsManifest)), settings=own)
    training = store.read_node(place, VocoderManifest)
    known = {"Vocoder": mark(place.stage, place.key), "Started": origin(training), "Mels": mels(store, training)}
    known |= {"Speaks": speaks(training, take, JUDGED_BY, "mel error")} | facts(training)
    about = "All that the training measures: means over clips; those of the discriminators are their own losses"
    return Speaking(known, warnings(training), curve(training), losses(training, "epoch", about), own)


def origin(training: VocoderManifest) -> str:
    """What the weights come from, such as "from LINE_6 at epoch 100"."""
    start = training.parents.get("start")
    if start is None:
        return "from random weights"
    name = mark(start.stage, start.key)
    words = f"from {name}, published weights" if start.epoch is None else f"from {name} at epoch {start.epoch}"
    return f"{words}; the state of its optimisers is kept" if training.loaded.optimizer == "keep" else words


def published(weights: WeightsManifest) -> dict[str, str]:
    """Short facts of published weights that speak as they are."""
    file, size = _file(weights)
    trained = f"{weights.step:,} steps ({weights.epoch:,} epochs)" if weights.step else "not told by the file"
    return {
        "Vocoder": f"{mark('weights', weights.key)}: published weights as they are, not trained here",
        "Model": f"HiFi-GAN {weights.params['weights.variant'].upper()}, {_millions(weights.parameters['generator'])}",
        "Trained": trained,
        "File": f"{file}, {size / 1e6:.1f} MB",
        "sha256": weights.params["weights.generator_sha256"],
    }


def mels(store: Store, training: VocoderManifest) -> str:
    """Which mels the vocoder learned to speak, and was judged by."""
    gta = training.parents.get("gta")
    if gta is None:
        return "natural, of the recordings"
    made = store.read_node(gta)
    teacher = made.parents["train"]
    epoch = made.more["speaks"]["epoch"] if "speaks" in made.more else teacher.epoch  # it was the only choice
    return f"teacher-forced, by {mark('train', teacher.key)} at epoch {epoch}"


def facts(training: VocoderManifest) -> dict[str, str]:
    """Short facts by name: how long, of what size, by which losses, on what, how fast."""
    params, counts, last = training.params, training.parameters, training.log[-1]
    weighed = {words: params[f"{TRAIN}.{part}_weight"] for part, words in LOSSES.items()}
    generator = f"HiFi-GAN {params['vocoder.variant'].upper()}, {_millions(counts['generator'])}"
    judges = f"discriminators of {_millions(counts['discriminators'])}" if counts["discriminators"] else ""
    steps = training.step - training.first_step + 1
    return {
        "Trained": f"{training.epoch} epochs, {steps} steps, {duration(training.seconds)}",
        "Model": f"{generator}; {judges or 'trained without discriminators'}",
        "Loss": ", ".join(f"{weight:g} × {words}" for words, weight in weighed.items() if weight),
        "Computed": computed(training, params[f"{TRAIN}.precision"]),
        "Last epoch": f"{last['frames'] / max(last['seconds'], 1e-9):,.0f} frames a second",
    }


def warnings(training: VocoderManifest) -> list[str]:
    """What a listener should know: what the training has said aloud of its start, and if it did not lower the error."""
    loaded, start, best = training.loaded, training.at_start["mel"], training.best
    lines = []
    if loaded:
        name = mark(*loaded.source.split("/"))
        lines += [f"The vocoder's training: {note.replace(loaded.source, name)}" for note in loaded.more["notes"]]
    if start <= best["mel"]:
        lines.append(
            f"The vocoder's training did not lower the mel error on the dev split: it was {start:.3f} neper at the "
            f"start, {best['mel']:.3f} at its best (epoch {best['epoch']})"
        )
    return lines


def curve(training: VocoderManifest) -> Picture:
    """The mel error on the dev split over epochs, from the start on, with the best marked."""
    start, best, last = training.at_start["mel"], training.best, training.log[-1]
    drawn = mel_errors(training.log, start, best["epoch"])
    kind = {"natural": "natural", "teacher_forced": "teacher-forced"}[training.params["vocoder.mels"]]
    words = [f"{start:.3f} at the start"]
    if best["epoch"] != last["epoch"]:
        words.append(f"{best['mel']:.3f} at epoch {best['epoch']}, the lowest")
    words.append(f"{last['dev']['mel']:.3f} at epoch {last['epoch']}, the last")
    about = f"Mel error (full band, neper) of speech from the {kind} mels of the dev split: {', '.join(words)}"
    return Picture(drawn, "mel error over epochs, development and training", about)


def _file(weights: WeightsManifest) -> tuple[str, int]:
    """Name and bytes of the file of published weights that holds the generator."""
    generator = next(file for leaf, file in weights.files.items() if leaf.endswith(".generator"))
    return PurePath(generator["path"]).name, generator["bytes"]


def _millions(count: int) -> str:
    return f"{count / 1e6:.2f} million parameters"
