"""How long a recording lasts, from the header of its file alone: no sample is read."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

PCM, FLOAT, ALAW, MULAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
CODINGS = frozenset({PCM, FLOAT, ALAW, MULAW, EXTENSIBLE})  # those with as many bytes for every sample
HELD = 512  # bytes read at once: nearly all headers are shorter


def seconds_of(path: str | Path) -> float:
    """The length of a recording in seconds, of a wav without libsndfile, which takes a moment to load.

    Raises ValueError in words if the header makes no sense, OSError if the file cannot be read.
    """
    if str(path).lower().endswith(".wav"):
        return _of_wav(path)
    import soundfile

    try:
        return soundfile.info(os.fspath(path)).duration
    except soundfile.LibsndfileError as error:
        raise ValueError(error.error_string) from error


def _of_wav(path: str | Path) -> float:
    """Where the header gives no length, or a longer one than there is, everything behind it counts."""
    with open(path, "rb", buffering=HELD) as file:
        start = file.read(12)
        if start[:4] not in (b"RIFF", b"RF64") or start[8:] != b"WAVE":
            raise ValueError("it does not begin as a wav file does")
        bytes_per_second = 0
        while len(head := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", head)
            if name == b"data":
                if not bytes_per_second:
                    raise ValueError("there is no chunk `fmt ` before the samples")
                return _data(file, length, streamed=start[4:8] == bytes(4)) / bytes_per_second
            end = file.tell() + length + length % 2
            if name == b"fmt ":
                bytes_per_second = _format(file.read(min(length, 16)))
            file.seek(end)
    raise ValueError("there is no chunk `data`")


def _format(content: bytes) -> int:
    """Bytes a second, by the first 16 bytes of the chunk `fmt `: the same in WAVE_FORMAT_EXTENSIBLE."""
    if len(content) < 16:
        raise ValueError("the chunk `fmt ` is too short")
    coding, channels, rate, bytes_per_second, frame_bytes, bits = struct.unpack("<HHIIHH", content)
    if coding not in CODINGS:
        raise ValueError(f"its samples are coded in the way {coding}, not as PCM")
    if not (channels and rate and bits) or frame_bytes != channels * ((bits + 7) // 8):
        raise ValueError(f"{channels} channels, {rate} Hz, {bits} bits in {frame_bytes} bytes make no sense")
    if bytes_per_second != rate * frame_bytes:
        raise ValueError(f"{bytes_per_second} bytes a second are not {rate} Hz of {frame_bytes} bytes")
    return bytes_per_second


def _data(file: BinaryIO, length: int, streamed: bool) -> int:
    """Bytes of samples: what the header says, unless it was written before anybody knew, or the file is cut off."""
    there = os.fstat(file.fileno()).st_size - file.tell()
    return there if streamed and not length else min(length, there)
