"""The layout of LJSpeech, in which many corpora are given away.

Layout: `metadata.csv` with rows `id|text` or `id|text|normalised text`, without a header or quotes, of which the
normalised text is what is said; and `wavs/<id>.wav`. The speaker is the name that the configuration gives the corpus.
Recordings, ids and labels are as in a `folder`.
"""

from __future__ import annotations

from collections.abc import Iterator

from koeru.corpora.delivered import Delivered
from koeru.corpora.listed import Listed
from koeru.corpora.lists import split
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, content, join, not_understood
from koeru.graph.store import Excluded

LICENCE = ""
CREDIT = ""
LIST = "metadata.csv"
LAYOUT = f"{LIST} with rows id|text or id|text|normalised text, and wavs/<id>.wav"


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance; the corpus is one subset, "".

    Refused: a row of other than two or three fields, an id that leads out of the folder, and what `transcripts.join`
    refuses.
    """
    if selection.takes_subset(""):
        yield from join(_rows(delivered), delivered, "", any_depth=True)


def _rows(delivered: Delivered) -> Iterator[Row | Excluded | str]:
    text, remark = content(delivered, LIST)
    if remark:
        yield remark
    listed = Listed.of(delivered, (fields[0] for _, fields in split(text, LIST)))
    for place, fields in split(text, LIST):
        if len(fields) in (2, 3):
            yield listed.row(place, fields[0], fields[-1].strip() or fields[1].strip())
        else:
            yield not_understood(place, f"id|text or id|text|normalised text: {'|'.join(fields)!r}")
