"""A vocoder of koeru, from its view, in the form that the published code reads."""

import json
import sys
from dataclasses import replace

import pytest
import torch
from in_process import made
from told_vocoder import LOADED, told

from koeru.families.vocoder import hand_over
from koeru.families.vocoder.hifigan import MultiPeriodDiscriminator, MultiScaleDiscriminator, generator
from koeru.families.vocoder.published import UNKNOWN, Source, read
from koeru.graph.node import record
from koeru.graph.plan import place
from koeru.graph.store import file_digest, write_json
from koeru.graph.view import show
from koeru.training.checkpoint import Position, TrainState, save

N_MELS = 10
CONFIG = {
    "corpora": {"S": {"format": "studies", "stand_in": {"minutes": 1.9}}},
    "spk": {"mini": {"corpora": ["S"]}, "few": {"base": "mini", "mel": {"n_mels": N_MELS, "fmax": 7000}}},
    "weights": {"universal": {"generator": "g", "variant": "v2"}},
    "vocoder": {
        "tuned": {
            "spk": "few",
            "variant": "v3",
            "start": "other@2",
            "optimizer": "keep",
            "epochs": 3,
            "train": {"batch_size": 5, "base_lr": 1e-3, "lr_decay": 0.9},
        },
        "other": {"spk": "few", "variant": "v3", "epochs": 2, "train": {"batch_size": 6}},
        "as_it_is": {"spk": "mini", "start": "universal", "variant": "v2", "epochs": 0},
    },
}
LOG = [{"epoch": epoch, "step": 10 * epoch, "dev": {"mel": mel}} for epoch, mel in enumerate((0.5, 0.3, 0.4), 1)]


@pytest.fixture(scope="module")
def states():
    """Of the two vocoders: the first was trained with its discriminators, the second is a generator alone."""
    torch.manual_seed(0)
    parts = {
        "generator": generator("v3", N_MELS),
        "discriminators.mpd": MultiPeriodDiscriminator((2,) * 5),
        "discriminators.msd": MultiScaleDiscriminator((16,) * 7),
    }
    model = {f"{part}.{name}": tensor for part, module in parts.items() for name, tensor in module.state_dict().items()}
    moments = {
        f"{part}.{name}": {"step": torch.tensor(30.0), "exp_avg": p.detach() / 2, "exp_avg_sq": p.detach().square()}
        for part, module in parts.items()
        for name, p in module.named_parameters()
    }
    best = {name: tensor + 1 for name, tensor in parts["generator"].state_dict().items()}
    alone = {f"generator.{name}": tensor for name, tensor in generator("v2").state_dict().items()}
    return {
        "tuned": TrainState(model, moments, {}, UNKNOWN, Position(epoch=3, step=30, log=LOG), best),
        "as_it_is": TrainState(alone, {}, {}, UNKNOWN, Position(step=7)),
    }


@pytest.fixture
def views(tmp_path, states):
    """The views of the two vocoders in a working folder, and what writes a state into the store."""
    plan = made(CONFIG, tmp_path / "store")

    def put(name, state):
        node = plan.graph.trained["vocoder"][name].node
        if name == "tuned":
            save(state, plan.store.epoch_state_path(place(node), 3))
            write_json(plan.store.epoch_path(place(node), 3), told(loaded=LOADED | {"epochs": 2}))
        else:
            save(state, plan.store.folder(place(node)) / "state.pt")

    for name, state in states.items():
        put(name, state)
        shown = plan.graph.views["vocoder"][name]
        write_json(plan.store.folder(place(shown)) / "metrics.json", {})
        show(plan.store, tmp_path / "vocoder" / name, place(shown), record(shown), {})
    return tmp_path / "vocoder", put


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the script; what it printed, what it told, and how it ended."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["hand_over", *map(str, arguments)])
        ended = None
        try:
            hand_over.main()
        except SystemExit as error:
            ended = error.code
        printed = capsys.readouterr()
        return printed.out, printed.err, ended

    return run


def read_back(variant, generator, discriminators=None):
    files = {"generator": generator} | ({"discriminators": discriminators} if discriminators else {})
    return read(
        Source("back", variant, **files, **{f"{leaf}_sha256": file_digest(path) for leaf, path in files.items()})
    )


