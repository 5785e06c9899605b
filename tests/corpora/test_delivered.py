"""Where the files of a corpus lie: found in a fixed order, and never outside of it."""

import os

import pytest

from koeru.corpora.delivered import Below, Delivered, stays_inside
from koeru.corpora.endings import LAB, RECORDING, TEXTGRID
from koeru.corpora.utterance import File


@pytest.fixture
def corpus(tmp_path):
    root, labels = tmp_path / "corpus", tmp_path / "labels"
    for path in (root / "a", root / "b" / "c", labels):
        path.mkdir(parents=True)
    return Delivered("C", root, {"hand": labels})


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.name.encode())


def test_a_file_is_told_by_its_path_its_size_and_its_time(corpus):
    touch(corpus.root / "a" / "x.wav", corpus.labels["hand"] / "x.lab")
    os.utime(corpus.root / "a" / "x.wav", ns=(0, 12345))
    assert corpus.files("a", RECORDING) == {"x": File("a/x.wav", "", 5, 12345)}
    (label,) = corpus.files("", LAB, "hand").values()
    assert (label.path, label.folder) == ("x.lab", "hand")
    assert corpus.path({"path": label.path, "folder": label.folder}) == str(corpus.labels["hand"] / "x.lab")


def test_only_the_folder_itself_and_the_kind(corpus):
    touch(*(corpus.root / "b" / name for name in ("x.wav", "y.WAV", "z.txt", "wav", "x.wav.bak", "c/deep.wav")))
    (corpus.root / "b" / "folder.wav").mkdir()
    assert list(corpus.files("b", RECORDING)) == ["x", "y"]
    assert list(corpus.files("b", TEXTGRID)) == []
    assert corpus.files("nowhere", RECORDING) == {} and corpus.subfolders("nowhere") == []
    assert corpus.tree(RECORDING, "nowhere") == {}


def test_hidden_files_and_folders_are_no_data(corpus):
    touch(*(corpus.root / "a" / name for name in ("x.wav", "._x.wav", ".wav", "__MACOSX/._y.wav", ".cache/z.wav")))
    assert list(corpus.files("a", RECORDING)) == ["x"]
    assert list(corpus.tree(RECORDING)) == list(Below(corpus, RECORDING)) == ["a/x"]
    assert corpus.subfolders("a") == []


def test_of_a_name_with_several_endings_the_preferred_one_is_taken(corpus):
    touch(*(corpus.root / "a" / name for name in ("x.mp3", "x.Wav", "x.flac", "y.OGG", "y.opus")))
    taken = {"x": "a/x.Wav", "y": "a/y.OGG"}
    assert {name: file.path for name, file in corpus.files("a", RECORDING).items()} == taken
    below = Below(corpus, RECORDING, "a", any_depth=False)
    assert {name: below[name].path for name in below} == taken
    assert sorted(file.path for _, file in below.all()) == sorted(file.path for _, file in corpus.walk(RECORDING))
    assert len(list(below.all())) == 5


def test_what_lies_beside_a_path(corpus, tmp_path):
    touch(*(corpus.root / "a" / name for name in ("x.aac", "X.wav", "xx.wav", ".x.wav")), tmp_path / "x.wav")
    assert corpus.alike("a/x.wav") == ["X.wav", "x.aac"]
    assert corpus.alike("nowhere/x.wav") == corpus.alike("../x.wav") == []


def test_nothing_depends_on_the_order_of_the_disk(corpus, monkeypatch):
    names = ["b", "a", "c", "B"]
    touch(*(corpus.root / "a" / name / f"{name}.wav" for name in names))
    touch(*(corpus.root / "a" / f"{name}.wav" for name in names))
    straight = corpus.files("a", RECORDING), corpus.subfolders("a"), corpus.tree(RECORDING)
    entries = Delivered._entries
    monkeypatch.setattr(Delivered, "_entries", lambda *where: reversed([*entries(*where)]))
    turned = corpus.files("a", RECORDING), corpus.subfolders("a"), corpus.tree(RECORDING)
    assert [list(found) for found in straight] == [list(found) for found in turned]
    assert list(straight[0]) == straight[1] == ["B", "a", "b", "c"]


def test_a_tree_has_files_of_any_depth_by_their_paths(corpus):
    touch(*(corpus.root / path for path in ("x.wav", "b/y.wav", "b/c/z.wav", "b/c/z.lab")))
    found = corpus.tree(RECORDING)
    assert {name: file.path for name, file in found.items()} == {
        "x": "x.wav",
        "b/y": "b/y.wav",
        "b/c/z": "b/c/z.wav",
    }
    assert {name: file.path for name, file in corpus.tree(RECORDING, "b").items()} == {
        "y": "b/y.wav",
        "c/z": "b/c/z.wav",
    }


def test_the_first_place_that_has_a_name_wins(corpus):
    touch(corpus.root / "a" / "x.lab", corpus.root / "b" / "x.lab", corpus.root / "b" / "y.lab")
    touch(corpus.labels["hand"] / "y.lab")
    found = corpus.first_of([("a", LAB, ""), ("", LAB, "hand"), ("b", LAB, "")])
    assert {name: (file.folder, file.path) for name, file in found.items()} == {
        "x": ("", "a/x.lab"),
        "y": ("hand", "y.lab"),
    }


