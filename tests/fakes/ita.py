"""Recordings of sentences of the ITA corpus: one person in two emotions, and one without a word about emotions."""

from __future__ import annotations

from pathlib import Path

from fakes.fake import Fake
from fakes.speech import lab, spoken, write_grid, write_lab, write_recording
from koeru.stand_in.voice import kana

EMOTION100 = {
    "EMOTION100_001": "ゼロです。",
    "EMOTION100_002": "犬が走る。",
    "EMOTION100_003": "はい,わかりました。",
    "EMOTION100_004": "花が咲いた、ようやく。",
    "EMOTION100_005": "牛乳を飲みますか？",
}
RECITATION324 = {
    "RECITATION324_001": "願いをかなえる。",
    "RECITATION324_002": "名札を用意する。",
    "RECITATION324_003": "ボヤですんでよかった。",
    "RECITATION324_004": "仕事は山ほどあります。",
    "RECITATION324_005": "突然海へ飛び込んだ。",
    "RECITATION324_006": "可愛い女の子。",
    "RECITATION324_007": "鉛筆は折れやすい。",
    "RECITATION324_008": "川の中流に集落がある。",
    "RECITATION324_009": "雨がぽつぽつ降りだした。",
}
TRANSCRIPTS = {"emotion_transcript_utf8.txt": EMOTION100, "recitation_transcript_utf8.txt": RECITATION324}
VOICES = {"ono": "Teacher", "kita": "MStudent"}
MISSING = "EMOTION100_004"  # of ono, Happy
DEEP = "ono/Sad/second/wav/EMOTION100_001.wav"
NOBODY = "ono/Normal/wav/EMOTION100_006.wav"
UNLABELLED = "kita_EMOTION100_005"


def write(root: Path) -> Fake:
    """The corpus at root/ITA and a set of labels beside it."""
    corpus = root / "ITA"
    for name, sentences in TRANSCRIPTS.items():
        rows = [f"{sentence}:{text},{kana(text)}\n" for sentence, text in sentences.items()]
        write_lab(corpus / "transcripts" / name, "".join(rows))
        with_ruby = [f"{sentence}:{text}(ruby)\n" for sentence, text in sentences.items()]
        write_lab(corpus / "transcripts" / name.replace("_utf8", "_ruby_utf8"), "".join(with_ruby))
    kept = set()
    for name, text in (EMOTION100 | RECITATION324).items():
        speech = spoken(text, VOICES["ono"])
        write_recording(corpus / "ono" / "Normal" / "wav" / f"{name}.wav", speech)
        write_grid(corpus / "ono" / "Normal" / "TextGrid" / f"{name}.TextGrid", speech)
        kept.add(f"ono_{name}_Normal")
    for name, text in EMOTION100.items():
        if name != MISSING:
            speech = spoken(text, VOICES["ono"], "Happy")
            write_recording(corpus / "ono" / "Happy" / f"{name}.wav", speech)
            write_lab(root / "aligned" / "ono" / "Happy" / "lab" / f"{name}.lab", lab(speech, text, unit="100ns"))
            kept.add(f"ono_{name}_Happy")
        speech = spoken(text, VOICES["kita"])
        write_recording(corpus / "kita" / f"{name}.wav", speech)
        kept.add(f"kita_{name}")
        if f"kita_{name}" != UNLABELLED:
            write_lab(corpus / "kita" / "lab" / f"{name}.lab", lab(speech))
    for path in (DEEP, NOBODY):
        write_recording(corpus / path, spoken(EMOTION100["EMOTION100_001"]))
    return Fake(
        entry={
            "format": "ita",
            "path": str(corpus),
            "labels": [{"name": "aligned", "path": str(root / "aligned"), "made": "machine"}],
        },
        kept=frozenset(kept),
        excluded={
            f"ono_{MISSING}_Happy": "no recording",
            DEEP: "folder not understood",
            NOBODY: "no transcript row",
        },
        one_of_each={
            "wav": corpus / "ono" / "Normal" / "wav" / "EMOTION100_002.wav",
            "transcript": corpus / "transcripts" / "emotion_transcript_utf8.txt",
            "TextGrid": corpus / "ono" / "Normal" / "TextGrid" / "RECITATION324_003.TextGrid",
            "lab": corpus / "kita" / "lab" / "EMOTION100_001.lab",
        },
    )
