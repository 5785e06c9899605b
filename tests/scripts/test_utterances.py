"""The utterances stage: the names of a dataset, and the turns before, also where the dataset does not take them."""

import pytest
from fakes.checks import touch
from in_process import made

from koeru.data.vocabulary import Names
from koeru.graph.plan import place
from koeru.graph.store import read_json

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
