"""Published checkpoints that are damaged, or are not what is meant: each is refused in words, and runs no code."""

import os
import re
from dataclasses import replace
from functools import partial

import pytest
import torch
from published_files import DO, N_MELS, STEPS, G, entry, give_gradients, trained, write_files
from safetensors.torch import save_file

from koeru.families.vocoder.hifigan import generator
from koeru.families.vocoder.published import Source, read, write_own
from koeru.families.vocoder.weight_norm import fold_weights
from koeru.graph.store import file_digest


@pytest.fixture(scope="module")
def whole():
    """What whole files hold; not to be changed."""
    return trained().content()


@pytest.fixture
def contents(whole):
    """What whole files hold, to be damaged; the tensors themselves are not to be changed."""

    def own(value):
        return {name: own(inner) for name, inner in value.items()} if isinstance(value, dict) else value

    return tuple(map(own, whole))


@pytest.fixture
def source(tmp_path):
    """Writes files into a folder, and gives the entry that names them."""
    return partial(write_files, tmp_path)


def refused(source: Source, *words: str) -> str:
    """The message by which the files are refused, which names the file and holds all words."""
    with pytest.raises(ValueError) as error:
        read(source)
    message = str(error.value)
    for word in words:
        assert word in message
    return message


class Attack:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (str(self.mark),))


@pytest.mark.parametrize("legacy", [False, True])
def test_a_file_with_code_is_refused_and_does_not_run(tmp_path, source, contents, legacy):
    mark, (g, do) = tmp_path / "ran", contents
    g["extra"] = Attack(mark)
    message = refused(source(g, legacy=legacy), f"{tmp_path / G} is not a checkpoint", "mkdir")
    assert "weights_only" not in message  # torch's advice to load it with all that it may run
    do["optim_d"]["state"][0]["step"] = Attack(mark)
    refused(source(contents[0] | {"extra": 1}, do, legacy=legacy), f"{tmp_path / DO} is not a checkpoint")
    assert not mark.exists()
    torch.load(tmp_path / DO, weights_only=False)  # with all that it may run, it does
    assert mark.exists()


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("share", [0, 0.001, 0.02, 0.5, 0.999])
def test_a_truncated_file_is_told(tmp_path, source, whole, legacy, share):
    entry_of_whole = source(*whole, legacy=legacy)
    for path, first in ((entry_of_whole.discriminators, False), (entry_of_whole.generator, True)):
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        digest = f"{'generator' if first else 'discriminators'}_sha256"
        refused(replace(entry_of_whole), f"{path} is not the file that is meant, or not all of it", f"{digest} says")
        message = refused(replace(entry_of_whole, **{digest: None}), f"{path} is not a checkpoint", "or not all of one")
        assert file_digest(path) not in message
        path.write_bytes(content)
    assert read(entry_of_whole).position.step == STEPS


@pytest.mark.parametrize("share", [0, 0.0001, 0.5, 0.999])
def test_a_truncated_file_of_koerus_own_is_told(tmp_path, whole, share):
    path = tmp_path / "small.safetensors"
    write_own(whole[0]["generator"], path, {"variant": "v2"})
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refused(entry({"generator": path}), f"{path} is not a safetensors file, or not all of one")


@pytest.mark.parametrize("content", [b"not a checkpoint", b"\x80\x02.", b"PK\x03\x04"])
def test_any_other_file_is_told(tmp_path, source, content):
    refused(source(content), f"{tmp_path / G} is not a checkpoint")
    path = tmp_path / "small.safetensors"
    path.write_bytes(content)
    refused(entry({"generator": path}), f"{path} is not a safetensors file")


def test_what_is_meant_is_told_by_its_sha256(tmp_path, source, whole):
    files = source(*whole)
    other = "0" * 64
    for leaf in ("generator", "discriminators"):
        path = getattr(files, leaf)
        message = refused(replace(files, **{f"{leaf}_sha256": other}), str(path), file_digest(path))
        assert f"weights.universal.{leaf}_sha256 says {other}" in message
    unstated = refused(replace(files, generator_sha256=None), "does not say which weights are meant")
    assert unstated.splitlines()[1:] == [f"  weights.universal.generator_sha256: {files.generator_sha256}"]
    both = refused(replace(files, generator_sha256=None, discriminators_sha256=None))
    written = dict(re.findall(r"weights\.universal\.(\w+): ([0-9a-f]{64})", both))
    assert read(replace(files, **written)).position.step == STEPS


