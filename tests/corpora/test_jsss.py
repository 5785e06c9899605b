"""JSSS as it is delivered: sentences of their own, and excerpts of long recordings."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from fakes import jsss as fake_jsss
from fakes.checks import place, touch, without
from fakes.speech import spoken
from in_process import made

from koeru.corpora import jsss
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded

FIRST, SECOND = "UDON_001_0000250000_0001500000", "UDON_001_0002000000_0003000000"


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_jsss.write(tmp_path_factory.mktemp("jsss"))


@pytest.fixture
def corpus(tmp_path):
    """The folder of a corpus with a sentence and a recording of two, without audio."""
    root = tmp_path / "jsss_ver1"
    touch(root / "short-form" / "basic5000" / jsss.WAVS / "BASIC5000_0001.wav")
    (root / "short-form" / "basic5000" / "transcript_utf8.txt").write_text(
        "BASIC5000_0001:一つ目。\n", encoding="utf-8"
    )
    touch(root / "long-form" / "udon" / jsss.WAVS / "UDON_001.wav")
    write(root, "0.25\t1.5\t粉です。\n2.000000\t3.000000\t水です。\n")
    return root


def write(root, text, encoding="utf-8"):
    """The transcript of the recording."""
    path = touch(root / "long-form" / "udon" / "transcript_utf8" / "UDON_001.txt")
    path.write_bytes(text.encode(encoding))


def listed(root, labels=None, **filters):
    """(utterances by name, exclusions by id, remarks)"""
    found = list(jsss.utterances(Delivered("JSSS", root, labels or {}), Selection(**filters)))
    kept = {u.name: u for u in found if isinstance(u, Utterance)}
    return kept, {e.id: e for e in found if isinstance(e, Excluded)}, [r for r in found if isinstance(r, str)]


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded
    assert found.excluded["jsss_VOICEACTRESS100_077"].speaker == "jsss"


def test_a_sentence(fake):
    def file(path, folder=""):
        status = (fake.delivered.folder(folder) / path).stat()
        return File(path, folder, status.st_size, status.st_mtime_ns)

    assert fake.listed().kept["jsss_BASIC5000_0001"] == Utterance(
        id="jsss_BASIC5000_0001",
        name="BASIC5000_0001",
        speaker="jsss",
        emotion="Normal",
        text="今日はとても暖かいですね。",
        subset="short-form/basic5000",
        wav=file("short-form/basic5000/wav24kHz16bit/BASIC5000_0001.wav"),
        alignment=file("short-form/basic5000/lab/BASIC5000_0001.lab", "JSSSLabel"),
    )


def test_an_excerpt(corpus):
    kept, excluded, _ = listed(corpus)
    assert list(kept) == ["BASIC5000_0001", FIRST, SECOND] and not excluded
    wav = corpus / "long-form" / "udon" / jsss.WAVS / "UDON_001.wav"
    assert kept[SECOND] == Utterance(
        id=f"jsss_{SECOND}",
        name=SECOND,
        speaker="jsss",
        emotion="Normal",
        text="水です。",
        subset="long-form/udon",
        dialogue="UDON_001",
        turn=1,
        begin=2.0,
        end=3.0,
        wav=File("long-form/udon/wav24kHz16bit/UDON_001.wav", "", 0, wav.stat().st_mtime_ns),
    )


def test_an_excerpt_is_named_by_its_whole_microseconds(corpus):
    """As JSSSLabel does; 65.203628 s times a million is just below a whole number."""
    write(corpus, "65.203628\t1000.5\t粉です。\n")
    assert "UDON_001_0065203628_1000500000" in listed(corpus)[0]


def test_texts_and_subsets(fake):
    found = {}
    for utterance in fake.listed().kept.values():
        found.setdefault(utterance.subset, []).append(utterance.text)
    said = {subset: [fake_jsss.said(name) for name in names] for subset, names in fake_jsss.SENTENCES.items()}
    told = {subset: [t for texts in all_.values() for t in texts] for subset, all_ in fake_jsss.TEXTS.items()}
    assert found == said | told


def test_excerpts_hold_their_sentences_alone(fake):
    """What lies between begin and end is as long as the sentence, and silence surrounds it."""
    for utterance in fake.listed(subsets=("long-form/*", "summarization")).kept.values():
        assert utterance.end - utterance.begin == pytest.approx(
            spoken(utterance.text, fake_jsss.VOICE).seconds, abs=2e-6
        )
        samples, rate = soundfile.read(fake.delivered.root / utterance.wav.path)
        inside = samples[round(utterance.begin * rate) : round(utterance.end * rate)]
        behind = samples[round(utterance.end * rate) : round((utterance.end + 0.5) * rate)]
        assert np.abs(inside).max() > 0.05 > 0.001 > np.abs(behind).max()


def test_the_sentences_of_a_recording_stay_together_in_their_order(fake):
    found = [(u.dialogue, u.turn, u.text) for u in fake.listed(subsets=("long-form/*",)).kept.values()]
    assert found == [
        (recording, turn, text)
        for recordings in list(fake_jsss.TEXTS.values())[:2]
        for recording, texts in recordings.items()
        for turn, text in enumerate(texts)
    ]
    assert {u.dialogue for u in fake.listed(subsets=("short-form/*", "simplification")).kept.values()} == {""}


@pytest.mark.parametrize(
    ("name", "alignment"),
    [
        ("BASIC5000_0001", ("JSSSLabel", "short-form/basic5000/lab/BASIC5000_0001.lab")),
        ("ONOMATOPEE300_001", ("", "short-form/onomatopee300/TextGrid/ONOMATOPEE300_001.TextGrid")),
        ("SIMPLIFICATION_001", ("JSSSLabel", "simplification/lab/SIMPLIFICATION_001.lab")),
        ("BASIC5000_0004", None),
    ],
)
def test_where_labels_come_from(fake, name, alignment):
    utterance = fake.listed().kept[f"jsss_{name}"]
    assert place(utterance.alignment) == alignment
    assert utterance.full_context is None  # JSSSLabel has phones alone


def test_excerpts_have_labels_under_their_long_names(fake):
    for utterance in fake.listed(subsets=("long-form/*", "summarization")).kept.values():
        assert place(utterance.alignment) == ("JSSSLabel", f"{utterance.subset}/lab/{utterance.name}.lab")


def test_which_labels_are_preferred(corpus, tmp_path):
    """Of several places the set that is named first, a subset's whole name before its last part, the corpus last."""
    sets = {"a": tmp_path / "a", "b": tmp_path / "b"}
    places = [
        ("b", "short-form/basic5000/TextGrid/BASIC5000_0001.TextGrid"),
        ("", "basic5000/TextGrid/BASIC5000_0001.TextGrid"),
        ("a", "short-form/basic5000/lab/BASIC5000_0001.lab"),
        ("a", "basic5000/lab/BASIC5000_0001.lab"),
        ("b", "short-form/basic5000/lab/BASIC5000_0001.lab"),
        ("", "short-form/basic5000/lab/BASIC5000_0001.lab"),
        ("", "basic5000/lab/BASIC5000_0001.lab"),
    ]
    paths = [({"": corpus} | sets)[folder] / path for folder, path in places]
    for path in paths:
        touch(path)
    found = []
    for _ in places:
        found.append(place(listed(corpus, sets)[0]["BASIC5000_0001"].alignment))
        paths[places.index(found[-1])].unlink()
    assert found == places
    assert listed(corpus, sets)[0]["BASIC5000_0001"].alignment is None


