"""What a training is warned of before it runs: its length in steps, and what of its schedule never comes."""

from __future__ import annotations

from dataclasses import dataclass

from koeru.graph.node import Node
from koeru.graph.plan import Plan, place
from koeru.graph.store import read_json
from koeru.training.warnings import training_warnings


@dataclass(frozen=True)
class Steps:
    """A number of steps from the beginning of a schedule, and whether it is exact or an estimate."""

    count: int
    exact: bool = True

    def __add__(self, other: Steps) -> Steps:
        return Steps(self.count + other.count, self.exact and other.exact)


def warnings(plan: Plan, name: str) -> list[str]:
    """What the training of an experiment is warned of; of how long it runs nothing until its dataset is built."""
    own = plan.graph.training("exp", name)
    node, steps = own.node, steps_at(plan, own.node, own.epoch)
    count, exact = (steps.count, steps.exact) if steps else (None, False)
    usual = plan.graph.registry.defaults(node.stage)
    return training_warnings(node.params, usual, count, exact=exact, pretrained="pretrain" in node.parents)


def steps_at(plan: Plan, node: Node, epoch: int) -> Steps | None:
    """The step that a training has reached at the end of an epoch; None where its dataset is not built yet.

    As recorded, where the epoch is saved. Otherwise epochs of as many batches as fill with the training utterances (or
    pairs, which are counted where they are aligned), after the steps of the parent where `optimizer: keep` continues
    them. It is an estimate where batches have a frame budget (padding takes a part of it) or utterances can be too long
    to be trained on.
    """
    saved = plan.store.epoch_path(place(node), epoch)
    if saved.exists():
        return Steps(read_json(saved)["step"])
    counted = plan.store.node_path(place(node.parents.get("durations", node.parents["stats"])))
    if not counted.exists():
        return None
    before = Steps(0)
    if node.params["optimizer"] == "keep" and "pretrain" in node.parents:
        before = steps_at(plan, node.parents["pretrain"], node.epochs["pretrain"])
        if before is None:
            return None
    budget = node.params["train.batch_frames"]
    in_all = read_json(counted)["utterances" if budget is None else "frames"]["train"]
    batches = -(-in_all // (budget or node.params["train.batch_size"]))
    return before + Steps(epoch * batches, exact=budget is None and node.params["train.max_frames"] is None)
