"""The cluster, and a project on it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from slurm.cluster import OWN_NAMESPACES, cluster
from slurm.on_slurm import OnSlurm
from small_project import SMALL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slurm)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The cluster."""
    assert OWN_NAMESPACES in os.environ, "these tests are run by `make test-slurm`"
    with cluster(tmp_path_factory.mktemp("slurm")):
        yield


@pytest.fixture(scope="session")
def project(slurm: None, tmp_path_factory: pytest.TempPathFactory) -> OnSlurm:
    """A project of which nothing is built."""
    project = OnSlurm(tmp_path_factory.mktemp("on_slurm"))
    project.configure(SMALL)
    project.settle()
    return project
