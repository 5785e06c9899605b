"""STUDIES as it is delivered, and everything that can be odd about it."""

import pytest

from koeru.corpora import studies
from koeru.corpora.catalogue import shard_of, without_duplicates
from koeru.corpora.on_disk import missing_corpus, size_on_disk
from koeru.corpora.studies import read_transcript, utterances
from koeru.corpora.utterance import SAFE_ID, Utterance
from koeru.store import Excluded

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


class Corpus:
    """A corpus of one dialogue, to be spoiled."""

    def __init__(self, root, part="Long_dialogue", group="LD01"):
        self.root, self.folder = root, root / part / group
        for name in ("wav", "txt", "TextGrid"):
            (self.folder / name).mkdir(parents=True)
        self.transcript = self.folder / "txt" / f"{group}-Dialogue-01.txt"
        self.write("\n".join(ROWS) + "\n")
        for stem in STEMS:
            self.wav(stem.replace("LD01", group)).write_bytes(b"RIFF" + stem.encode())
            self.grid(stem.replace("LD01", group)).write_text("grid")

    def write(self, text, encoding="utf-8"):
        self.transcript.write_bytes(text.encode(encoding))

    def wav(self, stem):
        return self.folder / "wav" / f"{stem}.wav"

    def grid(self, stem):
        return self.folder / "TextGrid" / f"{stem}.TextGrid"

    def read(self):
        """(utterances by id, exclusions by id, remarks)"""
        found = list(without_duplicates(utterances(self.root)))
        kept = {u.id: u for u in found if isinstance(u, Utterance)}
        lost = {e.id: e for e in found if isinstance(e, Excluded)}
        remarks = [r for r in found if isinstance(r, str)]
        assert len(kept) + len(lost) + len(remarks) == len(found)
        return kept, lost, remarks


@pytest.fixture
def corpus(tmp_path):
    return Corpus(tmp_path / "STUDIES")


def only_lost(corpus, name):
    """The exclusion of one utterance, while all others are read."""
    kept, lost, _ = corpus.read()
    assert set(lost) == {name}
    assert set(kept) == set(IDS) - {name}
    return lost[name]


def test_who_says_what_in_which_file(corpus):
    kept, lost, remarks = corpus.read()
    assert tuple(kept) == IDS and not lost and not remarks
    wav = corpus.wav(STEMS[1])
    grid = corpus.grid(STEMS[1])
    assert kept[IDS[1]] == Utterance(
        id=IDS[1],
        speaker="FStudent",
        emotion="Happy",
        text="はい、先生！",
        kana="ハイセンセー",
        wav=f"Long_dialogue/LD01/wav/{STEMS[1]}.wav",
        textgrid=f"Long_dialogue/LD01/TextGrid/{STEMS[1]}.TextGrid",
        dialogue="LD01-Dialogue-01",
        turn=1,
        bytes=wav.stat().st_size,
        mtime_ns=wav.stat().st_mtime_ns,
        textgrid_bytes=grid.stat().st_size,
        textgrid_mtime_ns=grid.stat().st_mtime_ns,
    )


def test_turns_are_counted_by_role(corpus):
    assert [u.turn for u in corpus.read()[0].values()] == [0, 1, 2]
    assert corpus.read()[0][IDS[2]].wav.endswith("Teacher-Turn-02.wav")


def test_both_parts_and_all_emotions_are_read(tmp_path):
    long, short = Corpus(tmp_path / "c"), Corpus(tmp_path / "c", "Short_dialogue", "SD02")
    rows = [f"男子生徒|{emotion}|文{i}。|ブン" for i, emotion in enumerate(("平静", "喜び", "悲しみ", "怒り"))]
    short.write("\n".join(rows))
    for i in range(4):
        short.wav(f"SD02-Dialogue-01-MStudent-Turn-{i + 1:02d}").write_bytes(b"RIFF")
    kept, lost, _ = long.read()
    assert [u.emotion for u in kept.values() if u.speaker == "MStudent"] == ["Normal", "Happy", "Sad", "Angry"]
    assert {e.reason for e in lost.values()} == {"no transcript row"} and len(lost) == 3
    assert all(SAFE_ID.fullmatch(name) for name in kept)


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("crlf", lambda text: text.replace("\n", "\r\n").encode()),
        ("byte order mark", lambda text: b"\xef\xbb\xbf" + text.encode()),
        ("no end of line", lambda text: text.rstrip("\n").encode()),
        ("empty lines", lambda text: ("\n" + text.replace("\n", "\n\n \n")).encode()),
        ("spaces around fields", lambda text: text.replace("|", " | ").encode()),
        ("no reading", lambda text: "\n".join(line.rsplit("|", 1)[0] for line in text.splitlines()).encode()),
    ],
)
def test_transcripts_that_are_read_all_the_same(corpus, name, encode):
    corpus.transcript.write_bytes(encode("\n".join(ROWS) + "\n"))
    kept, lost, remarks = corpus.read()
    assert [u.text for u in kept.values()] == ["これは例です。", "はい、先生！", "静かに。"]
    assert tuple(kept) == IDS and not lost and not remarks


