"""`python -m koeru speak`: any text as a trained voice says it."""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from koeru.data.contour import Told
from koeru.data.exported import read_told
from koeru.data.records import Spoken
from koeru.data.vocabulary import Vocabulary
from koeru.graph.store import replacing
from koeru.jobs.progress import Progress
from koeru.languages import written
from koeru.report.listening import write_blocks
from koeru.text.reading import Interval, Reading, TextError
from koeru.use.manner import Manner
from koeru.use.models import able, model_file, opened, sound_of
from koeru.use.names import known
from koeru.use.player import play
from koeru.use.reading import Part, VoiceReader
from koeru.use.showing import TIMES, intervals, table, write_times
from koeru.use.speech import SpeakingVoice, Speech, Who
from koeru.use.texts import STANDARD_INPUT, Line, Refused, lines_of, numbered, rows_of
from koeru.use.who import speaking

WAV = ".wav"
PAUSE = "、"  # between sentences, in kana
MANIFEST = "manifest.csv"
COLUMNS = ("id", "file", "seconds", "speaker", "emotion", "text", "kana", "refused")
MANNER = ("speed", "pitch", "pitch_range", "energy", "pause")
Lines = Iterable[Line | Refused]


@dataclass
class Said:
    """What came of lines: how long they are, and where it is kept, their readings in kana and the times of phones."""

    keeps_kana: bool = False
    keeps_times: bool = False
    kana: list[str] = field(default_factory=list)
    times: list[Interval] = field(default_factory=list)
    seconds: float = 0.0  # 0 where nothing is spoken
    refused: list[str] = field(default_factory=list)
    _silence: float = 0.0  # before what comes next

    def refuse(self, place: str, error: object) -> None:
        """Tell that something is not spoken, and why."""
        self.refused.append(str(error))
        print(f"not spoken: {place}: {error}", file=sys.stderr, flush=True)

    def add(self, reading: Reading, durations: np.ndarray, silence: float, voice: SpeakingVoice) -> None:
        """Take in an utterance of phones that last `durations` (P,) frames, with seconds of silence behind it."""
        hop_s = voice.mel_spec.hop_length / voice.mel_spec.sample_rate
        start = self.seconds + self._silence
        if self.keeps_kana:
            self.kana.append(written(reading, voice.language))
        if self.keeps_times:
            self.times += intervals(reading.phones, durations, start, hop_s)
        self.seconds, self._silence = start + durations.sum() * hop_s, silence


@dataclass(frozen=True)
class Speaker:
    """What lines are spoken with: a voice, who reads to it, and what is wanted unless a line says otherwise."""

    speech: Speech
    reader: VoiceReader
    who: Who
    manner: Manner
    progress: Progress  # in characters

    def parts(self, line: Line | Refused, said: Said) -> Iterator[tuple[Part, Spoken]]:
        """What of a line can be spoken, sentence by sentence; what cannot be is refused, and a line of nothing."""
        if isinstance(line, Refused):
            said.refuse(line.place, line.reason)
            return
        try:
            who = self.whom(line)
            parts = [Part(line.text, self.reader.kana(line.kana), 0.0)] if line.kana else self.reader.parts(line.text)
        except ValueError as error:
            said.refuse(line.place, error)
            return
        empty = True
        for part in parts:
            if isinstance(part.reading, TextError):
                said.refuse(line.place, part.reading)
            else:
                yield part, who.record(part.reading)
            empty = False
            self.progress.step(len(part.text))
        if empty:
            said.refuse(line.place, "there is nothing in it that can be read aloud")

    def whom(self, line: Line) -> Who:
        """Who says a line: whom it names, or as it was wanted. Raises ValueError for whom the voice does not know."""
        voice = self.speech.voice
        return Who(
            known("speaker", line.speaker or self.who.speaker, voice.speakers),
            known("emotion", line.emotion or self.who.emotion, voice.vocabulary.emotions),
            known("before_emotion", line.before_emotion or self.who.before_emotion, voice.vocabulary.before_emotions),
        )

    def say(self, line: Line | Refused, said: Said) -> Iterator[np.ndarray]:
        """The sound of a line in blocks (N_i,) that join without a click; what comes of it is told in `said`."""
        yield from self.speech.one_by_one(self._utterances(line, said))

    def _utterances(self, line: Line | Refused, said: Said) -> Iterator[tuple[Spoken, Told, float]]:
        for part, record in self.parts(line, said):
            told = self.speech.told(record, self.manner)
            silence = part.pause * self.manner.pause / self.manner.speed
            said.add(part.reading, told.durations, silence, self.speech.voice)
            yield record, told, silence


def run(arguments: argparse.Namespace) -> int:
    """Speak what the command line says; the exit status is 1 where something could not be spoken."""
    manner = Manner(**{name: getattr(arguments, name) for name in MANNER})
    check(arguments)
    model = model_file(arguments.model)
    able(model, "speak")
    told = read_told(model)
    files = {"dictionary": arguments.dictionary, "words": arguments.words}
    spoken = Vocabulary.of(told["vocabulary"]).language
    with VoiceReader(told.get("reading"), spoken, model, **files) as reader:
        reader.start()  # while the model is opened
        voice: SpeakingVoice = opened(model, "speak", arguments.device, arguments.threads)
        speech = Speech(voice, sound_of(model, voice.mel_spec, arguments.sound), arguments.seed, arguments.temperature)
        who = speaking(voice, arguments.speaker, arguments.emotion, arguments.before_emotion)
        with Progress("speak", characters(arguments), "characters") as progress:
            speaker = Speaker(speech, reader, who, manner, progress)
            if arguments.show:
                return show(speaker, asked(arguments))
            if arguments.output is not None and arguments.output.suffix != WAV:
                return into_folder(speaker, asked(arguments), arguments.output, arguments.times, arguments.force)
            return into_one(speaker, asked(arguments), arguments.output, arguments.times)


