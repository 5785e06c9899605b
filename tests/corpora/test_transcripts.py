"""Transcripts in every encoding, and rows and recordings that lack each other."""

import pytest

from koeru.corpora.delivered import Delivered
from koeru.corpora.transcripts import (
    Row,
    attributed,
    content,
    join,
    lines,
    named_rows,
    not_understood,
    read_transcript,
)
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded

TEXT = "A_1:今日は晴れです。\nA_2:明日は雨です。\n"


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "wav").mkdir()
    return Delivered("C", tmp_path)


def write(corpus, content, name="list.txt"):
    (corpus.root / name).write_bytes(content)
    return name


def record(corpus, *names, content=b"RIFF"):
    for name in names:
        (corpus.root / "wav" / f"{name}.wav").write_bytes(content)


def row(name, **more):
    said = {"id": f"x_{name}", "name": name, "speaker": "x", "emotion": "Sad", "text": "はい。", "recording": name}
    return Row(place=f"line 1 of {name}", **(said | more))


def joined(corpus, *rows, inside="wav", **how):
    """(ids that are kept, exclusions by id)"""
    found = list(join(rows, corpus, inside, **how))
    kept = [u.id for u in found if isinstance(u, Utterance)]
    return kept, {e.id: e for e in found if isinstance(e, Excluded)}


# ---- text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("cp932", "Shift_JIS"),
        ("euc_jp", "EUC-JP"),
        ("utf-16", "UTF-16"),
    ],
)
def test_encodings_that_are_told_apart(corpus, codec, name):
    said = f"is not UTF-8; read as {name}" if name else ""
    path = write(corpus, TEXT.encode(codec))
    assert read_transcript(corpus.root / path) == (TEXT, said)
    assert content(corpus, path) == (TEXT, said and f"list.txt: {said}")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"\x81\x20", "neither UTF-8 nor Shift_JIS nor EUC-JP"),
        ("えっ。".encode("euc_jp"), "either Shift_JIS or EUC-JP"),
        (b"\xff\xfea", "neither UTF-8 nor UTF-16"),
    ],
)
def test_encodings_that_nobody_knows(corpus, raw, told):
    """A text that could be read in two ways is not guessed at."""
    path = write(corpus, raw)
    with pytest.raises(ValueError, match=rf"list\.txt is {told} .*save it as UTF-8"):
        read_transcript(corpus.root / path)
    text, excluded = content(corpus, path)
    assert not text and (excluded.id, excluded.reason) == ("list.txt", "transcript cannot be read")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_those_that_an_editor_counts(corpus, newline):
    """Blank ones are counted and left out; characters that end no line in an editor end none here."""
    rows = ["", "一\u2028つ", " \u3000", " 二\x0b\x85つ ", "三つ"]
    path = write(corpus, newline.join(rows).encode())
    assert list(lines(corpus, path)) == [
        ("line 2 of list.txt", "一\u2028つ"),
        ("line 4 of list.txt", "二\x0b\x85つ"),
        ("line 5 of list.txt", "三つ"),
    ]


def test_what_is_said_of_a_transcript_comes_before_its_lines(corpus):
    path = write(corpus, TEXT.encode("cp932"))
    first, *rest = lines(corpus, path)
    assert first == "list.txt: is not UTF-8; read as Shift_JIS" and len(rest) == 2


def test_a_transcript_that_is_not_there(corpus):
    (told,) = lines(corpus, "a/list.txt")
    assert told == Excluded("a/list.txt", "no transcript", f"there is no a/list.txt in {corpus.root}")


def test_a_transcript_that_leaves_the_corpus(tmp_path):
    corpus = Delivered("C", tmp_path / "corpus")
    corpus.root.mkdir()
    (tmp_path / "secret").write_text(TEXT)
    (corpus.root / "list.txt").symlink_to(tmp_path / "secret")
    (told,) = lines(corpus, "list.txt")
    assert (told.id, told.reason) == ("list.txt", "path leaves the corpus")


def test_rows_are_split_at_the_first_colon(corpus):
    path = write(corpus, "A_1: 時刻は10:30です。 \nA_2:\nA_3 はい。\nA_4：はい。\n".encode())
    assert list(named_rows(corpus, path)) == [
        ("line 1 of list.txt", "A_1", "時刻は10:30です。"),
        ("line 2 of list.txt", "A_2", ""),
        not_understood("line 3 of list.txt", "name:text: 'A_3 はい。'"),
        not_understood("line 4 of list.txt", "name:text: 'A_4：はい。'"),
    ]
    assert not_understood("line 3 of a", "b") == Excluded("line-3-of-a", "row not understood", "line 3 of a is not b")


# ---- rows and recordings -------------------------------------------------------------------------------------------


def test_an_utterance_has_all_that_its_row_says_and_its_recording(corpus):
    record(corpus, "a")
    status = (corpus.root / "wav/a.wav").stat()
    labels = File("lab/a.lab")
    said = {"subset": "s", "dialogue": "d", "turn": 3, "kana": "ハイ", "begin": 0.0, "end": 0.5}
    (found,) = join([row("a", **said, alignment=labels, full_context=labels)], corpus, "wav")
    assert found == Utterance(
        id="x_a",
        name="a",
        speaker="x",
        emotion="Sad",
        text="はい。",
        alignment=labels,
        full_context=labels,
        wav=File("wav/a.wav", "", 4, status.st_mtime_ns),
        **said,
    )


