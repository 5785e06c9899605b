"""What is fresh, stale or missing, which parameter is the reason, and what it will cost."""

import itertools
import json
from pathlib import Path

import pytest
import yaml

from koeru.config import load
from koeru.forecast import steps_at
from koeru.graph import Graph
from koeru.node import record
from koeru.plan import Plan
from koeru.status import changes, dry_run_lines, status_lines, summary
from koeru.store import Store

CONFIG = """
corpora:
  A: {format: studies, path: corpora/A}
spk:
  voice: {corpora: [A], shards: 2}
  other: {base: voice, mel: {fmax: 7600}}
exp:
  parent: {spk: voice, epochs: 4, chunk: 2}
  child: {base: parent, train: {seed: 3}, pretrain: parent@2}
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Views lie in the working directory."""
    monkeypatch.chdir(tmp_path)


def plan_of(*replaced):
    """The plan of the configuration with some of its words (old, new) replaced."""
    text = CONFIG
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return Plan(Graph(load(yaml.safe_load(text))), Store("store"))


def write(path, content=None):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content or {}))


def finish(plan, kind, name, seconds=0.0, show=True):
    """Pretend that every job of an entry has run, each shard and each epoch for some seconds."""
    node = plan.entry(kind, name)
    for job in plan.planned([node]):
        content = {"run": {"seconds": seconds}}
        if job.epoch is not None:
            start = plan.start(job.node, job.epoch)
            content = {"run": {"seconds": seconds * (job.epoch - start)}, "epoch": job.epoch, "start": start}
            content["step"] = 10 * job.epoch
        elif job.node.sharded:
            content = {"run": {"seconds": seconds * job.node.shards}, "digests": [""] * job.node.shards}
        elif job.node.stage == "utterances":
            content["corpora"] = {"A": {"files": 2, "bytes": 3}}
        elif job.node.stage == "stats":
            content |= {"utterances": {"train": 2209}, "frames": {"train": 1_000_001}}
        write(job.output, content)
    if show:
        write(plan.view(kind, name))
        write(Path(kind, name, "record.json"), record(node))


def row(plan, entry):
    """The cells of an entry in the table: state, would run, work."""
    (line,) = [line for line in status_lines(plan) if line.startswith(f"{entry} ")]
    return [cell.strip() for cell in line.split("  ") if cell.strip()][1:]


def below(lines, heading):
    """The lines below a heading, to the next one."""
    rest = lines[lines.index(heading) + 1 :] if heading in lines else []
    return [line.strip() for line in itertools.takewhile(lambda line: line, rest)]


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
    assert set(heads) == {f"data/{n}" for n in plan.graph.data} | {f"exp/{n}" for n in plan.graph.exp}
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


def test_a_raised_version_is_told():
    node = record(plan_of().graph.data["voice"])
    older = {path: n | {"version": n["version"] - (path == "mel")} for path, n in node.items()}
    assert changes(older, node) == ["koeru computes mel anew (version 0 → 1)"]
    assert changes(node, node) == []


def test_a_value_that_came_or_went_is_a_dash():
    node = {"train": {"stage": "train", "version": 1, "key": "a", "epoch": None, "params": {"stand_in.minutes": None}}}
    other = {"train": node["train"] | {"key": "b", "params": {"stand_in.minutes": 5.0}}}
    assert changes(node, other) == ["stand_in.minutes: – → 5.0 (read by train)"]


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
    assert "train (2 chunks of epochs)" in summary(plan.planned([plan.graph.exp["parent"]]))


# ---- estimates ---------------------------------------------------------------------------------------------------


def test_without_earlier_runs_the_work_is_unknown():
    assert row(plan_of(), "exp/child")[-1] == "unknown"


def test_the_work_is_known_from_earlier_runs():
    finish(plan_of(), "exp", "child", seconds=10.0)
    plan = plan_of(("seed: 3", "seed: 4"))
    jobs = plan.planned([plan.graph.exp["child"]])
    assert [job.rule for job in jobs] == ["train", "train", "synthesis", "evaluation", "exp"]
    assert row(plan, "exp/child")[-1] == "about 1 min 10 s"  # 4 epochs, and three stages


def test_a_stage_that_never_ran_is_named():
    finish(plan_of(), "data", "voice", seconds=10.0)
    work = row(plan_of(), "exp/parent")[-1]
    assert work == "unknown"
    assert row(plan_of(("shards: 2", "shards: 2, sp: {n_coded: 24}")), "exp/parent")[-1] == (
        "about 30 s, and unknown for evaluation, exp, synthesis, train"
    )


# ---- warnings ----------------------------------------------------------------------------------------------------


def warned(plan):
    """The warnings of `status`, by experiment."""
    lines = below(status_lines(plan), "Warnings:")
    return {(name, words) for line in lines for names, _, words in [line.partition(": ")] for name in names.split(", ")}


