"""A small store, made once by every job of a small experiment, for all tests that look at what stages leave."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fakes import jsss, jsut
from hypothesis import HealthCheck, settings
from in_process import Made, made
from small_project import Project
from tiny import TINY_CONVERSION, TINY_MODEL, TINY_PROSODY, TINY_RECOGNISER, TINY_VOCODER, random_weights

pytest_plugins = ["acoustic_batches", "front_ends", "pages"]  # fixtures that several folders share

# Machines are shared: how long an example takes says nothing about it.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several workers test, one has all that shares a store, which each would make anew; the longest first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(shared(item)))
    order = ["workflow", "mini"]
    items.sort(key=lambda item: order.index(shared(item)) if shared(item) in order else len(order))


def shared(item: pytest.Item) -> str:
    """What a test shares with others: the finished project, the small store, or what its file makes."""
    if "workflow" in item.path.parts:
        return "workflow"
    return "mini" if "mini" in item.fixturenames else item.nodeid.partition("::")[0]


TRAIN = {"threads": 1, "device": "cpu", "warmup_steps": 10}
CONVERSIONS = ("converted", "converted_wgmm")
RECOGNISERS = ("hears", "hears_letters")
SUBSETS = ["*basic5000", "*onomatopee300", "*voiceactress100"]
MINI: dict[str, Any] = {
    "corpora": {
        "S": {"format": "studies", "stand_in": {"minutes": 1.9}},
        "P": {"format": "folder", "stand_in": {"pair": True, "minutes": 0.4}},
    },
    "spk": {
        "mini": {
            "corpora": ["S"],
            "shards": 2,
            "features": ["sp"],
            "pitch": {"speakers": {"MStudent": {"f0_floor": 60, "f0_ceil": 400}}},
        },
        "each": {
            "base": "mini",
            "stats": {"per_speaker": True},
            "speakers": ["Teacher", "Later", "MStudent", "FStudent"],
        },
        "unlabelled": {"base": "mini", "labels": {"times": "none"}, "features": ["sp", "tokens"]},
        "two": {
            "base": "mini",
            "corpora": [{"name": "S", "speakers": ["Teacher", "MStudent"]}],
            "splits": {"dev": 0.15, "eval": 0.15},
        },
        "others": {"base": "two", "corpora": [{"name": "S", "speakers": ["FStudent", "Teacher"]}]},
        "parallel": {
            "corpora": [{"name": "JSUT", "subsets": SUBSETS}, {"name": "JSSS", "subsets": SUBSETS}],
            "shards": 2,
            "splits": {"dev": 0.25, "eval": 0.25},
            "pairs": {"speakers": [["jsut", "jsss"]]},
            "gates": {"max_excluded": 0.5},
        },
        "pair": {
            "corpora": ["P"],
            "shards": 2,
            "labels": {"times": "none"},
            "splits": {"dev": 0.25, "eval": 0.25},
            "pairs": {"speakers": [["N", "C"]]},
        },
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
        "wgmm": {
            "base": "parent",
            "model": TINY_PROSODY | {"before_emotion": True, "energy_level": "frame", "variance_embedding": "bins"},
            "epochs": 1,
            "vocoder": "taught",
            "evaluation": {"prosody_samples": 2},
        },
        "of_two": {"base": "parent", "spk": "two", "epochs": 1},
        "of_others": {"base": "parent", "spk": "others", "pretrain": "of_two@1"},
        "converted": {
            "spk": "pair",
            "model": TINY_CONVERSION,
            "train": TRAIN | {"batch_size": 2},
            "epochs": 2,
            "chunk": 1,
            "synthesis": {"samples": 1, "griffin_lim_iterations": 2},
            "evaluation": {"bootstrap": 10},
        },
        "converted_wgmm": {
            "base": "converted",
            "model": TINY_PROSODY | {"pitch_ar": False, "decoder": "fft"},
            "durations": "mas",
            "pretrain": "converted@1",
            "partial": ["prosody", "aligner", "decoder", "variance"],
            "epochs": 1,
            "vocoder": "natural",
        },
        "hears": {
            "spk": "unlabelled",
            "model": TINY_RECOGNISER,
            "train": {"threads": 1, "device": "cpu"},
            "epochs": 2,
            "chunk": 1,
            "evaluation": {"bootstrap": 10, "utterances": 2},
        },
        "hears_letters": {
            "base": "hears",
            "model": {"heads": ["phones", "letters"]},
            "ctc": {"separators": "around", "edge_blank_steps": 3, "blank_weight": 0.5},
            "blank_loss": {"reading": "hinge", "begin_step": 0},
            "pretrain": "hears@1",
            "partial": ["heads.letters"],
            "epochs": 1,
        },
    },
    "vocoder": {
        "natural": {"spk": "mini", "start": "random"} | TINY_VOCODER,
        "taught": {"base": "natural", "start": "natural@1", "mels": "teacher_forced", "exp": "wgmm@1"},
    },
}


@pytest.fixture(scope="session")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The store of three experiments with text, two that convert and two that recognise, data/each, data/unlabelled,
    the pairs of data/parallel and two vocoders, the first of which starts from weights of no training; not to be
    changed."""
    root = tmp_path_factory.mktemp("mini")
    read_twice = {"JSUT": jsut.write(root).entry, "JSSS": jsss.write(root).entry}
    weights = {"random": random_weights(root / "random.safetensors")}
    small = made(MINI | {"corpora": MINI["corpora"] | read_twice, "weights": weights}, root / "store")
    experiments = [
        small.graph.views["exp"][name] for name in ("child", "wgmm", "of_others", *CONVERSIONS, *RECOGNISERS)
    ]
    datasets = [small.graph.data[name] for name in ("each", "unlabelled")]
    vocoders = small.graph.views["vocoder"].values()
    return small.run([*experiments, *datasets, small.graph.data["parallel"].parents["pairs"], *vocoders])


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool], str], None]:
    """Wait until a condition holds, and fail in words when it does not in the time that a project is given."""

    def wait(condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + Project.patience_s
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.05)

    return wait


@pytest.fixture
def reaper() -> Iterator[list[subprocess.Popen]]:
    """Processes that are ended, with their children, whatever the test does."""
    processes: list[subprocess.Popen] = []
    yield processes
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()
