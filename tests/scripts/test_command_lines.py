"""Every script answers to --help, and looks at one file by hand."""

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import SCRIPTS, script

from koeru.graph.briefing import Briefing
from koeru.graph.plan import place
from koeru.graph.stages import DATA_STAGES
from koeru.graph.store import Store
from koeru.languages.japanese.front_end import FrontEnd
from koeru.stand_in.script import Line
from koeru.text.textgrid import read_tier

LOOKS = ("stand_in", "utterances", "wav", "segments", "labels", "tokens", "pitch", "energy", "mel", "sp")


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a script in this process; what it printed and how it ended (0, 2, or a message)."""

    def run(name, *arguments):
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        try:
            runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="__main__")
            ended = 0
        except SystemExit as error:
            ended = error.code or 0
        printed = capsys.readouterr()
        return printed.out + (ended if isinstance(ended, str) else printed.err if ended else ""), ended

    return run


@pytest.fixture(scope="session")
def recording(mini):
    """The parts of one utterance: its recording, its times, its text, and the resampled recording."""
    dataset = mini.graph.data["mini"]
    corpus = mini.store.folder(place(mini.graph.stand_in["S"])) / "corpus"
    _, said = next(mini.store.records(place(dataset.parents["utterances"])))
    wav = {r["id"]: r["file"] for _, r in mini.store.records(place(dataset.parents["wav"]))}[said["id"]]
    return {
        "corpus": corpus,
        "source": corpus / said["wav"]["path"],
        "times": corpus / said["alignment"]["path"],
        "text": said["text"],
        "wav": mini.store.folder(place(dataset.parents["wav"])) / wav,
    }


@pytest.mark.parametrize("name", sorted(path.stem for path in SCRIPTS.glob("*.py")))
def test_help(run, name):
    told, ended = run(name, "--help")
    assert ended == 0
    assert f"usage: {name}.py" in told
    assert "--plan" in told


@pytest.mark.parametrize("name", sorted(DATA_STAGES))
def test_help_names_every_leaf_that_a_look_can_set(run, name):
    told, _ = run(name, "--help")
    if name in LOOKS:
        for leaf in DATA_STAGES[name].reads:
            assert f"--{leaf}" in told or leaf in ("corpora", "shards")


def test_help_from_any_folder(tmp_path):
    """As a user calls it, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for name in ("pitch", "seal"):
        command = [sys.executable, SCRIPTS / f"{name}.py", "--help"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=True)
        assert f"usage: {name}.py" in done.stdout


@pytest.mark.parametrize(
    ("name", "arrays"),
    [("pitch", ("log_f0", "voiced")), ("energy", ("log_energy",)), ("mel", ("mel",)), ("sp", ("sp", "f0"))],
)
def test_a_look_at_a_feature(run, recording, name, arrays):
    told, ended = run(name, recording["wav"])
    assert ended == 0
    lines = told.splitlines()
    assert [line.split()[0] for line in lines[-len(arrays) :]] == list(arrays)


def test_a_look_follows_its_options(run, recording):
    narrow, _ = run("mel", recording["wav"], "--mel.n_mels", 40)
    assert ", 40)" in narrow
    told, ended = run("pitch", recording["wav"], "--pitch.method", "yin")
    assert told.startswith("pitch: pitch method 'yin' is unknown") and told == ended
    told, _ = run("mel", recording["source"])
    assert "48000" in told and "--wav.sample_rate 48000" in told


def test_a_look_at_silence(run, recording):
    told, ended = run("segments", recording["wav"])
    assert ended == 0 and "dBFS" in told and "inner silences" in told
    told, ended = run("segments", recording["wav"], "--segments.silence_thresh_h=0", "--segments.silence_thresh_t=0")
    assert "only silence" in ended


def test_a_look_at_tokens(run):
    told, ended = run("tokens", "雨が降る。")
    assert ended == 0 and " ".join(line.split()[0] for line in told.splitlines()) == "sil a m e g a f u r u sil"
    _, ended = run("tokens", "雨が降る。", "--labels.max_characters", 2)
    assert ended.startswith("tokens: text cannot be read")


def test_a_look_at_labels(run, recording, tmp_path):
    def look(*options):
        told, ended = run("labels", recording["wav"], "--text", recording["text"], *options)
        rows = [line.split() for line in told.splitlines() if line.endswith("frames")]
        assert ended == 0 and rows[0][0] == rows[-1][0] == "sil" and len(rows) > 5
        return dict(line.split(": ", 1) for line in told.splitlines() if ": " in line), rows

    said, rows = look("--times", recording["times"])
    assert said["reading"].startswith("front end {") and said["means"] == "as read"
    assert said["times"] == "TextGrid tier phones" and said["spread"] == "0" and "'" in said["kana"]
    intervals = read_tier(recording["times"], "phones").intervals
    lab, labels = tmp_path / "times.lab", tmp_path / "full_context.lab"
    lab.write_text("".join(f"{i.start:.6f}\t{i.end:.6f}\t{i.phone}\n" for i in intervals))
    with FrontEnd() as front_end:
        full_context = front_end.labels(recording["text"])
    labels.write_text("".join(f"{k}000000 {k + 1}000000 {label}\n" for k, label in enumerate(full_context)))
    of_lab = said | {"times": ".lab in seconds"}
    assert look("--times", lab) == (of_lab, rows)
    assert look("--times", lab, "--made", "machine") == (of_lab | {"means": ""}, rows)
    assert look("--times", lab, "--full_context", labels) == (of_lab | {"reading": "delivered"}, rows)
    flat = said["kana"].replace("'", "")
    assert look("--times", lab, "--correction", flat)[0]["reading"] == "correction"

    _, ended = run("labels", recording["wav"], "--text", "別の文です。", "--times", recording["times"])
    assert ended.startswith("labels: another sentence: ")
    _, ended = run("labels", recording["wav"], "--text", recording["text"])
    assert ended.startswith("labels: no alignment: no TextGrid or .lab")


