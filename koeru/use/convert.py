"""`python -m koeru convert`: recordings as another voice would say them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from koeru.audio.files import UnfitError
from koeru.corpora.endings import RECORDING, hidden
from koeru.data.vocabulary import Voice
from koeru.jobs.progress import Progress
from koeru.use.models import model_file, opened, sound_of
from koeru.use.names import known
from koeru.use.recording import Conversion, Converter

MOST = 6  # couples that are named
Refused = dict[Path, UnfitError]


def run(arguments: argparse.Namespace) -> int:
    """Convert a recording, or all in a folder; the exit status is 1 where one of these was refused."""
    if not arguments.input.exists():
        raise FileNotFoundError(f"{arguments.input}: there is no such recording or folder")
    model = model_file(arguments.model)
    converter: Converter = opened(model, "convert", arguments.device, arguments.threads)
    source, target = voices(converter, arguments)
    sound = sound_of(model, converter.hearing.mel, arguments.sound)
    conversion = Conversion(converter, sound, source, target, arguments.seed, arguments.temperature)
    if arguments.input.is_dir():
        return folder(conversion, arguments.input, arguments.output, arguments.force)
    return one(conversion, arguments.input, arguments.output, arguments.force)


def voices(converter: Converter, arguments: argparse.Namespace) -> tuple[Voice, Voice]:
    """Who speaks, and who is to: as the command line says, or the only ones whom the model was trained on.

    Errors: ValueError naming the option where somebody is unknown, or could be several.
    """
    couples, emotions = converter.couples, converter.vocabulary.emotions
    to = _name("--to", arguments.to, {target for _, target in couples}, converter.speakers)
    own = {source for source, target in couples if target == to} or {source for source, _ in couples}
    source = _name("--from", arguments.source, own, converter.speakers)
    if (source, to) not in couples:
        trained = ", ".join(" to ".join(couple) for couple in couples[:MOST])
        trained += f" and {len(couples) - MOST} other couples" if len(couples) > MOST else ""
        print(f"the model was not trained to convert {source} to {to}, but {trained}: judge by ear", file=sys.stderr)
    # A model that is told of no emotion has learned them all as one.
    told = emotions if "emotion" in converter.controls else emotions[:1]
    said = _name("--from-emotion", arguments.from_emotion, told, emotions)
    return Voice(source, said), Voice(to, _name("--emotion", arguments.emotion, told, emotions))


def _name(option: str, wanted: str | None, candidates: Collection[str], names: Collection[str]) -> str:
    """The name that an option gives, or where it gives none, the only one that it could be."""
    if wanted is None and len(candidates) != 1:
        raise ValueError(f"{option} is needed: it could be {', '.join(sorted(candidates))}")
    return next(iter(candidates)) if wanted is None else known(option, wanted, names)


def one(conversion: Conversion, path: Path, output: Path | None, force: bool) -> int:
    """Convert one recording; UnfitError where it is refused, FileExistsError where its output is there."""
    output = path.with_name(f"{path.stem}.{conversion.target.speaker}.wav") if output is None else output
    if output.is_dir():
        output /= f"{path.stem}.wav"
    if output.suffix != ".wav":
        raise ValueError(f"{output}: it becomes a wav file: give it a name that ends with .wav")
    if output.exists() and output.samefile(path):
        raise FileExistsError(f"{output} is the recording itself: give another name")
    if output.exists() and not force:
        raise FileExistsError(f"{output} is there already: give another name by -o, or --force to write over it")
    with Progress("convert", None, "pieces") as progress, _named(path):
        told = conversion.file(path, output, progress)
    _say(path, told.notes)
    print(f"{output}: {told.seconds:.2f} s, {conversion.source.speaker} as {conversion.target.speaker}")
    return 0


def folder(conversion: Conversion, path: Path, output: Path | None, force: bool) -> int:
    """Convert all recordings in a folder and the folders in it, and give an account; 1 where some were refused."""
    beside = path.resolve()
    output = beside.with_name(f"{beside.name}.{conversion.target.speaker}") if output is None else output
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"{output} is a file: recordings of a folder are written to a folder")
    if output.resolve() == beside:
        raise FileExistsError(f"{output} holds the recordings themselves: give another folder")
    recordings = sorted(recordings_in(path, output))
    if not recordings:
        raise ValueError(f"{path}: there is no recording in it: no file that ends with {', '.join(RECORDING)}")
    targets = {own: output / own.relative_to(path).with_suffix(".wav") for own in recordings}
    _check_apart(targets)
    refused: Refused = {}
    seconds = 0.0
    with Progress("convert", len(recordings), "recordings") as progress:
        for own, target in targets.items():
            try:
                if target.exists() and not force:
                    raise UnfitError("exists", f"{target} is there already: --force writes over it")
                told = conversion.file(own, target)
                seconds += told.seconds
                _say(own, told.notes)
            except UnfitError as error:
                refused[own] = error
            progress.step()
    print(f"{output}: {len(recordings) - len(refused)} of {len(recordings)} recordings, {seconds:.2f} s")
    for own, error in refused.items():
        print(f"refused: {own.relative_to(path)}: {error}", file=sys.stderr)
    return 1 if refused else 0


def recordings_in(path: Path, output: Path) -> Iterator[Path]:
    """The recordings in a folder and the folders in it, without what lies in `output`."""
    made = output.resolve() if path.resolve() in output.resolve().parents else None
    for own in path.rglob("*"):
        seen = not any(map(hidden, own.relative_to(path).parts)) and made not in own.resolve().parents
        if seen and own.suffix.lower() in RECORDING and own.is_file():
            yield own


def _check_apart(targets: dict[Path, Path]) -> None:
    """Raise ValueError where two recordings would become one file."""
    taken: dict[Path, Path] = {}
    for own, target in targets.items():
        if (other := taken.setdefault(target, own)) is not own:
            raise ValueError(f"{other} and {own} would both become {target}: rename one")


def _say(path: Path, notes: Iterable[str]) -> None:
    for note in notes:
        print(f"{path}: {note}", file=sys.stderr, flush=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Whatever says why a recording is refused names it."""
    try:
        yield
    except UnfitError as error:
        raise ValueError(f"{path}: {error}") from error
