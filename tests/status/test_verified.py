"""Whether delivered files hold what was read: told by digests, whatever their sizes and times."""

import os
import shutil

import pytest
from fakes import folder as fake_folder
from in_process import made

from koeru.corpora.on_disk import all_delivered
from koeru.graph.plan import Plan, place
from koeru.graph.store import FACTS
from koeru.status.survey import survey_lines
from koeru.status.verified import Verified, verified_files


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """A corpus of which recordings and labels were read, and its fake."""
    folder = tmp_path_factory.mktemp("read")
    fake = fake_folder.write(folder / "fake")
    config = {
        "corpora": {"FAKE": fake.entry},
        "spk": {
            name: {"corpora": ["FAKE"], "shards": 2, "splits": {"dev": 0.2}, "gates": {"max_excluded": 0.5}} | more
            for name, more in {"x": {}, "y": {"splits": {"dev": 0.3}}}.items()
        },
        "exp": {},
    }
    project = made(config, folder / "store")
    nodes = project.graph.data["x"].parents
    project.run([nodes["wav"], nodes["labels"]])
    return fake, project


@pytest.fixture
def verified(read):
    """What is found after something was done to a file; the corpus is as before afterwards."""
    fake, project = read

    def verified(path=None, change=lambda path: None):
        whole = fake.delivered.root
        kept = whole.with_name("kept")
        shutil.copytree(whole, kept, copy_function=shutil.copy2)
        try:
            if path:
                change(whole / path)
            plan = Plan(project.graph, project.store)
            return verified_files(plan, all_delivered(project.graph, project.store.root))["FAKE"], plan
        finally:
            shutil.rmtree(whole)
            kept.rename(whole)

    return verified


def mended(path):
    """Another content of the same size and time."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_what_is_as_it_was_read_is_told_so(read, verified):
    fake, _ = read
    found, plan = verified()
    n_labels = len(fake.kept) - 1  # one has none
    assert (found.equal, found.changed, found.unknown) == (len(fake.kept) + n_labels, [], 0)
    told = " ".join(" ".join(survey_lines(plan, verify=True)).split())
    assert f"verified {found.equal} files hold what was read" in told
    assert "verified" not in " ".join(survey_lines(plan))


@pytest.mark.parametrize("path", ["wavs/aki/001.wav", "TextGrid/aki/002.TextGrid", "lab/beni/001.lab"])
@pytest.mark.parametrize("change", [mended, os.unlink])
def test_a_file_that_was_mended_to_the_same_size_and_time_is_found(verified, path, change):
    found, _ = verified(path, change)
    assert found.changed == [path]
    assert found.words("FAKE").endswith(f"1 do not: {path}; raise corpora.FAKE.revision")


def test_a_copy_has_the_same_content(verified):
    found, _ = verified("wavs/aki/001.wav", lambda path: os.utime(path, ns=(1, 1)))
    assert not found.changed


def test_records_without_digests_are_told_as_unknown(read, monkeypatch):
    _, project = read
    real = project.store.read_shard

    def of_before(where, shard):
        manifest = real(where, shard)
        for record in manifest.utterances:
            record.pop(FACTS, None)
        return manifest

    monkeypatch.setattr(project.store, "read_shard", of_before)
    found = verified_files(Plan(project.graph, project.store), all_delivered(project.graph, project.store.root))
    assert found["FAKE"].unknown and not found["FAKE"].equal
    assert "were read before digests were kept" in found["FAKE"].words("FAKE")


def test_what_is_told_of_many():
    assert Verified().words("X") == "nothing was read yet"
    words = Verified(7, list("abcde")).words("X")
    assert words == "7 files hold what was read; 5 do not: a, b, c and 2 more; raise corpora.X.revision"


def test_facts_are_in_no_digest(read):
    """So that what was computed before they were kept is equal to what is computed now."""
    _, project = read
    wav = place(project.graph.data["x"].parents["wav"])
    manifest = project.store.read_shard(wav, 0)
    before = manifest.digest
    for record in manifest.utterances:
        del record[FACTS]
    project.store.write_shard(wav, 9, manifest)
    assert project.store.read_shard(wav, 9).digest == before
