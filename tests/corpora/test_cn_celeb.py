"""CN-Celeb as it is delivered: who speaks, and not what is said."""

import pytest
from fakes import cn_celeb as fake_cn_celeb
from fakes.checks import sorted_out, touch
from in_process import made

from koeru.corpora import cn_celeb
from koeru.corpora.delivered import Delivered
from koeru.corpora.selection import Selection
from koeru.graph.plan import place


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    return fake_cn_celeb.write(tmp_path_factory.mktemp("cn_celeb"))


def listed(root, **filters):
    return sorted_out(cn_celeb.utterances(Delivered("C", root), Selection(**filters)))


def test_everything_is_kept_or_refused_with_its_reason(fake):
    found = fake.listed()
    assert set(found.kept) == fake.kept and not found.remarks
    assert found.reasons == fake.excluded
    assert {u.text for u in found.kept.values()} == {""}


def test_an_utterance(fake):
    found = fake.listed().kept["id00001_live_broadcast-02-001"]
    assert (found.speaker, found.name, found.subset) == ("id00001", "live_broadcast-02-001", "dev/live_broadcast")
    assert found.wav.path == "data/id00001/live_broadcast-02-001.flac"


def test_what_is_cut_from_one_video_stays_together(fake):
    dialogues = {}
    for utterance in fake.listed(subsets=("dev/*", "data/*")).kept.values():
        dialogues.setdefault(utterance.dialogue, set()).add(utterance.id)
    assert dialogues["id00000_singing-03"] == {"id00000_singing-03-001", "id00000_singing-03-002"}
    assert {len(ids) for ids in dialogues.values()} == {2} and len(dialogues) == 9


@pytest.mark.parametrize(
    ("subsets", "count"),
    [(("dev/*",), 12), (("data/*",), 6), (("dev/*", "data/*"), 18), (("*/singing",), 7), (("eval/enroll",), 1)],
)
def test_parts_and_genres_are_subsets(fake, subsets, count):
    found = fake.listed(subsets=subsets)
    assert len(found.kept) == count
    assert found.reasons == fake.excluded  # of whose recording nobody knows the subset


def test_a_release_without_a_list_of_speakers(tmp_path):
    touch(tmp_path / "data/id10001/vlog-01-001.wav")
    kept, lost, remarks = listed(tmp_path)
    assert {u.subset for u in kept.values()} == {"data/vlog"} and not lost and not remarks


def test_a_list_that_cannot_be_read_is_told(tmp_path):
    touch(tmp_path / "data/id10001/vlog-01-001.wav")
    (tmp_path / "dev").mkdir()
    (tmp_path / cn_celeb.LIST).write_bytes(b"\x81\x20\xff\xfe\x00")
    assert listed(tmp_path)[1][cn_celeb.LIST].reason == "transcript cannot be read"


def test_other_folders_and_names(tmp_path):
    touch(tmp_path / "data/id00001/cut one.wav")
    touch(tmp_path / "data/id00001/other.wav")
    touch(tmp_path / "data/README/interview-01-001.wav")
    kept, lost, _ = listed(tmp_path)
    assert {u.id: (u.subset, u.dialogue) for u in kept.values()} == {"id00001_other": ("data", "")}
    assert {e.id: (e.reason, e.speaker) for e in lost.values()} == {"id00001_cut one": ("unsafe name", "id00001")}


def test_a_dataset_keeps_every_utterance_and_what_reads_texts_excludes_it_with_its_reason(fake, tmp_path):
    spk = {"corpora": ["FAKE"], "shards": 1, "splits": {"dev": 0.2, "eval": 0.2}, "gates": {"max_excluded": 1}}
    spk |= {"labels": fake.labels, "features": ["tokens"]}
    project = made({"corpora": {"FAKE": fake.entry}, "spk": {"x": spk}, "exp": {}}, tmp_path)
    parents = project.graph.data["x"].parents
    labels, tokens = (
        project.run([parents[stage]]).store.read_shard(place(parents[stage]), 0) for stage in ("labels", "tokens")
    )
    assert {record["id"] for record in labels.utterances} == fake.kept == {e.id for e in tokens.excluded}
    assert {e.reason for e in tokens.excluded} == {"text cannot be read"}
    assert all("there is no text" in e.detail for e in tokens.excluded) and not tokens.utterances


def test_what_the_licence_allows_is_told():
    assert "CC BY-SA" in cn_celeb.LICENCE and "Tsinghua" in cn_celeb.CREDIT
