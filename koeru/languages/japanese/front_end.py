"""Text -> full-context labels and readings by pyopenjtalk, in a process of its own.

OpenJTalk is C code with buffers that some texts overrun; what ends is then a child, not the job. The child also spares
us the time that importing it takes.

Questions travel in batches, a batch ahead of need: the child reads the next one while its last answers are being used.
A message is its length in four bytes, then marshal's bytes; both ends are the same Python.
"""

import importlib
import marshal
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self

from koeru.languages.japanese.braces import WORD, put_back, shown, taken_out
from koeru.languages.japanese.dictionary import read_dictionary
from koeru.languages.japanese.hygiene import MAX_CHARACTERS, named, normalise_text, signs_taken_out
from koeru.languages.japanese.normalisation import Normaliser
from koeru.languages.japanese.versions import FrontEndError, require
from koeru.languages.japanese.words import Words, own_words, read_words
from koeru.text.reading import Followed, OtherSentenceError, Reading, SilentTextError, TextError

EXTRACT = "koeru.languages.japanese.openjtalk:labels"
READ = "koeru.languages.japanese.openjtalk:readings"
BATCH = 32  # questions
PROBE = "あ"  # which any front end reads
LOADS = "何の方"  # for which it loads all of its parts
KILLED = (
    signal.SIGKILL,
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGXCPU,
)  # by others, not by its own code

# A text, and the phones that its reading is to have, or the kana that say them; () for as it is read.
Question = tuple[str, tuple[str, ...] | str]
Answer = tuple[str, Any]  # "", and what was asked for; or the kind of an error, and its words


class FrontEnd:
    """A front end in a child process, started with the first question and again after a crash. A context manager.

    `extract` names the function (module:function) that answers: extract(text, phones, **options), imported in the child
    only. The options: `iu` says how 言う is said (see `koeru.languages.japanese.openjtalk`), `nani` whether a model
    reads 何, `sudachi` whether its dictionary corrects kanji by their neighbours; `vanilla` leaves out all that the
    library does beyond OpenJTalk, these two as well. `dictionary` and `words` are files of a user: see the modules of
    these names. Raises RowsError with what is wrong in them, and MissingPartError.
    """

    ahead = 3 * BATCH  # one batch read, one being read, one that comes next

    def __init__(
        self,
        max_characters: int = MAX_CHARACTERS,
        extract: str = EXTRACT,
        *,
        iu: str = "yuu_base",
        nani: bool = True,
        sudachi: bool = True,
        vanilla: bool = False,
        dictionary: Path | None = None,
        words: Path | None = None,
    ) -> None:
        require(nani, sudachi, vanilla)
        self.max_characters = max_characters
        self.extract = extract
        self.options = {"iu": iu, "nani": nani, "sudachi": sudachi, "vanilla": vanilla}
        self.options["dictionary"] = str(dictionary or "")
        known = {entry[0] for entry in read_dictionary(dictionary)} if dictionary else set()
        table = {word: kana for word, kana in own_words().items() if word not in known}
        self._normaliser = Normaliser(Words(table | (read_words(words) if words else {})), known)
        self._child: subprocess.Popen[bytes] | None = None
        self._expected: Iterator[Question] = iter(())
        self._next: list[Question] = []  # the batch that it gets as soon as it is free
        self._sent: list[Question] = []  # the batch that the child is reading
        self._answers: dict[Question, Answer] = {}  # of the batch before

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the child now, and let it load what it needs, while its parent does something else."""
        if self._child is None:
            self._send([(LOADS, ())])

    def close(self) -> int:
        """End the child, if there is one, and return its exit status (0 when there is none)."""
        if (child := self._child) is None:
            return 0
        self._child, self._sent = None, []
        with child.stdout:
            with suppress(BrokenPipeError):  # when it ended before it took all of its last questions
                child.stdin.close()
            child.stdout.read()  # it may still be writing, and would wait for a reader
            return child.wait()

    def expect(self, questions: Iterable[Question]) -> None:
        """Say what will be asked, in this order, so that it is read ahead: texts, each with phones, kana, or ().

        Only a hint: other questions, or another order, get the same answers more slowly. `questions` is drawn from
        little by little, at most `ahead` before their turn.
        """
        self._expected = iter(questions)

    def spoken(self, text: str) -> str:
        """A text as the child gets it: written out as it is spoken, by hygiene and by the rules of normalisation.

        Words that a person has corrected stay as they are (`koeru.languages.japanese.braces.marked`). Raises TextError
        for what `koeru.languages.japanese.hygiene.normalise_text` refuses.
        """
        plain, words = taken_out(text)
        cleaned = normalise_text(plain, self.max_characters, WORD if words else "")
        return put_back(self._normaliser.spoken(cleaned), words)

    def labels(self, text: str) -> list[str]:
        """Return the full-context labels of one text.

        Raises TextError for what `spoken` refuses, SilentTextError for a text that has no label (only punctuation),
        FrontEndError for one that the front end refuses, and one that ends it.
        """
        return self._content(text)

    def _content(self, text: str, wanted: Iterable[str] | str = ()) -> Any:
        """What the child answers. Raises what `labels` does, and OtherSentenceError."""
        text = self.spoken(text)
        error, content = self._answer((text, wanted if isinstance(wanted, str) else tuple(wanted)))
        if error == "OtherSentenceError":
            raise OtherSentenceError(content)  # it shows the text's phones already, in lines that others read
        if error:
            raise FrontEndError(f"{content}, on the text {shown(text)[:40]!r}")
        if not content:
            raise SilentTextError(f"the text has nothing that can be read aloud: {text[:40]!r}")
        return content

    def _answer(self, question: Question) -> Answer:
        if question not in self._answers:
            if not self._sent:
                self._send(self._upcoming())
            if question not in self._sent:
                self._receive()
                self._send([question])
            self._answers = self._receive()
            self._send(self._next or self._upcoming())
            self._next = self._upcoming()  # while the child is reading
        return self._answers[question]

    def _upcoming(self) -> list[Question]:
        """Return the next batch of expected questions; texts that are refused anyway are left out."""
        batch = []
        for text, wanted in islice(self._expected, BATCH):
            with suppress(TextError):
                batch.append((self.spoken(text), wanted))
        return list(dict.fromkeys(batch))

    def _send(self, questions: list[Question]) -> None:
        """Send a batch; the answers to the one before have been received, so the child is waiting for it."""
        self._sent = questions
        if not questions:
            return
        if self._child is None:
            self._child = _start(self.extract)
        with suppress(BrokenPipeError):  # it has ended: `_receive` finds that out
            _write(self._child.stdin, (self.options, questions))

    def _receive(self) -> dict[Question, Answer]:
        """Return the answers to the batch that was sent; of one that ended the child, question by question."""
        questions, self._sent = self._sent, []
        if not questions:
            return {}
        if (answers := _read(self._child.stdout)) is not None:
            return dict(zip(questions, answers, strict=True))
        self.close()
        return {question: self._alone(question) for question in questions}

    def _alone(self, question: Question) -> Answer:
        """The answer to a question of a batch that ended the child.

        That a text ends the front end is believed only if it does so by itself, where another text does not: a child
        may as well have been killed, or not find its dictionary. Raises ChildProcessError then.
        """
        answer, status = self._asked(question)
        if answer is not None:
            return answer
        if -status in KILLED or self._asked((PROBE, ()))[0] is None:
            raise ChildProcessError(
                f"the front end ended ({_ending(status)}), and not by the text {shown(question[0])[:40]!r}"
            )
        return "TextError", f"the front end ended ({_ending(status)})"

    def _asked(self, question: Question) -> tuple[Answer | None, int]:
        """The child's answer to one question, or None and the exit status of a child that it ended."""
        self._send([question])
        self._sent = []
        answers = _read(self._child.stdout)
        return (None, self.close()) if answers is None else (answers[0], 0)


