"""Real Snakemake on a small stand-in corpus: one finished project, of which every test gets a copy."""

import shutil
from pathlib import Path

import pytest
from small_project import SMALL, Project


@pytest.fixture(scope="session")
def project_in() -> type[Project]:
    """Makes a project of a folder."""
    return Project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which data/LINE_3 and exp/LINE_15 are built."""
    project = Project(tmp_path_factory.mktemp("finished"))
    project.configure(SMALL)
    project.run("exp/LINE_15", "data/LINE_3")
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project, to change."""
    shutil.copytree(finished.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
