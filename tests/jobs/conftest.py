"""What the tests of jobs share."""

import pytest

from koeru.graph.store import Store


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("koeru.jobs.stage.source_commit", lambda: "0123456789ab")
    return Store(tmp_path / "store")
