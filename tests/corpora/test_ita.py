"""Recordings of the sentences of the ITA corpus, in whatever folders people keep them."""

from dataclasses import replace

import pytest
from fakes import ita as fake_ita
from fakes.checks import labelled, touch, without

from koeru.corpora import ita
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded

EMOTION = "EMOTION100_001:えっ嘘でしょ。,エッウソデショ。\nEMOTION100_002:はい,そう、です。,ハイ、ソー、デス。\n"
RECITATION = "RECITATION324_001:女の子が嬉しそう。,オンナノコガウレシソー。\n"
FIRST, SECOND, RECITED = "EMOTION100_001", "EMOTION100_002", "RECITATION324_001"


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_ita.write(tmp_path_factory.mktemp("ita"))


@pytest.fixture
def corpus(tmp_path):
    """The folder of a corpus that has transcripts and no recordings."""
    root = tmp_path / "corpus"
    touch(root / "emotion_transcript_utf8.txt", EMOTION)
    touch(root / "recitation_transcript_utf8.txt", RECITATION)
    return root


def record(root, inside, *names):
    for name in names:
        touch(root / inside / f"{name}.wav")


def listed(root, labels=None, **filters):
    """(utterances by id, exclusions by id)"""
    found = list(ita.utterances(Delivered("MINE", root, labels or {}), Selection(**filters)))
    kept, lost = ([item for item in found if isinstance(item, kind)] for kind in (Utterance, Excluded))
    assert len(kept) + len(lost) == len(found)
    return {u.id: u for u in kept}, {e.id: e for e in lost}


def reasons(lost):
    return {name: e.reason for name, e in lost.items()}


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded


def test_a_sentence(fake):
    def file(path, folder=""):
        status = (fake.delivered.folder(folder) / path).stat()
        return File(path, folder, status.st_size, status.st_mtime_ns)

    assert fake.listed().kept["ono_EMOTION100_003_Happy"] == Utterance(
        id="ono_EMOTION100_003_Happy",
        name="EMOTION100_003",
        speaker="ono",
        emotion="Happy",
        text="はい,わかりました。",
        kana="ハイ，ワカリマシタ。",
        subset="EMOTION100",
        wav=file("ono/Happy/EMOTION100_003.wav"),
        alignment=file("ono/Happy/lab/EMOTION100_003.lab", "aligned"),
    )


@pytest.mark.parametrize(
    ("inside", "name", "speaker", "emotion"),
    [
        ("", f"MINE_{FIRST}", "MINE", "Normal"),
        ("wav", f"MINE_{FIRST}", "MINE", "Normal"),
        ("ono", f"ono_{FIRST}", "ono", "Normal"),
        ("ono/wav", f"ono_{FIRST}", "ono", "Normal"),
        ("wav/ono", f"ono_{FIRST}", "ono", "Normal"),
        ("ono/Sad", f"ono_{FIRST}_Sad", "ono", "Sad"),
        ("ono/Sad/wav", f"ono_{FIRST}_Sad", "ono", "Sad"),
    ],
)
def test_folders_tell_speaker_and_emotion(corpus, inside, name, speaker, emotion):
    record(corpus, inside, FIRST, SECOND)
    kept, lost = listed(corpus)
    assert not lost and len(kept) == 2
    assert (kept[name].speaker, kept[name].emotion) == (speaker, emotion)
    assert kept[name].wav.path == f"{inside}/{FIRST}.wav".lstrip("/")


def test_recordings_that_lie_deeper_are_refused_one_by_one(corpus):
    record(corpus, "ono/Sad/again/wav", FIRST, SECOND)
    record(corpus, "ono/Sad/wav", FIRST, SECOND)
    kept, lost = listed(corpus)
    assert set(kept) == {f"ono_{FIRST}_Sad", f"ono_{SECOND}_Sad"}
    assert reasons(lost) == {f"ono/Sad/again/wav/{name}.wav": "folder not understood" for name in (FIRST, SECOND)}


