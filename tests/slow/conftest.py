"""What slow tests share: voices take minutes to train."""

from pathlib import Path

import demo_voices
import pytest


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo's experiments are, their controls, and the teacher-forced mels of the voices."""
    folder = tmp_path_factory.mktemp("voices")
    demo_voices.train(folder)
    return folder