def ends(plan, name):
    """Where the run of an experiment ends, by its warnings of anneal points that never come."""
    return {w.split("the run ends at ")[1].split(";")[0] for n, w in warned(plan) if n == name and "anneal" in w}


def test_of_a_schedule_nothing_is_said_before_the_dataset_is_built():
    assert not warned(plan_of())
    finish(plan_of(), "data", "voice")
    assert {name for name, _ in warned(plan_of())} == {"exp/parent", "exp/child"}


def test_the_end_of_a_run_is_its_epochs_of_as_many_batches_as_its_utterances_fill():
    finish(plan_of(), "data", "voice")
    assert ends(plan_of(), "exp/parent") == ends(plan_of(), "exp/child") == {f"step {4 * 139}"}
    assert ends(plan_of(("epochs: 4", "epochs: 500")), "exp/parent") == {"step 69500"}
    assert ends(plan_of(("seed: 3", "batch_size: 2300")), "exp/child") == {"step 4"}
    assert ends(plan_of(("seed: 3", "group_size: 2")), "exp/child") == {f"step {4 * 139}"}


def test_a_frame_budget_and_a_limit_of_length_make_the_end_an_estimate():
    finish(plan_of(), "data", "voice")
    assert ends(plan_of(("seed: 3", "batch_frames: 10000")), "exp/child") == {f"about step {4 * 101}"}
    assert ends(plan_of(("seed: 3", "max_frames: 1000")), "exp/child") == {f"about step {4 * 139}"}


def test_a_run_that_keeps_the_optimizer_goes_on_where_its_parent_was():
    kept = ("pretrain: parent@2", "pretrain: parent@2, optimizer: keep")
    finish(plan_of(kept), "data", "voice")
    assert ends(plan_of(kept), "exp/child") == {f"step {6 * 139}"}
    assert ends(plan_of(kept, ("chunk: 2", "chunk: 2, train: {max_frames: 1000}")), "exp/child") == {
        f"about step {6 * 139}"
    }
    finish(plan_of(kept), "exp", "parent")  # which really made 20 steps in 2 epochs
    assert ends(plan_of(kept), "exp/child") == {f"step {20 + 4 * 139}"}


def test_the_end_of_a_run_that_was_trained_is_as_recorded():
    finish(plan_of(), "exp", "child")
    assert ends(plan_of(), "exp/child") == {"step 40"}


def test_what_is_within_the_run_is_not_warned_of():
    within = ("seed: 3", "warmup_steps: 100, anneal_steps: [500]")
    finish(plan_of(within), "data", "voice")
    assert {name for name, _ in warned(plan_of(within))} == {"exp/parent"}


def test_what_the_model_never_learns_is_known_before_anything_is_built():
    unlearned = ("train: {seed: 3}", "train: {g_beta: 0}, model: {global_prosody: true}, partial: [prosody]")
    ((name, words),) = warned(plan_of(unlearned))
    assert name == "exp/child" and words.startswith("global prosody is not trained: train.g_beta is 0")


def test_a_dry_run_warns_of_its_targets_alone_and_not_of_what_is_finished():
    finish(plan_of(), "data", "voice")
    told = dry_run_lines(plan_of(), ["-n", "exp/child"])
    assert [line.split(":")[1].strip() for line in told if line.startswith("  warning: ")] == [
        "train.warmup_steps",
        "train.max_lr_scale",
        "train.anneal_steps",
    ]
    assert not any("warning" in line for line in dry_run_lines(plan_of(), ["-n", "data/other"]))
    finish(plan_of(), "exp", "child")
    assert dry_run_lines(plan_of(), ["-n", "exp/child"]) == []


def test_the_end_that_status_foretells_is_the_end_that_a_training_has(mini):
    elsewhere = Plan(mini.graph, Unsaved(mini.store.root))
    trained = [job for job in mini.jobs if job.node.stage == "train"]
    assert len(trained) >= 4
    for job in trained:
        assert steps_at(elsewhere, job.node, job.epoch) == steps_at(mini.plan, job.node, job.epoch)


class Unsaved(Store):
    """A store whose trainings seem not to have run."""

    def epoch_path(self, place, epoch):
        return super().epoch_path(place, epoch).with_suffix(".unsaved")


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
    stopped = "Published weights that a run would stop for:"
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
    labelled = ("path: corpora/A", "path: corpora/A, labels: {hand: labels/A}")
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
    labelled = ("path: corpora/A", "path: corpora/A, labels: {hand: labels/A}")
    for folder in {"corpora/A", "labels/A"} - {away}:
        Path(folder).mkdir(parents=True)
    finish(plan_of(labelled), "data", "voice")
    assert not any("when listed" in line for line in status_lines(plan_of(labelled)))


def test_a_corpus_that_is_away_hinders_no_table():
    finish(plan_of(), "data", "voice")
    assert not Path("corpora").exists()
    assert row(plan_of(), "data/voice") == ["fresh", "none"]
