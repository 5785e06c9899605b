"""What Style-Bert-VITS2 and its relatives train on: recordings with an `esd.list`.

Layout: `esd.list` with rows `file|speaker|language|text`, and the recordings in `raw/`, `wavs/` or where else the file
says. Languages (JP, EN, ZH) are the subsets. Lists that these tools have made from it, with phones and tones behind the
text, are not read. Recordings, ids and labels are as in a `folder`.
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
LIST = "esd.list"
ROW = "file|speaker|language|text"
LAYOUT = f"{LIST} with rows {ROW}, and raw/<file> or wavs/<file>"


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the languages (subsets) that are wanted.

    Refused: a row that is not `file|speaker|language|text`, a file that leads out of the folder, and what
    `transcripts.join` refuses.
    """
    text, remark = content(delivered, LIST)
    if remark:
        yield remark
    rows = [fields for _, fields in split(text, LIST)]
    listed = Listed.of(delivered, (fields[0] for fields in rows))
    languages = {fields[2].strip() for fields in rows if len(fields) == 4}
    wanted = {language for language in sorted(languages) if selection.takes_subset(language)}
    passed_over: set[str] = set()  # recordings of other languages

    def chosen() -> Iterator[Row | Excluded]:
        for place, fields in split(text, LIST):
            if len(fields) != 4:
                yield not_understood(place, f"{ROW}: {'|'.join(fields)!r}")
                continue
            file, speaker, language, said = map(str.strip, fields)
            row = listed.row(place, file, said, speaker=speaker, subset=language)
            if isinstance(row, Row) and language not in wanted:
                passed_over.add(row.recording)
            else:
                yield row

    yield from join(chosen(), delivered, "", any_depth=True, unwanted=passed_over.__contains__)