def same(ours, theirs):
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def of_generator(weights):
    return {f"generator.{name}": tensor for name, tensor in weights.items()}


def test_all_that_the_published_code_needs_to_train_on(run, views, states, tmp_path):
    folder = tmp_path / "given" / "away"
    printed, warned, ended = run(views[0] / "tuned", "--to", folder, "--discriminators")
    assert ended is None and printed.split() == [str(folder / n) for n in ("g_00000030", "config.json", "do_00000030")]
    back = read_back("v3", folder / "g_00000030", folder / "do_00000030")
    assert same(back.model, states["tuned"].model) and back.position == Position(epoch=3, step=30)
    assert all(same(back.moments[name], moments) for name, moments in states["tuned"].moments.items())
    content = torch.load(folder / "do_00000030", weights_only=True)
    assert content["optim_d"]["param_groups"][0]["lr"] == pytest.approx(1e-3 * 0.9 ** (2 + 3))
    assert "the discriminators have widths [(2, 2, 2, 2, 2), (16," in warned
    config = json.loads((folder / "config.json").read_text())
    expected = {"resblock": "2", "num_mels": N_MELS, "fmax": 7000, "batch_size": 5, "learning_rate": 1e-3, "seed": 773}
    assert config | expected == config


def test_the_generator_is_that_of_the_epoch_that_is_taken(run, views, states, tmp_path):
    for options, best in (([], True), (["--take", "best"], True), (["--take", "last"], False)):
        folder = tmp_path / f"to{len(options)}{best}"
        _, _, ended = run(views[0] / "tuned", "--to", folder, *options)
        assert ended is None
        (file,) = folder.glob("g_*")
        state = states["tuned"]
        assert file.name == ("g_00000020" if best else "g_00000030")
        last = {name: tensor for name, tensor in state.model.items() if name.startswith("generator.")}
        assert same(read_back("v3", file).model, of_generator(state.best) if best else last)
        assert sorted(path.name for path in folder.iterdir()) == ["config.json", file.name]


def test_without_a_dev_split_the_last_epoch_is_written(run, views, states, tmp_path):
    views[1]("tuned", replace(states["tuned"], best={}))
    assert run(views[0] / "tuned", "--to", tmp_path / "a")[2] is None
    assert (tmp_path / "a" / "g_00000030").is_file()
    assert "no best epoch" in run(views[0] / "tuned", "--to", tmp_path / "b", "--take", "best")[2]


def test_weights_that_were_taken_over_are_given_on(run, views, states, tmp_path):
    view = views[0] / "as_it_is"
    assert run(view, "--to", tmp_path / "a", "--store", tmp_path / "store")[2] is None
    assert same(read_back("v2", tmp_path / "a" / "g_00000007").model, states["as_it_is"].model)
    config = json.loads((tmp_path / "a" / "config.json").read_text())
    assert config["upsample_initial_channel"] == 128 and config["num_mels"] == 80
    ended = run(view, "--to", tmp_path / "b", "--discriminators")[2]
    assert ended.startswith("hand_over: the vocoder has no discriminators")
    assert not (tmp_path / "b").exists()


def test_what_cannot_be_written_is_told(run, views, tmp_path):
    view, to = views[0] / "tuned", ("--to", tmp_path / "given")
    assert "is not a view of koeru: `snakemake --cores 8 vocoder/NAME`" in run(tmp_path / "nothing", *to)[2]
    assert "goes with the last epoch" in run(view, *to, "--discriminators", "--take", "best")[2]
    other = tmp_path / "data" / "mini"
    write_json(other / "record.json", {"dataset": {"stage": "dataset", "params": {}}})
    assert f"{other} shows nothing that has a vocoder" in run(other, *to)[2]
    ended = run(view, *to, "--store", tmp_path / "elsewhere")[2]
    assert "epoch_0003.pt is not there" in ended and "--store" in ended
    assert not (tmp_path / "given").exists()
    assert run(view, *to)[2] is None
    assert "has g_00000020, config.json already: choose another folder" in run(view, *to)[2]


def test_help_has_an_example(run):
    printed, _, ended = run("--help")
    assert ended == 0 and "python -m koeru.families.vocoder.hand_over vocoder/LINE_6 --to" in printed
