"""The stage `pairs`: two corpora that read the same sentences."""

import shutil
from argparse import Namespace
from dataclasses import replace

import pytest
from in_process import made, script

from koeru.config.corrections import digest, read_corrections
from koeru.data.alike import comparing
from koeru.data.pairs import Limits, Spoken, expand, paired
from koeru.graph.plan import place
from koeru.graph.store import Store, read_json
from koeru.stand_in.voice import kana


@pytest.fixture(scope="session")
def node(mini):
    return mini.graph.data["parallel"].parents["pairs"]


@pytest.fixture(scope="session")
def content(mini, node):
    return read_json(mini.store.folder(place(node)) / "pairs.json")


def said(mini, node):
    """The utterances by their ids."""
    return {record["id"]: record for _, record in mini.store.records(place(node.parents["utterances"]))}


def test_pairs_are_of_one_sentence_and_one_split(mini, node, content):
    utterances = said(mini, node)
    splits = read_json(mini.store.folder(place(node.parents["splits"])) / "splits.json")
    assert len(content["pairs"]) == 8
    for pair in content["pairs"]:
        source, target = utterances[pair["source"]], utterances[pair["target"]]
        assert (source["speaker"], target["speaker"]) == ("jsut", "jsss")
        assert source["name"] == target["name"] == pair["name"]
        assert source["text"] == target["text"]
        assert splits[pair["source"]] == splits[pair["target"]] == pair["split"]
        assert pair["id"] == f"jsut_jsss_{pair['name']}"
        assert pair["ratio"] == pytest.approx(pair["source_seconds"] / pair["target_seconds"], abs=2e-3)


def test_seconds_are_those_of_the_segments(mini, node, content):
    seconds = {}
    for _, record in mini.store.records(place(node.parents["segments"])):
        seconds[record["utterance"]] = seconds.get(record["utterance"], 0.0) + record["seconds"]
    for pair in content["pairs"]:
        assert pair["source_seconds"] == pytest.approx(seconds[pair["source"]], abs=1e-3)
        assert pair["target_seconds"] == pytest.approx(seconds[pair["target"]], abs=1e-3)


def test_every_utterance_is_paired_or_excluded(mini, node, content):
    (account,) = content["accounts"]
    entered = sorted(record["utterance"] for _, record in mini.store.records(place(node.parents["segments"])))
    out = [pair[side] for pair in content["pairs"] for side in ("source", "target")]
    assert sorted([*out, *(row["id"] for row in content["excluded"])]) == entered
    assert account["source_in"] + account["target_in"] == len(entered)
    assert account["source_excluded"] == {"no partner": 1} and account["target_excluded"] == {}
    assert content["excluded"] == [
        {
            "source_speaker": "jsut",
            "target_speaker": "jsss",
            "id": "jsut_BASIC5000_0005",
            "reason": "no partner",
            "detail": "the other speaker has no BASIC5000_0005 in Normal",
        }
    ]
    told = read_json(mini.store.node_path(place(node)))
    assert (told["pairs"], told["couples"], told["excluded_by_reason"]) == (8, 1, {"no partner": 1})


@pytest.mark.parametrize(("name", "rows"), [("pairs", "pairs"), ("pairs_excluded", "excluded")])
def test_tables_hold_the_same_rows(mini, node, content, name, rows):
    heading, *lines = (mini.store.folder(place(node)) / f"{name}.tsv").read_text("utf-8").splitlines()
    assert heading.split("\t") == list(content[rows][0])
    assert [line.split("\t") for line in lines] == [[str(cell) for cell in row.values()] for row in content[rows]]


# ---- a corpus that numbers its sentences otherwise ---------------------------------------------------------------


@pytest.fixture
def renumbered(mini, node, tmp_path):
    """The work of pairs of two corpora, the texts of one of which can be written anew."""
    root = tmp_path / "store"
    for stage in ("utterances", "segments", "splits"):
        shutil.copytree(mini.store.root / stage, root / stage)
    return replace(mini.work(node), store=Store(root))


def said_by(work, speaker):
    """The utterances of a speaker."""
    return [r for _, r in work.store.records(work.parents["utterances"]) if r["speaker"] == speaker]


def rewrite(work, change, speaker="jsss"):
    """Change the text of every utterance of a speaker: change(record) is the new one."""
    place = work.parents["utterances"]
    for shard in range(place.shards):
        manifest = work.store.read_shard(place, shard)
        for record in manifest.utterances:
            if record["speaker"] == speaker:
                record["text"] = change(record)
        work.store.write_shard(place, shard, manifest)


def test_equal_names_of_different_sentences_are_no_pairs(renumbered):
    other = {"BASIC5000_0001", "BASIC5000_0002", "BASIC5000_0003"}
    rewrite(renumbered, lambda record: "庭で本を読む。" if record["name"] in other else record["text"])
    script("pairs").job(renumbered, Namespace())
    content = read_json(renumbered.folder / "pairs.json")
    assert not other & {pair["name"] for pair in content["pairs"]} and content["pairs"]
    lost = [row for row in content["excluded"] if row["reason"] == "different sentences"]
    assert sorted(row["id"] for row in lost) == sorted(f"{who}_{name}" for who in ("jsss", "jsut") for name in other)
    assert all("庭で本を読む。" in row["detail"] for row in lost)
    (account,) = content["accounts"]
    assert account["source_excluded"]["different sentences"] == account["target_excluded"]["different sentences"] == 3


