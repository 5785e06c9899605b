"""Readers of texts as a dataset's node has them: options, a person's own words, and whether these are as planned."""

from dataclasses import replace

import pytest
import yaml
from configured import graph_of
from leaves import BASE

from koeru.graph.stages import DATA_STAGES, READING
from koeru.graph.store import Store
from koeru.jobs.stage import Work
from koeru.jobs.texts import concerning, reader_of

READERS = {name for name, stage in DATA_STAGES.items() if {*READING} <= {*stage.reads}}


def graph(**files):
    raw = yaml.safe_load(BASE)
    return graph_of({"corpora": raw["corpora"], "spk": raw["spk"], "languages": {"japanese": files}})


def nodes(**files):
    return graph(**files).data["voice"].parents


def work(stage="labels", **files):
    return Work.from_spec(nodes(**files)[stage].spec(), Store("store"))


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.csv").write_text("鴻巣,コーノ'ス\n雲雀丘,ヒバリガオカ\n", "utf-8")
    return tmp_path / "own.csv"


def test_the_stages_that_read_texts_are_asked_with_the_same_leaves():
    assert {"labels", "tokens", "pairs"} == READERS


def test_what_a_file_says_is_in_the_keys_of_these_stages_and_where_it_lies_is_not(own, tmp_path):
    plain, with_words = nodes(), nodes(dictionary=str(own))
    changed = {stage for stage in plain if plain[stage].key != with_words[stage].key}
    assert changed >= READERS and not changed & {"wav", "segments", "mel", "pitch"}
    assert "labels.dictionary" not in plain["labels"].hashed
    moved = own.rename(tmp_path / "moved.csv")
    assert nodes(dictionary=str(moved))["labels"].key == with_words["labels"].key
    moved.write_text("鴻巣,コーノス\n", "utf-8")
    assert nodes(dictionary=str(moved))["labels"].key != with_words["labels"].key


@pytest.mark.parametrize("stage", sorted(READERS))
def test_texts_are_read_with_the_words_of_the_file(own, stage):
    for planned, phones in ((work(stage, dictionary=str(own)), "k o o n o s u"), (work(stage), "k o o n o s u")):
        with reader_of(planned) as reader:
            assert ("]" in reader.reading("鴻巣").accents) == bool(planned["labels.dictionary"])
            assert " ".join(reader.reading("鴻巣").phones[1:-1]) == phones


def test_options_are_those_of_the_node():
    planned = work()
    with reader_of(replace(planned, params=planned.params | {"labels.iu": "iu"})) as reader:
        assert " ".join(reader.reading("と言う").phones[1:-1]) == "t o i u"


def test_a_file_that_was_changed_since_is_told(own):
    planned = work(dictionary=str(own))
    own.write_text("鴻巣,コーノス\n", "utf-8")
    with pytest.raises(ValueError, match=r"languages\.japanese\.dictionary: .*own\.csv was changed after this run"):
        reader_of(planned)


def test_only_rows_of_its_texts_concern_a_shard(own):
    planned = work(dictionary=str(own))
    assert concerning(planned, ["雨が降る。"]) == {"labels.dictionary": []}
    (row,) = concerning(planned, ["鴻巣駅"])["labels.dictionary"]
    assert row[0] == "鴻巣"
    assert concerning(work(), ["鴻巣駅"]) == {}
