"""Two corpora in one dataset, with parallel pairs, by real Snakemake."""

import csv
import json

import pytest
from fakes import jsss, jsut

LAX = {"max_excluded": 1.0, "max_level_spread_db": 200.0, "max_rate_outliers": 1.0, "max_silence_share": 1.0}


@pytest.fixture(scope="module")
def together(project_in, tmp_path_factory):
    """data/jsut_jsss, built."""
    folder = tmp_path_factory.mktemp("together")
    project = project_in(folder)
    project.configure(
        {
            "corpora": {
                "JSUT": jsut.write(folder / "jsut").entry,
                "JSSS": jsss.write(folder / "jsss").entry,
            },
            "spk": {
                "jsut_jsss": {
                    "corpora": [{"name": "JSUT", "subsets": ["basic5000", "voiceactress100"]}, "JSSS"],
                    "shards": 2,
                    "splits": {"dev": 0.2, "eval": 0.2},
                    "gates": LAX,
                    "pairs": {"speakers": [["jsut", "jsss"]]},
                }
            },
        }
    )
    project.run("data/jsut_jsss")
    return project


def test_the_pairs_lie_in_the_view(together):
    view = together.folder / "data" / "jsut_jsss"
    rows = list(csv.DictReader((view / "pairs.tsv").open(encoding="utf-8"), delimiter="\t"))
    assert rows and all(row["id"] == f"jsut_jsss_{row['name']}" for row in rows)
    assert (view / "quality.html").stat().st_size > 10_000


def test_the_ids_lie_in_the_view(together):
    ids = json.loads((together.folder / "data" / "jsut_jsss" / "speakers.json").read_text("utf-8"))
    assert ids["speakers"] == {"jsss": 0, "jsut": 1}


def test_another_ratio_makes_the_pairs_anew_and_nothing_else(together):
    together.set("spk.jsut_jsss.pairs.max_duration_ratio", 1.5)
    assert together.plan("data/jsut_jsss") == {"pairs": 1, "dataset": 1}
    together.set("spk.jsut_jsss.pairs.max_duration_ratio", 2.0)
