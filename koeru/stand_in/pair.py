"""Writes the stand-in pair: two speakers who read the same sentences, for voice conversion, in the layout `folder`.

No map of frames explains what they differ by. The source reads as the voice Mei does. The target has another rate,
pitch and formants, and by rule other accents on some words, pauses within sentences, and phones of other lengths
(`koeru.stand_in.rules`). The same arguments give the same bytes, with any number of workers.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from koeru.stand_in import expand
from koeru.stand_in.files import text_grid, write_text, write_wav
from koeru.stand_in.rules import LENGTHS, changed
from koeru.stand_in.script import estimate_s
from koeru.stand_in.voice import Manner, Speech, full_context, render
from koeru.stand_in.writing import ATTRIBUTION, Written, appearing, counted, in_turn

SOURCE, TARGET = "N", "C"
MANNERS = {SOURCE: Manner(1.0, 0.0, -7.5), TARGET: Manner(0.9, -4.0, -7.5, LENGTHS)}
EMOTION = "Normal"
MINUTES = 10.0  # of the source, unless told; the target needs about 1.3 times as long
README = f"""\
Stand-in pair of koeru: two speakers, {SOURCE} and {TARGET}, who read the same Japanese sentences.
{ATTRIBUTION}and changed in rate, pitch and lengths of phones for {TARGET}, who also has other accents and pauses.
"""


def write_pair(
    folder: Path,
    *,
    minutes: float | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict:
    """Writes the pair into `folder`, which appears only when it is complete; returns counts and seconds.

    `minutes` and `seed` as in `sentences`; `progress(done, total)` counts utterances. `counted` says what is returned,
    and `in_turn` what to heed with several workers. FileExistsError when `folder` has something in it.
    """
    texts = {f"S{number:04d}": text for number, text in enumerate(sentences(minutes, seed), start=1)}
    done: list[Written] = []
    with appearing(folder) as part:
        for speaker in MANNERS:
            for kind in ("wavs", "TextGrid"):
                (part / kind / speaker).mkdir(parents=True)
        for both in in_turn(partial(_write_one, part), list(texts.items()), workers):
            done.extend(both)
            if progress is not None:
                progress(len(done), len(texts) * len(MANNERS))
        rows = (f"{speaker}/{name}|{text}|{speaker}" for name, text in texts.items() for speaker in MANNERS)
        write_text(part / "metadata.csv", "".join(f"{row}\n" for row in ("id|text|speaker", *rows)))
        write_text(part / "README.txt", README)
    return {**counted(done), "faults": {}}


def sentences(minutes: float | None = None, seed: int = 0) -> Iterator[str]:
    """Sentences of which the source says about so many minutes, MINUTES unless told; none occurs twice.

    They are made from templates, so that words come again in other sentences: what is learned of a word in some shows
    in others. More minutes of a seed add sentences to those that fewer give. ValueError unless minutes are positive.
    """
    wanted = 60 * (MINUTES if minutes is None else minutes)
    if not wanted > 0:
        raise ValueError(f"minutes: {minutes} is not a length of time; give a positive number")
    seconds = 0.0
    for text in (text for rows in expand.dialogues(seed) for _, _, text in rows):
        if seconds >= wanted:
            return
        yield text
        seconds += estimate_s(text)


def speak_as(speaker: str, text: str) -> Speech:
    """One sentence as one of the two speakers says it; the same arguments give the same samples."""
    labels = full_context(text, changed) if speaker == TARGET else full_context(text)
    return render(labels, MANNERS[speaker])


def _write_one(root: Path, named: tuple[str, str]) -> list[Written]:
    """A sentence as both speakers say it."""
    name, text = named
    written = []
    for speaker in MANNERS:
        speech = speak_as(speaker, text)
        write_wav(root / "wavs" / speaker / f"{name}.wav", speech.samples)
        write_text(root / "TextGrid" / speaker / f"{name}.TextGrid", text_grid(speech.intervals))
        written.append(Written.of(speech, speaker, EMOTION))
    return written