def test_the_same_sentence_in_kana_is_a_pair(renumbered):
    """The phones tell, not the letters."""
    written = kana(next(r["text"] for r in said_by(renumbered, "jsut") if r["name"] == "BASIC5000_0001"))
    rewrite(renumbered, lambda record: written if record["name"] == "BASIC5000_0001" else record["text"])
    script("pairs").job(renumbered, Namespace())
    pairs = {pair["name"]: pair for pair in read_json(renumbered.folder / "pairs.json")["pairs"]}
    assert 0.9 <= pairs["BASIC5000_0001"]["similarity"] <= 1


@pytest.mark.parametrize("told", ["nothing", "kana", "correction", "kana, front end"])
def test_utterances_are_read_as_the_dataset_reads_them(renumbered, tmp_path, told):
    """A name that the front end misreads is another one in the other corpus, which writes it in kana."""
    name = "BASIC5000_0001"

    def renamed(record):
        if record["name"] != name:
            return record["text"]
        record["kana"] = "ハセサンガキタ" if "kana" in told else ""
        return "長谷さんが来た。"

    rewrite(renumbered, renamed)
    rewrite(renumbered, lambda record: "はせさんがきた" if record["name"] == name else record["text"], "jsut")
    file = tmp_path / "corrections.csv"
    file.write_text(f"id,kana\njsss_{name},ハ'セサンガ/キタ'\n" if told == "correction" else "id,kana\n", "utf-8")
    how = {"labels.reading": "front_end"} if told.endswith("front end") else {}
    params = renumbered.params | {"corrections": digest(read_corrections(file))} | how
    settings = renumbered.settings | {"files": renumbered.settings["files"] | {"corrections": str(file)}}
    script("pairs").job(replace(renumbered, params=params, settings=settings), Namespace())
    found = {pair["name"]: pair["similarity"] for pair in read_json(renumbered.folder / "pairs.json")["pairs"]}
    assert found.get(name) == (1.0 if told in ("kana", "correction") else None)


def test_without_texts_names_alone_make_pairs_and_that_is_told(renumbered, capsys):
    rewrite(renumbered, lambda record: "")
    script("pairs").job(renumbered, Namespace())
    content = read_json(renumbered.folder / "pairs.json")
    assert [pair["similarity"] for pair in content["pairs"]] == [None] * 8
    assert read_json(renumbered.folder / "node.json")["without_text"] == 8
    assert "pairs: warning: 8 of 8 pairs have nothing in common but a name" in capsys.readouterr().err


LIMITS = Limits(2.0, 0.9)


def test_rows_about_several_speakers_are_one():
    speakers = ["Ben", "Carol", "Dora"]
    utterances = [Spoken(f"{s}_S1", "S1", s, "Normal", "train", 1.0, "") for s in ("Anna", "Dora")]
    found = script("pairs").account(
        paired(utterances, expand([["Anna", "*"]], ["Anna", *speakers]), LIMITS, comparing(lambda known: known.text))
    )
    (row,) = found["excluded"]
    assert (row["source_speaker"], row["target_speaker"], row["id"]) == ("Anna", "Ben, Carol", "Anna_S1")
    assert [account["source_excluded"] for account in found["accounts"]] == [{"no partner": 1}, {"no partner": 1}, {}]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"pairs.max_duration_ratio": 1.0}, "these speakers have no pair .16 × duration ratio, 1 × no partner."),
        ({"pairs.speakers": [["jsut", "nobody"]]}, "'nobody' matches no speaker; known here: jsss, jsut"),
    ],
)
def test_nothing_is_written_where_nothing_is_paired(mini, node, tmp_path, params, message):
    work = mini.work(node)
    work = replace(work, place=replace(work.place, key=tmp_path.name), params=work.params | params)
    with pytest.raises(ValueError, match=message):
        script("pairs").job(work, Namespace())
    assert not work.folder.exists()


# ---- the stand-in pair -------------------------------------------------------------------------------------------


def test_all_sentences_of_the_stand_in_pair_are_pairs(tmp_path):
    """Although the target speaks more slowly, with more pauses; none is left out, and each is in one split."""
    spk = {"corpora": ["P"], "shards": 1, "labels": {"times": "none"}, "pairs": {"speakers": [["N", "C"]]}}
    corpora = {"P": {"format": "folder", "stand_in": {"pair": True, "minutes": 0.6}}}
    splits = {"dev": 0.3, "eval": 0.3}
    built = made({"corpora": corpora, "spk": {"two": spk | {"splits": splits}}, "exp": {}}, tmp_path / "store")
    built.run([built.graph.data["two"].parents["pairs"]])
    content = read_json(built.store.folder(place(built.graph.data["two"].parents["pairs"])) / "pairs.json")
    (account,) = content["accounts"]
    assert account["pairs"] == account["source_in"] == account["target_in"] >= 6 and content["excluded"] == []
    assert {pair["similarity"] for pair in content["pairs"]} == {1.0}
    assert all(0.55 < pair["ratio"] < 0.95 for pair in content["pairs"])
    names = {(pair["source"], pair["target"], pair["name"]) for pair in content["pairs"]}
    assert ("N_N-S0001", "C_C-S0001", "S0001") in names
