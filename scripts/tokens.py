"""The symbols and marks of texts, without times: what models learn from that find the times by themselves."""

import argparse

from koeru.data.corrections import corrections_of, narrowed
from koeru.graph.store import Record
from koeru.jobs.command_line import stage_command
from koeru.jobs.stage import ExclusionError, Work, run_shard
from koeru.jobs.texts import UNREADABLE, kept_of, reader_of
from koeru.languages import Reader, language
from koeru.text.reading import TextError


def tokens(front_end: Reader, text: str) -> Record:
    """How a text is read, each symbol with its mark; raises ExclusionError where it cannot be."""
    try:
        reading = front_end.reading(text)
    except TextError as error:
        raise ExclusionError(UNREADABLE, str(error)) from error
    return {"phones": list(reading.phones), "devoiced": list(reading.devoiced), "accents": list(reading.accents)}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Read the texts of one shard."""
    listed = {utterance["id"]: utterance for utterance in work.shard("utterances", arguments.shard).utterances}
    front_end = reader_of(work)
    own = corrections_of(work, arguments.shard)

    def process(segment: Record) -> tuple[list[Record], dict]:
        utterance = listed[segment["utterance"]]
        if segment["id"] != utterance["id"]:
            told = "nothing tells which part of its text a piece of it says: set segments.inner: mark, or drop it"
            raise ExclusionError("split at a silence", told)
        return [kept_of(segment, utterance) | tokens(front_end, utterance["text"])], {}

    with front_end:
        front_end.expect((listed[segment["id"]]["text"], ()) for segment in whole(work, arguments.shard, listed))
        used = language(work["labels.language"]).tools()
        run_shard(work, arguments.shard, process, arrays=False, tools=used, narrowed=narrowed(own))


def whole(work: Work, shard: int, listed: dict[str, Record]) -> list[Record]:
    """The segments of a shard that are the whole of their utterance."""
    return [segment for segment in work.shard("segments", shard).utterances if segment["id"] in listed]


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("text", nargs="?", help="what is said")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print the symbols of one text with their marks."""
    with reader_of(work) as front_end:
        read = tokens(front_end, arguments.text)
    for phone, devoiced, accent in zip(read["phones"], read["devoiced"], read["accents"], strict=True):
        print(f"{phone:4}{'devoiced' if devoiced else '':9}{accent}")


if __name__ == "__main__":
    stage_command("tokens", __doc__, job, look, look_arguments=look_arguments)
