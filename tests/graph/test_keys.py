"""The keys of the entries that are delivered change only where it is meant.

`python tests/graph/test_keys.py --write` writes the table of keys anew (tests/data/keys.json).
"""

import json
import sys

import pytest
from configured import graph_of, keys_of
from memo import ROOT, demo, memo

KEYS = ROOT / "tests" / "data" / "keys.json"


def delivered():
    """The configurations that come with koeru, by the names that they have in the table."""
    return {"config.yaml": memo(), "profiles/demo": demo()}


@pytest.mark.parametrize("name", delivered())
def test_no_key_changes_unnoticed(name):
    found, known = keys_of(graph_of(delivered()[name])), json.loads(KEYS.read_text("utf-8"))[name]
    changed = sorted(
        {
            f"{entry}: {path}"
            for entry in found.keys() | known.keys()
            for path in found.get(entry, {}).keys() | known.get(entry, {}).keys()
            if found.get(entry, {}).get(path) != known.get(entry, {}).get(path)
        }
    )
    assert not changed, (
        f"these keys of {name} are not those of tests/data/keys.json: {', '.join(changed)}. "
        "Everything below them would be computed anew. If that is meant: python tests/graph/test_keys.py --write"
    )


@pytest.mark.parametrize("name", delivered())
def test_line_15_stands_on_line_14(name):
    graph = graph_of(delivered()[name])
    assert graph.trained["exp"]["LINE_15"].node.parents["pretrain"] is graph.trained["exp"]["LINE_14"].node


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    KEYS.parent.mkdir(exist_ok=True)
    content = {name: keys_of(graph_of(raw)) for name, raw in delivered().items()}
    KEYS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
