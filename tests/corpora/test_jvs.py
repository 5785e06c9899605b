"""JVS as it is delivered: many speakers of the same sentences, some of them whispered."""

from dataclasses import replace

import pytest
from fakes import jvs as fake_jvs
from fakes.checks import labelled, place, touch, without

from koeru.corpora import jvs
from koeru.corpora.delivered import Delivered
from koeru.corpora.people import Person
from koeru.corpora.selection import Selection
from koeru.corpora.utterance import File, Utterance
from koeru.graph.store import Excluded


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_jvs.write(tmp_path_factory.mktemp("jvs"))


@pytest.fixture
def corpus(tmp_path):
    """The folder of a corpus in which one sentence is read in every subset, without audio."""
    root = tmp_path / "jvs_ver1"
    for subset in jvs.SUBSETS:
        touch(root / "jvs007" / subset / jvs.WAVS / "VOICEACTRESS100_001.wav")
        touch(root / "jvs007" / subset / "transcripts_utf8.txt", "VOICEACTRESS100_001:一つ目。\n")
    return root


def listed(root, labels=None, **filters):
    """(utterances by id, exclusions by id)"""
    found = list(jvs.utterances(Delivered("JVS", root, labels or {}), Selection(**filters)))
    kept, lost = ([item for item in found if isinstance(item, kind)] for kind in (Utterance, Excluded))
    assert len(kept) + len(lost) == len(found)
    return {u.id: u for u in kept}, {e.id: e for e in lost}


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded


def test_a_sentence(fake):
    def file(path):
        status = (fake.delivered.root / path).stat()
        return File(path, "", status.st_size, status.st_mtime_ns)

    assert fake.listed().kept["jvs001_UT-PARAPHRASE-sent254-phrase2"] == Utterance(
        id="jvs001_UT-PARAPHRASE-sent254-phrase2",
        name="UT-PARAPHRASE-sent254-phrase2",
        speaker="jvs001",
        emotion="Normal",
        text="雨になりそうです。",
        subset="nonpara30",
        dialogue="UT-PARAPHRASE-sent254",
        wav=file("jvs001/nonpara30/wav24kHz16bit/UT-PARAPHRASE-sent254-phrase2.wav"),
        alignment=file("jvs001/nonpara30/lab/mon/UT-PARAPHRASE-sent254-phrase2.lab"),
    )


def test_ids_that_repeat_between_subsets_are_told_apart_by_the_way_of_speaking(corpus):
    kept, lost = listed(corpus)
    assert {name: (u.subset, u.emotion, u.name) for name, u in kept.items()} == {
        "jvs007_VOICEACTRESS100_001": ("nonpara30", "Normal", "VOICEACTRESS100_001"),
        "jvs007_VOICEACTRESS100_001_Whisper": ("whisper10", "Whisper", "VOICEACTRESS100_001"),
        "jvs007_VOICEACTRESS100_001_Falsetto": ("falset10", "Falsetto", "VOICEACTRESS100_001"),
    }
    assert not lost  # parallel100 and nonpara30 share no ID in JVS; were it so, Spool.shard would exclude the second


def test_sentences_have_the_same_name_for_all_speakers(fake):
    who = {}
    for utterance in fake.listed(subsets=("parallel100",)).kept.values():
        who.setdefault(utterance.name, set()).add(utterance.speaker)
    assert who == {name: set(fake_jvs.VOICES) for name in fake_jvs.PARALLEL}


@pytest.mark.parametrize(
    ("utterance", "alignment", "full_context"),
    [
        (
            ("jvs001", "parallel100", "VOICEACTRESS100_001"),
            ("jvs_hiho", "jvs001/VOICEACTRESS100_001.lab"),
            None,  # the corpus's own full-context labels are a machine's reading
        ),
        (fake_jvs.MON_ALONE, ("", "jvs002/nonpara30/lab/mon/BASIC5000_0025.lab"), None),
        (fake_jvs.FUL_ALONE, ("", "jvs002/nonpara30/lab/ful/LOANWORD128_007.lab"), None),
        (fake_jvs.GRID, ("", "jvs002/nonpara30/TextGrid/PRECEDENT130_064.TextGrid"), None),
        (fake_jvs.IN_OWN_SET, ("own", "jvs001/falset10/lab/VOICEACTRESS100_002.lab"), None),
        (fake_jvs.NOWHERE[0], None, None),
        (fake_jvs.NOWHERE[1], None, None),
    ],
)
def test_where_labels_come_from(fake, utterance, alignment, full_context):
    found = fake.listed().kept[fake_jvs.utterance_id(*utterance)]
    assert (place(found.alignment), place(found.full_context)) == (alignment, full_context)


def test_which_labels_are_preferred(corpus, tmp_path):
    """TextGrids, then the set that is named first, the corpus last; in each phones before full-context labels."""
    roots = {"": corpus, "a": tmp_path / "a", "b": tmp_path / "b"}
    sets = {name: roots[name] for name in "ab"}
    inside, name = "jvs007/parallel100", "VOICEACTRESS100_001"
    order = [(folder, f"{inside}/TextGrid/{name}.TextGrid") for folder in ("a", "b", "")]
    order += [(folder, f"{inside}/{kind}/{name}.lab") for folder in "a" for kind in ("lab/mon", "lab")]
    order += [(folder, f"{path}/{name}.lab") for folder in "ab" for path in ("jvs007", f"{inside}/lab/ful")]
    order += [("", f"{inside}/lab/{kind}/{name}.lab") for kind in ("mon", "ful")]
    for folder, path in order:
        touch(roots[folder] / path)
    found = []
    for _ in order:
        kept, _ = listed(corpus, sets, subsets=("parallel100",))
        found.append(place(kept["jvs007_VOICEACTRESS100_001"].alignment))
        (roots[found[-1][0]] / found[-1][1]).unlink()
    assert found == order


