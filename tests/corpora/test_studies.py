"""STUDIES as it is delivered, and everything that can be odd about it."""

from dataclasses import replace

import pytest
from fakes import studies as fake_studies
from fakes.checks import labelled, touch, without

from koeru.corpora import studies
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import SAFE_ID, File, Utterance
from koeru.graph.store import Excluded

ROWS = (
    "講師|平静|これは例です。|コレワレーデス",
    "女子生徒|喜び|はい、先生！|ハイセンセー",
    "講師|怒り|静かに。|シズカニ",
)
STEMS = ("LD01-Dialogue-01-Teacher-Turn-01", "LD01-Dialogue-01-FStudent-Turn-01", "LD01-Dialogue-01-Teacher-Turn-02")
IDS = (
    "Teacher_LD01-Dialogue-01-Teacher-Turn-01_Normal",
    "FStudent_LD01-Dialogue-01-FStudent-Turn-01_Happy",
    "Teacher_LD01-Dialogue-01-Teacher-Turn-02_Angry",
)
WAVS = tuple(f"Long_dialogue/LD01/wav/{stem}.wav" for stem in STEMS)
PLACE = "Long_dialogue/LD01/txt/LD01-Dialogue-01.txt"


class Corpus:
    """A corpus of one dialogue, to be spoiled; nothing is spoken."""

    def __init__(self, root, inside="Long_dialogue/LD01", transcript="LD01-Dialogue-01", rows=ROWS, stems=STEMS):
        self.root, self.folder = root, root / inside
        for name in ("wav", "txt"):
            (self.folder / name).mkdir(parents=True)
        self.transcript = self.folder / "txt" / f"{transcript}.txt"
        self.write(*rows)
        for stem in stems:
            self.wav(stem).write_bytes(b"RIFF" + stem.encode())

    def write(self, *rows):
        self.transcript.write_text("\n".join(rows) + "\n", encoding="utf-8")

    def wav(self, stem):
        return self.folder / "wav" / f"{stem}.wav"

    def file(self, path, folder=""):
        status = (self.root / path).stat()
        return File(path, folder, status.st_size, status.st_mtime_ns)

    def read(self, labels=None, **filters):
        """(utterances by id, exclusions by id, remarks)"""
        found = list(studies.utterances(Delivered("STUDIES", self.root, labels or {}), Selection(**filters)))
        kept = {u.id: u for u in found if isinstance(u, Utterance)}
        lost = {e.id: e for e in found if isinstance(e, Excluded)}
        remarks = [r for r in found if isinstance(r, str)]
        assert len(kept) + len(lost) + len(remarks) == len(found)
        return kept, lost, remarks


@pytest.fixture
def corpus(tmp_path):
    return Corpus(tmp_path / "STUDIES")


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_studies.write(tmp_path_factory.mktemp("studies"))


def reasons(lost):
    return {name: e.reason for name, e in lost.items()}


# ---- dialogues -----------------------------------------------------------------------------------------------------


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded
    assert all(SAFE_ID.fullmatch(name) for name in found.kept)


def test_who_says_what_in_which_file(corpus):
    grid = touch(corpus.folder / "TextGrid" / f"{STEMS[1]}.TextGrid", "grid")
    kept, lost, remarks = corpus.read()
    assert tuple(kept) == IDS and not lost and not remarks
    assert kept[IDS[1]] == Utterance(
        id=IDS[1],
        name=STEMS[1],
        speaker="FStudent",
        emotion="Happy",
        text="はい、先生！",
        kana="ハイセンセー",
        subset="Long_dialogue",
        wav=corpus.file(WAVS[1]),
        alignment=corpus.file(str(grid.relative_to(corpus.root))),
        dialogue="LD01-Dialogue-01",
        turn=1,
        before_emotion="Normal",
    )


def test_turns_are_counted_by_role(corpus):
    assert [u.turn for u in corpus.read()[0].values()] == [0, 1, 2]
    assert corpus.read()[0][IDS[2]].wav.path == WAVS[2]


def befores(kept):
    return [u.before_emotion for u in kept.values()]


