"""Whether the file of a recording is all there: libsndfile reads many a file that was cut off without a word."""

from __future__ import annotations

import os
import struct
from os import PathLike
from typing import BinaryIO

UNKNOWN_LENGTH = 0x7FFF0000  # a writer into a pipe leaves a data size this large, or larger
OGG_PAGE = 65_307  # the most bytes that a page of Ogg has (RFC 3533, section 6)
HEADER = 22  # of these bytes from the flags on, the last one tells how many lengths of segments follow
LAST_PAGE = 4  # one of the flags


def missing(path: str | PathLike) -> str:
    """What a wav, AIFF or Ogg file lacks, in words; "" for one that is whole, of unknown length, or of another format.

    The decoders of FLAC and MP3 notice it themselves.
    """
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        match file.read(4):
            case b"RIFF":
                return _promised(_riff(file, size))
            case b"FORM":
                return _promised(max(0, 8 + int.from_bytes(file.read(4), "big") - size))
            case b"OggS":
                return "" if _ends(file, size) else "its last page is not marked as the last one"
    return ""


def _promised(missing_bytes: int) -> str:
    return f"the header promises {missing_bytes} bytes more than the file has" if missing_bytes else ""


def _riff(file: BinaryIO, size: int) -> int:
    """How many bytes of its chunk `data` are lacking."""
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            return max(0, at + 8 + length - size) if length < UNKNOWN_LENGTH else 0
        at += 8 + length + length % 2  # chunks are padded to even lengths
    return at + 8 - size  # it ends before its samples begin


def _ends(file: BinaryIO, size: int) -> bool:
    """Whether the last page of an Ogg file says that it is the last, and is whole."""
    file.seek(max(0, size - OGG_PAGE))
    page = file.read().rpartition(b"OggS\0")[2]  # from its flags on
    if len(page) < HEADER or not page[0] & LAST_PAGE:
        return False
    segments = page[HEADER : HEADER + page[HEADER - 1]]
    return len(page) == HEADER + page[HEADER - 1] + sum(segments)
