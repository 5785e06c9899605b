"""What `snakemake corpora` says of each corpus: a block of lines that tells what is there, and what is not."""

import json
import os
import wave
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
import yaml
from configured import graph_of

from koeru.config.corpora import Corpus
from koeru.corpora.catalogue import ADAPTERS
from koeru.corpora.on_disk import missing_corpus, size_on_disk
from koeru.corpora.utterance import File, Utterance
from koeru.graph.plan import Plan
from koeru.graph.store import Excluded, Store
from koeru.status import survey
from koeru.status.status import status_lines
from koeru.status.survey import survey_lines

CONFIG = """
corpora:
  A:
    format: studies
    path: corpora/A
    labels: [{name: hand, path: labels/A, made: by_hand}]
    source: ask the laboratory
spk:
  voice: {corpora: [A]}
"""
ROWS = {"講師|平静|これは例です。": "Teacher-Turn-01", "女子生徒|喜び|はい。": "FStudent-Turn-01"}
DIALOGUE = "Long_dialogue/LD01"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def plan_of(**changed):
    """The plan of the configuration, some leaves of the corpus changed; None takes one away."""
    raw = yaml.safe_load(CONFIG)
    raw["corpora"]["A"] = {k: v for k, v in (raw["corpora"]["A"] | changed).items() if v is not None}
    return Plan(graph_of(raw), Store("store"))


def write(path, content=b""):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_wav(path, seconds):
    with wave.open(str(write(path)), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * round(8000 * seconds)))


def corpus(seconds=1.5):
    """Two utterances of STUDIES and a set of labels beside them."""
    folder = Path("corpora/A", DIALOGUE)
    write(folder / "txt/LD01-Dialogue-01.txt", "\n".join(ROWS).encode())
    for turn in ROWS.values():
        write_wav(folder / f"wav/LD01-Dialogue-01-{turn}.wav", seconds)
    write(folder / "TextGrid/LD01-Dialogue-01-Teacher-Turn-01.TextGrid", b"grid")
    write("labels/A/x.lab", b"0 1 a")
    return folder


def block(plan, name="A"):
    """What is said about a corpus: what -> words, the first line under "", all that wraps joined again."""
    head, *rest = "\n".join(survey_lines(plan)).split(f"{name} (", 1)[1].split("\n\n")[0].splitlines()
    found, what = {"": head}, ""
    for line in rest:
        what = line[:14].strip() or what
        found[what] = f"{found.get(what, '')} {line[14:]}".strip()
    return found


def test_what_is_there_is_counted():
    corpus(seconds=45)
    found = block(plan_of())
    assert found[""] == f"studies): {Path('corpora/A').absolute()}"
    assert found["files"].startswith("5 files, 1.4 MB")
    assert found["recordings"] == "1 min 30 s in 2 wav files"
    assert found["utterances"] == "2"
    assert found["speakers"] == "FStudent 1, Teacher 1"
    assert found["emotions"] == "Happy 1, Normal 1"
    assert found["subsets"] == "Long_dialogue"
    assert found["labels"] == (
        f"times for 1 utterance, readings for 0 utterances hand: 1 file in {Path('labels/A').absolute()}"
    )
    assert survey_lines(plan_of())[-1] == "1 of 1 corpus found"
    assert not {"refused", "remark", "problem", "unreadable", "changed"} & found.keys()


def test_what_is_refused_is_told():
    folder = corpus()
    (folder / "wav/LD01-Dialogue-01-Teacher-Turn-01.wav").unlink()
    write_wav(folder / "wav/other.wav", 1)
    found = block(plan_of())
    assert found["utterances"] == "1" and found["refused"].startswith("2: no recording 1, no transcript row 1 for ")
    assert "for instance: line 1 of " in found["refused"] and "has no " in found["refused"]


def test_a_remark_is_told():
    folder = corpus()
    write(folder / "txt/LD01-Dialogue-01.txt", "\n".join(ROWS).encode("cp932"))
    assert "read as Shift_JIS" in block(plan_of())["remark"]