def test_only_the_subsets_that_are_wanted(fake):
    found = fake.listed(subsets=("simplification", "long-form/udon"))
    assert {u.subset for u in found.kept.values()} == {"simplification", "long-form/udon"}
    assert set(found.reasons) == {name for name in fake.excluded if "udon" in name}


def test_a_subset_that_is_not_there_is_no_loss_but_cannot_be_wanted(corpus):
    selection = Selection(subsets=("summarization",))
    assert not list(jsss.utterances(Delivered("JSSS", corpus), selection))
    (told,) = selection.problems()
    assert "'summarization' matches nothing; there is long-form/udon, short-form/basic5000" in told


def test_an_empty_corpus_gives_nothing(tmp_path):
    assert listed(tmp_path) == ({}, {}, [])


@pytest.mark.parametrize(("encoding", "remarks"), [("utf-8-sig", 0), ("cp932", 1)])
def test_transcripts_of_other_kinds(corpus, encoding, remarks):
    """With a byte order mark, in Shift_JIS (the remark is no turn), with Windows's ends of lines and blank lines."""
    write(corpus, "0.25\t1.5\t粉です。\r\n\r\n2\t3.0 \t 水です。 \r\n", encoding)
    kept, excluded, told = listed(corpus, subsets=("long-form/udon",))
    assert {u.name: (u.turn, u.text) for u in kept.values()} == {FIRST: (0, "粉です。"), SECOND: (1, "水です。")}
    assert not excluded
    assert told == ["long-form/udon/transcript_utf8/UDON_001.txt: is not UTF-8; read as Shift_JIS"] * remarks


