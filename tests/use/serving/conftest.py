"""One small server for the tests that only ask it."""

from collections.abc import Iterator

import pytest
from served import Site, engine, site, small


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Site]:
    """Two voices of random weights behind a real server."""
    folder = tmp_path_factory.mktemp("served")
    own = engine(small(folder), small(folder, "other", 2))
    with site(own, hosts=["koeru.test"], origins=["https://koeru.test"]) as where:
        yield where
