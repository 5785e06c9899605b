"""What voice conversion declares: experiments of the types below, their stages and nodes."""

from __future__ import annotations

from koeru.config.base import defaults, inert, leaves
from koeru.config.tables import Kind
from koeru.families.experiments import nodes
from koeru.families.experiments.forecast import warnings
from koeru.families.vc.entry import VcExp
from koeru.families.vc.problems import problems
from koeru.graph.family import Family, Trained
from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.stages import F0, MEL, SEGMENTS, STFT, Stage

HERE = "koeru.families.vc"
INERT = inert(VcExp)
SYNTHESIS = tuple(leaf for leaf in defaults(VcExp) if leaf.startswith("synthesis."))
DTW = tuple(leaf for leaf in defaults(VcExp) if leaf.startswith("dtw."))
FEATURES = ("durations", "labels", "pitch", "energy", "mel", "stats")

STAGES = {
    "durations": Stage(
        1,
        ("pairs", "segments", "labels", "pitch", "energy", "mel"),
        ("durations", "model.reduction_factor", "wav.sample_rate", *STFT, *DTW),
        title="aligning the pairs",
        job=f"{HERE}.durations:job",
    ),
    "conversion": Stage(
        2,
        (*FEATURES, "pretrain"),
        (
            *(leaf for leaf in defaults(VcExp) if leaf.startswith(("model.", "train.")) and leaf not in INERT),
            "durations",
            "optimizer",
            "partial",
        ),
        chunked=True,
        on_device=True,
        beginnings=("pretrain",),
    ),
    "conversion_samples": Stage(
        2,
        ("conversion", "conversion_evaluation", "wav", "segments", "sp", *FEATURES, "vocoder"),
        (
            *MEL,
            "sp.frame_period",
            "take",
            "synthesis.samples",
            "synthesis.temperature",
            "synthesis.griffin_lim_iterations",
            "vocoder.take",
        ),
        title="held-out pairs as audio",
        job=f"{HERE}.synthesis:job",
        of_others=("vocoder",),
    ),
    "conversion_evaluation": Stage(
        3,
        ("conversion", "sp", *FEATURES),
        (*F0, *MEL[1:], "sp.frame_period", "take", "evaluation.bootstrap", "synthesis.temperature"),
        title="objective metrics of conversion",
        job=f"{HERE}.measure.evaluation:job",
    ),
    "conversion_page": Stage(
        4,
        ("conversion", "stats", "durations", "conversion_samples", "conversion_evaluation", "vocoder"),
        (*F0, *MEL[1:], *SEGMENTS, "take"),
        title="the report and the exported model",
        job=f"{HERE}.exp:job",
        of_others=("vocoder",),
    ),
}


def made_of_data(graph: Graph, name: str) -> dict[str, Node]:
    """What an experiment reads of its dataset, and the alignment of its pairs."""
    exp: VcExp = graph.config["exp"][name]
    made = graph.features(exp.spk, "sp")
    values = leaves(graph.config.spk[exp.spk]) | leaves(exp)
    if exp.durations != "dtw":
        values |= dict.fromkeys(DTW)
    made["durations"] = graph.of_stage("durations", values, made, {})
    return made


def trained(graph: Graph, name: str) -> Trained:
    """The training of an experiment."""
    return nodes.trained(graph, "conversion", name, made_of_data(graph, name))


def shown(graph: Graph, name: str) -> Node:
    """What the view of an experiment shows: what it converts, how that is measured, and its report."""
    stages = ("conversion_evaluation", "conversion_samples", "conversion_page")
    return nodes.shown(graph, stages, name, made_of_data(graph, name))


FAMILY = Family(
    name="vc",
    kind=Kind("exp", VcExp, types=("conformer_vc",), problems=problems),
    stages=STAGES,
    trained=trained,
    shown=shown,
    names=nodes.names,
    prepare=f"{HERE}.prepare:prepare",
    warnings=warnings,
    at_work={"convert": f"{HERE}.converter:Converter.from_file"},
    structure={
        "spk": "durations, conversion",
        "pretrain": "conversion",
        "epochs": "conversion (only the new chunks), conversion_samples, conversion_evaluation, conversion_page",
        "vocoder": "conversion_samples",
    },
)
