"""The utterances stage: the names of a dataset, and the turns before, also where the dataset does not take them."""

import pytest
from fakes.checks import touch
from in_process import made

from koeru.data.vocabulary import Names
from koeru.graph.plan import place
from koeru.graph.store import read_json
from koeru.status.lacking import lacking

ROWS = ("講師|平静|始めます。|ハジメマス", "女子生徒|喜び|はい、先生！|ハイセンセー", "講師|怒り|静かに。|シズカニ")
STEMS = ("Teacher-Turn-01", "FStudent-Turn-01", "Teacher-Turn-02")
IDS = (
    "Teacher_LD01-Dialogue-01-Teacher-Turn-01_Normal",
    "FStudent_LD01-Dialogue-01-FStudent-Turn-01_Happy",
    "Teacher_LD01-Dialogue-01-Teacher-Turn-02_Angry",
)


@pytest.fixture
def listed(tmp_path):
    """The names of a dataset of one dialogue, and the emotion of the turn before by id."""
    folder = tmp_path / "corpus" / "Long_dialogue" / "LD01"
    touch(folder / "txt" / "LD01-Dialogue-01.txt", "\n".join(ROWS))
    for stem in STEMS:
        touch(folder / "wav" / f"LD01-Dialogue-01-{stem}.wav")

    def listed(spk=None, **filters):
        corpora = {"S": {"format": "studies", "path": str(tmp_path / "corpus")}}
        dataset = {"corpora": [{"name": "S"} | filters], "shards": 2} | (spk or {})
        project = made({"corpora": corpora, "spk": {"x": dataset}, "exp": {}}, tmp_path / "store")
        node = project.graph.data["x"].parents["utterances"]
        project.run([node])
        befores = {record["id"]: record["before_emotion"] for _, record in project.store.records(place(node))}
        return Names.of(read_json(project.store.node_path(place(node)))), befores

    return listed


def test_names_are_those_of_the_dataset_and_of_the_turns_before(listed):
    names, befores = listed()
    assert names == Names(("FStudent", "Teacher"), ("Angry", "Happy", "Normal"), ("", "Happy", "Normal"))
    assert befores == dict(zip(IDS, ("", "Normal", "Happy"), strict=True))


@pytest.mark.parametrize("filters", [{"speakers": ["Teacher"]}, {"emotions": ["Normal", "Angry"]}, {"drop": [IDS[1]]}])
def test_the_turn_before_need_not_be_in_the_dataset(listed, filters):
    """The emotions before are those of a student, and no emotion of the dataset."""
    names, befores = listed(**filters)
    assert names == Names(("Teacher",), ("Angry", "Normal"), ("", "Happy"))
    assert befores == {IDS[0]: "", IDS[2]: "Happy"}


def test_a_list_of_emotions_need_not_have_those_of_turns_that_are_not_taken(listed):
    names, _ = listed({"emotions": ["Normal", "Later", "Angry"]}, speakers=["Teacher"])
    assert names.emotions == ("Normal", "Later", "Angry") and names.before_emotions == ("", "Happy")
    with pytest.raises(ValueError, match="emotions: the dataset has Happy"):
        listed({"emotions": ["Normal", "Angry"]})


# ---- nothing is found ----------------------------------------------------------------------------------------------


def refusal(root, entry):
    """What is told of a dataset of one corpus, in which nothing is found."""
    project = made({"corpora": {"C": entry}, "spk": {"x": {"corpora": ["C"], "shards": 2}}, "exp": {}}, root / "store")
    with pytest.raises(ValueError, match="no utterance was found") as error:
        project.run([project.graph.data["x"].parents["utterances"]])
    return str(error.value)


def test_where_nothing_is_found_every_reason_is_told_with_its_row(tmp_path):
    rows = [f"u{n}|はい。" for n in range(30)]
    touch(tmp_path / "corpus" / "list.txt", "\n".join(["what", *rows, "u4 5|はい。", "u31|"]))
    touch(tmp_path / "corpus" / "wavs" / "u3.wma")
    touch(tmp_path / "corpus" / "wavs" / "u31.wav")
    told = refusal(tmp_path, {"format": "folder", "path": str(tmp_path / "corpus")})
    for words in (
        "corpus should hold a list such as metadata.csv with rows id|text at the top, and wavs/<id>.wav",
        "it holds wavs, list.txt",
        "30  no recording",
        "line-1-of-list.txt: row not understood: line 1 of list.txt is not id|text: 'what'",
        "C_u4 5: unsafe name: line 32 of list.txt: an id may hold only",
        "C_u31: empty text: line 33 of list.txt has no text",
        "has no wavs/u3.wav; there is u3.wma",
        "… and 13 more",
    ):
        assert words in told


def test_a_corpus_that_lies_one_folder_deeper_is_found_out(tmp_path):
    folder = tmp_path / "jsut_ver1.1" / "basic5000"
    touch(folder / "transcript_utf8.txt", "BASIC5000_0001:はい。\n")
    touch(folder / "wav" / "BASIC5000_0001.wav")
    touch(tmp_path / "other" / "x.txt")
    told = refusal(tmp_path, {"format": "jsut", "path": str(tmp_path)})
    assert "should hold basic5000/transcript_utf8.txt" in told
    assert f"The corpus seems to be {tmp_path / 'jsut_ver1.1'}: set corpora.C.path to it" in told


MISSPELT = {"pitch": {"speakers": {"teacher": {"f0_floor": 90}}}}


def test_bounds_of_nobody_are_told_when_the_corpora_are_listed(listed, tmp_path):
    """Not after hours, or never: a name that is misspelt there would change nothing."""
    with pytest.raises(
        ValueError, match=r"^pitch.speakers: no speaker of the dataset is called 'teacher'; did you mean"
    ):
        listed(MISSPELT)
    assert not list(tmp_path.rglob("utterances/*/node.json"))
    with pytest.raises(ValueError, match=r"^pairs.speakers: 'Teachr' matches no speaker .*; did you mean 'Teacher'"):
        listed({"pairs": {"speakers": [["Teachr", "FStudent"]]}})


def test_bounds_may_be_inherited_by_a_dataset_that_takes_fewer_speakers(listed):
    names, _ = listed({"pitch": {"speakers": {"FStudent": {"f0_floor": 90}}}}, speakers=["Teacher"])
    assert names.speakers == ("Teacher",)


def test_bounds_of_nobody_are_told_of_corpora_that_were_listed_before(listed, tmp_path):
    """Before any job: who speaks is known by then."""
    listed({"shards": 2})
    project = made(
        {
            "corpora": {"S": {"format": "studies", "path": str(tmp_path / "corpus")}},
            "spk": {"x": {"corpora": ["S"], "shards": 2, **MISSPELT}},
            "exp": {},
        },
        tmp_path / "store",
    )
    (told,) = lacking(project.plan, project.graph.data["x"].parents["pitch"])
    assert told == "pitch.speakers: no speaker of the dataset is called 'teacher'; did you mean 'Teacher'?"
    assert lacking(project.plan, project.graph.data["x"].parents["mel"]) == []


def test_a_listed_name_that_nobody_has_yet_is_remarked(listed, tmp_path):
    listed({"speakers": ["Teacher", "FStudent", "FStudnet"], "emotions": ["Normal", "Happy", "Angry"]})
    (node,) = tmp_path.rglob("utterances/*/node.json")
    assert read_json(node)["remarks"] == [
        "speakers: 'FStudnet' has no utterance here; did you mean 'FStudent'?",
    ]