def test_the_turn_before_is_the_line_before_whoever_speaks(corpus):
    more = Corpus(
        corpus.root, "Long_dialogue/LD02", "LD02-Dialogue-01", ROWS[1:2], ["LD02-Dialogue-01-FStudent-Turn-01"]
    )
    assert befores(corpus.read()[0]) == ["", "Normal", "Happy", ""], "a dialogue begins anew"
    corpus.write(ROWS[1], *ROWS)
    touch(corpus.wav(STEMS[1].replace("01-F", "01-F").replace("Turn-01", "Turn-02")))
    assert befores(more.read(subsets=("Long_*",))[0]) == ["", "Happy", "Normal", "Happy", ""]


@pytest.mark.parametrize("filters", [{"speakers": ("Teacher",)}, {"emotions": ("Normal", "Angry")}, {"drop": IDS[1:2]}])
def test_a_turn_that_a_dataset_does_not_take_is_still_the_turn_before(corpus, filters):
    selection = Selection(**filters)
    found = studies.utterances(Delivered("STUDIES", corpus.root), selection)
    taken = {u.id: u for u in found if selection.takes(u)}
    assert tuple(taken) == (IDS[0], IDS[2]) and befores(taken) == ["", "Happy"]


@pytest.mark.parametrize("row", ["女子生徒|喜び||", "女子生徒|喜び|はい。|ハイ"])
def test_a_turn_that_is_refused_is_still_the_turn_before(corpus, row):
    """It has no text, or no recording."""
    corpus.write(ROWS[0], row, ROWS[2])
    corpus.wav(STEMS[1]).unlink()
    kept, lost, _ = corpus.read()
    assert befores(kept) == ["", "Happy"] and set(lost) == {IDS[1]}


@pytest.mark.parametrize("row", ["女子生徒|喜び", "女子生徒|眠気|はい。|ハイ", "女子生徒|喜び|は|い。|ハイ"])
def test_nobody_knows_the_emotion_of_a_row_that_is_not_understood(corpus, row):
    corpus.write(ROWS[0], row, ROWS[2], ROWS[0])
    touch(corpus.wav(STEMS[0].replace("Turn-01", "Turn-03")))
    assert befores(corpus.read()[0]) == ["", "", "Angry"]


def test_both_parts_and_all_emotions_are_read(tmp_path):
    corpus = Corpus(tmp_path / "c")
    rows = [f"男子生徒|{emotion}|文{i}。|ブン" for i, emotion in enumerate(("平静", "喜び", "悲しみ", "怒り"))]
    stems = [f"SD02-Dialogue-01-MStudent-Turn-{i:02d}" for i in range(1, 5)]
    Corpus(tmp_path / "c", "Short_dialogue/SD02", "SD02-Dialogue-01", rows, stems)
    kept, lost, _ = corpus.read()
    assert [u.emotion for u in kept.values() if u.speaker == "MStudent"] == ["Normal", "Happy", "Sad", "Angry"]
    assert len(kept) == 7 and not lost
    assert set(corpus.read(subsets=("Short_*",))[0]) == {name for name in kept if name.startswith("MStudent")}


def test_a_row_may_lack_its_reading_and_have_spaces_around_fields(corpus):
    corpus.write(ROWS[0].rpartition("|")[0], ROWS[1].replace("|", " | "), ROWS[2])
    kept, lost, _ = corpus.read()
    assert [(u.text, u.kana) for u in kept.values()] == [
        ("これは例です。", ""),
        ("はい、先生！", "ハイセンセー"),
        ("静かに。", "シズカニ"),
    ]
    assert not lost


def test_a_remark_about_the_encoding_is_no_turn(corpus):
    corpus.transcript.write_bytes("\n".join(ROWS).encode("cp932"))
    kept, lost, remarks = corpus.read()
    assert [u.turn for u in kept.values()] == [0, 1, 2] and not lost
    assert remarks == [f"{PLACE}: is not UTF-8; read as Shift_JIS"]


