"""What the stages that read texts share."""

from koeru.graph.store import Record

UNREADABLE = "text cannot be read"  # the reason of an exclusion
OF_SEGMENT = ("id", "utterance", "name", "speaker", "emotion", "dialogue", "seconds")
OF_UTTERANCE = ("text", "before_emotion")


def kept_of(segment: Record, utterance: Record) -> Record:
    """The part of a record that is the segment's own, or its utterance's."""
    return {name: segment[name] for name in OF_SEGMENT} | {name: utterance[name] for name in OF_UTTERANCE}