def check(arguments: argparse.Namespace) -> None:
    """Raise ValueError or FileExistsError, in words, for a command line that makes no sense."""
    output, times = arguments.output, arguments.times
    sources = {"a text": arguments.text, "--file": arguments.file, "--table": arguments.table, "--kana": arguments.kana}
    if len(given := [name for name, value in sources.items() if value]) > 1:
        raise ValueError(f"{' and '.join(given)}: give one of them")
    if times is not None and times.suffix not in TIMES:
        raise ValueError(f"--times: {times} must end with {' or '.join(TIMES)}")
    if output is None:
        return
    if output.suffix != WAV and output.is_file():
        raise ValueError(f"{output} is a file: give a folder, or a name that ends with {WAV}")
    written_to = [output, times] if output.suffix == WAV else [output / MANIFEST]
    for path in (path for path in written_to if path is not None and path.exists() and not arguments.force):
        raise FileExistsError(f"{path} is there already: give another name, or --force to write over it")


def asked(arguments: argparse.Namespace) -> Lines:
    """The lines that a command line asks for."""
    if arguments.kana:
        return [Line("0001", "", arguments.kana, place="--kana")]
    if arguments.table:
        return rows_of(arguments.table)
    if arguments.text and arguments.text != [str(STANDARD_INPUT)]:
        return numbered(arguments.text)
    return lines_of(arguments.file or STANDARD_INPUT)


def characters(arguments: argparse.Namespace) -> int | None:
    """How much there is to say, in characters; None of what comes as it is said."""
    path = arguments.table or arguments.file
    if (path is None or path == STANDARD_INPUT) and arguments.text in ([], [str(STANDARD_INPUT)]):
        return len(arguments.kana) if arguments.kana else None
    return sum(len(line.text or line.kana) for line in asked(arguments) if isinstance(line, Line))


def show(speaker: Speaker, lines: Lines) -> int:
    """Print how lines would be spoken."""
    voice, said = speaker.speech.voice, Said()
    hop_s = voice.mel_spec.hop_length / voice.mel_spec.sample_rate
    for line in lines:
        for part, record in speaker.parts(line, said):
            print(f"kana: {written(part.reading, voice.language)}")
            print(*(f"remark: {remark}\n" for remark in part.reading.remarks), sep="", end="")
            print(*table(part.reading, speaker.speech.contour(record, speaker.manner), hop_s, voice.language), sep="\n")
    return int(bool(said.refused))


def into_one(speaker: Speaker, lines: Lines, output: Path | None, times: Path | None) -> int:
    """Speak lines one after the other into one file; without an `output`, play it, or say where it is."""
    path = output or Path(tempfile.mkdtemp(prefix="koeru-"), f"speech{WAV}")
    said = Said(keeps_times=times is not None)
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = (block for line in lines for block in speaker.say(line, said))
    _, gain_db = write_blocks(path, blocks, speaker.speech.sample_rate)
    if not said.seconds:
        path.unlink()
        return 1
    if times is not None:
        write_times(times, said.times, said.seconds)
    print(f"{path}: {said.seconds:.2f} s{turned_down(gain_db)}")
    if output is None and not play(path):
        print("no player here finds a device: -o says where to write", file=sys.stderr)
    return int(bool(said.refused))


def into_folder(speaker: Speaker, lines: Lines, output: Path, times: Path | None, force: bool) -> int:
    """Speak each line into a file of its own, and write what came of them all into MANIFEST."""
    output.mkdir(parents=True, exist_ok=True)
    counted = spoken = failed = 0
    with (
        replacing(output / MANIFEST) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        rows = csv.DictWriter(file, COLUMNS, restval="")
        rows.writeheader()
        for line in lines:
            said, row = Said(keeps_kana=True, keeps_times=times is not None), {}
            if isinstance(line, Line):
                row = {"id": line.id, "text": line.text} | into_file(speaker, line, said, output, times, force)
            else:
                said.refuse(line.place, line.reason)
            counted, spoken, failed = counted + 1, spoken + bool(said.seconds), failed + bool(said.refused)
            rows.writerow(row | {"refused": "; ".join(said.refused)})
    print(f"{output}: {spoken} of {counted} lines are spoken; {MANIFEST} lists them")
    return int(failed > 0)


def into_file(
    speaker: Speaker, line: Line, said: Said, output: Path, times: Path | None, force: bool
) -> dict[str, str]:
    """Speak a line into a file of its id: what the list says of it; nothing of what is not spoken at all."""
    path = output / f"{line.id}{WAV}"
    for other in (path, path.with_suffix(times.suffix) if times is not None else path):
        if other.exists() and not force:
            said.refuse(line.place, f"{other} is there already: --force writes over it")
            return {}
    _, gain_db = write_blocks(path, speaker.say(line, said), speaker.speech.sample_rate)
    if not said.seconds:
        path.unlink()
        return {}
    if times is not None:
        write_times(path.with_suffix(times.suffix), said.times, said.seconds)
    if gain_db:
        print(f"{path}{turned_down(gain_db)}", file=sys.stderr)
    who = speaker.whom(line)
    told = {"file": path.name, "seconds": f"{said.seconds:.3f}", "kana": PAUSE.join(said.kana)}
    return told | {"speaker": who.speaker, "emotion": who.emotion}


def turned_down(gain_db: float) -> str:
    """What is to be said of a gain that was needed; "" of none."""
    return f", turned down by {-gain_db:.1f} dB: it would have clipped" if gain_db else ""