def test_koerus_own_file_tells_its_variant(tmp_path, whole):
    weights, path = whole[0]["generator"], tmp_path / "small.safetensors"
    with pytest.raises(ValueError, match="have a variant, one of v1, v2, v3"):
        write_own(weights, path, {})
    write_own(weights, path, {"variant": "v3"})
    refused(entry({"generator": path}), "holds a generator of V3 (say its metadata)", "variant says v2")
    for metadata in (None, {"koeru": "{}"}, {"koeru": "[]"}):
        save_file(weights, path, metadata)
        refused(entry({"generator": path}), str(path), "no metadata `koeru` that tell a `variant`")


@pytest.mark.parametrize(("variant", "channels"), [("v1", 512), ("v3", 256)])
def test_another_variant_is_told(tmp_path, source, whole, variant, channels):
    told = "holds a generator of V2 (conv_pre has 128 channels), weights.universal.variant says"
    refused(source(whole[0], variant=variant), str(tmp_path / G), f"{told} {variant}: say v2")
    with torch.device("meta"):
        shapes = generator(variant).state_dict()
    thin = {name: torch.ones(()).expand(tensor.shape) for name, tensor in shapes.items()}
    refused(source({"generator": thin}), f"V{variant[1]} (conv_pre has {channels} channels)", "says v2")


def test_the_kinds_of_files_are_not_confused(tmp_path, source, whole):
    g, do = whole
    refused(source(do), f"{tmp_path / G} holds discriminators", "weights.universal.generator must hold a generator")
    wanted = "weights.universal.discriminators must hold discriminators (a file do_*"
    refused(source(g, g), f"{tmp_path / DO} holds a generator", wanted)
    refused(source({"state_dict": {}, "epoch": 1}), "holds the entries state_dict, epoch; weights.universal.generator")
    refused(source({}), "holds the entries of nothing")
    refused(source([1, 2]), str(tmp_path / G), "list and no dictionary")
    refused(source({"generator": [1]}), "`generator` is of the kind list")
    refused(source(g, {**do, "mpd": 3}), str(tmp_path / DO), "`mpd` is of the kind int")
    path = tmp_path / "small.safetensors"
    write_own(g["generator"], path, {"variant": "v2"})
    refused(entry({"generator": path, "discriminators": path}), f"{path} holds a generator", wanted)


def lack(weights):
    del weights["conv_post.bias"]
    return "conv_post.bias: not in the file"


def exceed(weights):
    weights["ema.weight"] = torch.ones(1)
    return "ema.weight: not in the model"


def reshape(weights):
    weights["ups.1.bias"] = torch.ones(3)
    return "ups.1.bias: (3,) float32 in the file, (32,) float32 in the model"


def halve(weights):
    weights["ups.1.bias"] = weights["ups.1.bias"].half()
    return "ups.1.bias: (32,) float16 in the file, (32,) float32 in the model"


def name_it(weights):
    weights["ups.1.bias"] = "bias"
    return "ups.1.bias: str in the file, (32,) float32 in the model"


def spoil(weights):
    weights["ups.1.bias"] = weights["ups.1.bias"] * float("nan")
    return "values that are not finite in ups.1.bias"


def fold(weights):
    model = generator("v2", N_MELS)
    fold_weights(model)
    weights.clear()
    weights.update(model.state_dict())
    return "the weight normalisation was removed, for inference: give the file as the training wrote it"


@pytest.mark.parametrize("damage", [lack, exceed, reshape, halve, name_it, spoil, fold])
def test_tensors_that_do_not_fit_are_named(tmp_path, source, contents, damage):
    g, _ = contents
    words = damage(g["generator"])
    refused(source(g, legacy=True), words, str(tmp_path / G))


