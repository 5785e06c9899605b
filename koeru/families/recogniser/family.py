"""What recognition declares: experiments of the type below, their stages and nodes."""

from __future__ import annotations

from koeru.config.base import defaults, inert, leaves
from koeru.config.tables import Kind
from koeru.families.recogniser.entry import RecogniserExp
from koeru.families.recogniser.problems import problems
from koeru.graph.family import Family, Trained
from koeru.graph.graph import Graph
from koeru.graph.node import Node
from koeru.graph.stages import MEL, Stage

HERE = "koeru.families.recogniser"
INERT = inert(RecogniserExp)
TAUGHT = ("model.", "ctc.", "blank_loss.", "train.")
SPEECH = ("tokens", "mel", "splits")  # never `labels` or `stats`, which may hang on what a recogniser has heard

STAGES = {
    "recogniser": Stage(
        1,
        (*SPEECH, "pretrain"),
        (
            *(leaf for leaf in defaults(RecogniserExp) if leaf.startswith(TAUGHT) and leaf not in INERT),
            "optimizer",
            "partial",
        ),
        chunked=True,
        on_device=True,
        beginnings=("pretrain",),
        uses={"hear": f"{HERE}.recogniser:Recogniser.load"},
    ),
    "recognition": Stage(
        1,
        ("recogniser", *SPEECH),
        ("take", "evaluation.beam", "evaluation.bootstrap"),
        title="token errors of held-out speech",
        job=f"{HERE}.measure.evaluation:job",
    ),
    "recogniser_page": Stage(
        1,
        ("recogniser", "recognition", *SPEECH),
        (*MEL, "take", "evaluation.utterances"),
        title="the report and the exported recogniser",
        job=f"{HERE}.page.page:job",
    ),
}


def trained(graph: Graph, name: str) -> Trained:
    """The training of an entry, after that of the one it is pretrained from."""
    exp: RecogniserExp = graph.config["exp"][name]
    made, epochs = graph.features(exp.spk, "tokens"), {}
    if (parent := exp.pretrained_from()) is not None:
        made["pretrain"], epochs["pretrain"] = graph.training("exp", parent[0]).node, parent[1]
    values = leaves(exp)
    settings = {leaf: values[leaf] for leaf in INERT} | {"saved": exp.saved_epochs()}
    node = graph.trained_on("recogniser", exp.spk, values, made, epochs=epochs, settings=settings)
    return Trained(node, exp.epochs, {"take": exp.take})


def shown(graph: Graph, name: str) -> Node:
    """What the view of an entry shows: what it hears in held-out speech, how that is measured, and its report."""
    exp, own = graph.config["exp"][name], graph.training("exp", name)
    made = graph.features(exp.spk, "tokens") | {"recogniser": own.node}
    values = leaves(graph.config.spk[exp.spk]) | leaves(exp)
    settings = {"dataset": graph.data[exp.spk].key}
    for stage in ("recognition", "recogniser_page"):
        made[stage] = graph.of_stage(stage, values, made, {"recogniser": own.epoch}, settings=settings)
    return made["recogniser_page"]


def names(exp: RecogniserExp) -> list[tuple[str, str]]:
    """The experiment that this one is pretrained from."""
    parent = exp.pretrained_from()
    return [] if parent is None else [("exp", parent[0])]


FAMILY = Family(
    name="recogniser",
    kind=Kind("exp", RecogniserExp, types=("quartznet",), problems=problems),
    stages=STAGES,
    trained=trained,
    shown=shown,
    names=names,
    prepare=f"{HERE}.prepare:prepare",
    at_work={"recognise": f"{HERE}.recogniser:Recogniser.from_file"},
    structure={
        "spk": "recogniser",
        "pretrain": "recogniser",
        "epochs": "recogniser (only the new chunks), recognition, recogniser_page",
    },
)
