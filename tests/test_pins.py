"""One set of versions: the lock file, the conda environment and the ranges of pyproject.toml agree."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {pin.name.lower().replace("_", "-"): pin for pin in found}


def test_the_conda_environment_has_the_pins_of_the_lock_file():
    (listed,) = [d["pip"] for d in yaml.safe_load((ROOT / "envs" / "koeru.yaml").read_text())["dependencies"][-1:]]
    assert {str(Requirement(line)) for line in listed} == {str(pin) for pin in pins().values()}


def test_every_range_is_pinned_within_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [line for extra in ("train", "onnx", "serve", "dev") for line in project["optional-dependencies"][extra]]
    for wanted in map(Requirement, [*project["dependencies"], *lines]):
        if wanted.name == project["name"]:
            continue
        (exact,) = pins()[wanted.name.lower().replace("_", "-")].specifier
        assert exact.operator == "=="
        assert wanted.specifier.contains(exact.version), wanted


def test_who_shares_a_store_is_tested_by_one_worker(request):
    if not hasattr(request.config, "workerinput"):
        pytest.skip("there is one process")
    known = request.node.nodeid.endswith("@tests/test_pins.py")
    assert known, "pytest-xdist does not know the groups: see pyproject.toml"
