"""The symbols and marks of texts, without times: what models learn from that find the times by themselves."""

import argparse

from koeru.data.corrections import corrections_of, narrowed
from koeru.graph.store import Record
from koeru.jobs.command_line import stage_command
from koeru.jobs.readings import Known, question, read
from koeru.jobs.stage import ExclusionError, Work, run_shard
from koeru.jobs.texts import OTHER_SENTENCE, UNREADABLE, concerning, kept_of, reader_of
from koeru.languages import Reader, language
from koeru.text.reading import OtherSentenceError, TextError


def tokens(work: Work, front_end: Reader, known: Known) -> Record:
    """How a text is read, each symbol with its mark; raises ExclusionError where it cannot be."""
    try:
        reading = read(known, language(work["labels.language"]), front_end, work["labels.reading"]).reading
    except TextError as error:
        raise ExclusionError(UNREADABLE, str(error)) from error
    except OtherSentenceError as error:
        raise ExclusionError(OTHER_SENTENCE, str(error)) from error
    return {"phones": list(reading.phones), "devoiced": list(reading.devoiced), "accents": list(reading.accents)}


def job(work: Work, arguments: argparse.Namespace) -> None:
    """Read the texts of one shard."""
    listed = {utterance["id"]: utterance for utterance in work.shard("utterances", arguments.shard).utterances}
    front_end, own = reader_of(work), language(work["labels.language"])
    corrections = corrections_of(work, arguments.shard)

    def known(utterance: Record) -> Known:
        return Known(utterance["text"], utterance["kana"], corrections.get(utterance["id"], ""))

    def process(segment: Record) -> tuple[list[Record], dict]:
        utterance = listed[segment["utterance"]]
        if segment["id"] != utterance["id"]:
            told = "nothing tells which part of its text a piece of it says: set segments.inner: mark, or drop it"
            raise ExclusionError("split at a silence", told)
        return [kept_of(segment, utterance) | tokens(work, front_end, known(utterance))], {}

    whole = (segment for segment in work.shard("segments", arguments.shard).utterances if segment["id"] in listed)
    asked = (question(known(listed[segment["id"]]), own, work["labels.reading"]) for segment in whole)
    with front_end:
        front_end.expect(filter(None, asked))
        part = narrowed(corrections) | concerning(work, (utterance["text"] for utterance in listed.values()))
        run_shard(work, arguments.shard, process, arrays=False, tools=own.tools(), narrowed=part)


def look_arguments(parser: argparse._ArgumentGroup) -> None:
    parser.add_argument("text", nargs="?", help="what is said")


def look(work: Work, arguments: argparse.Namespace) -> None:
    """Print the symbols of one text with their marks."""
    with reader_of(work) as front_end:
        said = tokens(work, front_end, Known(arguments.text))
    for phone, devoiced, accent in zip(said["phones"], said["devoiced"], said["accents"], strict=True):
        print(f"{phone:4}{'devoiced' if devoiced else '':9}{accent}")


if __name__ == "__main__":
    stage_command("tokens", __doc__, job, look, look_arguments=look_arguments)