@pytest.mark.parametrize("where", ["", "transcripts"])
def test_transcripts_lie_at_the_top_or_in_their_folder(tmp_path, where):
    touch(tmp_path / where / "emotion_transcript_utf8.txt", EMOTION)
    touch(tmp_path / where / "emotion_transcript_ruby_utf8.txt", "EMOTION100_003:ルビ(るび)\n")
    record(tmp_path, "wav", FIRST, SECOND)
    kept, lost = listed(tmp_path)
    assert [(u.text, u.kana) for u in kept.values()] == [
        ("えっ嘘でしょ。", "エッウソデショ。"),
        ("はい,そう、です。", "ハイ、ソー、デス。"),
    ]
    assert not lost


@pytest.mark.parametrize(
    "row",
    [
        "EMOTION100_002:はい。",
        "EMOTION100_002:えっ,はい、先生。",
        "EMOTION100_002",
        "EMOTION101_002:はい。,ハイ。",
        "RECITATION324_002:はい。,ハイ。",
        "EMOTION100_02:はい。,ハイ。",
    ],
)
def test_a_row_that_is_not_understood(corpus, row):
    """Behind the last comma there must be a reading: a text alone may hold commas too."""
    touch(corpus / "emotion_transcript_utf8.txt", f"{EMOTION.splitlines()[0]}\n{row}\n")
    record(corpus, "wav", FIRST, SECOND)
    kept, lost = listed(corpus)
    assert set(kept) == {f"MINE_{FIRST}"}
    place = "line-2-of-emotion_transcript_utf8.txt"
    assert reasons(lost) == {place: "row not understood", f"wav/{SECOND}.wav": "no transcript row"}
    assert row in lost[place].detail


def test_a_sentence_may_lack_its_reading_but_not_its_comma(corpus):
    touch(corpus / "emotion_transcript_utf8.txt", f"{FIRST}:はい。,\n{SECOND}:,ハイ。\n")
    record(corpus, "wav", FIRST, SECOND)
    kept, lost = listed(corpus)
    assert [(u.text, u.kana) for u in kept.values()] == [("はい。", "")]
    assert reasons(lost) == {f"MINE_{SECOND}": "empty text"}


def test_who_reads_a_subset_is_expected_to_read_all_of_it(corpus):
    """And who reads nothing of it is not."""
    record(corpus, "ono/Sad", FIRST)
    record(corpus, "kita", RECITED)
    kept, lost = listed(corpus)
    assert set(kept) == {f"ono_{FIRST}_Sad", f"kita_{RECITED}"}
    detail = f"line 2 of emotion_transcript_utf8.txt has no ono/Sad/{SECOND}.wav"
    assert lost == {f"ono_{SECOND}_Sad": Excluded(f"ono_{SECOND}_Sad", "no recording", detail, None, "ono", "Sad")}


def test_only_the_subsets_that_are_wanted(corpus):
    """Recordings of the other are no loss; those of neither are."""
    record(corpus, "ono/Sad/wav", FIRST, SECOND, RECITED, "test")
    kept, lost = listed(corpus, subsets=("RECITATION324",))
    assert set(kept) == {f"ono_{RECITED}_Sad"}
    refused = "ono/Sad/wav/test.wav"
    assert {(e.id, e.reason, e.speaker, e.emotion) for e in lost.values()} == {
        (refused, "no transcript row", "ono", "Sad")
    }


def test_a_subset_that_is_not_there_cannot_be_wanted(corpus):
    (corpus / "recitation_transcript_utf8.txt").unlink()
    selection = Selection(subsets=("RECITATION324",))
    assert not list(ita.utterances(Delivered("MINE", corpus), selection))
    assert list(selection.problems()) == ["subsets: 'RECITATION324' matches nothing; there is EMOTION100"]


