"""What the loader costs beside a training step of the demo's model."""

import time
from pathlib import Path

import torch
import yaml
from common import told
from data_stages import command, cost_of
from snakemake.utils import update_config

from koeru.config import load
from koeru.data.batches import collate, epoch_batches
from koeru.data.items import FeatureItems
from koeru.data.reading import Features
from koeru.graph import Graph
from koeru.models.build import build_model
from koeru.models.losses import losses
from koeru.plan import place
from koeru.store import Store

ROOT = Path(__file__).resolve().parents[1]
STEPS = 20


def measure(folder: Path) -> list[bool]:
    """Print utterances a second that the loader gives and that the step takes, and the share of time spent waiting."""
    cost_of(command(folder, "data/LINE_3"))
    config = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    demo = yaml.safe_load((ROOT / "profiles" / "demo" / "small.yaml").read_text("utf-8"))
    update_config(config, {"exp": demo["exp"]})
    update_config(config, yaml.safe_load((folder / "small.yaml").read_text("utf-8")))
    node = Graph(load({k: config[k] for k in ("corpora", "spk", "exp")})).train["LINE_14"]
    features = Features(Store(folder / "store"), {role: place(parent) for role, parent in node.parents.items()})
    names = features.stats.names
    items = FeatureItems(features, "train", names)
    torch.set_num_threads(node.settings["train.threads"])
    model = build_model(node.params, names, features.stats)
    optimiser = torch.optim.Adam(model.parameters(), fused=True)
    size = node.params["train.batch_size"]
    batches = epoch_batches(items.frame_lengths, size, node.params["train.group_size"], 0, 0)[: STEPS + 2]
    loading = stepping = 0.0
    for number, indices in enumerate(batches):
        start = time.monotonic()
        batch = collate([items[i] for i in indices])
        middle = time.monotonic()
        optimiser.zero_grad()
        losses(model(batch), batch)[0].backward()
        optimiser.step()
        if number >= 2:  # the first two warm up
            loading += middle - start
            stepping += time.monotonic() - middle
    done = (len(batches) - 2) * size
    print("loader: the demo's model, 2 threads")
    print(f"  the loader gives {done / loading:.0f} utterances a second, a step takes {done / stepping:.1f}")
    return [told("waiting for data", 100 * loading / (loading + stepping), 5.0, " % of a step")]
