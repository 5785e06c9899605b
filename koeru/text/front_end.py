"""Text -> full-context labels by pyopenjtalk, in a process of its own.

OpenJTalk is C code with buffers that some texts overrun; what ends is then a child, not the job. The child
also keeps from us what pyopenjtalk-plus prints on standard output, and the time its import takes.
"""

import hashlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import packages_distributions
from importlib.metadata import version as installed
from pathlib import Path

EXTRACT = "pyopenjtalk:extract_fullcontext"
MAX_CHARACTERS = 500
PAUSES = str.maketrans("\n\t", "、、")


class FrontEndError(ValueError):
    """A text without labels, or one that ended the front end."""


def normalise_text(text: str, max_characters: int = MAX_CHARACTERS) -> str:
    """Return `text` in NFKC, with a pause (、) for every line break and tab inside.

    OpenJTalk loses the voicing marks of decomposed kana, and drops line breaks and tabs without a pause.
    Raises FrontEndError when nothing is left, for NUL, and above `max_characters`.
    """
    if "\0" in text:
        raise FrontEndError("the text holds a NUL character, where OpenJTalk would stop reading: remove it")
    text = unicodedata.normalize("NFKC", "\n".join(text.splitlines()).strip()).translate(PAUSES)
    if not text:
        raise FrontEndError("the text is empty")
    if len(text) > max_characters:
        raise FrontEndError(f"the text has {len(text)} characters, {max_characters} are allowed: split the utterance")
    return text


class FrontEnd:
    """A front end in a child process, started with the first text and again after a crash. A context manager.

    `extract` names the function (module:function) that makes labels of a text, imported in the child only.
    """

    def __init__(self, max_characters: int = MAX_CHARACTERS, extract: str = EXTRACT) -> None:
        self.max_characters = max_characters
        self.extract = extract
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "FrontEnd":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> int:
        """End the child, if there is one, and return its exit status (0 when there is none)."""
        if (child := self._child) is None:
            return 0
        self._child = None
        with child.stdout:
            with suppress(BrokenPipeError):  # when it ended before it took all of its last text
                child.stdin.close()
            return child.wait()

    def labels(self, text: str) -> list[str]:
        """Return the full-context labels of one text.

        Raises FrontEndError for an empty or too long text, one that has no label (only symbols, or letters
        the front end does not know), one that the front end refuses, and one that ends it.
        """
        text = normalise_text(text, self.max_characters)
        answer = self._ask(text)
        if not answer:
            raise FrontEndError(f"the front end ended ({_ending(self.close())}) on the text {text[:40]!r}")
        reply = json.loads(answer)
        if "error" in reply:
            raise FrontEndError(f"{reply['error']} on the text {text[:40]!r}")
        if not reply["labels"]:
            raise FrontEndError(f"the text has nothing that can be read aloud: {text[:40]!r}")
        return reply["labels"]

    def _ask(self, text: str) -> bytes:
        """Return the child's answer to a text, empty when it has ended."""
        if self._child is None:
            self._child = _start(self.extract)
        try:
            self._child.stdin.write(json.dumps(text).encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            return b""
        return self._child.stdout.readline()


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


def serve(extract: str) -> None:
    """The child: answer every line of standard input, a text as JSON, by a line of labels or an error."""
    answers = os.fdopen(os.dup(1), "wb")
    module, _, name = extract.partition(":")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # pyopenjtalk-plus advertises an optional package at every import
    function: Callable[[str], list[str]] = getattr(importlib.import_module(module), name)
    os.dup2(2, 1)  # whatever else a front end prints goes to standard error
    for line in sys.stdin.buffer:
        try:
            reply = {"labels": function(json.loads(line))}
        except Exception as error:  # reported to the parent, which raises it
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply).encode() + b"\n")
        answers.flush()


def version() -> dict[str, str]:
    """Return the front end's name and version, and a hash of its dictionary, without importing it.

    The hash is the sha256 of all files of the dictionary, about 0.1 s for its hundred megabytes. Raises
    FrontEndError when there is no front end or no dictionary: plain pyopenjtalk has none, and would
    download one in the middle of the work.
    """
    found = importlib.util.find_spec("pyopenjtalk")
    if found is None:
        raise FrontEndError("no pyopenjtalk is installed: install pyopenjtalk-plus")
    name = packages_distributions()["pyopenjtalk"][0]
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
