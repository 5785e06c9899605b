"""CN-Celeb: speakers without texts, in two forms, some of them to train on; a recording of nobody."""

from __future__ import annotations

from pathlib import Path

import soundfile

from fakes import mandarin
from fakes.fake import Fake
from fakes.speech import spoken, write_lab
from koeru.stand_in.voice import SAMPLE_RATE

SPEAKERS = {"id00000": "dev", "id00001": "dev", "id00800": "data"}
GENRES = ("interview", "live_broadcast", "singing")
NOBODY = "eval/test/unknown.wav"
IN_EVAL = {
    "eval/enroll/id00800-enroll.wav": "id00800_enroll",
    "eval/test/id00800-singing-01-001.wav": "id00800_test-singing-01-001",
}


def write(root: Path) -> Fake:
    """The corpus at root/CN-Celeb."""
    corpus = root / "CN-Celeb"
    kept = set(IN_EVAL.values())
    for voice, speaker in enumerate(SPEAKERS):
        for number, genre in enumerate(GENRES):
            for cut in (1, 2):
                name = f"{genre}-{number + 1:02d}-{cut:03d}"
                path = corpus / "data" / speaker / f"{name}.{'flac' if number else 'wav'}"
                path.parent.mkdir(parents=True, exist_ok=True)
                said = spoken(mandarin.SPOKEN[number + 3 * (cut - 1)], mandarin.VOICES[voice])
                soundfile.write(path, said.samples, SAMPLE_RATE)
                kept.add(f"{speaker}_{name}")
    for path in (*IN_EVAL, NOBODY):
        mandarin.record(corpus / path, 1, 2)
    write_lab(corpus / "dev" / "dev.lst", "id00000\nid00001\n")
    write_lab(corpus / "eval" / "lists" / "trials.lst", "id00800-enroll test/id00800-singing-01-001.wav 1\n")
    return Fake(
        entry={"format": "cn_celeb", "path": str(corpus)},
        kept=frozenset(kept),
        excluded={NOBODY: "no transcript row"},
        one_of_each={"wav": corpus / "data/id00000/singing-03-002.flac"},
        labels=mandarin.NO_TIMES,
    )
