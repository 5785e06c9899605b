"""Any recordings with a list: what a list may look like, and what is refused of it."""

from dataclasses import replace

import pytest
from fakes import folder as fake_folder
from fakes.checks import in_folder as listed
from fakes.checks import labelled, reasons, texts, touch, two_recordings, without

from koeru.corpora import folder
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_folder.write(tmp_path_factory.mktemp("folder"))


@pytest.fixture
def corpus(tmp_path):
    return two_recordings(tmp_path / "corpus")


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept
    assert found.reasons == fake.excluded
    assert found.remarks == ["metadata.csv: columns that koeru does not know, and leaves out: 'remark'"]


def test_texts_with_every_separator_come_through_whole(fake):
    said = {fake_folder.utterance_id(*who): text for *who, text in fake_folder.SAID}
    assert texts(fake.listed().kept) == said
    assert any("\n" in text for text in said.values())


def test_a_recording(fake):
    def file(path, where=""):
        status = (fake.delivered.folder(where) / path).stat()
        return File(path, where, status.st_size, status.st_mtime_ns)

    kept = fake.listed().kept
    assert kept["beni_beni-001_Happy"] == Utterance(
        id="beni_beni-001_Happy",
        name="001",
        speaker="beni",
        emotion="Happy",
        text="犬が走る。",
        wav=file("wavs/beni/001.wav"),
        alignment=file("lab/beni/001.lab"),
    )
    assert kept["FAKE_greeting"] == Utterance(
        id="FAKE_greeting",
        name="greeting",
        speaker="FAKE",
        emotion="Normal",
        text="こんにちは。",
        wav=file("wavs/greeting.wav"),
        alignment=file("greeting.lab", "by_hand"),
    )


# ---- what a row says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "separator"), [("x.csv", ","), ("x.txt", "|")])
def test_all_columns(corpus, name, separator):
    rows = [
        ("kana", "turn", "dialogue", "emotion", "speaker", "text", "id"),
        ("ハイ", "3", "d1", "Sad", "x", "はい。", "a"),
    ]
    rows += [("", "", "", "", "", "いいえ。", "b")]
    touch(corpus / name, "\n".join(separator.join(row) for row in rows))
    kept, lost, remarks = listed(corpus)
    first, second = kept["x_a_Sad"], kept["MINE_b"]
    assert (first.speaker, first.emotion, first.dialogue, first.turn, first.kana) == ("x", "Sad", "d1", 3, "ハイ")
    assert (second.speaker, second.emotion, second.dialogue, second.turn, second.kana) == ("MINE", "Normal", "", 0, "")
    assert not lost and not remarks


DIALOGUE = [
    ("a", "はい。", "x", "Sad", "d", "1"),
    ("lost", "はい。", "y", "Angry", "d", "0"),  # it has no recording
    ("b", "はい。", "z", "", "d", "2"),
    ("c", "はい。", "z", "Happy", "e", "3"),
    ("d", "はい。", "z", "Happy", "", "2"),
]


@pytest.fixture
def dialogues(corpus):
    """The befores of a list, by name, and the remarks."""

    def read(*rows):
        touch(corpus / "x.csv", "".join(f"{','.join(row)}\n" for row in rows))
        for row in rows[1:]:
            if row[0] != "lost":
                touch(corpus / "wavs" / f"{row[0]}.wav")
        kept, _, remarks = listed(corpus)
        return {u.name: u.before_emotion for u in kept.values()}, remarks

    return read


HEADER = ("id", "text", "speaker", "emotion", "dialogue", "turn")


@pytest.mark.parametrize("order", [1, -1])
def test_the_turn_before_is_that_of_the_number_before_whoever_speaks_and_wherever_it_stands(dialogues, order):
    assert dialogues(HEADER, *DIALOGUE[::order]) == ({"a": "Angry", "b": "Sad", "c": "", "d": ""}, [])


def test_a_turn_without_an_emotion_is_normal_and_one_with_several_has_none(dialogues):
    two = [("a", "はい。", "", "", "d", "0"), ("b", "はい。", "", "Normal", "d", "0")]
    after = ("c", "はい。", "", "Sad", "d", "1")
    assert dialogues(HEADER, *two, after) == ({"a": "", "b": "", "c": "Normal"}, [])
    two[0] = ("a", "はい。", "", "Sad", "d", "0")
    told = "x.csv: rows of one turn differ in emotion, so none is known before the next turn: turn 0 of 'd'"
    assert dialogues(HEADER, *two, after) == ({"a": "", "b": "", "c": ""}, [told])


def test_without_turns_a_dialogue_has_no_order(dialogues):
    rows = [HEADER, *DIALOGUE[:3]]
    assert set(dialogues(*(row[:5] for row in rows))[0].values()) == {""}
    assert set(dialogues(*((*row[:4], row[5]) for row in rows))[0].values()) == {""}


def test_an_emotion_that_is_named_is_in_the_id(corpus):
    touch(corpus / "x.csv", "id,text,emotion\na,はい。,Normal\nb,はい。,\n")
    assert {name: u.emotion for name, u in listed(corpus)[0].items()} == {"MINE_a_Normal": "Normal", "MINE_b": "Normal"}


@pytest.mark.parametrize("name", ["/etc/../a", "../a", "x/../../a", "C:\\..\\a", "x//a", "a/", "/", ""])
def test_an_id_that_leads_out_of_the_folder(corpus, name):
    touch(corpus / "x.csv", f"id,text\n{name},はい。\na,はい。\nb,はい。\n")
    kept, lost, _ = listed(corpus)
    assert set(kept) == {"MINE_a", "MINE_b"}
    (refused,) = lost.values()
    assert refused.reason == "unsafe name" and "line 2 of x.csv" in refused.detail and repr(name) in refused.detail


