"""The adapters by format, who tells of speakers, and in which shard an utterance goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from koeru.corpora import (
    aidatatang_200zh,
    aishell1,
    aishell3,
    cn_celeb,
    folder,
    ita,
    jsss,
    jsut,
    jvs,
    ljspeech,
    primewords,
    st_cmds,
    studies,
    style_bert_vits2,
)
from koeru.corpora.delivered import Delivered
from koeru.corpora.people import Person
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found


class Adapter(Protocol):
    """A module that reads one format."""

    LICENCE: str  # the licence of such a corpus, and what it does not allow; "" if only its owner knows
    CREDIT: str  # the line that names its makers; "" if only its owner knows
    LAYOUT: str  # what such a corpus must have, in a few words

    @staticmethod
    def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
        """Every utterance of the subsets that the selection takes, every exclusion, and remarks."""


ADAPTERS: dict[str, Adapter] = {
    "aidatatang_200zh": aidatatang_200zh,
    "aishell1": aishell1,
    "aishell3": aishell3,
    "cn_celeb": cn_celeb,
    "folder": folder,
    "ita": ita,
    "jsss": jsss,
    "jsut": jsut,
    "jvs": jvs,
    "ljspeech": ljspeech,
    "primewords": primewords,
    "st_cmds": st_cmds,
    "studies": studies,
    "style_bert_vits2": style_bert_vits2,
}

# Formats whose files tell who speaks: the people by the names of the speakers.
PEOPLE: dict[str, Callable[[Delivered], Mapping[str, Person]]] = {
    "aidatatang_200zh": aidatatang_200zh.people,
    "aishell1": aishell1.people,
    "aishell3": aishell3.people,
    "jvs": jvs.people,
}


def shard_of(utterance_id: str, shards: int) -> int:
    """The shard of an utterance: a hash of its id alone, so that adding data moves nobody."""
    return int.from_bytes(hashlib.sha256(utterance_id.encode()).digest()[:8], "big") % shards
