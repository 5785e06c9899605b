"""What is fresh, stale or missing, which parameter is the reason, and what it will cost."""

from pathlib import Path

import pytest
from pretended import below, finish, plan_of, write

from koeru.families import FAMILIES
from koeru.graph.node import record
from koeru.status.status import changes, dry_run_lines, status_lines, summary


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Views lie in the working directory."""
    monkeypatch.chdir(tmp_path)


def row(plan, entry):
    """The cells of an entry in the table: state, would run, work."""
    (line,) = [line for line in status_lines(plan) if line.startswith(f"{entry} ")]
    return [cell.strip() for cell in line.split("  ") if cell.strip()][1:]


def reasons(plan, entry):
    changed = below(status_lines(plan), "What has changed:")
    return [line.removeprefix(f"{entry}: ") for line in changed if line.startswith(f"{entry}: ")]


# ---- states ------------------------------------------------------------------------------------------------------


def test_every_entry_has_a_row_and_is_missing_at_first():
    lines = status_lines(plan_of())
    assert [line.split()[:2] for line in lines[1:5]] == [
        ["data/voice", "missing"],
        ["data/other", "missing"],
        ["exp/parent", "missing"],
        ["exp/child", "missing"],
    ]
    assert not reasons(plan_of(), "data/voice")


def test_fresh():
    finish(plan_of(), "data", "voice")
    assert row(plan_of(), "data/voice") == ["fresh", "none"]
    assert dry_run_lines(plan_of(), ["data/voice"]) == []


def test_a_view_alone_may_be_missing():
    finish(plan_of(), "data", "voice", show=False)
    assert row(plan_of(), "data/voice") == ["missing", "only its view", "none"]
    assert dry_run_lines(plan_of(), ["data/voice"]) == ["data/voice is missing: only its view; work: none"]


def test_what_was_shown_and_is_gone_is_incomplete():
    finish(plan_of(), "data", "voice")
    plan = plan_of()
    Path(plan.whole(plan.graph.data["voice"]).output).unlink()
    assert row(plan, "data/voice")[:2] == ["incomplete", "dataset"]


def test_a_changed_parameter_is_named_from_what_to_what():
    finish(plan_of(), "exp", "child")
    stale = plan_of(("shards: 2", "shards: 2, segments: {min_silence_len: 300}"))
    state, would_run, work = row(stale, "exp/child")
    assert state == "stale"
    assert would_run.startswith("segments, labels, pitch, energy, mel, sp")
    assert work.startswith("about")
    assert reasons(stale, "exp/child") == ["segments.min_silence_len: 500 → 300 (read by segments)"]
    told = dry_run_lines(stale, ["-n", "exp/child/", "--cores", "elsewhere/child", "exp/nobody"])
    assert told[0].startswith("exp/child is stale: segments, labels")
    assert told[1:] == ["  segments.min_silence_len: 500 → 300 (read by segments)"]


def test_a_dry_run_without_an_entry_tells_of_every_entry_that_is_not_fresh():
    finish(plan_of(), "exp", "child")
    plan = plan_of(("shards: 2", "shards: 2, segments: {min_silence_len: 300}"))
    heads = [line.split(" is ")[0] for line in dry_run_lines(plan, ["-n"]) if " is " in line]
    assert set(heads) == {f"data/{n}" for n in plan.graph.data} | {f"exp/{n}" for n in plan.graph.views["exp"]}
    assert dry_run_lines(plan, ["-n", "all"]) == dry_run_lines(plan, ["-n"])


def test_all_stages_that_read_a_parameter_are_named():
    finish(plan_of(), "data", "voice")
    finish(plan_of(), "exp", "child")
    stale = plan_of(("shards: 2", "shards: 2, pitch: {f0_floor: 60}"))
    assert reasons(stale, "data/voice") == ["pitch.f0_floor: 71.0 → 60.0 (read by pitch, sp)"]
    assert reasons(stale, "exp/child") == ["pitch.f0_floor: 71.0 → 60.0 (read by pitch)"]  # it reads no sp


def test_change_and_back_is_fresh():
    finish(plan_of(), "exp", "child")
    assert row(plan_of(("seed: 3", "seed: 4")), "exp/child")[0] == "stale"
    assert row(plan_of(), "exp/child") == ["fresh", "none"]


def test_changes_of_the_parent_are_told_as_such():
    finish(plan_of(), "exp", "child")
    changed = plan_of(("epochs: 4", "epochs: 4, model: {hidden: 64}"))
    assert reasons(changed, "exp/child") == ["model.hidden: 256 → 64 (read by train, train of pretrain)"]
    epochs = plan_of(("parent@2", "parent@4"))
    assert reasons(epochs, "exp/child") == ["epochs: 2 → 4 (read by train of pretrain)"]
    alone = plan_of((", pretrain: parent@2", ""))
    assert reasons(alone, "exp/child") == ["train of pretrain is no longer read"]
    further = plan_of(("pretrain: parent@2", "pretrain: parent@2, epochs: 6"))
    assert reasons(further, "exp/child") == ["epochs: 4 → 6 (read by train)"]
    assert row(further, "exp/child")[1] == "train (1 chunk of epochs), synthesis, evaluation, exp"


def test_another_dataset_is_told_by_its_parameters_alone():
    finish(plan_of(), "exp", "child")
    moved = plan_of(("child: {base: parent", "child: {base: parent, spk: other"))
    assert reasons(moved, "exp/child") == ["mel.fmax: 8000.0 → 7600.0 (read by synthesis, mel)"]


def test_a_file_whose_content_has_changed_is_told_by_its_path(tmp_path):
    words, corrections = tmp_path / "words.csv", tmp_path / "corrections.csv"

    def read_as(kana):
        words.write_text(f"a,{kana}\n", "utf-8")
        corrections.write_text(f"id,kana\na,{kana}\n", "utf-8")
        languages = f"languages: {{japanese: {{words: {words}}}}}"
        return plan_of(("shards: 2", f"shards: 2, corrections: {corrections}"), ("\nspk:", f"\n{languages}\nspk:"))

    def told(plan):
        lines = dry_run_lines(plan, ["data/voice"])[1:]
        return [line.strip().removesuffix(" (read by labels)") for line in lines]

    finish(plan_of(), "data", "voice")
    assert told(read_as("ア")) == [f"corrections: – → {corrections}", f"languages.japanese.words: – → {words}"]
    finish(read_as("ア"), "data", "voice")
    changed = "its content has changed"
    assert told(read_as("イ")) == [
        f"corrections: {corrections}: {changed}",
        f"languages.japanese.words: {words}: {changed}",
    ]
    Path(plan_of().view("data", "voice")).unlink()
    gone = "there is no file any more"
    assert told(plan_of()) == [f"corrections: {gone}", f"languages.japanese.words: {gone}"]


def test_a_raised_version_is_told():
    node = record(plan_of().graph.data["voice"])
    older = {path: n | {"version": n["version"] - (path == "mel")} for path, n in node.items()}
    assert changes(older, node, FAMILIES) == ["koeru computes mel anew (version 0 → 1)"]
    assert changes(node, node, FAMILIES) == []


def test_a_leaf_that_is_younger_than_the_record_has_not_changed():
    node = record(plan_of().graph.data["voice"])
    labels = dict(node["labels"]["params"])
    del labels["labels.language"]
    assert changes(node | {"labels": node["labels"] | {"params": labels}}, node, FAMILIES) == []


def test_a_value_that_came_or_went_is_a_dash():
    node = {"train": {"stage": "train", "version": 1, "key": "a", "epoch": None, "params": {"stand_in.minutes": None}}}
    other = {"train": node["train"] | {"key": "b", "params": {"stand_in.minutes": 5.0}}}
    assert changes(node, other, FAMILIES) == ["stand_in.minutes: – → 5.0 (read by train)"]


# ---- what would run ----------------------------------------------------------------------------------------------


def test_a_part_of_the_shards_is_counted():
    finish(plan_of(), "data", "voice", show=False)
    plan = plan_of()
    pitch = plan.graph.data["voice"].parents["pitch"]
    for job in (plan.shard(pitch, 1), plan.whole(pitch), plan.whole(plan.graph.data["voice"])):
        Path(job.output).unlink()
    assert summary(plan.planned([plan.graph.data["voice"]])) == "pitch (1 of 2 shards), dataset"


def test_chunks_are_counted():
    plan = plan_of()
    assert "train (2 chunks of epochs)" in summary(plan.planned([plan.graph.views["exp"]["parent"]]))


# ---- estimates ---------------------------------------------------------------------------------------------------


def test_without_earlier_runs_the_work_is_unknown():
    assert row(plan_of(), "exp/child")[-1] == "unknown"


def test_the_work_is_known_from_earlier_runs():
    finish(plan_of(), "exp", "child", seconds=10.0)
    plan = plan_of(("seed: 3", "seed: 4"))
    jobs = plan.planned([plan.graph.views["exp"]["child"]])
    assert [job.rule for job in jobs] == ["train", "train", "synthesis", "evaluation", "exp"]
    assert row(plan, "exp/child")[-1] == "about 1 min 10 s"  # 4 epochs, and three stages


def test_a_stage_that_never_ran_is_named():
    finish(plan_of(), "data", "voice", seconds=10.0)
    work = row(plan_of(), "exp/parent")[-1]
    assert work == "unknown"
    assert row(plan_of(("shards: 2", "shards: 2, sp: {n_coded: 24}")), "exp/parent")[-1] == (
        "about 40 s, and unknown for evaluation, exp, synthesis, train"
    )


# ---- the same twice ----------------------------------------------------------------------------------------------

TWICE = "The same under two names:"


def test_entries_that_are_the_same_are_said_to_be_so_and_the_first_one_gives_its_name():
    again = ("exp:", "  again: {base: voice}\nexp:\n  early: {spk: again, epochs: 4, chunk: 2}")
    assert below(status_lines(plan_of()), TWICE) == []
    assert below(status_lines(plan_of(again)), TWICE) == ["data/again is data/voice", "exp/parent is exp/early"]
    told = dry_run_lines(plan_of(again), ["exp/parent"])
    assert told[1:] == ["  it is exp/early"]
    assert len(dry_run_lines(plan_of(again), ["exp/early"])) == 1


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ("epochs: 6", "exp/second shares its training with exp/parent, up to epoch 4"),
        ("synthesis: {samples: 1}", "exp/second shares its training with exp/parent"),
        ("note: another note", "exp/second is exp/parent"),
    ],
)
def test_a_training_that_two_experiments_share_is_told(difference, words):
    second = ("  child:", "  second: {base: parent, " + difference + "}\n  child:")
    assert below(status_lines(plan_of(second)), TWICE) == [words]


# ---- vocoders ----------------------------------------------------------------------------------------------------

VOCODERS = """weights:
  published: {generator: g_1, source: the page of its authors}
