"""The commands of `python -m koeru`, and what each may be told. Light: what a command runs is imported by then."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from koeru.families import FAMILIES


@dataclass(frozen=True)
class Command:
    """A command: `run`, as "module:function", gets its arguments and gives the exit status."""

    about: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: str


def convert(parser: argparse.ArgumentParser) -> None:
    """What `convert` may be told."""
    parser.add_argument("model", type=Path, help="a trained model: exp/N2C_23, or its model.safetensors")
    parser.add_argument("input", type=Path, help="a recording, or a folder of them")
    parser.add_argument("--to", metavar="SPEAKER", help="whose voice it becomes; not needed where there is one")
    parser.add_argument("--from", metavar="SPEAKER", dest="source", help="who speaks in it; the same")
    parser.add_argument(
        "--emotion", metavar="EMOTION", help="in which emotion it is said; not needed where there is one"
    )
    parser.add_argument("--from-emotion", metavar="EMOTION", help="in which emotion it was said; the same")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the wav file (of a folder: the folder) to write; unless given, beside the input, with the name of whose "
        "voice it is",
    )
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    how_it_sounds(parser)


def how_it_sounds(parser: argparse.ArgumentParser) -> None:
    """What makes a mel sound, how prosody is drawn, and where it is computed."""
    for family in FAMILIES.at_work("sound"):
        own = f"a trained one; unless given, {family}.safetensors beside the model, or else Griffin-Lim"
        parser.add_argument(f"--{family}", type=Path, dest="sound", metavar="FILE", help=own)
    parser.add_argument("--seed", type=int, default=0, help="of prosody that is drawn (%(default)s)")
    parser.add_argument("--temperature", type=float, default=1.0, help="of the same; 0 is the likeliest (%(default)s)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(%(default)s)")
    parser.add_argument("--threads", type=int, help="of the CPU; unless given, torch decides")


def speak(parser: argparse.ArgumentParser) -> None:
    """What `speak` may be told."""
    parser.add_argument("model", type=Path, help="a trained voice: exp/LINE_15, its model.safetensors, or a packed one")
    parser.add_argument("text", nargs="*", help="what is said; - or nothing: standard input, an utterance a line")
    parser.add_argument("--file", type=Path, help="a text file, an utterance a line")
    parser.add_argument("--table", type=Path, help="a CSV file: id,text, and if wanted speaker, emotion, kana, …")
    parser.add_argument("--kana", help="in place of a text, how it is read, with accents: ア'メガ/フ'ル")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="NAME.wav: all of it, one after the other; else a folder: a file an utterance, and a list of them; unless "
        "given, it is played where there is a player",
    )
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    parser.add_argument("--times", type=Path, metavar="FILE", help="NAME.TextGrid or NAME.lab: when each phone sounds")
    parser.add_argument("--show", action="store_true", help="say nothing: print phones, marks, lengths, F0, and kana")
    for kind in ("speaker", "emotion", "before-emotion"):
        parser.add_argument(f"--{kind}", metavar="NAME", help="the voice's own, unless given")
    parser.add_argument("--speed", type=float, default=1.0, help="times as fast (%(default)s)")
    parser.add_argument("--pitch", type=float, default=0.0, help="semitones higher (%(default)s)")
    parser.add_argument("--pitch-range", type=float, default=1.0, help="times as lively (%(default)s)")
    parser.add_argument("--energy", type=float, default=0.0, help="dB louder (%(default)s)")
    parser.add_argument("--pause", type=float, default=1.0, help="times as long pauses (%(default)s)")
    parser.add_argument("--dictionary", type=Path, metavar="FILE", help="your words, as languages.japanese.dictionary")
    parser.add_argument("--words", type=Path, metavar="FILE", help="your Latin words, as languages.japanese.words")
    how_it_sounds(parser)


def serve(parser: argparse.ArgumentParser) -> None:
    """What `serve` may be told."""
    parser.add_argument("voices", type=Path, nargs="+", help="trained voices, each as `speak` takes one")
    parser.add_argument("--host", help="where it listens; unless given, this machine alone is heard")
    parser.add_argument("--port", type=int, default=50021, help="(%(default)s, VOICEVOX's); 0 is any that is free")
    allowing = {"action": "append", "default": []}
    parser.add_argument("--allow-host", metavar="NAME", help="a name of this machine that others ask it by", **allowing)
    parser.add_argument("--allow-origin", metavar="URL", help="another site whose pages may ask", **allowing)
    parser.add_argument("--waiting", type=int, default=64, metavar="N", help="requests that may wait (%(default)s)")
    kept = "where words are kept that clients add; unless given, in the folder for your data"
    parser.add_argument("--dictionary", type=Path, metavar="FILE.json", help=kept)
    how_it_sounds(parser)


def pack(parser: argparse.ArgumentParser) -> None:
    """What `pack` may be told."""
    parser.add_argument("experiment", type=Path, help="the folder of a trained experiment, such as exp/LINE_15")
    parser.add_argument("--to", type=Path, metavar="FILE", help="NAME.koeru; unless given, the experiment's name, here")
    parser.add_argument("--onnx", action="store_true", help="with graphs, which are used where there is no torch")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def voices(parser: argparse.ArgumentParser) -> None:
    """What `voices` may be told."""
    parser.add_argument("models", type=Path, nargs="*", help="trained models; unless given, all in exp/ and *.koeru")


COMMANDS = {
    "speak": Command("say a text in a trained voice", speak, "koeru.use.speak:run"),
    "voices": Command("list what can speak or convert", voices, "koeru.use.voices:run"),
    "serve": Command("a page where voices speak, and an API for other programs", serve, "koeru.use.serve:run"),
    "convert": Command("say what a recording says in another voice", convert, "koeru.use.convert:run"),
    "pack": Command("put what an experiment has trained into one file, to give away", pack, "koeru.use.pack:run"),
}