@pytest.mark.parametrize(
    "row",
    [
        "うどん。",
        "0.25 1.5 粉です。",
        "0.25\t粉です。",
        "-1.0\t1.5\t粉です。",
        "nan\t1.5\t粉です。",
        "0.25\tinf\t粉です。",
        "0:25\t1:30\t粉です。",
        "粉です。\t0.25\t1.5",
    ],
)
def test_a_row_that_is_not_understood_is_a_turn_all_the_same(corpus, row):
    write(corpus, f"{row}\n2\t3\t水です。\n")
    kept, excluded, _ = listed(corpus, subsets=("long-form/udon",))
    assert [(u.name, u.turn) for u in kept.values()] == [(SECOND, 1)]
    (refused,) = excluded.values()
    assert refused.reason == "row not understood" and repr(row) in refused.detail
    assert refused.id == "line-1-of-long-form/udon/transcript_utf8/UDON_001.txt"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1.5\t0.25\t粉です。", "times not understood"),
        ("1.5\t1.5\t粉です。", "times not understood"),
        ("0.25\t1.5\t", "empty text"),
        ("0.25\t1.5", "empty text"),
    ],
)
def test_an_excerpt_that_is_refused(corpus, row, reason):
    write(corpus, f"{row}\n2\t3\t水です。\n")
    kept, excluded, _ = listed(corpus, subsets=("long-form/udon",))
    assert list(kept) == [SECOND]
    assert [(e.reason, e.speaker) for e in excluded.values()] == [(reason, "jsss")]


def test_recordings_and_transcripts_that_lack_each_other(corpus):
    folder = corpus / "long-form" / "udon"
    touch(folder / jsss.WAVS / "UDON_002.wav")
    touch(folder / "transcript_utf8" / "UDON_003.txt").write_text("1.0\t2.0\tつゆ。\n", encoding="utf-8")
    kept, excluded, _ = listed(corpus, subsets=("long-form/udon",))
    assert set(kept) == {FIRST, SECOND}
    assert {name: e.reason for name, e in excluded.items()} == {
        "long-form/udon/wav24kHz16bit/UDON_002.wav": "no transcript row",
        "jsss_UDON_003_0001000000_0002000000": "no recording",
    }


KATSURA = ("KATSURA-MASAKAZU_001_0000004000_0001865604", "KATSURA-MASAKAZU_001_0002565604_0004793292")
SIMPLE = ("SIMPLIFICATION_001", "SIMPLIFICATION_002")


@pytest.mark.parametrize(
    ("kind", "gone", "moved", "gained"),
    [
        ("wav", KATSURA, {}, {f"jsss_{name}": "no recording" for name in KATSURA}),
        (
            "transcript",
            SIMPLE,
            {},
            {"simplification/transcript_utf8.txt": "no transcript"}
            | {f"simplification/wav24kHz16bit/{name}.wav": "no transcript row" for name in SIMPLE},
        ),
        (
            "TextGrid",
            (),
            {"ONOMATOPEE300_001": ("JSSSLabel", "short-form/onomatopee300/lab/ONOMATOPEE300_001.lab")},
            {},
        ),
        ("lab", (), {"SIMPLIFICATION_002": None}, {}),
    ],
)
def test_a_lost_file_changes_only_what_it_belongs_to(fake, kind, gone, moved, gained):
    """`moved`: where the times of an utterance come from instead."""
    before = fake.listed().kept
    with without(fake.one_of_each[kind]):
        found = fake.listed()
    assert found.reasons == fake.excluded | gained
    left = {u.name: place(u.alignment) for u in before.values() if u.name not in gone}
    assert {u.name: place(u.alignment) for u in found.kept.values()} == left | moved
    for utterance in found.kept.values():
        assert replace(utterance, alignment=None) == replace(before[utterance.id], alignment=None)


def test_a_dataset(fake, tmp_path):
    """Every stage's account is closed (`seal` raises otherwise), and who has labels has a place in the dataset."""
    spk = {"corpora": ["J"], "shards": 2, "splits": {"dev": 0.2, "eval": 0.2}, "gates": {"max_excluded": 0.5}}
    project = made({"corpora": {"J": fake.entry}, "spk": {"x": spk}, "exp": {}}, tmp_path)
    node = project.graph.data["x"]
    labels = project.run([node]).work(node).parents["labels"]
    unlabelled = {f"jsss_{name}" for name in fake_jsss.UNLABELLED}
    assert {record["id"] for _, record in project.store.records(labels)} == fake.kept - unlabelled


def test_that_the_licence_is_not_known_is_told():
    assert "read the corpus's own licence" in jsss.LICENCE
