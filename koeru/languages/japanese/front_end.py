"""Text -> full-context labels by pyopenjtalk, in a process of its own.

OpenJTalk is C code with buffers that some texts overrun; what ends is then a child, not the job. The child
also keeps from us what pyopenjtalk-plus prints on standard output, and the time its import takes.

Texts travel in batches, a batch ahead of need: the child reads the next one while its last labels are being used.
A message is its length in four bytes, then marshal's bytes; both ends are the same Python.
"""

import hashlib
import importlib
import importlib.util
import marshal
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, packages_distributions
from importlib.metadata import version as installed
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self

from koeru.languages.japanese.hygiene import MAX_CHARACTERS, normalise_text
from koeru.text.reading import Reading, TextError

EXTRACT = "koeru.languages.japanese.openjtalk:extract"
BATCH = 32  # texts
PROBE = "あ"  # which any front end reads
KILLED = (
    signal.SIGKILL,
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGXCPU,
)  # by others, not by its own code
DISTRIBUTIONS = ("pyopenjtalk-plus", "pyopenjtalk")


class FrontEndError(TextError):
    """A text without labels, or one that ended the front end."""


class FrontEnd:
    """A front end in a child process, started with the first text and again after a crash. A context manager.

    `extract` names the function (module:function) that makes labels of a text, imported in the child only.
    """

    ahead = 3 * BATCH  # one batch read, one being read, one that comes next

    def __init__(self, max_characters: int = MAX_CHARACTERS, extract: str = EXTRACT) -> None:
        self.max_characters = max_characters
        self.extract = extract
        self._child: subprocess.Popen[bytes] | None = None
        self._expected: Iterator[str] = iter(())
        self._next: list[str] = []  # the batch that it gets as soon as it is free
        self._sent: list[str] = []  # the batch that the child is reading
        self._answers: dict[str, list[str] | str] = {}  # of the batch before: labels, or what is wrong with a text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> int:
        """End the child, if there is one, and return its exit status (0 when there is none)."""
        if (child := self._child) is None:
            return 0
        self._child, self._sent = None, []
        with child.stdout:
            with suppress(BrokenPipeError):  # when it ended before it took all of its last texts
                child.stdin.close()
            child.stdout.read()  # it may still be writing, and would wait for a reader
            return child.wait()

    def expect(self, texts: Iterable[str]) -> None:
        """Say which texts `labels` will be asked for, in this order, so that they are read ahead.

        Only a hint: other texts, or another order, get the same labels more slowly. `texts` is drawn from little by
        little, at most `ahead` before their turn.
        """
        self._expected = iter(texts)

    def labels(self, text: str) -> list[str]:
        """Return the full-context labels of one text.

        Raises TextError for what `koeru.languages.japanese.hygiene.normalise_text` refuses, FrontEndError for a text
        that has no label (only punctuation), one that the front end refuses, and one that ends it.
        """
        text = normalise_text(text, self.max_characters)
        answer = self._answer(text)
        if isinstance(answer, str):
            raise FrontEndError(f"{answer}, on the text {text[:40]!r}")
        if not answer:
            raise FrontEndError(f"the text has nothing that can be read aloud: {text[:40]!r}")
        return answer

    def _answer(self, text: str) -> list[str] | str:
        if text not in self._answers:
            if not self._sent:
                self._send(self._upcoming())
            if text not in self._sent:
                self._receive()
                self._send([text])
            self._answers = self._receive()
            self._send(self._next or self._upcoming())
            self._next = self._upcoming()  # while the child is reading
        return self._answers[text]

    def _upcoming(self) -> list[str]:
        """Return the next batch of expected texts; those that are refused anyway are left out."""
        batch = []
        for text in islice(self._expected, BATCH):
            with suppress(TextError):
                batch.append(normalise_text(text, self.max_characters))
        return list(dict.fromkeys(batch))

    def _send(self, texts: list[str]) -> None:
        """Send a batch; the answers to the one before have been received, so the child is waiting for it."""
        self._sent = texts
        if not texts:
            return
        if self._child is None:
            self._child = _start(self.extract)
        with suppress(BrokenPipeError):  # it has ended: `_receive` finds that out
            _write(self._child.stdin, texts)

    def _receive(self) -> dict[str, list[str] | str]:
        """Return the answers to the batch that was sent; of one that ended the child, text by text."""
        texts, self._sent = self._sent, []
        if not texts:
            return {}
        if (answers := _read(self._child.stdout)) is not None:
            return dict(zip(texts, answers, strict=True))
        self.close()
        return {text: self._alone(text) for text in texts}

    def _alone(self, text: str) -> list[str] | str:
        """The answer to a text of a batch that ended the child.

        That a text ends the front end is believed only if it does so by itself, where another text does not: a child
        may as well have been killed, or not find its dictionary. Raises ChildProcessError then.
        """
        answer, status = self._asked(text)
        if answer is not None:
            return answer
        if -status in KILLED or self._asked(PROBE)[0] is None:
            raise ChildProcessError(f"the front end ended ({_ending(status)}), and not by the text {text[:40]!r}")
        return f"the front end ended ({_ending(status)})"

    def _asked(self, text: str) -> tuple[list[str] | str | None, int]:
        """The child's answer to one text, or None and the exit status of a child that it ended."""
        self._send([text])
        self._sent = []
        answers = _read(self._child.stdout)
        return (None, self.close()) if answers is None else (answers[0], 0)


