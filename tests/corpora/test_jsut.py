"""JSUT as it is delivered, with the label sets that lie beside it."""

from dataclasses import replace

import pytest
from fakes import jsut as fake_jsut
from fakes.checks import place, touch, without
from in_process import made

from koeru.corpora import jsut
from koeru.corpora.delivered import Delivered
from koeru.corpora.provenance import Provenance
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_jsut.write(tmp_path_factory.mktemp("jsut"))


@pytest.fixture
def corpus(tmp_path):
    """The folder of a corpus of two utterances, without audio."""
    root = tmp_path / "jsut_ver1.1"
    touch(root / "basic5000" / "wav" / "BASIC5000_0001.wav")
    touch(root / "basic5000" / "wav" / "BASIC5000_0002.wav")
    transcript(root).write_text("BASIC5000_0001:一つ目。\nBASIC5000_0002:二つ目。\n", encoding="utf-8")
    return root


def transcript(root):
    return root / "basic5000" / "transcript_utf8.txt"


def listed(root, labels=None, **filters):
    """(utterances by name, reasons by id, remarks)"""
    found = list(jsut.utterances(Delivered("JSUT", root, labels or {}), Selection(**filters)))
    kept = {u.name: u for u in found if isinstance(u, Utterance)}
    return (
        kept,
        {e.id: e.reason for e in found if isinstance(e, Excluded)},
        [r for r in found if isinstance(r, str)],
    )


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded
    assert found.excluded["jsut_BASIC5000_0099"].speaker == "jsut"


def test_who_says_what_in_which_file(fake):
    def file(path, folder=""):
        status = (fake.delivered.folder(folder) / path).stat()
        return File(path, folder, status.st_size, status.st_mtime_ns)

    label = file("repeat500/lab/REPEAT500_set1_081.lab", "jsut-lab")
    assert fake.listed().kept["jsut_REPEAT500_set1_081"] == Utterance(
        id="jsut_REPEAT500_set1_081",
        name="REPEAT500_set1_081",
        speaker="jsut",
        emotion="Normal",
        text="庭に花が咲きました。",
        subset="repeat500",
        dialogue="REPEAT500_081",
        wav=file("repeat500/wav/REPEAT500_set1_081.wav"),
        alignment=label,
    )


def test_texts_and_subsets(fake):
    found = {}
    for utterance in fake.listed().kept.values():
        found.setdefault(utterance.subset, {})[utterance.name] = utterance.text
    assert found == fake_jsut.SAID
    assert set(found) == set(jsut.SUBSETS)
    assert found["basic5000"]["BASIC5000_0003"] == "会議は10:30に始まります..."


def test_readings_of_one_sentence_and_paraphrases_stay_together(fake):
    found = {u.name: u.dialogue for u in fake.listed().kept.values() if u.dialogue}
    assert found == {
        "UT-PARAPHRASE-sent254-phrase1": "UT-PARAPHRASE-sent254",
        "UT-PARAPHRASE-sent254-phrase2": "UT-PARAPHRASE-sent254",
        "REPEAT500_set1_081": "REPEAT500_081",
        "REPEAT500_set2_081": "REPEAT500_081",
        "REPEAT500_set2_082": "REPEAT500_082",
    }


@pytest.mark.parametrize(
    ("name", "alignment", "full_context"),
    [
        ("BASIC5000_0001", ("jsut-label", "labels/basic5000/BASIC5000_0001.lab"), ...),
        ("BASIC5000_0004", ("jsut-lab", "basic5000/lab/BASIC5000_0004.lab"), None),
        ("VOICEACTRESS100_001", ("", "voiceactress100/lab/VOICEACTRESS100_001.lab"), None),
        (
            "BASIC5000_0002",
            ("", "basic5000/TextGrid/BASIC5000_0002.TextGrid"),
            ("jsut-label", "labels/basic5000/BASIC5000_0002.lab"),
        ),
        ("TRAVEL1000_0002", ("", "travel1000/TextGrid/TRAVEL1000_0002.TextGrid"), None),
        ("BASIC5000_0005", None, None),
    ],
)
def test_where_labels_come_from(fake, name, alignment, full_context):
    """The first set that has them; times from a TextGrid if there is one. Without labels an utterance is kept here."""
    utterance = fake.listed().kept[f"jsut_{name}"]
    assert place(utterance.alignment) == alignment
    assert place(utterance.full_context) == (alignment if full_context is ... else full_context)