def test_a_reading_is_taken_from_a_set_that_people_made_and_from_no_other(corpus, tmp_path):
    path = "jvs007/parallel100/lab/ful/VOICEACTRESS100_001.lab"
    for root in (corpus, tmp_path / "jvs_hiho", tmp_path / "mine"):
        touch(root / path)
    kept, _ = listed(corpus, {name: tmp_path / name for name in ("jvs_hiho", "mine")}, subsets=("parallel100",))
    (found,) = kept.values()
    assert (place(found.alignment), place(found.full_context)) == (("jvs_hiho", path), ("mine", path))


def test_labels_without_a_subset_are_of_parallel100_alone(corpus, tmp_path):
    """The same ID is whispered as well, and lasts otherwise."""
    touch(tmp_path / "hiho" / "jvs007" / "VOICEACTRESS100_001.lab")
    kept, _ = listed(corpus, {"hiho": tmp_path / "hiho"})
    assert not any(u.alignment for u in kept.values())
    kept, _ = listed(corpus, {"hiho": tmp_path / "hiho"}, subsets=("parallel100",))
    assert all(u.alignment for u in kept.values())


def test_only_the_subsets_that_are_wanted(fake):
    kept = fake.listed(subsets=("whisper10", "falset10")).kept
    whispered = {f"jvs001_{name}_Whisper" for name in fake_jvs.WHISPERED}
    assert set(kept) == whispered | {"jvs001_VOICEACTRESS100_002_Falsetto"}


def test_exclusions_say_whom_they_are_about(corpus):
    """So that a dataset of some speakers accounts for these alone."""
    touch(corpus / "jvs007" / "whisper10" / "transcripts_utf8.txt", "VOICEACTRESS100_001 一つ目。\n")
    (corpus / "jvs007" / "falset10" / "transcripts_utf8.txt").unlink()
    _, lost = listed(corpus)
    assert {(e.id, e.reason, e.speaker, e.emotion) for e in lost.values()} == {
        ("line-1-of-jvs007/whisper10/transcripts_utf8.txt", "row not understood", "jvs007", "Whisper"),
        ("jvs007/whisper10/wav24kHz16bit/VOICEACTRESS100_001.wav", "no transcript row", "jvs007", "Whisper"),
        ("jvs007/falset10/transcripts_utf8.txt", "no transcript", "jvs007", "Falsetto"),
        ("jvs007/falset10/wav24kHz16bit/VOICEACTRESS100_001.wav", "no transcript row", "jvs007", "Falsetto"),
    }


def test_a_speaker_who_reads_not_all_subsets_and_folders_that_are_no_speaker(corpus):
    touch(corpus / "jvs008" / "parallel100" / jvs.WAVS / "VOICEACTRESS100_002.wav")
    touch(corpus / "jvs008" / "parallel100" / "transcripts_utf8.txt", "VOICEACTRESS100_002:二つ目。\n")
    touch(corpus / "labels" / "parallel100" / "transcripts_utf8.txt", "VOICEACTRESS100_002:二つ目。\n")
    kept, lost = listed(corpus)
    assert {name for name in kept if "jvs007" not in name} == {"jvs008_VOICEACTRESS100_002"} and not lost


def test_a_subset_that_is_not_there_is_no_loss_but_cannot_be_wanted(tmp_path):
    (tmp_path / "jvs001" / "parallel100").mkdir(parents=True)
    selection = Selection(subsets=("whisper10",))
    assert not list(jvs.utterances(Delivered("JVS", tmp_path), selection))
    assert list(selection.problems()) == ["subsets: 'whisper10' matches nothing; there is parallel100"]


def test_an_empty_corpus_gives_nothing(tmp_path):
    assert listed(tmp_path) == ({}, {})


@pytest.mark.parametrize(
    ("kind", "changed", "gained"),
    [
        ("wav", {"jvs002_COUNTERSUFFIX26_03": None}, {"jvs002_COUNTERSUFFIX26_03": "no recording"}),
        (
            "transcript",
            {"jvs001_VOICEACTRESS100_002_Falsetto": None},
            {
                "jvs001/falset10/transcripts_utf8.txt": "no transcript",
                "jvs001/falset10/wav24kHz16bit/VOICEACTRESS100_002.wav": "no transcript row",
            },
        ),
        ("TextGrid", {"jvs002_PRECEDENT130_064": None}, {}),
        ("lab", {"jvs001_VOICEACTRESS100_003": "jvs001/parallel100/lab/ful/VOICEACTRESS100_003.lab"}, {}),
    ],
)
def test_a_lost_file_changes_only_what_it_belongs_to(fake, kind, changed, gained):
    """`changed`: who is gone, or, of lost labels, where the times come from instead."""
    expected = fake.listed().kept
    for name, path in changed.items():
        before = expected.pop(name)
        if kind in ("TextGrid", "lab"):
            expected[name] = replace(before, alignment=path and fake.delivered.find(path))
    with without(fake.one_of_each[kind]):
        found = fake.listed()
    assert found.kept == expected
    assert found.reasons == fake.excluded | gained


def test_a_dataset(fake, tmp_path):
    unlabelled = {fake_jvs.utterance_id(*who) for who in fake_jvs.NOWHERE}
    assert labelled(fake, tmp_path) == fake.kept - unlabelled


def test_who_speaks(fake, corpus):
    assert jvs.people(fake.delivered) == {"jvs001": Person("male")}
    assert jvs.people(Delivered("JVS", corpus)) == {}


def test_what_the_licence_allows_is_told():
    assert "non-commercial" in jvs.LICENCE and "not to be passed on" in jvs.LICENCE
