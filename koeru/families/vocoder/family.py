"""What vocoders declare: their entries and those of published weights, their stages and nodes."""

from __future__ import annotations

from koeru.config.base import defaults, inert, leaves
from koeru.config.tables import Kind
from koeru.families.vocoder.entry import VocoderEntry, Weights
from koeru.families.vocoder.problems import problems, problems_of_weights
from koeru.families.vocoder.weights_file import lacking_weights, unstated_weights
from koeru.graph.family import Family, Trained
from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.stages import F0, MEL, STFT, Stage

HERE = "koeru.families.vocoder"
USES = {
    "speak": f"{HERE}.speaking:load_vocoder",
    "save": f"{HERE}.speaking:save_vocoder",
    "tell": f"{HERE}.page.training:speaking",
}
INERT = inert(VocoderEntry, "vocoder.")

STAGES = {
    "weights": Stage(
        1,
        (),
        ("weights.variant", "weights.generator_sha256", "weights.discriminators_sha256"),
        title="reading published weights",
        job=f"{HERE}.weights:job",
        uses=USES,
    ),
    "vocoder": Stage(
        1,
        ("wav", "segments", "mel", "splits", "gta", "start"),
        (
            "wav.sample_rate",
            *STFT,
            "mel.n_mels",
            "mel.fmin",
            "vocoder.mels",
            "vocoder.optimizer",
            "vocoder.variant",
            "vocoder.mpd_channels",
            "vocoder.msd_channels",
            *(
                leaf
                for leaf in defaults(VocoderEntry, "vocoder.")
                if leaf.startswith("vocoder.train.") and leaf not in INERT
            ),
        ),
        chunked=True,
        on_device=True,
        beginnings=("start",),
        uses=USES,
    ),
    "resynthesis": Stage(
        3,
        ("vocoder", "wav", "segments", "mel", "splits", "gta"),
        (
            *F0,
            *MEL[1:],
            "vocoder.take",
            "vocoder.samples",
            "vocoder.griffin_lim_iterations",
            "vocoder.bootstrap",
        ),
        title="held-out mels as audio",
        job=f"{HERE}.resynthesis:job",
        of_others=("vocoder",),
    ),
}


def trained(graph: Graph, name: str) -> Trained:
    """The training of a vocoder, or the published weights that it is, which offer no choice of what to take."""
    entry = graph.config["vocoder"][name]
    if not entry.epochs:
        return Trained(weights(graph, entry.start), None, {"vocoder.take": None})
    made, epochs = dict(graph.data[entry.spk].parents), {}
    if (taught_by := entry.taught_by()) is not None:
        made["gta"] = graph.made("gta", "exp", *taught_by)
        del made["mel"]
    if (other := entry.started_from()) is not None:
        start = graph.training("vocoder", other[0])
        made["start"], epochs["start"] = start.node, other[1]
    elif entry.start is not None:
        made["start"] = weights(graph, entry.start)
    values = leaves(graph.config.spk[entry.spk]) | leaves(entry, "vocoder.")
    settings = {leaf: values[leaf] for leaf in INERT} | {"saved": entry.saved_epochs()}
    node = graph.trained_on("vocoder", entry.spk, values, made, epochs=epochs, settings=settings)
    return Trained(node, entry.epochs, {"vocoder.take": entry.take})


def weights(graph: Graph, name: str) -> Node:
    """Published weights, read."""
    entry = graph.config["weights"][name]
    settings = {"name": name} | entry.model_dump(include={"generator", "discriminators", "source"})
    settings["rights"] = {name: {"licence": entry.licence}}
    return graph.node("weights", leaves(entry, "weights."), {}, settings=settings)


def shown(graph: Graph, name: str) -> Node:
    """What the view of a vocoder shows: what it makes of held-out mels, and its report."""
    entry, own = graph.config["vocoder"][name], graph.training("vocoder", name)
    dataset = graph.data[entry.spk]
    made = dict(dataset.parents) | {"vocoder": own.node}
    if (taught_by := entry.taught_by()) is not None:
        made["gta"] = graph.made("gta", "exp", *taught_by)
    values = leaves(graph.config.spk[entry.spk]) | leaves(entry, "vocoder.") | {**own.leaves}
    epochs = {} if own.epoch is None else {"vocoder": own.epoch}
    return graph.of_stage("resynthesis", values, made, epochs, settings={"dataset": dataset.key})


def names(entry: VocoderEntry) -> list[tuple[str, str]]:
    """The vocoder that this one starts from, and the experiment that teaches it."""
    told = {"vocoder": entry.started_from(), "exp": entry.taught_by()}
    return [(table, other[0]) for table, other in told.items() if other is not None]


def lacking(node: Node) -> list[str]:
    """What is wrong with the files of published weights."""
    return lacking_weights(node.settings) + unstated_weights(node.settings, node.params)


FAMILY = Family(
    name="vocoder",
    kind=Kind("vocoder", VocoderEntry, prefix="vocoder.", problems=problems),
    further=(Kind("weights", Weights, prefix="weights.", problems=problems_of_weights),),
    stages=STAGES,
    trained=trained,
    shown=shown,
    names=names,
    prepare=f"{HERE}.prepare:prepare",
    lacking={"weights": lacking},
    at_work={
        "sound": f"{HERE}.speaking:SpeakingGenerator.from_file",
        "sound by graphs": f"{HERE}.onnx_generator:OnnxGenerator.from_file",
        "become graphs": f"{HERE}.export_onnx:exported",
    },
    structure={
        "vocoder.spk": "vocoder",
        "vocoder.start": "vocoder",
        "vocoder.exp": "gta",
        "vocoder.epochs": "vocoder (only the new chunks), resynthesis, synthesis, exp",
    },
)