@pytest.mark.parametrize(
    ("part", "tensor", "value", "words"),
    [
        ("mpd", "discriminators.2.conv_post.weight_g", None, "weight_g: not in the file"),
        ("mpd", "discriminators.0.convs.1.bias", None, "discriminators.0.convs.1.bias: not in the file"),
        ("mpd", "discriminators.1.convs.1.bias", torch.ones(9), "(9,) float32 in the file, (3,) float32 in the model"),
        ("msd", "discriminators.0.convs.1.weight_u", None, "weight_u: not in the file"),
        ("msd", "discriminators.0.convs.1.bias", torch.ones(15), "(15,) float32 in the file, (128,)"),
        ("msd", "discriminators.1.convs.1.weight_orig", torch.ones(1), "weight_orig: not in the model"),
    ],
)
def test_the_discriminators_fit_wholly_too(tmp_path, source, contents, part, tensor, value, words):
    g, do = contents
    do[part].pop(tensor, None)
    if value is not None:
        do[part][tensor] = value
    refused(source(g, do), str(tmp_path / DO), f"`{part}`", words)


# ---- optimisers that do not belong ----------------------------------------------------------------------------------


def without_one(do):
    del do["optim_d"]
    return "has no `optim_d` and the state of the optimiser is missing"


def without_both(do):
    del do["optim_d"], do["optim_g"]
    return "has no `optim_g`, no `optim_d` and the state of the optimiser is missing"


def without_counts(do):
    del do["steps"], do["epoch"]
    return "has no `steps`, no `epoch`: give the file as the training wrote it"


def at_its_beginning(do):
    do["optim_g"]["state"] = {}
    return "the state of the optimiser is missing, `optim_g` has no moments of 234 of 234 parameters"


def of_one_less(do):
    del do["optim_d"]["state"][3]
    return "moments of 1 of 154 parameters (discriminators.msd.discriminators.0.convs.1.weight_orig)"


def of_one_more(do):
    do["optim_d"]["param_groups"] = [{"params": [*range(155)]}]
    return "`optim_d` is of 155 parameters, the models have 154: it belongs to others"


def swapped(do):
    do["optim_g"], do["optim_d"] = do["optim_d"], do["optim_g"]
    return "`optim_g` is of 154 parameters, the models have 234"


def in_another_order(do):
    do["optim_d"]["param_groups"] = [{"params": [*reversed(range(154))]}]
    return "`optim_d` remembers of discriminators.msd.discriminators.0.convs.0.bias: step () float32, exp_avg (1, "


def of_another_kind(do):
    do["optim_g"]["state"][1] = {"momentum_buffer": torch.zeros(3)}
    return "remembers of generator.conv_pre.weight_g: momentum_buffer (3,) float32. It should be: step () float32"


def with_more(do):
    do["optim_g"]["state"][0]["max_exp_avg_sq"] = torch.zeros(128)
    return "max_exp_avg_sq (128,) float32"


def diverged(do):
    do["optim_g"]["state"][0]["exp_avg"] = torch.full((128,), float("inf"))
    return "values that are not finite in exp_avg of generator.conv_pre.bias"


def without_groups(do):
    do["optim_g"]["param_groups"] = None
    return "`optim_g` lists no parameters"


def no_state(do):
    do["optim_g"] = {"param_groups": []}
    return "the state of `optim_g` is of the kind NoneType"


def counted_in_words(do):
    do["steps"] = "many"
    return "`steps` is 'many' and no count"


def before_the_first(do):
    do["epoch"] = -1
    return "`epoch` is -1 and no count"


@pytest.mark.parametrize(
    "damage",
    [
        without_one,
        without_both,
        without_counts,
        at_its_beginning,
        of_one_less,
        of_one_more,
        swapped,
        in_another_order,
        of_another_kind,
        with_more,
        diverged,
        without_groups,
        no_state,
        counted_in_words,
        before_the_first,
    ],
)
def test_optimisers_that_do_not_belong_are_told(tmp_path, source, contents, damage):
    g, do = contents
    words = damage(do)
    refused(source(g, do), str(tmp_path / DO), words)


def test_the_optimiser_of_another_generator_is_told(source, whole):
    g, do = whole
    other = generator("v3", N_MELS)
    optimiser = torch.optim.AdamW(other.parameters())
    give_gradients(other, 0)
    optimiser.step()
    refused(source(g, {**do, "optim_g": optimiser.state_dict()}), "is of 69 parameters, the models have 234")