def test_a_transcript_in_no_known_encoding_is_excluded(corpus):
    corpus.transcript.write_bytes(b"\x81\x20")
    kept, lost, _ = corpus.read()
    assert not kept
    assert reasons(lost) == {PLACE: "transcript cannot be read"} | dict.fromkeys(WAVS, "no transcript row")


def test_a_row_without_wav(corpus):
    corpus.wav(STEMS[1]).unlink()
    kept, lost, _ = corpus.read()
    assert set(kept) == {IDS[0], IDS[2]}
    detail = f"line 2 of {PLACE} has no {WAVS[1]}"
    assert lost == {IDS[1]: Excluded(IDS[1], "no recording", detail, None, "FStudent", "Happy")}


def test_a_wav_without_row(corpus):
    extra = "Long_dialogue/LD01/wav/LD01-Dialogue-01-Teacher-Turn-03.wav"
    touch(corpus.root / extra)
    kept, lost, _ = corpus.read()
    assert tuple(kept) == IDS
    assert reasons(lost) == {extra: "no transcript row"}


def test_recordings_without_any_transcript(corpus):
    corpus.transcript.unlink()
    kept, lost, _ = corpus.read()
    assert not kept and set(lost) == set(WAVS)


def test_a_row_without_text(corpus):
    corpus.write(ROWS[0], "女子生徒|喜び||", ROWS[2])
    kept, lost, _ = corpus.read()
    assert set(kept) == {IDS[0], IDS[2]} and reasons(lost) == {IDS[1]: "empty text"}


@pytest.mark.parametrize("row", ["先輩|喜び|はい。|ハイ", "はい、先生！"])
def test_after_an_unknown_role_nobody_knows_whose_recording_is_whose(corpus, row):
    corpus.write(ROWS[0], row, ROWS[2])
    kept, lost, _ = corpus.read()
    assert set(kept) == {IDS[0]}
    assert row in lost[f"line-2-of-{PLACE}"].detail
    assert "unknown role" in lost[f"line-3-of-{PLACE}"].detail
    assert set(lost) == {f"line-2-of-{PLACE}", f"line-3-of-{PLACE}", *WAVS[1:]}


@pytest.mark.parametrize("row", ["女子生徒|喜び", "女子生徒|眠気|はい。|ハイ", "女子生徒|喜び|は|い。|ハイ"])
def test_a_row_that_is_not_understood(corpus, row):
    """Its recording is accounted for as well, and later turns keep theirs: the role alone makes it a turn."""
    corpus.write(row, *ROWS)
    kept, lost, _ = corpus.read()
    assert {name: u.wav.path for name, u in kept.items()} == {IDS[0]: WAVS[0], IDS[2]: WAVS[2]}
    second = IDS[1].replace("Turn-01", "Turn-02")
    assert reasons(lost) == {
        f"line-1-of-{PLACE}": "row not understood",
        WAVS[1]: "no transcript row",
        second: "no recording",
    }
    assert repr(row) in lost[f"line-1-of-{PLACE}"].detail


def test_an_unsafe_name(tmp_path):
    name = "LD 01;rm-Dialogue-01"
    corpus = Corpus(tmp_path / "c", "Long_dialogue/LD 01", name, ROWS[:1], [f"{name}-Teacher-Turn-01"])
    kept, lost, _ = corpus.read()
    assert not kept and {e.reason for e in lost.values()} == {"unsafe name"}


def test_the_same_dialogue_in_both_parts_is_found_twice(tmp_path):
    """Which `Spool.shard` then refuses."""
    Corpus(tmp_path / "c")
    again = Corpus(tmp_path / "c", "Short_dialogue/LD01")
    delivered = Delivered("STUDIES", again.root)
    found = [u.id for u in studies.utterances(delivered, Selection()) if isinstance(u, Utterance)]
    assert found == [*IDS, *IDS]


# ---- labels --------------------------------------------------------------------------------------------------------


