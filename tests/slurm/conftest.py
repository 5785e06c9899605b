"""A project on the cluster of one host."""

import os
from pathlib import Path

import pytest
from slurm.on_slurm import OnSlurm
from small_project import SMALL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slurm)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> OnSlurm:
    """A project of which nothing is built."""
    assert "KOERU_ONE_HOST_SLURM" in os.environ, "these tests are run by `make test-slurm`"
    project = OnSlurm(tmp_path_factory.mktemp("on_slurm"))
    project.configure(SMALL)
    project.set("exp.LINE_1.vocoder", "griffin-lim")  # as in the demo
    project.settle()
    return project


@pytest.fixture(scope="session")
def built(project: OnSlurm) -> OnSlurm:
    """The project with exp/LINE_15, made by Slurm."""
    project.run("exp/LINE_15")
    return project
