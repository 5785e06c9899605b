"""The adapters by format, and in which shard an utterance goes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Protocol

from koeru.corpora import folder, ita, jsss, jsut, jvs, ljspeech, studies, style_bert_vits2
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found


class Adapter(Protocol):
    """A module that reads one format."""

    LICENCE: str  # the licence of such a corpus, and what it does not allow; "" if only its owner knows
    LAYOUT: str  # what such a corpus must have, in a few words

    @staticmethod
    def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
        """Every utterance of the subsets that the selection takes, every exclusion, and remarks."""


ADAPTERS: dict[str, Adapter] = {
    "folder": folder,
    "ita": ita,
    "jsss": jsss,
    "jsut": jsut,
    "jvs": jvs,
    "ljspeech": ljspeech,
    "studies": studies,
    "style_bert_vits2": style_bert_vits2,
}


def shard_of(utterance_id: str, shards: int) -> int:
    """The shard of an utterance: a hash of its id alone, so that adding data moves nobody."""
    return int.from_bytes(hashlib.sha256(utterance_id.encode()).digest()[:8], "big") % shards
