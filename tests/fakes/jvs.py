"""JVS: three people, their sentences in part the same, with the two sets of labels that lie beside it."""

from __future__ import annotations

from pathlib import Path

from fakes.fake import Fake
from fakes.speech import lab, spoken, write_grid, write_lab, write_recording

RATE = 24_000
VOICES = {"jvs001": "MStudent", "jvs002": "FStudent", "jvs030": "Teacher"}
PARALLEL = {
    "VOICEACTRESS100_001": "また来週会いましょう。",
    "VOICEACTRESS100_002": "この本は面白い。",
    "VOICEACTRESS100_003": "道に迷いました。",
    "VOICEACTRESS100_004": "朝ご飯です。",
}
NONPARA = {
    "jvs001": {
        "BASIC5000_0025": "空が青い。",
        "BASIC5000_0235": "朝ご飯を食べた。",
        "UT-PARAPHRASE-sent254-phrase1": "雨が降りそうです。",
        "UT-PARAPHRASE-sent254-phrase2": "雨になりそうです。",
        "TRAVEL1000_0012": "駅はどこですか？",
    },
    "jvs002": {
        "BASIC5000_0025": "空が青い。",
        "LOANWORD128_007": "コーヒーをください。",
        "ONOMATOPEE300_011": "星がきらきら光る。",
        "COUNTERSUFFIX26_03": "犬が三匹いる。",
        "PRECEDENT130_064": "契約は有効です。",
    },
}
MISSING = "VOICEACTRESS100_045"  # of jvs030
WHISPERED = {name: PARALLEL[name] for name in ("VOICEACTRESS100_001", "VOICEACTRESS100_004")}
FALSETTO = {"VOICEACTRESS100_002": PARALLEL["VOICEACTRESS100_002"]}
ENDINGS = {"whisper10": "_Whisper", "falset10": "_Falsetto"}
# Who has labels in which place: (speaker, subset, ID). All else has them in the corpus, but for whisper10 and falset10.
NOWHERE = (("jvs001", "nonpara30", "TRAVEL1000_0012"), ("jvs001", "whisper10", "VOICEACTRESS100_001"))
IN_JVS_HIHO = (("jvs001", "parallel100", "VOICEACTRESS100_001"), ("jvs030", "parallel100", "VOICEACTRESS100_002"))
MON_ALONE = ("jvs002", "nonpara30", "BASIC5000_0025")
FUL_ALONE = ("jvs002", "nonpara30", "LOANWORD128_007")
GRID = ("jvs002", "nonpara30", "PRECEDENT130_064")
IN_OWN_SET = ("jvs001", "falset10", "VOICEACTRESS100_002")
WHISPERED_IN_OWN_SET = ("jvs001", "whisper10", "VOICEACTRESS100_004")  # else of all whispers nothing would be left


def write(root: Path) -> Fake:
    """The corpus at root/jvs_ver1 and its sets of labels beside it."""
    corpus = root / "jvs_ver1"
    kept = set()
    for speaker, subset, sentences in said():
        rows = dict(sentences)
        if (speaker, subset) == ("jvs030", "parallel100"):
            rows[MISSING] = "録音がありません。"
        transcript = "".join(f"{name}:{text}\n" for name, text in rows.items())
        write_lab(corpus / speaker / subset / "transcripts_utf8.txt", transcript)
        for name, text in sentences.items():
            _write_utterance(root, speaker, subset, name, text)
            kept.add(utterance_id(speaker, subset, name))
    write_lab(corpus / "gender_f0range.txt", "speaker Male_or_Female minf0[Hz] maxf0[Hz]\njvs001 M 70 340\n")
    return Fake(
        entry={
            "format": "jvs",
            "path": str(corpus),
            "labels": [
                {"name": "jvs_hiho", "path": str(root / "jvs_hiho" / "aligned_labels_julius")},
                {"name": "own", "path": str(root / "own_labels"), "made": "by_hand"},
            ],
        },
        kept=frozenset(kept),
        excluded={f"jvs030_{MISSING}": "no recording"},
        one_of_each={
            "wav": corpus / "jvs002" / "nonpara30" / "wav24kHz16bit" / "COUNTERSUFFIX26_03.wav",
            "transcript": corpus / "jvs001" / "falset10" / "transcripts_utf8.txt",
            "TextGrid": corpus / "jvs002" / "nonpara30" / "TextGrid" / "PRECEDENT130_064.TextGrid",
            "lab": corpus / "jvs001" / "parallel100" / "lab" / "mon" / "VOICEACTRESS100_003.lab",
        },
    )


def said() -> list[tuple[str, str, dict[str, str]]]:
    """(speaker, subset, texts by ID)"""
    found = [(speaker, "parallel100", PARALLEL) for speaker in VOICES]
    found += [(speaker, "nonpara30", sentences) for speaker, sentences in NONPARA.items()]
    return [*found, ("jvs001", "whisper10", WHISPERED), ("jvs001", "falset10", FALSETTO)]


def utterance_id(speaker: str, subset: str, name: str) -> str:
    """The id in koeru."""
    return f"{speaker}_{name}{ENDINGS.get(subset, '')}"


def _write_utterance(root: Path, speaker: str, subset: str, name: str, text: str) -> None:
    """The wav of a sentence, and its labels where it has any. Who whispers is heard to speak."""
    folder, who = root / "jvs_ver1" / speaker / subset, (speaker, subset, name)
    speech = spoken(text, VOICES[speaker])
    write_recording(folder / "wav24kHz16bit" / f"{name}.wav", speech, RATE)
    if subset not in ENDINGS and who not in (*NOWHERE, FUL_ALONE, GRID):
        write_lab(folder / "lab" / "mon" / f"{name}.lab", lab(speech))
    if subset not in ENDINGS and who not in (*NOWHERE, MON_ALONE, GRID):
        write_lab(folder / "lab" / "ful" / f"{name}.lab", lab(speech, text))
    if who in IN_JVS_HIHO:
        julius = lab(speech, julius=True, separator="\t")
        write_lab(root / "jvs_hiho" / "aligned_labels_julius" / speaker / f"{name}.lab", julius)
    if who in (IN_OWN_SET, WHISPERED_IN_OWN_SET):
        write_lab(root / "own_labels" / speaker / subset / "lab" / f"{name}.lab", lab(speech))
    if who == GRID:
        write_grid(folder / "TextGrid" / f"{name}.TextGrid", speech)