def test_recordings_without_their_transcript(corpus):
    (corpus / "emotion_transcript_utf8.txt").unlink()
    record(corpus, "ono/wav", FIRST, RECITED)
    kept, lost = listed(corpus)
    assert set(kept) == {f"ono_{RECITED}"}
    assert reasons(lost) == {
        "emotion_transcript_utf8.txt": "no transcript",
        f"ono/wav/{FIRST}.wav": "no transcript row",
    }


def test_a_name_that_could_be_no_file_of_ours(corpus):
    record(corpus, "小野", FIRST, SECOND)
    kept, lost = listed(corpus)
    assert not kept and set(reasons(lost).values()) == {"unsafe name"}


@pytest.mark.parametrize("inside", ["ono/Sad/wav", "ono/Sad"])
def test_which_labels_are_preferred(corpus, tmp_path, inside):
    """TextGrids before .lab files, the set that is named first, the corpus last; beside `wav/` or in place of it."""
    record(corpus, inside, FIRST, SECOND)
    roots = {"": corpus, "a": tmp_path / "a", "b": tmp_path / "b"}
    places = dict.fromkeys(["ono/Sad", inside])
    order = []
    for kind in ("TextGrid", "lab"):
        for folder in ("a", "b", ""):
            order += [(folder, f"{place}/{kind}/{FIRST}.{kind}") for place in places]
            order += [(folder, f"ono/Sad/{FIRST}.{kind}")] if folder else []
    for folder, path in order:
        touch(roots[folder] / path)
    found = []
    for _ in order:
        kept, _ = listed(corpus, {name: roots[name] for name in "ab"})
        file = kept[f"ono_{FIRST}_Sad"].alignment
        found.append((file.folder, file.path))
        (roots[file.folder] / file.path).unlink()
    assert found == order
    assert kept[f"ono_{SECOND}_Sad"].alignment is None


def test_a_link_out_of_the_corpus_is_told(corpus, tmp_path):
    """Nothing else would say that a speaker is not there."""
    record(tmp_path / "elsewhere", "", FIRST, SECOND)
    (corpus / "ono").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(ValueError, match="ono is a link that leads out of"):
        listed(corpus)


def test_an_empty_corpus_gives_nothing(tmp_path):
    assert listed(tmp_path) == ({}, {})


EMOTIONS = [f"ono_{name}_{emotion}" for name in fake_ita.EMOTION100 for emotion in ("Normal", "Happy")]
EMOTIONS += [f"kita_{name}" for name in fake_ita.EMOTION100]


@pytest.mark.parametrize(
    ("kind", "gone", "unlabelled"),
    [
        ("wav", ["ono_EMOTION100_002_Normal"], []),
        ("transcript", EMOTIONS, []),
        ("TextGrid", [], ["ono_RECITATION324_003_Normal"]),
        ("lab", [], ["kita_EMOTION100_001"]),
    ],
)
def test_a_lost_file_changes_only_what_it_belongs_to(fake, kind, gone, unlabelled):
    before = fake.listed().kept
    expected = {name: u for name, u in before.items() if name not in gone}
    expected |= {name: replace(before[name], alignment=None) for name in unlabelled}
    with without(fake.one_of_each[kind]):
        found = fake.listed()
    assert found.kept == expected
    gained = {"ono_EMOTION100_002_Normal": "no recording"} if kind == "wav" else {}
    if kind == "transcript":
        gained = {before[name].wav.path: "no transcript row" for name in gone if name in before}
        gained["emotion_transcript_utf8.txt"] = "no transcript"
    lost = {f"ono_{fake_ita.MISSING}_Happy"} if kind == "transcript" else set()
    assert found.reasons == {n: r for n, r in fake.excluded.items() if n not in lost} | gained


def test_a_dataset(fake, tmp_path):
    assert labelled(fake, tmp_path) == fake.kept - {fake_ita.UNLABELLED}


def test_what_the_licence_allows_is_told():
    assert "texts: public domain" in ita.LICENCE and "owner" in ita.LICENCE