def test_shift_jis_is_read_and_remarked(corpus):
    corpus.write("\n".join(ROWS), "cp932")
    kept, lost, remarks = corpus.read()
    assert [u.text for u in kept.values()] == ["これは例です。", "はい、先生！", "静かに。"]
    assert not lost
    assert remarks == ["Long_dialogue/LD01/txt/LD01-Dialogue-01.txt: is not UTF-8; read as Shift_JIS"]


def test_a_transcript_in_no_known_encoding_is_excluded(corpus):
    corpus.transcript.write_bytes(b"\x81\x20")
    told = r"LD01-Dialogue-01\.txt is neither UTF-8 nor Shift_JIS .*save it as UTF-8"
    with pytest.raises(ValueError, match=told):
        read_transcript(corpus.transcript)
    kept, lost, _ = corpus.read()
    assert not kept and set(lost) == {corpus.transcript.stem, *STEMS}
    assert lost[corpus.transcript.stem].reason == "transcript cannot be read"


def test_a_row_without_wav(corpus):
    corpus.wav(STEMS[1]).unlink()
    lost = only_lost(corpus, IDS[1])
    assert lost.reason == "no recording"
    assert lost.detail == f"row 2 of Long_dialogue/LD01/txt/{corpus.transcript.name} has no " + (
        f"Long_dialogue/LD01/wav/{STEMS[1]}.wav"
    )
    assert (lost.speaker, lost.emotion) == ("FStudent", "Happy")


def test_a_wav_without_row(corpus):
    corpus.wav("LD01-Dialogue-01-Teacher-Turn-03").write_bytes(b"RIFF")
    kept, lost, _ = corpus.read()
    assert tuple(kept) == IDS
    assert lost["LD01-Dialogue-01-Teacher-Turn-03"].reason == "no transcript row"


def test_recordings_without_any_transcript(corpus):
    corpus.transcript.unlink()
    kept, lost, _ = corpus.read()
    assert not kept and set(lost) == set(STEMS)


def test_a_row_without_text(corpus):
    corpus.write("\n".join([ROWS[0], "女子生徒|喜び||", ROWS[2]]))
    assert only_lost(corpus, IDS[1]).reason == "empty text"


@pytest.mark.parametrize("row", ["先輩|喜び|はい。|ハイ", "はい、先生！"])
def test_after_an_unknown_role_nobody_knows_whose_recording_is_whose(corpus, row):
    corpus.write("\n".join([ROWS[0], row, ROWS[2]]))
    kept, lost, _ = corpus.read()
    assert set(kept) == {IDS[0]}
    assert row in lost["LD01-Dialogue-01-row-02"].detail
    assert "unknown role" in lost["LD01-Dialogue-01-row-03"].detail
    assert set(lost) == {"LD01-Dialogue-01-row-02", "LD01-Dialogue-01-row-03", *STEMS[1:]}


@pytest.mark.parametrize("row", ["女子生徒|喜び", "女子生徒|眠気|はい。|ハイ"])
def test_a_row_that_is_not_understood(corpus, row):
    """Its recording is accounted for as well."""
    corpus.write("\n".join([ROWS[0], row, ROWS[2]]))
    kept, lost, _ = corpus.read()
    assert set(kept) == {IDS[0], IDS[2]}
    assert {e.reason for e in lost.values()} == {"row not understood", "no transcript row"}
    detail = lost["LD01-Dialogue-01-row-02"].detail
    assert "row 2 of Long_dialogue" in detail and row in detail


def test_later_turns_keep_their_recordings(corpus):
    """A row whose role alone is understood is a turn of that role."""
    corpus.write("\n".join([ROWS[0].replace("平静", "眠気"), *ROWS[1:]]))
    kept, lost, _ = corpus.read()
    assert kept[IDS[2]].wav.endswith("Teacher-Turn-02.wav")
    assert set(lost) == {"LD01-Dialogue-01-row-01", STEMS[0]}


def test_a_missing_textgrid_is_no_reason_to_exclude_here(corpus):
    corpus.grid(STEMS[0]).unlink()
    kept, lost, _ = corpus.read()
    assert not lost
    assert kept[IDS[0]].textgrid is None and kept[IDS[0]].textgrid_bytes == 0
    assert kept[IDS[1]].textgrid


