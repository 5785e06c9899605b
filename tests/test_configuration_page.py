"""docs/configuration.md says what the code says."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_page_is_what_the_tool_writes():
    spec = importlib.util.spec_from_file_location("configuration_page", ROOT / "tools" / "configuration_page.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert written == tool.page() + "\n", "run python tools/configuration_page.py"