def test_the_first_label_set_is_preferred_and_the_corpus_comes_last(corpus, tmp_path):
    sets = {name: tmp_path / name for name in ("a", "b")}
    touch(corpus / "basic5000" / "lab" / "BASIC5000_0001.lab")
    touch(corpus / "basic5000" / "lab" / "BASIC5000_0002.lab")
    touch(sets["a"] / "labels" / "basic5000" / "BASIC5000_0001.lab")
    touch(sets["b"] / "basic5000" / "lab" / "BASIC5000_0001.lab")

    def folders(order):
        kept = listed(corpus, {name: sets[name] for name in order})[0].values()
        assert all(u.full_context in (u.alignment, None) for u in kept)
        return [u.alignment.folder for u in kept]

    assert folders("ab") == ["a", ""]
    assert folders("ba") == ["b", ""]
    assert folders("") == ["", ""]


def test_a_machine_made_set_gives_times_and_no_reading_wherever_it_stands(corpus, tmp_path):
    touch(tmp_path / "jsut-lab" / "basic5000" / "lab" / "BASIC5000_0001.lab")
    touch(tmp_path / "jsut-label" / "labels" / "basic5000" / "BASIC5000_0001.lab")
    kept = listed(corpus, {name: tmp_path / name for name in ("jsut-lab", "jsut-label")})[0]["BASIC5000_0001"]
    assert (kept.alignment.folder, kept.full_context.folder) == ("jsut-lab", "jsut-label")
    touch(corpus / "labels" / "basic5000" / "BASIC5000_0002.lab")  # jsut-label copied into the corpus
    touch(corpus / "basic5000" / "lab" / "BASIC5000_0002.lab")
    assert place(listed(corpus)[0]["BASIC5000_0002"].full_context)[1].startswith("labels/")


def test_a_textgrid_anywhere_is_preferred_to_automatic_times(corpus, tmp_path):
    touch(tmp_path / "a" / "labels" / "basic5000" / "BASIC5000_0001.lab")
    touch(tmp_path / "b" / "basic5000" / "TextGrid" / "BASIC5000_0001.TextGrid")
    touch(corpus / "basic5000" / "TextGrid" / "BASIC5000_0001.TextGrid")
    kept, _, _ = listed(corpus, {name: tmp_path / name for name in ("a", "b")})
    assert place(kept["BASIC5000_0001"].alignment) == ("b", "basic5000/TextGrid/BASIC5000_0001.TextGrid")
    assert place(kept["BASIC5000_0001"].full_context) == ("a", "labels/basic5000/BASIC5000_0001.lab")


def test_textgrids_of_an_aligner_are_preferred_to_nothing_that_people_made(corpus, tmp_path):
    touch(tmp_path / "hand" / "labels" / "basic5000" / "BASIC5000_0001.lab")
    for name in ("BASIC5000_0001", "BASIC5000_0002"):
        touch(tmp_path / "mfa" / "basic5000" / "TextGrid" / f"{name}.TextGrid")
    sets = {name: tmp_path / name for name in ("hand", "mfa")}
    delivered = Delivered("JSUT", corpus, sets, {"mfa": Provenance.by("machine")})
    found = [u.alignment.folder for u in jsut.utterances(delivered, Selection())]
    assert found == ["hand", "mfa"]


def test_labels_of_another_subset_are_not_taken(corpus):
    touch(corpus / "travel1000" / "lab" / "BASIC5000_0001.lab")
    touch(corpus / "travel1000" / "transcript_utf8.txt")
    assert listed(corpus)[0]["BASIC5000_0001"].alignment is None


def test_only_the_subsets_that_are_wanted(fake):
    found = fake.listed(subsets=("repeat500", "travel*"))
    assert {u.subset for u in found.kept.values()} == {"repeat500", "travel1000"}
    assert not found.reasons


def test_a_subset_that_is_not_there_is_no_loss_but_cannot_be_wanted(corpus):
    assert listed(corpus)[1] == {}
    selection = Selection(subsets=("travel1000",))
    assert not list(jsut.utterances(Delivered("JSUT", corpus), selection))
    assert list(selection.problems()) == ["subsets: 'travel1000' matches nothing; there is basic5000"]