@pytest.mark.parametrize(
    ("spoiled", "reason", "told"),
    [
        ({"id": "x a"}, "unsafe name", "'x a'"),
        ({"id": ".a"}, "unsafe name", "'.a'"),
        ({"id": "x_あ"}, "unsafe name", "letters a to z"),
        ({"id": "x" * 201}, "unsafe name", "at most 200"),
        ({"recording": "b"}, "no recording", "has no wav/b.wav"),
        ({"recording": "b" * 300}, "no recording", "has no wav/b"),
        ({"text": ""}, "empty text", "line 1 of a has no text"),
        ({"begin": 1.0, "end": 1.0}, "times not understood", "1.0 to 1.0 s"),
        ({"begin": -1.0, "end": 1.0}, "times not understood", "-1.0 to 1.0 s"),
        ({"begin": float("nan"), "end": 1.0}, "times not understood", "nan"),
        ({"begin": 0.0, "end": float("inf")}, "times not understood", "inf"),
        ({"begin": 1.0}, "times not understood", "1.0 to None s"),
    ],
)
def test_rows_that_are_refused(corpus, spoiled, reason, told):
    """Every exclusion says whom it is about; a recording whose row is refused is not told of a second time."""
    record(corpus, "a")
    kept, excluded = joined(corpus, row("a", **spoiled))
    refused = excluded.pop(spoiled.get("id", "x_a"))
    assert not kept
    assert (refused.reason, refused.speaker, refused.emotion) == (reason, "x", "Sad")
    assert told in refused.detail and "line 1 of a" in refused.detail
    assert set(excluded) == ({"wav/a.wav"} if "recording" in spoiled else set())


def test_a_recording_that_no_row_names(corpus):
    record(corpus, "a", "b")
    kept, excluded = joined(corpus, row("a"))
    assert kept == ["x_a"]
    assert excluded["wav/b.wav"] == Excluded(
        "wav/b.wav", "no transcript row", "wav/b.wav is named by no row of a transcript"
    )


def test_several_rows_may_be_excerpts_of_one_recording(corpus):
    record(corpus, "a")
    rows = [row("a", id=f"x_{i}", begin=float(i), end=i + 1.0) for i in range(3)]
    assert joined(corpus, *rows) == (["x_0", "x_1", "x_2"], {})


def test_what_is_no_row_passes_through_in_its_place(corpus):
    record(corpus, "a")
    lost = Excluded("y", "row not understood", "because")
    found = list(join(["a remark", lost, row("a")], corpus, "wav"))
    assert found[:2] == ["a remark", lost] and len(found) == 3


def test_recordings_at_any_depth_are_called_by_their_paths(corpus):
    (corpus.root / "wav" / "deep").mkdir()
    record(corpus, "deep/a", "b")
    kept, excluded = joined(corpus, row("wav/deep/a", id="a"), row("c", id="c"), inside="", any_depth=True)
    assert kept == ["a"]
    assert {name: e.reason for name, e in excluded.items()} == {"c": "no recording", "wav/b.wav": "no transcript row"}
    assert excluded["c"].detail == "line 1 of c has no c.wav"


def test_what_lies_beside_in_place_of_a_recording_is_named(corpus):
    for name in ("a.aac", "B.wav", "c.wma", "c.txt", ".d.aac", "da.aac"):
        (corpus.root / "wav" / name).write_bytes(b"")
    _, excluded = joined(corpus, *map(row, "abcd"))
    ends = "a recording ends in .wav, .flac, .aiff, .aif, .ogg, .opus, .mp3, .m4a"
    assert {name: e.detail.partition("has no ")[2] for name, e in excluded.items() if e.reason == "no recording"} == {
        "x_a": f"wav/a.wav; there is a.aac ({ends})",
        "x_b": f"wav/b.wav; there is B.wav ({ends})",
        "x_c": f"wav/c.wav; there is c.txt, c.wma ({ends})",
        "x_d": "wav/d.wav",
    }


def test_of_two_forms_of_a_recording_one_is_taken_and_the_other_remarked(corpus):
    record(corpus, "a", "b")
    for name in ("a.mp3", "b.MP3", "c.flac", "c.ogg"):
        (corpus.root / "wav" / name).write_bytes(b"")
    found = list(join(map(row, "ab"), corpus, "wav"))
    assert [u.wav.path for u in found if isinstance(u, Utterance)] == ["wav/a.wav", "wav/b.wav"]
    assert [e.id for e in found if isinstance(e, Excluded)] == ["wav/c.flac", "wav/c.ogg"]
    assert found[-1] == "wav/a.mp3 is there as .wav as well, and that is taken (and so with 1 more)"


def test_unwanted_recordings_need_no_row(corpus):
    record(corpus, "a", "b", "c")
    assert set(joined(corpus, row("a"), unwanted="b".__eq__)[1]) == {"wav/c.wav"}


def test_a_recording_that_leaves_the_corpus(tmp_path):
    corpus = Delivered("C", tmp_path / "corpus")
    (corpus.root / "wav").mkdir(parents=True)
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    (corpus.root / "wav" / "a.wav").symlink_to(tmp_path / "secret.wav")
    kept, excluded = joined(corpus, row("a"))
    assert not kept
    assert excluded["x_a"].reason == "path leaves the corpus" and str(corpus.root) in excluded["x_a"].detail


def test_a_broken_link_is_a_missing_recording(corpus):
    (corpus.root / "wav" / "a.wav").symlink_to("nowhere.wav")
    (corpus.root / "wav" / "b.wav").symlink_to("b.wav")
    assert {e.reason for e in joined(corpus, row("a"), row("b"))[1].values()} == {"no recording"}


def test_exclusions_that_name_nobody_are_attributed():
    known, unknown = Excluded("a", "r", "d", 1.0, "x", "Sad"), Excluded("b", "r", "d", 2.0)
    assert list(attributed(["a remark", known, unknown], "y", "Happy")) == [
        "a remark",
        known,
        Excluded("b", "r", "d", 2.0, "y", "Happy"),
    ]