def test_a_look_at_resampling(run, recording, tmp_path):
    told, ended = run("wav", recording["source"], "--out", tmp_path / "out.wav", "--wav.sample_rate", 16000)
    assert ended == 0 and "gain 0.00 dB, speech up to 8000 Hz" in told
    assert told.startswith(f"{recording['source']}: 48000 Hz, channels 1, PCM_16")
    assert (tmp_path / "out.wav").stat().st_size > 1000


def test_a_look_at_a_corpus(run, recording):
    told, ended = run("utterances", recording["corpus"])
    assert ended == 0 and recording["text"] in told
    assert len(told.splitlines()) == 33


def test_a_look_at_a_stand_in_corpus(run, tmp_path, monkeypatch):
    monkeypatch.setattr("koeru.stand_in.corpus.plan", lambda *_: ((Line("Teacher", "Happy", "声です。"),),))
    told, ended = run("stand_in", "--out", tmp_path / "corpus")
    assert ended == 0 and "1 utterances" in told and "Happy" in told
    told, ended = run("stand_in", "--out", tmp_path / "corpus")
    assert "is not empty" in ended


def test_a_look_at_a_stand_in_pair(run, tmp_path):
    told, ended = run("stand_in", "--out", tmp_path / "pair", "--stand_in.pair", "true", "--stand_in.minutes", 0.05)
    assert ended == 0 and "2 utterances" in told and re.search(r"^  N +1 .*\n  C +1 ", told, re.MULTILINE)
    told, ended = run("stand_in", "--out", tmp_path, "--stand_in.pair", "true", "--stand_in.faults", "[crlf]")
    assert "stand_in.faults: the pair has none" in ended


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_at_nothing_asks_for_a_file(run, name):
    told, ended = run(name)
    assert ended in (2, told) and "Traceback" not in told
    assert "--node" in told or "--out" in told


@pytest.mark.parametrize("name", ["pitch", "segments", "wav", "utterances"])
def test_a_file_that_is_not_there_is_named(run, tmp_path, name):
    told, _ = run(name, tmp_path / "none.wav")
    assert "none.wav" in told


@pytest.mark.parametrize("name", sorted(DATA_STAGES.keys() - {*LOOKS}))
def test_a_stage_without_a_look_asks_for_its_node(run, name):
    told, ended = run(name)
    assert ended == 2 and "--node is needed" in told


def named(mini, node, folder):
    """The options by which Snakemake names a node, and the file that says what it is."""
    briefing = Briefing(mini.graph, Store(folder / "told"))
    briefing.write()
    return ("--node", f"{node.stage}/{node.key}", "--plan", str(briefing.path))


def test_a_job_as_snakemake_calls_it(run, mini, tmp_path):
    """The same function, through the command line and a store of its own."""
    node = mini.graph.data["mini"].parents["splits"]
    listed = mini.store.folder(place(node.parents["utterances"]))
    target = tmp_path / "store" / "utterances"
    target.mkdir(parents=True)
    (target / listed.name).symlink_to(listed)
    told, ended = run("splits", *named(mini, node, tmp_path), "--store", tmp_path / "store")
    assert (told, ended) == ("", 0)
    made, before = ((root / "splits" / node.key / "splits.json") for root in (tmp_path / "store", mini.store.root))
    assert made.read_bytes() == before.read_bytes()


def test_an_error_is_a_message_and_a_traceback_on_request(run, mini, tmp_path):
    splits = named(mini, mini.graph.data["mini"].parents["splits"], tmp_path)
    _, ended = run("splits", *splits, "--store", tmp_path)
    assert ended.startswith("splits: ") and "000.json" in ended
    with pytest.raises(FileNotFoundError):
        run("splits", *splits, "--store", tmp_path, "--traceback")
    _, ended = run("splits", "--node", "splits/0123456789abcdef", *splits[2:])
    assert "was written for another configuration" in ended
    _, ended = run("splits", *splits[:2])
    assert "--node needs --plan" in ended


def test_seal_and_show_by_hand(run, mini, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    node = mini.graph.data["mini"]
    sealed = node.parents["energy"]
    (tmp_path / "store" / "energy").mkdir(parents=True)
    (tmp_path / "store" / "segments").symlink_to(mini.store.root / "segments")
    folder = tmp_path / "store" / "energy" / sealed.key
    folder.mkdir()
    for shard in range(2):
        (folder / f"{shard:03d}.json").symlink_to(mini.store.shard_path(place(sealed), shard))
    assert run("seal", *named(mini, sealed, tmp_path))[1] == 0
    assert json.loads((folder / "node.json").read_text())["in"] == 33

    (tmp_path / "store" / "dataset").symlink_to(mini.store.root / "dataset")
    plan = named(mini, node, tmp_path)[2:]
    assert run("show", "data/mini", *plan)[1] == 0
    assert Path("data", "mini", ".shows", node.key).exists()
    assert "mini" in Path("data", "mini", "quality.html").read_text("utf-8")
    Path("data", "mini", "mine").touch()
    told, ended = run("show", "data/mini", *plan)
    assert ended.startswith("show: ") and "mine" in told


def test_the_scripts_are_those_of_the_stages():
    assert {path.stem for path in SCRIPTS.glob("*.py")} == {
        *DATA_STAGES,
        "seal",
        "show",
        "training",
        "family",
    }
    assert all(hasattr(script(stage), "job") or hasattr(script(stage), "analyse") for stage in DATA_STAGES)