def test_times_come_from_a_text_grid_and_else_from_full_context_labels(tmp_path):
    """In a set of labels that lies beside the corpus before the corpus itself."""
    corpus = Corpus(tmp_path / "c")
    sets = {"a": tmp_path / "a", "b": tmp_path / "b"}
    grid, full = (f"Long_dialogue/LD01/{kind}" for kind in (f"TextGrid/{STEMS[0]}.TextGrid", f"full/{STEMS[0]}.lab"))
    order = [("a", grid), ("b", grid), ("", grid), ("a", full), ("b", full), ("", full)]
    for folder, path in order:
        touch(({"": corpus.root} | sets)[folder] / path)

    found = []
    for _ in order:
        file = corpus.read(sets)[0][IDS[0]].alignment
        found.append((file.folder, file.path))
        ({"": corpus.root} | sets)[file.folder].joinpath(file.path).unlink()
    assert found == order
    assert corpus.read(sets)[0][IDS[0]].alignment is None and not corpus.read(sets)[1]


def test_full_context_labels_tell_the_reading_also_where_a_text_grid_tells_the_times(corpus):
    touch(corpus.folder / "TextGrid" / f"{STEMS[0]}.TextGrid")
    touch(corpus.folder / "full" / f"{STEMS[0]}.lab")
    first, second, _ = corpus.read()[0].values()
    assert first.alignment.path.endswith(".TextGrid") and first.full_context.path.endswith(".lab")
    assert second.alignment is None and second.full_context is None


def test_a_corrected_text_grid_is_another_utterance(corpus):
    """Its labels must not be those that an equal shard of an earlier revision has."""
    grid = touch(corpus.folder / "TextGrid" / f"{STEMS[0]}.TextGrid", "grid")
    before = corpus.read()[0][IDS[0]]
    touch(grid, "corrected")
    assert corpus.read()[0][IDS[0]] != before


# ---- the whole -----------------------------------------------------------------------------------------------------


def test_a_part_that_is_not_there_is_no_loss_but_cannot_be_wanted(corpus):
    selection = Selection(subsets=("ITA",))
    assert not list(studies.utterances(Delivered("STUDIES", corpus.root), selection))
    assert list(selection.problems()) == ["subsets: 'ITA' matches nothing; there is Long_dialogue"]


def test_an_empty_corpus_lists_nothing(tmp_path):
    assert list(studies.utterances(Delivered("STUDIES", tmp_path), Selection())) == []


RECITED = tuple(f"ITA-Recitation324-Teacher-Normal-{number:03d}" for number in (1, 2, 3))
FIRST = "Teacher_ITA-Emotion100-Teacher-Normal-001_Normal"


@pytest.mark.parametrize(
    ("kind", "changed", "gained"),
    [
        ("wav", {FIRST: None}, {FIRST: "no recording"}),
        (
            "transcript",
            {f"Teacher_{stem}_Normal": None for stem in RECITED},
            {"ITA/Recitation324/txt": "no transcript"}
            | {f"ITA/Recitation324/wav/{stem}.wav": "no transcript row" for stem in RECITED},
        ),
        ("TextGrid", {"Teacher_LD01-Dialogue-02-Teacher-Turn-01_Normal": {"alignment": None}}, {}),
        ("lab", {"Teacher_ITA-Emotion100-Teacher-Happy-003_Happy": {"alignment": None, "full_context": None}}, {}),
    ],
)
def test_a_lost_file_changes_only_what_it_belongs_to(fake, kind, changed, gained):
    """`changed`: what is new of an utterance, or None where it is gone."""
    expected = fake.listed().kept
    for name, new in changed.items():
        before = expected.pop(name)
        if new is not None:
            expected[name] = replace(before, **new)
    with without(fake.one_of_each[kind]):
        found = fake.listed()
    assert found.kept == expected
    assert found.reasons == fake.excluded | gained


def test_sentences_outside_dialogues_have_no_turn_before(fake):
    kept = fake.listed().kept.values()
    assert {u.before_emotion for u in kept if u.subset == "ITA"} == {""}
    assert {u.before_emotion for u in kept if u.turn} == {"Happy", "Normal", "Sad"}


def test_a_dataset(fake, tmp_path):
    assert labelled(fake, tmp_path) == fake.kept - {fake_studies.UNLABELLED}
