"""Which adapter reads a format, and in which shard an utterance goes."""

from typing import get_args

from koeru.config.corpora import Corpus
from koeru.corpora.catalogue import ADAPTERS, PEOPLE, shard_of


def test_every_format_of_the_configuration_has_an_adapter():
    assert set(ADAPTERS) == set(get_args(Corpus.model_fields["format"].annotation))
    assert {name for name, adapter in ADAPTERS.items() if not adapter.LICENCE} == {
        "folder",
        "ljspeech",
        "style_bert_vits2",
    }
    assert all(adapter.LAYOUT for adapter in ADAPTERS.values())


def test_whom_to_name_is_known_of_every_format_that_is_a_corpus():
    anybodys = {"folder", "ita", "ljspeech", "style_bert_vits2"}
    assert {name for name, adapter in ADAPTERS.items() if not adapter.CREDIT} == anybodys


def test_who_speaks_is_told_of_formats_that_there_are():
    assert set(PEOPLE) <= set(ADAPTERS) and all(PEOPLE[name] is ADAPTERS[name].people for name in PEOPLE)


def test_a_shard_depends_on_the_id_alone():
    ids = [f"Teacher_LD{i:02d}_Normal" for i in range(400)]
    shards = [shard_of(name, 4) for name in ids]
    assert shards == [shard_of(name, 4) for name in ids]
    assert [shards.count(shard) > 60 for shard in range(4)] == [True] * 4
    assert shard_of("Teacher_LD01_Normal", 1) == 0
    assert shard_of("Teacher_LD00_Normal", 16) == 13  # a change here would move every utterance of every dataset