def test_a_corrected_textgrid_is_another_utterance(corpus):
    """Its labels must not be those that an equal shard of an earlier revision has."""
    before = corpus.read()[0][IDS[0]]
    corpus.grid(STEMS[0]).write_text("corrected")
    assert corpus.read()[0][IDS[0]] != before


def test_a_path_that_leaves_the_corpus(corpus, tmp_path):
    outside = tmp_path / "secret.wav"
    outside.write_bytes(b"RIFF")
    corpus.wav(STEMS[1]).unlink()
    corpus.wav(STEMS[1]).symlink_to(outside)
    lost = only_lost(corpus, IDS[1])
    assert lost.reason == "path leaves the corpus"
    assert str(corpus.root) in lost.detail


def test_a_textgrid_that_leaves_the_corpus_is_not_read(corpus, tmp_path):
    (tmp_path / "secret").write_text("grid")
    corpus.grid(STEMS[0]).unlink()
    corpus.grid(STEMS[0]).symlink_to(tmp_path / "secret")
    assert corpus.read()[0][IDS[0]].textgrid is None


def test_links_within_the_corpus_and_a_linked_corpus_are_fine(corpus, tmp_path):
    target = corpus.wav(STEMS[1]).rename(corpus.root / "kept elsewhere.wav")
    corpus.wav(STEMS[1]).symlink_to(target)
    (tmp_path / "linked").symlink_to(corpus.root, target_is_directory=True)
    assert tuple(corpus.read()[0]) == IDS
    corpus.root = tmp_path / "linked"
    kept, lost, _ = corpus.read()
    assert tuple(kept) == IDS and not lost


def test_a_broken_link_is_a_missing_recording(corpus, tmp_path):
    corpus.wav(STEMS[1]).unlink()
    corpus.wav(STEMS[1]).symlink_to(tmp_path / "nowhere.wav")
    assert only_lost(corpus, IDS[1]).reason == "no recording"


def test_an_unsafe_name(tmp_path):
    corpus = Corpus(tmp_path / "c", group="LD 01;rm")
    kept, lost, _ = corpus.read()
    assert not kept
    assert {e.reason for e in lost.values()} == {"unsafe name"}


def test_a_duplicate_id_is_excluded_once(tmp_path):
    corpus = Corpus(tmp_path / "c")
    again = Corpus(tmp_path / "c", "Short_dialogue", "LD01")
    kept, lost, _ = corpus.read()
    assert tuple(kept) == IDS
    assert all(u.wav.startswith("Long_dialogue") for u in kept.values())
    assert {e.reason for e in lost.values()} == {"duplicate id"} and len(lost) == 3
    (first, *_) = lost.values()
    assert first.id == f"{IDS[0]}@{again.wav(STEMS[0]).relative_to(tmp_path / 'c')}"
    assert "Long_dialogue" in first.detail and "Short_dialogue" in first.detail


def test_the_listing_does_not_depend_on_the_order_of_the_disk(corpus, monkeypatch):
    for i in range(9):
        corpus.wav(f"extra-{i}").write_bytes(b"")
    straight = list(utterances(corpus.root))
    files = studies._files
    monkeypatch.setattr(studies, "_files", lambda *where: dict(reversed(files(*where).items())))
    assert list(utterances(corpus.root)) == straight


def test_an_empty_corpus_lists_nothing(tmp_path):
    assert list(utterances(tmp_path)) == []


# ---- the catalogue -----------------------------------------------------------------------------------------------


def test_a_shard_depends_on_the_id_alone():
    ids = [f"Teacher_LD{i:02d}_Normal" for i in range(400)]
    shards = [shard_of(name, 4) for name in ids]
    assert shards == [shard_of(name, 4) for name in ids]
    assert [shards.count(shard) > 60 for shard in range(4)] == [True] * 4
    assert shard_of("Teacher_LD01_Normal", 1) == 0
    assert shard_of("Teacher_LD00_Normal", 16) == 13  # a change here would move every utterance of every dataset


def test_the_size_of_a_corpus(corpus):
    files = [path for path in corpus.root.rglob("*") if path.is_file()]
    assert size_on_disk(corpus.root) == {"files": len(files), "bytes": sum(p.stat().st_size for p in files)}


def test_a_missing_corpus_is_told_with_the_remedy(tmp_path):
    told = missing_corpus("STUDIES", str(tmp_path / "none"), "ask the laboratory")
    for words in ("corpora.STUDIES", str(tmp_path / "none"), "ask the laboratory", "corpora.STUDIES.path", "stand-in"):
        assert words in told
    assert "says nothing about where" in missing_corpus("STUDIES", "none", "")