@pytest.mark.parametrize("name", ["a b", "録音", "a;b"])
def test_an_id_that_could_name_no_file_of_ours(corpus, name):
    touch(corpus / "wavs" / f"{name}.wav")
    touch(corpus / "x.txt", f"{name}|はい。\na|はい。\nb|はい。\n")
    kept, lost, _ = listed(corpus)
    assert set(kept) == {"MINE_a", "MINE_b"}
    assert set(reasons(lost).values()) == {"unsafe name"}


# ---- recordings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["", "wav/", "wavs/", "raw/"])
@pytest.mark.parametrize("name", ["a", "jvs001/a", "x/y/a"])
def test_where_a_recording_lies(tmp_path, where, name):
    touch(tmp_path / f"{where}{name}.wav")
    touch(tmp_path / f"{where}{name.replace('a', 'b')}.wav")
    touch(tmp_path / "x.txt", f"{name}|はい。\n")
    kept, lost, _ = listed(tmp_path)
    (found,) = kept.values()
    assert (found.id, found.name) == (f"MINE_{name.replace('/', '-')}", "a")
    assert found.wav.path == f"{where}{name}.wav"
    assert reasons(lost) == {f"{where}{name.replace('a', 'b')}.wav": "no transcript row"}


def test_a_recording_that_lies_in_several_places(corpus):
    """The second one is no row's."""
    touch(corpus / "a.wav")
    touch(corpus / "x.txt", "a|はい。\nb|はい。\n")
    kept, lost, _ = listed(corpus)
    assert kept["MINE_a"].wav.path == "a.wav"
    assert reasons(lost) == {"wavs/a.wav": "no transcript row"}


def test_a_row_without_recording_says_where_it_should_lie(corpus):
    touch(corpus / "x.csv", "id,text,speaker\na,はい。,x\nb,はい。,x\nx/c,はい。,x\n")
    _, lost, _ = listed(corpus)
    assert lost == {
        "x_x-c": Excluded("x_x-c", "no recording", "line 4 of x.csv has no wavs/x/c.wav", None, "x", "Normal")
    }


def test_a_link_out_of_the_corpus_is_told(corpus, tmp_path):
    touch(tmp_path / "secret.wav")
    (corpus / "wavs" / "c.wav").symlink_to(tmp_path / "secret.wav")
    touch(corpus / "x.txt", "a|はい。\nb|はい。\nc|はい。\n")
    with pytest.raises(ValueError, match=r"c\.wav is a link that leads out of"):
        listed(corpus)


def test_equal_ids_are_found_twice(corpus):
    """Which `Spool.shard` then refuses."""
    touch(corpus / "x.txt", "a|はい。\nb|はい。\na|いいえ。\n")
    found = [u.id for u in folder.utterances(Delivered("MINE", corpus), Selection()) if isinstance(u, Utterance)]
    assert found == ["MINE_a", "MINE_b", "MINE_a"]


# ---- labels --------------------------------------------------------------------------------------------------------


def test_which_labels_are_preferred(corpus, tmp_path):
    """TextGrids before .lab files, the set that is named first, the corpus last; in a set also directly at its top."""
    touch(corpus / "wavs" / "x" / "c.wav")
    touch(corpus / "list.txt", "a|はい。\nb|はい。\nx/c|はい。\n")
    roots = {"": corpus, "one": tmp_path / "one", "two": tmp_path / "two"}
    order = []
    for kind in ("TextGrid", "lab"):
        for name in ("one", "two"):
            order += [(name, f"{kind}/x/c.{kind}"), (name, f"x/c.{kind}")]
        order += [("", f"{kind}/x/c.{kind}"), ("", f"wavs/x/c.{kind}")]
    for name, path in order:
        touch(roots[name] / path)
    found = []
    for _ in order:
        kept, lost, _ = listed(corpus, {name: roots[name] for name in ("one", "two")})
        file = kept["MINE_x-c"].alignment
        found.append((file.folder, file.path))
        (roots[file.folder] / file.path).unlink()
    assert found == order
    assert kept["MINE_a"].alignment is None and not lost


# ---- the whole -----------------------------------------------------------------------------------------------------


def test_there_are_no_subsets(corpus):
    touch(corpus / "x.txt", "a|はい。\nb|はい。\n")
    selection = Selection(subsets=("wavs",))
    assert not list(folder.utterances(Delivered("MINE", corpus), selection))
    assert list(selection.problems()) == ["subsets: 'wavs' matches nothing; there is none"]
    assert {u.subset for u in listed(corpus)[0].values()} == {""}


@pytest.mark.parametrize(
    ("kind", "name", "gone"),
    [
        ("wav", "beni_beni-003_Sad", True),
        ("TextGrid", "aki_aki-001", False),
        ("lab", "FAKE_thanks", False),
    ],
)
def test_a_lost_file_changes_only_what_it_belongs_to(fake, kind, name, gone):
    expected = fake.listed().kept
    before = expected.pop(name)
    if not gone:
        expected[name] = replace(before, alignment=None)
    with without(fake.one_of_each[kind]):
        found = fake.listed()
    assert found.kept == expected
    assert found.reasons == fake.excluded | ({name: "no recording"} if gone else {})


def test_a_dataset(fake, tmp_path):
    assert labelled(fake, tmp_path) == fake.kept - {fake_folder.utterance_id(fake_folder.UNLABELLED, "", "")}
