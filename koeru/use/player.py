"""Sound for a person who sits before the machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

# What plays a wav file and then ends, on the systems that have it.
PLAYERS = (
    ["pw-play"],
    ["paplay"],
    ["afplay"],
    ["aplay", "-q"],
    ["ffplay", "-nodisp", "-autoexit", "-loglevel", "error"],
)


def play(path: Path) -> bool:
    """Play a wav file to its end; False where no player is there, or none finds a device."""
    for player in PLAYERS:
        if shutil.which(player[0]):
            return subprocess.run([*player, path], stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    return False