def test_a_missing_corpus_says_where_to_get_it_and_the_others_go_on():
    corpus()
    raw = yaml.safe_load(CONFIG)
    raw["corpora"] = {"B": {"format": "studies", "path": "gone", "source": "ask them"}} | raw["corpora"]
    plan = Plan(graph_of(raw), Store("store"))
    assert block(plan, "B")[""] == f"studies): not found: there is no folder {Path('gone').absolute()}"
    assert block(plan, "B")["get it"] == "ask them"
    assert block(plan, "A")["utterances"] == "2"
    assert survey_lines(plan)[-1] == "1 of 2 corpora found"
    assert "does not say" in block(plan_of(path="gone", source=None))["get it"]


def test_missing_labels_are_told():
    corpus()
    told = block(plan_of(labels=[{"name": "hand", "path": "gone", "made": "by_hand"}]))["labels"]
    assert told.endswith(f"hand: not found: there is no folder {Path('gone').absolute()}")


def test_the_licence_is_the_entrys_else_the_formats_else_not_known(monkeypatch):
    corpus()
    assert block(plan_of(licence="for us alone"))["licence"] == "for us alone"
    assert block(plan_of())["licence"] == ADAPTERS["studies"].LICENCE
    assert block(plan_of(path="gone"))["licence"] == ADAPTERS["studies"].LICENCE
    monkeypatch.setattr(ADAPTERS["studies"], "LICENCE", "")
    assert block(plan_of())["licence"] == "not known: ask its owner"


def test_whom_to_name_is_told_where_anybody_knows(monkeypatch):
    corpus()
    assert block(plan_of())["credit"] == ADAPTERS["studies"].CREDIT == block(plan_of(path="gone"))["credit"]
    assert block(plan_of(credit="us"))["credit"] == "us"
    monkeypatch.setattr(ADAPTERS["studies"], "CREDIT", "")
    assert "credit" not in block(plan_of())
    assert "credit" not in block(plan_of(path=None, labels=None, stand_in={"minutes": 2}))  # its licence says it


def test_who_speaks_is_told_and_how_many_have_no_text():
    for speaker, name in (("jvs001", "a"), ("jvs001", "b"), ("jvs002", "a"), ("jvs003", "a")):
        write_wav(f"corpora/A/{speaker}/parallel100/wav24kHz16bit/{name}.wav", 1)
        write(f"corpora/A/{speaker}/parallel100/transcripts_utf8.txt", "a:はい。\nb:はい。\n".encode())
    write("corpora/A/gender_f0range.txt", b"speaker Male_or_Female\njvs001 M 70 340\njvs002 F 1 2\njvs009 F 1 2\n")
    plan = plan_of(format="jvs", labels=None)
    assert block(plan)["speakers"] == "jvs001 2, jvs002 1, jvs003 1 sex: female 1, male 1"
    assert block(plan)["utterances"] == "4"
    write_wav("corpora/A/data/id00001/singing-01-001.wav", 1)
    assert block(plan_of(format="cn_celeb", labels=None))["utterances"] == "1, 1 without a text"


def test_a_file_about_speakers_that_cannot_be_read_is_told():
    write_wav("corpora/A/jvs001/parallel100/wav24kHz16bit/a.wav", 1)
    write("corpora/A/jvs001/parallel100/transcripts_utf8.txt", "a:はい。\n".encode())
    write("corpora/A/gender_f0range.txt", b"\x81\x20\xff\xfe\x00")
    found = block(plan_of(format="jvs", labels=None))
    assert "gender_f0range.txt" in found["problem"] and found["utterances"] == "1"


def test_a_wav_whose_header_makes_no_sense_is_counted_and_named():
    folder = corpus(seconds=2)
    write(folder / "wav/LD01-Dialogue-01-Teacher-Turn-01.wav", b"RIFFRIFF")
    found = block(plan_of())
    assert found["recordings"] == "2 s in 2 wav files"
    assert found["unreadable"].startswith(f"1 file, such as {DIALOGUE}/wav/LD01-Dialogue-01-Teacher-Turn-01.wav: ")


