"""JSSS and JSSSLabel beside it: sentences of JSUT, simple ones, and recordings of several sentences."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from fakes import jsut
from fakes.fake import Fake
from fakes.speech import lab, spoken, write_grid, write_lab, write_recording
from koeru.stand_in.voice import SAMPLE_RATE, Speech

VOICE = "FStudent"  # JSUT is read by another
RATE = 24_000
WAVS = "wav24kHz16bit"
SENTENCES = {
    "short-form/basic5000": ("BASIC5000_0001", "BASIC5000_0002", "BASIC5000_0003", "BASIC5000_0004"),
    "short-form/onomatopee300": ("ONOMATOPEE300_001", "ONOMATOPEE300_002"),
    "short-form/voiceactress100": ("VOICEACTRESS100_001", "VOICEACTRESS100_002"),
    "simplification": ("SIMPLIFICATION_001", "SIMPLIFICATION_002"),
}
OWN = {"SIMPLIFICATION_001": "医者は病気を治す人です。", "SIMPLIFICATION_002": "古い家を直しました。"}
TEXTS = {
    "long-form/katsura-masakazu": {
        "KATSURA-MASAKAZU_001": ("兄は漫画を描いています。", "毎週新しい話が出ます。"),
    },
    "long-form/udon": {
        "UDON_001": ("うどんは小麦粉で作る。", "まず粉に水を混ぜます。", "つゆは温かい方が好きだ。"),
    },
    "summarization": {
        "SUMMARIZATION_dokujo-tsushin_063": ("朝早く起きる人が増えた。", "夜は静かに過ごそう。"),
    },
}
PAUSES = (0.004, 0.7, 0.9, 0.6)  # seconds before each sentence of a recording, and behind its last one
GRID = "ONOMATOPEE300_001"
UNLABELLED = ("BASIC5000_0004",)


def write(root: Path) -> Fake:
    """The corpus at root/jsss_ver1 and its labels at root/JSSSLabel."""
    corpus = root / "jsss_ver1"
    kept = {f"jsss_{name}" for subset in SENTENCES for name in _write_sentences(root, subset)}
    for subset, recordings in TEXTS.items():
        for recording, texts in recordings.items():
            kept |= {f"jsss_{name}" for name in _write_text(root, subset, recording, texts)}
    udon = corpus / "long-form" / "udon"
    with (udon / "transcript_utf8" / "UDON_001.txt").open("a", encoding="utf-8") as transcript:
        transcript.write("うどんの話\n")
    shutil.copy(udon / WAVS / "UDON_001.wav", udon / WAVS / "UDON_002.wav")
    lonely = corpus / "summarization" / "transcript_utf8" / "SUMMARIZATION_it-life-hack_044.txt"
    write_lab(lonely, "0.025000\t7.240000\t録音がありません。\n")
    basic = corpus / "short-form" / "basic5000" / WAVS
    shutil.copy(basic / "BASIC5000_0001.wav", basic / "BASIC5000_0077.wav")
    return Fake(
        entry={
            "format": "jsss",
            "path": str(corpus),
            "labels": [{"name": "JSSSLabel", "path": str(root / "JSSSLabel")}],
        },
        kept=frozenset(kept),
        excluded={
            "jsss_VOICEACTRESS100_077": "no recording",
            f"short-form/basic5000/{WAVS}/BASIC5000_0077.wav": "no transcript row",
            "line-4-of-long-form/udon/transcript_utf8/UDON_001.txt": "row not understood",
            f"long-form/udon/{WAVS}/UDON_002.wav": "no transcript row",
            "jsss_SUMMARIZATION_it-life-hack_044_0000025000_0007240000": "no recording",
        },
        one_of_each={
            "wav": corpus / "long-form" / "katsura-masakazu" / WAVS / "KATSURA-MASAKAZU_001.wav",
            "transcript": corpus / "simplification" / "transcript_utf8.txt",
            "TextGrid": corpus / "short-form" / "onomatopee300" / "TextGrid" / f"{GRID}.TextGrid",
            "lab": root / "JSSSLabel" / "simplification" / "lab" / "SIMPLIFICATION_002.lab",
        },
    )


def said(name: str) -> str:
    """The text of a sentence that stands alone."""
    return OWN.get(name) or next(sentences[name] for sentences in jsut.SAID.values() if name in sentences)


def _write_sentences(root: Path, subset: str) -> tuple[str, ...]:
    """A subset of sentences that stand alone; their names."""
    corpus, names = root / "jsss_ver1", SENTENCES[subset]
    rows = [f"{name}:{said(name)}\n" for name in names]
    if subset.endswith("voiceactress100"):
        rows.append("VOICEACTRESS100_077:録音がありません。\n")
    write_lab(corpus / subset / "transcript_utf8.txt", "".join(rows))
    for name in names:
        speech = spoken(said(name), VOICE)
        write_recording(corpus / subset / WAVS / f"{name}.wav", speech, RATE)
        if name not in UNLABELLED:
            _write_labels(root, subset, name, speech)
        if name == GRID:
            write_grid(corpus / subset / "TextGrid" / f"{name}.TextGrid", speech)
    return names


def _write_text(root: Path, subset: str, recording: str, texts: tuple[str, ...]) -> list[str]:
    """A recording of several sentences with silence around each; the names of the excerpts."""
    pieces, rows, names = [_silence(PAUSES[0])], [], []
    for text, pause in zip(texts, PAUSES[1:], strict=False):
        speech = spoken(text, VOICE)
        begin = sum(map(len, pieces)) / SAMPLE_RATE
        pieces += [speech.samples, _silence(pause)]
        times = [f"{seconds:.6f}" for seconds in (begin, begin + speech.seconds)]
        names.append("_".join([recording, *(time.replace(".", "").zfill(10) for time in times)]))
        rows.append("\t".join([*times, text]) + "\n")
        _write_labels(root, subset, names[-1], speech)
    whole = Speech(np.concatenate(pieces), (), guarded=False)
    write_recording(root / "jsss_ver1" / subset / WAVS / f"{recording}.wav", whole, RATE)
    write_lab(root / "jsss_ver1" / subset / "transcript_utf8" / f"{recording}.txt", "".join(rows))
    return names


def _write_labels(root: Path, subset: str, name: str, speech: Speech) -> None:
    write_lab(root / "JSSSLabel" / subset / "lab" / f"{name}.lab", lab(speech, julius=True))


def _silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.int16)
