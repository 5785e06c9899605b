"""CN-Celeb (OpenSLR 82): what Chinese celebrities say and sing, in the wild (arXiv 1911.01799, 2012.12468).

It tells who speaks, and not what is said: utterances have no text. Models that tell speakers apart, and voice
conversion, need none (`labels.times: none`); what reads texts excludes every one.

Layout: `data/id00000/<genre>-<video>-<number>.wav`, or .flac, by the release. `dev/dev.lst`, of the first part, names
the speakers to train on, an id a line. What others are compared with is in `eval/enroll/id00800-enroll.wav` and
`eval/test/id00800-<genre>-<video>-<number>.wav`; `eval/lists/`, which names these as .wav even where they are .flac, is
not read. Files with times: `koeru.corpora.beside`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from koeru.corpora.beside import Beside
from koeru.corpora.delivered import Delivered
from koeru.corpora.endings import RECORDING
from koeru.corpora.listed import NORMAL
from koeru.corpora.selection import Selection
from koeru.corpora.transcripts import Found, Row, attributed, content, join, numbered
from koeru.graph.store import Excluded

LICENCE = "CC BY-SA 4.0 (as OpenSLR states it)"
CREDIT = "CN-Celeb, Center for Speech and Language Technologies, Tsinghua University (Fan et al., arXiv 1911.01799)"
LAYOUT = "data/id00000/<genre>-<video>-<number>.wav (or .flac)"
SPEAKER = re.compile(r"id\d{5}")
CUT = re.compile(r"([a-z_]+)-(\d+)-\d+")
OF_EVAL = re.compile(r"(id\d{5})-(.+)")
LIST = "dev/dev.lst"


def utterances(delivered: Delivered, selection: Selection) -> Iterator[Found]:
    """Every utterance of the subsets that are wanted, without a text: what is cut from one video is one dialogue.

    The subsets are dev/<genre> of the speakers that `dev/dev.lst` names, data/<genre> of all others, eval/enroll and
    eval/test/<genre>. Refused: what `transcripts.join` refuses.
    """
    takes = cache(selection.takes_subset)
    trained_on, said = _trained_on(delivered)
    if said:
        yield said
    for speaker in filter(SPEAKER.fullmatch, delivered.subfolders("data")):
        inside, part = f"data/{speaker}", "dev" if speaker in trained_on else "data"
        names = {name: (speaker, name) for name in _names(delivered, inside)}
        yield from attributed(_recordings(delivered, inside, part, names, takes), speaker, NORMAL)
    for inside in ("eval/enroll", "eval/test"):
        known = {name: OF_EVAL.fullmatch(name) for name in _names(delivered, inside)}
        names = {name: (found[1], found[2]) for name, found in known.items() if found}
        yield from _recordings(delivered, inside, inside, names, takes)


def _trained_on(delivered: Delivered) -> tuple[set[str], Excluded | str]:
    """The speakers of the list, and what is to be said of it; a release may have none."""
    if not (delivered.root / LIST).is_file():
        return set(), ""
    text, said = content(delivered, LIST)
    return {line for _, line in numbered(text, LIST)}, said


def _names(delivered: Delivered, inside: str) -> list[str]:
    return sorted({name for name, _ in delivered.directly(inside, RECORDING)})


def _recordings(
    delivered: Delivered, inside: str, part: str, names: dict[str, tuple[str, str]], takes: Callable[[str], bool]
) -> Iterator[Found]:
    """The recordings of a folder that are wanted; `names` says of each the speaker and what it is called."""
    times = Beside(delivered)

    def rows() -> Iterator[Row]:
        for name, (speaker, called) in names.items():
            cut = CUT.fullmatch(called)
            subset = f"{part}/{cut[1]}" if cut else part
            if takes(subset):
                yield Row(
                    id=f"{speaker}_{'test-' if part == 'eval/test' else ''}{called}",
                    name=called,
                    speaker=speaker,
                    emotion=NORMAL,
                    text="",
                    needs_text=False,
                    subset=subset,
                    dialogue=f"{speaker}_{cut[1]}-{cut[2]}" if cut else "",
                    alignment=times.of(f"{inside}/{name}"),
                    recording=name,
                    place=f"{inside}/{name}",
                )

    yield from join(rows(), delivered, inside, unwanted=names.__contains__)