def test_a_wav_whose_name_is_no_text_can_be_told(tmp_path):
    folder = corpus()
    (folder / "wav" / os.fsdecode(b"\xff.wav")).write_bytes(b"")
    told = block(plan_of())["unreadable"]
    assert "\ufffd.wav" in told and told.encode()


def test_what_an_adapter_cannot_read_is_told_and_the_others_go_on(monkeypatch):
    def refuse(delivered, selection):
        raise ValueError("no list of utterances here")
        yield

    monkeypatch.setitem(ADAPTERS, "jsut", SimpleNamespace(LICENCE="", CREDIT="", utterances=refuse))
    corpus()
    raw = yaml.safe_load(CONFIG)
    raw["corpora"] = {"B": {"format": "jsut", "path": "corpora/A"}} | raw["corpora"]
    plan = Plan(graph_of(raw), Store("store"))
    assert block(plan, "B")["problem"] == "no list of utterances here"
    assert block(plan, "A")["utterances"] == "2"


def test_many_names_are_told_by_their_number_and_ends(monkeypatch):
    def many(delivered, selection):
        for n in range(100):
            known = {"name": "a", "emotion": "", "text": "a", "wav": File("a.wav")}
            yield Utterance(id=f"u{n}", speaker=f"jvs{n + 1:03d}", **known)
        yield Excluded("x", "no recording", "")

    monkeypatch.setitem(ADAPTERS, "jvs", SimpleNamespace(LICENCE="", CREDIT="", utterances=many))
    corpus()
    found = block(plan_of(format="jvs"))
    assert found["speakers"] == "100: jvs001 … jvs100"
    assert "emotions" not in found and "subsets" not in found


def test_a_corpus_that_is_not_as_it_was_listed_is_told_in_the_words_of_status():
    corpus()
    plan = plan_of()
    node = plan.graph.data["voice"].parents["utterances"]
    size = size_on_disk(Path("corpora/A"), Path("labels/A"))
    write(f"store/utterances/{node.key}/node.json", json.dumps({"corpora": {"A": size}}).encode())
    assert "changed" not in block(plan_of())
    write("labels/A/further.lab")
    told = block(plan_of())["changed"]
    assert told.startswith("corpora.A: 5 files, ") and "now 6 files" in told
    assert any(told in line for line in status_lines(plan_of()))


def test_a_stand_in_is_told_as_such():
    plan = plan_of(path=None, labels=None, stand_in={"minutes": 2})
    assert block(plan)[""] == "studies, a stand-in): not made yet"
    assert "CC BY 3.0" in block(plan)["licence"]
    corpus()
    made = Path("store/stand_in", plan.graph.stand_in["A"].key)
    made.mkdir(parents=True)
    Path("corpora/A").rename(made / "corpus")
    assert block(plan)[""] == f"studies, a stand-in): {(made / 'corpus').absolute()}"
    assert block(plan)["utterances"] == "2"


def test_lines_are_as_wide_as_a_page_and_no_path_is_cut():
    plan = plan_of(source="word " * 60, path="very/" * 40 + "long", licence="more of it " * 30)
    for line in survey_lines(plan):
        assert len(line) <= 100 or "very/very" in line
    assert missing_corpus("A", "very/" * 40 + "long", "").count("very/" * 40 + "long") == 1


def test_progress_is_told_of_what_takes_long_only(monkeypatch, capsys):
    corpus()
    survey_lines(plan_of())
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(survey, "QUIET_S", 0.0)
    survey_lines(plan_of())
    assert capsys.readouterr().err.startswith("corpora: A: ")


def test_every_format_of_the_configuration_has_an_adapter_with_a_licence():
    assert set(get_args(Corpus.model_fields["format"].annotation)) == set(ADAPTERS)
    assert all(isinstance(adapter.LICENCE, str) for adapter in ADAPTERS.values())
