"""JSUT and the label sets that exist for it, in a handful of everyday sentences."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from fakes.fake import Fake
from fakes.speech import lab, spoken, write_grid, write_lab, write_recording

SAID = {
    "basic5000": {
        "BASIC5000_0001": "今日はとても暖かいですね。",
        "BASIC5000_0002": "駅まで歩いて五分です。",
        "BASIC5000_0003": "会議は10:30に始まります...",
        "BASIC5000_0004": "窓を開けてください。",
        "BASIC5000_0005": "明日は何時に起きますか？",
    },
    "utparaphrase512": {
        "UT-PARAPHRASE-sent254-phrase1": "雨が降りそうです。",
        "UT-PARAPHRASE-sent254-phrase2": "雨になりそうです。",
    },
    "onomatopee300": {
        "ONOMATOPEE300_001": "星がきらきら光っています。",
        "ONOMATOPEE300_002": "犬がわんわん鳴いた。",
    },
    "countersuffix26": {"COUNTERSUFFIX26_01": "りんごを三個買いました。"},
    "loanword128": {"LOANWORD128_001": "コーヒーを飲みましょう。"},
    "voiceactress100": {
        "VOICEACTRESS100_001": "また来週お会いしましょう。",
        "VOICEACTRESS100_002": "この本は面白かった。",
    },
    "travel1000": {
        "TRAVEL1000_0001": "この電車は東京駅に止まりますか？",
        "TRAVEL1000_0002": "荷物を預けたいのですが。",
    },
    "precedent130": {"PRECEDENT130_064": "その契約は有効です。"},
    "repeat500": {
        "REPEAT500_set1_081": "庭に花が咲きました。",
        "REPEAT500_set2_081": "庭に花が咲きました。",
        "REPEAT500_set2_082": "海の水は冷たい。",
    },
}
# Which utterances have labels where: jsut-label and jsut-lab lie beside the corpus, the rest in it.
JSUT_LABEL = ("BASIC5000_0001", "BASIC5000_0002", "BASIC5000_0003")
COPIED_IN = ("VOICEACTRESS100_001", "VOICEACTRESS100_002")
GRIDS = ("BASIC5000_0002", "TRAVEL1000_0002")
NOWHERE = ("BASIC5000_0005", "COUNTERSUFFIX26_01", "PRECEDENT130_064")
NOT_IN_JSUT_LAB = (*COPIED_IN, *NOWHERE, "TRAVEL1000_0002")


def write(root: Path) -> Fake:
    """The corpus at root/jsut_ver1.1 and its label sets beside it."""
    corpus = root / "jsut_ver1.1"
    for subset, sentences in SAID.items():
        rows = [f"{name}:{text}" for name, text in sentences.items()]
        if subset == "basic5000":
            rows.append("BASIC5000_0099:録音がありません。")
        if subset == "precedent130":
            rows.append("PRECEDENT130_065 区切りがありません。")
        write_lab(corpus / subset / "transcript_utf8.txt", "\n".join(rows) + "\n")
        dates = [f"{name}.wav 12/19/2016\n" for name in sentences]
        write_lab(corpus / subset / "recording_info.txt", "".join(dates))
        for name, text in sentences.items():
            _write_utterance(root, subset, name, text)
    wavs = corpus / "basic5000" / "wav"
    shutil.copy(wavs / "BASIC5000_0001.wav", wavs / "BASIC5000_0077.wav")
    return Fake(
        entry={
            "format": "jsut",
            "path": str(corpus),
            "labels": [{"name": name, "path": str(root / name)} for name in ("jsut-label", "jsut-lab")],
        },
        kept=frozenset(f"jsut_{name}" for sentences in SAID.values() for name in sentences),
        excluded={
            "jsut_BASIC5000_0099": "no recording",
            "basic5000/wav/BASIC5000_0077.wav": "no transcript row",
            "line-2-of-precedent130/transcript_utf8.txt": "row not understood",
        },
        one_of_each={
            "wav": corpus / "loanword128" / "wav" / "LOANWORD128_001.wav",
            "transcript": corpus / "onomatopee300" / "transcript_utf8.txt",
            "TextGrid": corpus / "travel1000" / "TextGrid" / "TRAVEL1000_0002.TextGrid",
            "lab": root / "jsut-lab" / "utparaphrase512" / "lab" / "UT-PARAPHRASE-sent254-phrase1.lab",
        },
    )


def _write_utterance(root: Path, subset: str, name: str, text: str) -> None:
    """The wav of a sentence, and its labels where it has any."""
    corpus, speech = root / "jsut_ver1.1", spoken(text)
    write_recording(corpus / subset / "wav" / f"{name}.wav", speech)
    labels = lab(speech, text, unit="100ns")
    if name in JSUT_LABEL:
        write_lab(root / "jsut-label" / "labels" / subset / f"{name}.lab", as_in_jsut_label(labels))
    if name not in NOT_IN_JSUT_LAB:
        write_lab(root / "jsut-lab" / subset / "lab" / f"{name}.lab", labels)
    if name in COPIED_IN:
        write_lab(corpus / subset / "lab" / f"{name}.lab", labels)
    if name in GRIDS:
        write_grid(corpus / subset / "TextGrid" / f"{name}.TextGrid", speech)


def as_in_jsut_label(labels: str) -> str:
    """The same labels without devoiced vowels and parts of speech, which jsut-label does not tell."""
    voiced = re.sub(r"\b[AIUEO](?=.*/A:)", lambda vowel: vowel[0].lower(), labels)
    return re.sub(r"/B:.*?/E:", "/B:xx-xx_xx/C:xx_xx+xx/D:xx+xx_xx/E:", voiced)