class ReadingFrontEnd(FrontEnd):
    """A front end whose child makes readings of its labels itself, which are a thirtieth of their size."""

    def __init__(self, max_characters: int = MAX_CHARACTERS) -> None:
        super().__init__(max_characters, "koeru.languages.japanese.openjtalk:read")

    def reading(self, text: str) -> Reading:
        """Return the reading of one text. Raises what `labels` does."""
        phones, devoiced, accents = self.labels(text)
        return Reading(tuple(phones.split()), tuple(devoiced), tuple(accents))


def _start(extract: str) -> subprocess.Popen[bytes]:
    # Not multiprocessing: its spawned children run the parent's script, its forked ones keep its files open.
    return subprocess.Popen(
        [sys.executable, "-P", "-c", f"import {__name__} as front_end; front_end.serve({extract!r})"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(entry or os.getcwd() for entry in sys.path), "PYTHONUTF8": "1"},
    )


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _write(pipe: BinaryIO, message: Any) -> None:
    content = marshal.dumps(message)
    pipe.write(len(content).to_bytes(4, "big") + content)
    pipe.flush()


def _read(pipe: BinaryIO) -> Any:
    """Return the next message, None when the other end has closed or broken off."""
    size = int.from_bytes(pipe.read(4), "big")
    content = pipe.read(size)
    return marshal.loads(content) if size and len(content) == size else None


def serve(extract: str) -> None:
    """The child: answer every batch of texts on standard input by their labels, or errors as strings."""
    answers = os.fdopen(os.dup(1), "wb")
    module, _, name = extract.partition(":")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # pyopenjtalk-plus advertises an optional package at every import
    function: Callable[[str], list[str]] = getattr(importlib.import_module(module), name)
    os.dup2(2, 1)  # whatever else a front end prints goes to standard error
    while (texts := _read(sys.stdin.buffer)) is not None:
        _write(answers, [_labels_or_error(function, text) for text in texts])


def _labels_or_error(function: Callable[[str], list[str]], text: str) -> list[str] | str:
    try:
        return function(text)
    except TextError as error:
        return str(error)
    except (OSError, MemoryError):
        raise  # it ends the child: what the machine lacks is no fault of the text
    except Exception as error:  # reported to the parent, which raises it
        return f"{type(error).__name__}: {error}"


def tools() -> dict[str, str]:
    """Return `version()` as a node records it: the front end with its version, and its dictionary's hash."""
    found = version()
    return {"front_end": f"{found['name']} {found['version']}", "dictionary": found["dictionary"]}


def version() -> dict[str, str]:
    """Return the front end's name and version, and a hash of its dictionary, without importing it.

    The hash is the sha256 of all files of the dictionary, about 0.1 s for its hundred megabytes. Raises
    FrontEndError when there is no front end or no dictionary: plain pyopenjtalk has none, and would
    download one in the middle of the work.
    """
    found = importlib.util.find_spec("pyopenjtalk")
    if found is None:
        raise FrontEndError("no pyopenjtalk is installed: install pyopenjtalk-plus")
    name = _distribution()
    inside = Path(found.submodule_search_locations[0]) / "dictionary"
    folder = Path(os.environ.get("OPEN_JTALK_DICT_DIR", inside))
    if not (folder / "sys.dic").is_file():
        raise FrontEndError(
            f"{name} has no dictionary in {folder}: install pyopenjtalk-plus, or set OPEN_JTALK_DICT_DIR"
        )
    digest = hashlib.sha256()
    for file in sorted(filter(Path.is_file, folder.iterdir())):
        with file.open("rb") as opened:
            digest.update(file.name.encode() + hashlib.file_digest(opened, "sha256").digest())
    return {"name": name, "version": installed(name), "dictionary": digest.hexdigest()}


def _distribution() -> str:
    """Return the name of the package that brought pyopenjtalk."""
    for name in DISTRIBUTIONS:  # `packages_distributions` would read the metadata of everything that is installed
        with suppress(PackageNotFoundError):
            installed(name)
            return name
    return packages_distributions()["pyopenjtalk"][0]
