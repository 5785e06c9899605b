"""A small store, made once by every job of a small experiment, for all tests that look at what stages leave."""

import pytest
from hypothesis import HealthCheck, settings
from in_process import Made, made
from tiny import TINY_MODEL

# Machines are shared: how long an example takes says nothing about it.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

TRAIN = {"threads": 1, "device": "cpu", "warmup_steps": 10}
MINI = {
    "corpora": {"S": {"format": "studies", "stand_in": {"minutes": 1.9}}},
    "spk": {
        "mini": {
            "corpora": ["S"],
            "shards": 2,
            "pitch": {"speakers": {"MStudent": {"f0_floor": 60, "f0_ceil": 400}}},
        },
        "each": {"base": "mini", "stats": {"per_speaker": True}},
    },
    "exp": {
        "parent": {
            "spk": "mini",
            "model": TINY_MODEL,
            "train": TRAIN,
            "epochs": 2,
            "chunk": 1,
            "synthesis": {"samples": 2, "griffin_lim_iterations": 2},
            "evaluation": {"bootstrap": 10},
        },
        "child": {"base": "parent", "pretrain": "parent@1"},
    },
}


@pytest.fixture(scope="session")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The store of exp/child and data/each, complete; to be looked at, not to be changed."""
    small = made(MINI, tmp_path_factory.mktemp("mini") / "store")
    return small.run([small.graph.exp["child"], small.graph.data["each"]])
