"""What acoustic models declare: experiments of the types below, their stages and nodes."""

from __future__ import annotations

from koeru.config.base import defaults, inert, leaves
from koeru.config.tables import Kind
from koeru.families.acoustic.entry import Exp
from koeru.families.acoustic.problems import problems
from koeru.families.experiments import nodes
from koeru.families.experiments.forecast import warnings
from koeru.graph.family import Family, Trained
from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.stages import MEL, Stage

HERE = "koeru.families.acoustic"
INERT = inert(Exp)
FEATURES = ("labels", "pitch", "energy", "mel", "stats", "splits")

STAGES = {
    "train": Stage(
        3,
        (*FEATURES, "pretrain"),
        (
            *(leaf for leaf in defaults(Exp) if leaf.startswith(("model.", "train.")) and leaf not in INERT),
            "optimizer",
            "partial",
        ),
        chunked=True,
        on_device=True,
        beginnings=("pretrain",),
    ),
    "gta": Stage(
        1, ("train", *FEATURES), ("take",), title="teacher-forced mels", job=f"{HERE}.gta:job", on_device=True
    ),
    "synthesis": Stage(
        4,
        ("train", "wav", "segments", *FEATURES, "vocoder"),
        (
            *MEL,
            "take",
            "synthesis.samples",
            "synthesis.temperature",
            "synthesis.griffin_lim_iterations",
            "vocoder.take",
        ),
        title="held-out utterances as audio",
        job=f"{HERE}.synthesis:job",
        of_others=("vocoder",),
    ),
    "evaluation": Stage(
        5,
        ("train", *FEATURES),
        ("take", "evaluation.bootstrap", "evaluation.prosody_samples", "synthesis.temperature"),
        title="objective metrics",
        job=f"{HERE}.measure.evaluation:job",
    ),
    "exp": Stage(
        11,
        ("train", "labels", "stats", "synthesis", "evaluation", "vocoder"),
        ("take",),
        title="the report and the exported model",
        job=f"{HERE}.exp:job",
        of_others=("vocoder",),
    ),
}


def trained(graph: Graph, name: str) -> Trained:
    """The training of an experiment."""
    return nodes.trained(graph, "train", name, graph.data[graph.config["exp"][name].spk].parents)


def shown(graph: Graph, name: str) -> Node:
    """What the view of an experiment shows: what it says, how that is measured, and its report."""
    made = graph.data[graph.config["exp"][name].spk].parents
    return nodes.shown(graph, ("synthesis", "evaluation", "exp"), name, made)


def teacher_forced(graph: Graph, name: str, epoch: int) -> Node:
    """The mels that an experiment makes of its dataset at an epoch, for those who learn from them."""
    exp, own = graph.config["exp"][name], graph.training("exp", name)
    made = dict(graph.data[exp.spk].parents) | {"train": own.node}
    values, shards = leaves(exp), graph.config.spk[exp.spk].shards
    settings = {leaf: values[leaf] for leaf in ("train.device", "train.threads")}
    return graph.of_stage("gta", own.leaves, made, {"train": epoch}, settings=settings, shards=shards)


FAMILY = Family(
    name="acoustic",
    kind=Kind("exp", Exp, types=("fastspeech2",), untyped=True, problems=problems),
    stages=STAGES,
    trained=trained,
    shown=shown,
    names=nodes.names,
    made={"gta": teacher_forced},
    prepare=f"{HERE}.prepare:prepare",
    warnings=warnings,
    at_work={
        "speak": f"{HERE}.voice:Voice.from_file",
        "speak by graphs": f"{HERE}.onnx_voice:OnnxVoice.from_file",
        "become graphs": f"{HERE}.export_onnx:exported",
    },
    structure={
        "spk": "train",
        "pretrain": "train",
        "epochs": "train (only the new chunks), synthesis, evaluation, exp",
        "vocoder": "synthesis",
    },
)