# ---- links ---------------------------------------------------------------------------------------------------------


def test_links_within_the_corpus_and_a_linked_corpus_are_fine(corpus, tmp_path):
    touch(corpus.root / "kept elsewhere" / "x.wav")
    (corpus.root / "a" / "x.wav").symlink_to(corpus.root / "kept elsewhere" / "x.wav")
    (corpus.root / "linked").symlink_to("kept elsewhere", target_is_directory=True)
    (tmp_path / "whole").symlink_to(corpus.root, target_is_directory=True)
    for place in (corpus, Delivered("C", tmp_path / "whole")):
        assert list(place.files("a", RECORDING)) == ["x"]
        assert list(place.files("linked", RECORDING)) == ["x"] and "linked" in place.subfolders()


def test_a_file_that_leaves_the_corpus_is_not_found(corpus, tmp_path):
    touch(tmp_path / "secret.wav", corpus.root / "a" / "y.wav")
    (corpus.root / "a" / "x.wav").symlink_to(tmp_path / "secret.wav")
    assert list(corpus.files("a", RECORDING)) == ["y"]
    with pytest.raises(ValueError, match=r"corpora\.C: .*x\.wav is a link that leads out of .*set the path"):
        corpus.tree(RECORDING)


def test_a_folder_that_leaves_the_corpus_is_told_at_once(corpus, tmp_path):
    """Else all that is behind it would be missing without a word."""
    touch(tmp_path / "elsewhere" / "x.wav")
    (corpus.root / "wav").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    for look in (corpus.files, lambda inside, _: corpus.subfolders(inside), lambda _, kind: corpus.tree(kind)):
        with pytest.raises(ValueError, match=r"corpora\.C: .*wav is a link that leads out of .*copy there"):
            look("wav", RECORDING)


def test_links_that_lead_nowhere_or_in_a_circle_are_no_files(corpus):
    touch(corpus.root / "a" / "x.wav")
    (corpus.root / "a" / "gone.wav").symlink_to("nowhere")
    (corpus.root / "a" / "round.wav").symlink_to("round.wav")
    (corpus.root / "a" / "up").symlink_to("..", target_is_directory=True)
    assert list(corpus.files("a", RECORDING)) == ["x"]
    assert corpus.subfolders("a") == ["up"]
    assert list(corpus.tree(RECORDING)) == ["a/x"]


def test_a_name_that_no_record_could_hold_is_told(corpus):
    touch(corpus.root / "a" / "録音.wav")
    assert list(corpus.files("a", RECORDING)) == ["録音"]
    os.close(os.open(os.path.join(os.fsencode(corpus.root), b"a", "声.wav".encode("cp932")), os.O_CREAT))
    for look in (lambda: corpus.files("a", RECORDING), lambda: corpus.tree(RECORDING)):
        with pytest.raises(ValueError, match="is not UTF-8; rename it"):
            look()
    assert corpus.files("a", LAB) == {}


def test_what_stays_inside(tmp_path):
    (tmp_path / "a").mkdir()
    assert stays_inside(tmp_path, tmp_path / "a" / ".." / "b")
    assert not stays_inside(tmp_path / "a", tmp_path / "a" / ".." / "b")
    assert not stays_inside(tmp_path / "a", tmp_path / "ab")


def test_what_is_looked_up_is_what_a_walk_finds(corpus):
    """Below holds nothing, so a file that comes later is found as well."""
    touch(*(corpus.root / name for name in ("x.wav", "a/y.wav", "b/c/z.wav", "b/c/z.txt")))
    below = Below(corpus, RECORDING)
    assert sorted(below) == ["a/y", "b/c/z", "x"]
    assert dict(below) == corpus.tree(RECORDING)
    assert len(below) == len(corpus.tree(RECORDING))
    inside = Below(corpus, RECORDING, "a")
    assert dict(inside) == corpus.tree(RECORDING, "a")
    assert "late" not in inside and inside.get("late") is None
    (corpus.root / "a" / "late.wav").write_bytes(b"RIFF")
    assert inside["late"] == corpus.tree(RECORDING, "a")["late"]


@pytest.mark.parametrize("name", ["", ".", "..", "nowhere/x", "a", "x" * 300, "a/x.wav/y"])
def test_what_is_no_file_is_not_found(corpus, name):
    assert corpus.find(name) is None


def test_no_look_up_leads_out_of_the_folder(corpus, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.wav").write_bytes(b"RIFF")
    (corpus.root / "a" / "link.wav").symlink_to(outside / "secret.wav")
    (corpus.root / "gate").symlink_to(outside)
    for path in ("a/link.wav", "gate/secret.wav", "../outside/secret.wav"):
        with pytest.raises(ValueError, match="leads out of"):
            corpus.find(path)
    (corpus.root / "a" / "nowhere.wav").symlink_to(tmp_path / "none.wav")
    assert corpus.find("a/nowhere.wav") is None