class ReadingFrontEnd(FrontEnd):
    """A front end whose child makes readings of its labels itself, which are a thirtieth of their size."""

    def __init__(self, max_characters: int = MAX_CHARACTERS, extract: str = READ, **options: Any) -> None:
        super().__init__(max_characters, extract, **options)

    def reading(self, text: str) -> Reading:
        """Return the reading of one text. Raises what `labels` does."""
        return _unpacked(self._content(text), signs_taken_out(taken_out(text)[0]))

    def followed(self, text: str, wanted: Iterable[str] | str) -> Followed:
        """Return the reading of one text that has these phones, silences left out, or those of kana; and by what means.

        Raises what `labels` does, and OtherSentenceError for phones that are another text's.
        """
        content, means = self._content(text, wanted)
        return Followed(_unpacked(content, signs_taken_out(text)), means)


def _unpacked(content: tuple[str, bytes, str, str], taken_out: str) -> Reading:
    phones, devoiced, accents, unspoken = content
    remarks = (f"not spoken: {named(taken_out + unspoken)}",) if taken_out or unspoken else ()
    return Reading(tuple(phones.split()), tuple(devoiced), tuple(accents), remarks)


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
    """The child: answer every batch of questions on standard input; an error is its kind and its words."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a front end prints goes to standard error: a warning is for somebody to read
    module, _, name = extract.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    while (batch := _read(sys.stdin.buffer)) is not None:
        options, questions = batch
        _write(answers, [_answered(function, *question, options) for question in questions])


def _answered(
    function: Callable[..., Any], text: str, wanted: tuple[str, ...] | str, options: dict[str, Any]
) -> Answer:
    try:
        return "", function(text, wanted, **options)
    except TextError as error:
        return "TextError", str(error)
    except OtherSentenceError as error:
        return "OtherSentenceError", str(error)
    except (OSError, MemoryError):
        raise  # it ends the child: what the machine lacks is no fault of the text
    except Exception as error:  # reported to the parent, which raises it
        return "TextError", f"{type(error).__name__}: {error}"