def test_an_empty_corpus_and_other_folders_give_nothing(tmp_path):
    touch(tmp_path / "basic" / "wav" / "X.wav")
    assert listed(tmp_path) == ({}, {}, [])


@pytest.mark.parametrize(("encoding", "remarks"), [("utf-8-sig", 0), ("cp932", 1)])
def test_transcripts_of_other_kinds(corpus, encoding, remarks):
    """With a byte order mark, in Shift_JIS, and with Windows's ends of lines."""
    transcript(corpus).write_bytes("BASIC5000_0001:一つ目。\r\n\r\nBASIC5000_0002: 二つ目。\r\n".encode(encoding))
    kept, reasons, told = listed(corpus)
    assert [u.text for u in kept.values()] == ["一つ目。", "二つ目。"] and not reasons
    assert told == ["basic5000/transcript_utf8.txt: is not UTF-8; read as Shift_JIS"] * remarks


@pytest.mark.parametrize(
    ("row", "name", "reason"),
    [
        ("BASIC5000_0002:", "jsut_BASIC5000_0002", "empty text"),
        ("BASIC5000 0002:二つ目。", "jsut_BASIC5000 0002", "unsafe name"),
        ("BASIC5000_0003:三つ目。", "jsut_BASIC5000_0003", "no recording"),
        ("BASIC5000_0002 二つ目。", "line-2-of-basic5000/transcript_utf8.txt", "row not understood"),
    ],
)
def test_rows_that_are_refused(corpus, row, name, reason):
    transcript(corpus).write_text(f"BASIC5000_0001:一つ目。\n{row}\n", encoding="utf-8")
    kept, reasons, _ = listed(corpus)
    assert set(kept) == {"BASIC5000_0001"}
    assert reasons.pop(name) == reason
    assert set(reasons.values()) <= {"no transcript row"}  # of the recording that the row should have named


def test_a_subset_without_its_transcript(corpus):
    transcript(corpus).unlink()
    kept, reasons, _ = listed(corpus)
    assert not kept
    assert reasons == {
        "basic5000/transcript_utf8.txt": "no transcript",
        "basic5000/wav/BASIC5000_0001.wav": "no transcript row",
        "basic5000/wav/BASIC5000_0002.wav": "no transcript row",
    }


@pytest.mark.parametrize(
    ("kind", "changed", "gained"),
    [
        ("wav", {"LOANWORD128_001": None}, {"jsut_LOANWORD128_001": "no recording"}),
        (
            "transcript",
            {"ONOMATOPEE300_001": None, "ONOMATOPEE300_002": None},
            {
                "onomatopee300/transcript_utf8.txt": "no transcript",
                "onomatopee300/wav/ONOMATOPEE300_001.wav": "no transcript row",
                "onomatopee300/wav/ONOMATOPEE300_002.wav": "no transcript row",
            },
        ),
        ("TextGrid", {"TRAVEL1000_0002": {"alignment": None}}, {}),
        ("lab", {"UT-PARAPHRASE-sent254-phrase1": {"alignment": None, "full_context": None}}, {}),
    ],
)
def test_a_lost_file_changes_only_what_it_belongs_to(fake, kind, changed, gained):
    """`changed`: what is new of an utterance, or None where it is gone."""
    expected = fake.listed().kept
    for name, new in changed.items():
        before = expected.pop(f"jsut_{name}")
        if new is not None:
            expected[before.id] = replace(before, **new)
    with without(fake.one_of_each[kind]):
        found = fake.listed()
    assert found.kept == expected
    assert found.reasons == fake.excluded | gained


def test_a_dataset(fake, tmp_path):
    """Every stage's account is closed (`seal` raises otherwise), and who has labels has a place in the dataset."""
    spk = {"corpora": ["J"], "shards": 2, "splits": {"dev": 0.2, "eval": 0.2}, "gates": {"max_excluded": 0.5}}
    project = made({"corpora": {"J": fake.entry}, "spk": {"x": spk}, "exp": {}}, tmp_path)
    node = project.graph.data["x"]
    labels = project.run([node]).work(node).parents["labels"]
    unlabelled = {f"jsut_{name}" for name in fake_jsut.NOWHERE}
    assert {record["id"] for _, record in project.store.records(labels)} == fake.kept - unlabelled


def test_what_the_licence_allows_is_told():
    assert "non-commercial" in jsut.LICENCE and "not to be passed on" in jsut.LICENCE
