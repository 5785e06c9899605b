"""Writes the stand-in corpus: the same arguments give the same bytes, with any number of workers."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from koeru.stand_in.faults import FAULTS
from koeru.stand_in.files import DialogueFiles, write_text
from koeru.stand_in.script import Dialogue, plan
from koeru.stand_in.writing import ATTRIBUTION, Written, appearing, counted, in_turn

DIALOGUES_PER_GROUP = 5
README = f"""\
Stand-in corpus of koeru: Japanese dialogues between a teacher and a student, in the layout of STUDIES.
{ATTRIBUTION}and changed in rate, pitch and level for three speakers and four emotions.
"""


def write_corpus(
    folder: Path,
    *,
    minutes: float | None = None,
    seed: int = 0,
    faults: Sequence[str] = (),
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict:
    """Writes the corpus into `folder`, which appears only when it is complete; returns counts and seconds.

    `minutes` and `seed` as in `script.plan`; `faults`: names in `faults.FAULTS`, each of which adds its own
    dialogue; `progress(done, total)` counts good utterances. The result counts the good utterances too, and
    as "guarded" those that were made softer than the rest of their voice.
    More than one of `workers` are spawned: then the caller's main module must be guarded as usual.
    FileExistsError when `folder` has something in it, ValueError for a fault that does not exist.
    """
    if unknown := sorted(set(faults) - set(FAULTS)):
        raise ValueError(f"faults: no such fault {', '.join(unknown)}; known are {', '.join(FAULTS)}")

    dialogues = plan(minutes, seed)
    done: list[Written] = []
    with appearing(folder) as part:
        for utterances in _write_all(part, dialogues, workers):
            done.extend(utterances)
            if progress is not None:
                progress(len(done), sum(map(len, dialogues)))
        for name in sorted(set(faults), key=list(FAULTS).index):
            FAULTS[name].plant(part)
        write_text(part / "README.txt", README)
    planted = {name: FAULTS[name].utterance for name in FAULTS if name in faults}
    return {"dialogues": len(dialogues), **counted(done), "faults": planted}


def _write_all(root: Path, dialogues: Sequence[Dialogue], workers: int) -> Iterator[list[Written]]:
    files = [
        DialogueFiles(root, f"LD{index // DIALOGUES_PER_GROUP + 1:02d}", index % DIALOGUES_PER_GROUP + 1)
        for index in range(len(dialogues))
    ]
    return in_turn(_write_one, list(zip(files, dialogues, strict=True)), workers)


def _write_one(work: tuple[DialogueFiles, Dialogue]) -> list[Written]:
    files, rows = work
    return [Written.of(speech, row.speaker, row.emotion) for row, speech in zip(rows, files.write(rows), strict=True)]