vocoder:
  tuned: {spk: voice, start: published, epochs: 4, chunk: 2}
exp:"""


def test_a_vocoder_has_a_line_of_its_own_and_experiments_name_the_chunks_that_they_lack():
    plan = plan_of(
        ("exp:", VOCODERS),
        ("spk: voice, epochs: 4, chunk: 2}\n  child", "spk: voice, epochs: 4, chunk: 2, vocoder: tuned}\n  child"),
    )
    lines = {line.split()[0]: line for line in status_lines(plan) if line.startswith(("exp/", "vocoder/"))}
    assert "vocoder (2 chunks of epochs), resynthesis" in lines["vocoder/tuned"]
    assert "vocoder (2 chunks of epochs), synthesis" in lines["exp/parent"]
    finish(plan, "vocoder", "tuned")
    fresh = {line.split()[0]: line.split()[1] for line in status_lines(plan) if line.startswith("vocoder/")}
    assert fresh == {"vocoder/tuned": "fresh"}


def test_what_a_vocoder_was_and_is_made_with_is_told():
    natural = [
        ("exp:", VOCODERS),
        ("spk: voice, epochs: 4, chunk: 2}\n  child", "spk: voice, epochs: 4, chunk: 2, vocoder: tuned}\n  child"),
    ]
    finish(plan_of(*natural), "vocoder", "tuned")
    forced = plan_of(*natural, ("chunk: 2}\nexp", "chunk: 2, mels: teacher_forced, exp: parent@2}\nexp"))
    told = dry_run_lines(forced, ["vocoder/tuned"])
    assert "  vocoder.mels: natural → teacher_forced (read by vocoder)" in told
    assert any("gta" in line and "is new" in line for line in told)


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ("epochs: 6", "vocoder/second shares its training with vocoder/tuned, up to epoch 4"),
        ("take: last", "vocoder/second shares its training with vocoder/tuned"),
        ("note: another note", "vocoder/second is vocoder/tuned"),
    ],
)
def test_a_training_that_two_vocoders_share_is_told(difference, words):
    second = "\n  second: {base: tuned, " + difference + "}\nexp:"
    plan = plan_of(("exp:", VOCODERS.replace("\nexp:", second)))
    assert below(status_lines(plan), TWICE) == [words]


def test_published_weights_that_a_run_would_stop_for_are_told_until_they_are_read_in(tmp_path):
    plan = plan_of(("exp:", VOCODERS))
    stopped = "What a run would stop for:"
    told = "\n".join(below(status_lines(plan), stopped))
    assert "weights.published.generator: there is no file" in told and "the page of its authors" in told
    (tmp_path / "g_1").write_bytes(b"weights")
    assert "generator_sha256 is not stated" in "\n".join(below(status_lines(plan), stopped))
    finish(plan, "vocoder", "tuned")
    assert stopped not in status_lines(plan)


# ---- corpora -----------------------------------------------------------------------------------------------------


def test_a_corpus_that_differs_from_its_record_is_told():
    write("corpora/A/a.wav")  # two bytes: {}
    Path("corpora/A/b.wav").write_bytes(b"1")
    finish(plan_of(), "data", "voice")
    assert not any("corpora" in line for line in status_lines(plan_of()))
    Path("corpora/A/b.wav").write_bytes(b"123")
    lines = status_lines(plan_of())
    (told,) = [line.strip() for line in lines if "when listed" in line]
    assert told.startswith("corpora.A: 2 files, 3 bytes when listed; now 2 files, 5 bytes. Raise its revision")
    assert row(plan_of(), "data/voice") == ["fresh", "none"]


def test_labels_beside_a_corpus_are_part_of_it():
    labelled = ("path: corpora/A", "path: corpora/A, labels: [{name: hand, path: labels/A, made: by_hand}]")
    write("corpora/A/a.wav")
    Path("labels/A").mkdir(parents=True)
    Path("labels/A/a.lab").write_bytes(b"1")
    finish(plan_of(labelled), "data", "voice")
    assert not any("when listed" in line for line in status_lines(plan_of(labelled)))
    Path("labels/A/b.lab").write_bytes(b"12")
    (told,) = [line for line in status_lines(plan_of(labelled)) if "when listed" in line]
    assert "2 files, 3 bytes when listed; now 3 files, 5 bytes" in told


def test_a_change_is_told_once_however_many_datasets_listed_the_corpus():
    write("corpora/A/a.wav")
    filtered = ("other: {base: voice", "other: {base: voice, corpora: [{name: A, speakers: [Teacher]}]")
    plan = plan_of(filtered)
    assert len({node.key for (stage, _), node in plan.graph.nodes.items() if stage == "utterances"}) == 2
    for name in ("voice", "other"):
        finish(plan, "data", name)
    assert len([line for line in status_lines(plan_of(filtered)) if "when listed" in line]) == 1


@pytest.mark.parametrize("away", ["corpora/A", "labels/A"])
def test_a_corpus_that_is_away_is_not_told_as_changed(away):
    labelled = ("path: corpora/A", "path: corpora/A, labels: [{name: hand, path: labels/A, made: by_hand}]")
    for folder in {"corpora/A", "labels/A"} - {away}:
        Path(folder).mkdir(parents=True)
    finish(plan_of(labelled), "data", "voice")
    assert not any("when listed" in line for line in status_lines(plan_of(labelled)))


def test_a_corpus_that_is_away_hinders_no_table():
    finish(plan_of(), "data", "voice")
    assert not Path("corpora").exists()
    assert row(plan_of(), "data/voice") == ["fresh", "none"]
