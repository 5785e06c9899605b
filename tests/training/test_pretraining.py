"""Weights of another training: all or none, but for the parts that are named; and what a training begins with."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from koeru.data.vocabulary import Names
from koeru.families.acoustic.build import NAMED_ROWS
from koeru.training.checkpoint import Position, TrainState
from koeru.training.machine import Machine
from koeru.training.parts import covered
from koeru.training.pretraining import first_state, freeze, load_pretrained, with_new_rows
from koeru.training.state import moments_of, restore

MACHINE = Machine.of(torch.device("cpu"), threads=1)


def state_of(model, step=0, moments=None):
    """The state of a training of the model, as if at a step."""
    return TrainState(model.state_dict(), moments or {}, {}, MACHINE, Position(epoch=4, step=step))


def weights(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(ours, theirs):
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def built(shapes):
    """A model with parameters of the given dotted names and shapes."""
    model = nn.Module()
    for name, shape in shapes.items():
        inner, *path, last = model, *name.split(".")
        for part in path:
            if not hasattr(inner, part):
                inner.add_module(part, nn.Module())
            inner = getattr(inner, part)
        inner.register_parameter(last, nn.Parameter(torch.randn(shape)))
    return model


# ---- all or none ----------------------------------------------------------------------------------------------------


def test_pretrained_weights_fit_whole_or_not_at_all():
    source = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(3, 3)})
    saved = state_of(source)
    other = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(3, 3)})
    loaded = load_pretrained(other, saved)
    assert torch.equal(other["a"].weight, source["a"].weight)
    assert loaded.copied == tuple(source.state_dict()) and loaded.extended == ()
    other = nn.ModuleDict({"a": nn.Linear(2, 4), "c": nn.Linear(3, 3)})
    before = weights(other)
    with pytest.raises(ValueError) as error:
        load_pretrained(other, saved)
    message = str(error.value)
    assert message.startswith("6 tensor(s) do not fit")
    assert "c.weight: not in the loaded weights" in message
    assert "b.bias: not in the model" in message
    assert "a.weight: (3, 2) in the loaded weights, (4, 2) in the model" in message
    assert same(weights(other), before)


TWO = {"body.w": (2,), "judges.one.a": (2,), "judges.one.b": (3,), "judges.two.a": (2,)}


@pytest.mark.parametrize(
    ("theirs", "loaded"),
    [
        (TWO, set(TWO)),
        (TWO | {"judges.one.b": (4,)}, {"body.w", "judges.two.a"}),
        (TWO | {"judges.two.c": (4,)}, {"body.w", "judges.one.a", "judges.one.b"}),
        ({"body.w": (2,), "judges.one.a": (2,)}, {"body.w"}),
        ({"body.w": (2,)}, {"body.w"}),
    ],
)
@pytest.mark.parametrize("without", [[], ["judges.two.a"]])
def test_a_part_that_is_whole_is_loaded_whole_or_not_at_all(theirs, loaded, without):
    """Nor is it an error if the model or the state lacks it."""
    model, source = built({name: shape for name, shape in TWO.items() if name not in without}), built(theirs)
    before = weights(model)
    told = load_pretrained(model, state_of(source), whole=["judges.one", "judges.two"])
    assert set(told.copied) == loaded - set(without)
    assert set(told.fresh) == before.keys() - loaded and set(told.left) == theirs.keys() - set(told.copied)
    for name, tensor in weights(model).items():
        assert torch.equal(tensor, source.state_dict()[name] if name in told.copied else before[name])


def test_of_another_kind_of_model_nothing_is_taken_that_is_named_apart():
    """Though it has the same shape: two kinds of models do not mean the same by one name."""
    theirs = {"decoder.a": (2,), "variance.a": (2,), "variance.b": (3,), "phones": (4,), "speakers": (2, 3)}
    ours = {"decoder.a": (2,), "variance.a": (2,), "variance.b": (5,), "source": (4,), "speakers": (4, 3)}
    apart = ("variance", "phones", "source", "speakers")
    for alike, copied in ((True, ("decoder.a", "variance.a")), (False, ("decoder.a",))):
        model, source = built(ours), built(theirs)
        before = weights(model)
        loaded = load_pretrained(model, state_of(source), ["speakers"], apart, alike=alike)
        assert loaded.copied == copied and loaded.extended == (("speakers",) if alike else ())
        expected = source.state_dict() if alike else before
        assert torch.equal(weights(model)["variance.a"], expected["variance.a"])
        assert {*loaded.fresh} == before.keys() - {*copied, *loaded.extended}


def test_outside_of_the_parts_that_are_whole_all_must_fit():
    with pytest.raises(ValueError, match=r"1 tensor\(s\) do not fit .*\n  body.w: \(3,\) in the loaded weights"):
        load_pretrained(built(TWO), state_of(built(TWO | {"body.w": (3,), "judges.one.b": (4,)})), whole=["judges.one"])


def test_new_rows_are_the_mean_of_the_known_ones():
    rows = torch.randn(5, 3)
    more = with_new_rows(rows, 7)
    assert more.shape == (7, 3) and torch.equal(more[:5], rows)
    torch.testing.assert_close(more[5:], rows.mean(0).expand(2, 3))
    assert torch.equal(with_new_rows(rows, 5), rows)


class Named(nn.Module):
    """A model with a row a name."""

    def __init__(self, names, width=4):
        super().__init__()
        self.speakers = nn.Embedding(len(names.speakers), width)
        self.emotions = nn.Embedding(len(names.emotions), width)
        self.layer = nn.Linear(width, 2)


PARENT = Names(("Teacher", "MStudent"), ("Normal", "Happy"))


@pytest.mark.parametrize("own", [("FStudent", "Teacher"), ("Teacher", "FStudent"), ("FStudent", "Anna", "MStudent")])
def test_shared_speakers_keep_their_row_and_new_ones_begin_as_the_mean(own):
    parent = Named(PARENT)
    saved = state_of(parent)
    names = PARENT.followed_by(Names(own, ("Happy",)))
    model = Named(names)
    loaded = load_pretrained(model, saved, extend=NAMED_ROWS)
    assert loaded.extended == ("speakers.weight",)
    assert {*loaded.copied, *loaded.extended} == set(model.state_dict())
    for name, row in names.ids["speakers"].items():
        own_row = model.speakers.weight[row]
        if name in PARENT.speakers:
            assert torch.equal(own_row, parent.speakers.weight[PARENT.ids["speakers"][name]])
        else:
            torch.testing.assert_close(own_row, parent.speakers.weight.mean(0))
    for name in loaded.copied:
        assert torch.equal(model.state_dict()[name], saved.model[name])


@pytest.mark.parametrize(
    ("model", "extend", "tensor"),
    [
        (
            Named(PARENT.followed_by(Names(("FStudent",), ()))),
            (),
            "speakers.weight: (2, 4) in the loaded weights, (3, 4)",
        ),
        (
            Named(Names(("Teacher",), PARENT.emotions)),
            NAMED_ROWS,
            "speakers.weight: (2, 4) in the loaded weights, (1, 4)",
        ),
        (Named(PARENT, width=5), NAMED_ROWS, "emotions.weight: (2, 4) in the loaded weights, (2, 5)"),
        (Named(PARENT, width=5), NAMED_ROWS, "layer.weight: (2, 4) in the loaded weights, (2, 5)"),
    ],
)
def test_any_other_shape_is_refused_by_name(model, extend, tensor):
    saved, before = state_of(Named(PARENT)), weights(model)
    with pytest.raises(ValueError) as error:
        load_pretrained(model, saved, extend)
    assert tensor in str(error.value)
    assert same(weights(model), before)


# ---- partial --------------------------------------------------------------------------------------------------------

NAMES = ("a.weight", "a.bias", "a.b.weight", "ab.weight", "c.d.e", "c.d.f", "c.g", "h")
SHAPES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([(2,), (3,), (2, 3)]), min_size=1)


@given(SHAPES, SHAPES, st.sets(st.sampled_from(["a", "a.b", "ab", "c", "c.d", "c.d.e", "h"])))
def test_what_fits_is_copied_what_does_not_is_named_and_all_is_told(own, theirs, partial):
    model, parent = built(own), built(theirs)
    before = weights(model)
    fits = {name for name in own if own[name] == theirs.get(name)}
    unknown = {part for part in partial if not any(covered(name, [part]) for name in {**own, **theirs})}
    wrong = {name for name in {**own, **theirs} if name not in fits and not covered(name, partial)}
    if unknown or wrong:
        with pytest.raises(ValueError) as error:
            load_pretrained(model, state_of(parent), partial=partial)
        lines = str(error.value).splitlines()[1:]
        named = {line.split(";")[0].strip(" '") if unknown else line.split(":")[0].strip() for line in lines}
        assert named == (unknown or wrong)
        assert same(weights(model), before)
        return
    loaded = load_pretrained(model, state_of(parent), partial=partial)
    assert set(loaded.copied) == fits and loaded.extended == ()
    assert set(loaded.fresh) == own.keys() - fits and set(loaded.left) == theirs.keys() - fits
    for name, tensor in weights(model).items():
        assert torch.equal(tensor, parent.state_dict()[name] if name in fits else before[name])


def test_a_part_is_a_dotted_prefix_and_not_any_prefix():
    parent = built({"prosody.predictor.x": (2,)})
    part = "prosody.predictor.local"
    model = built({"prosody.predictor.x": (2,), f"{part}.gru.weight_ih_l0": (2, 2)})
    assert load_pretrained(model, state_of(parent), partial=[part]).fresh == (f"{part}.gru.weight_ih_l0",)
    with pytest.raises(ValueError, match=r"prosody\.predictor\.locality\.w: not in the loaded weights"):
        load_pretrained(
            built({"prosody.predictor.x": (2,), f"{part}.w": (1,), f"{part}ity.w": (1,)}),
            state_of(parent),
            partial=[part],
        )


def test_an_unknown_part_is_told_with_the_nearest_one():
    model = built({"prosody.predictor.local.w": (2,)})
    with pytest.raises(ValueError, match=r"'prosody\.predictor\.locl'; did you mean 'prosody\.predictor\.local'\?"):
        load_pretrained(model, state_of(model), partial=["prosody.predictor.locl"])


def test_buffers_are_weights_too():
    parent, model = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    parent(torch.randn(9, 3))
    load_pretrained(model, state_of(parent))
    assert same(weights(model), weights(parent)) and not torch.equal(model.running_mean, torch.zeros(3))


# ---- what a training begins with ------------------------------------------------------------------------------------


def trained(model, steps=2):
    """The state of a model after some steps of Adam."""
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(steps):
        optimiser.zero_grad()
        sum(parameter.square().sum() for parameter in model.parameters() if parameter.requires_grad).backward()
        optimiser.step()
    return state_of(model, step=steps, moments=moments_of(model, [optimiser]))


def begun(model, parent, optimizer, **arguments):
    loaded = load_pretrained(model, parent, **arguments)
    return first_state(model, parent, loaded, optimizer)


def test_reset_begins_at_step_0_with_no_moments():
    parent = trained(built({"a": (2,)}))
    state = begun(built({"a": (2,)}), parent, "reset")
    assert (state.position, state.moments, state.generators) == (Position(), {}, {})
    assert same(state.model, parent.model)


def test_keep_goes_on_at_the_parents_step_with_its_moments():
    parent = trained(built({"a": (2,), "b.x": (3,), "b.y": (2,)}), steps=7)
    model = built({"a": (2,), "b.x": (4,), "c": (2,)})
    state = begun(model, parent, "keep", partial=["b", "c"])
    assert state.position == Position(step=7)
    assert state.moments.keys() == {"a"} and same(state.moments["a"], parent.moments["a"])


def test_keep_gives_new_rows_no_moments_of_their_own():
    wider = PARENT.followed_by(Names(("FStudent",), ()))
    parent = trained(Named(PARENT), steps=3)
    state = begun(Named(wider), parent, "keep", extend=NAMED_ROWS)
    moments, theirs = state.moments["speakers.weight"], parent.moments["speakers.weight"]
    assert moments["step"] == theirs["step"] == 3
    for kind in ("exp_avg", "exp_avg_sq"):
        assert torch.equal(moments[kind][:2], theirs[kind]) and torch.equal(moments[kind][2:], torch.zeros(1, 4))


def test_of_the_same_model_keep_is_the_training_itself():
    torch.manual_seed(0)
    model = built({"a": (2,), "b": (3, 2)})
    parent = copy.deepcopy(trained(model, steps=3))
    child = built({"a": (2,), "b": (3, 2)})
    optimiser = torch.optim.Adam(child.parameters(), lr=0.1)
    place = restore(begun(child, parent, "keep"), child, [optimiser], torch.device("cpu"), MACHINE)
    assert (place.epoch, place.step) == (0, 3)
    assert same(weights(child), parent.model)
    found = moments_of(child, [optimiser])
    assert found.keys() == parent.moments.keys() and all(same(found[name], parent.moments[name]) for name in found)


def test_chains_of_pretraining_keep_what_each_link_has():
    first = trained(built({"a": (2,)}), steps=2)
    model = built({"a": (2,), "b": (2,)})
    second = begun(model, first, "keep", partial=["b"])
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1)
    place = restore(second, model, [optimiser], torch.device("cpu"), MACHINE)
    model.get_parameter("b").sum().backward()
    optimiser.step()
    place.step += 1
    after = state_of(model, place.step, moments_of(model, [optimiser]))
    third = begun(built({"a": (2,), "b": (2,), "c": (2,)}), after, "keep", partial=["c"])
    assert third.position.step == 3
    assert {name: int(kinds["step"]) for name, kinds in third.moments.items()} == {"a": 2, "b": 1}


# ---- freezing -------------------------------------------------------------------------------------------------------


def test_a_frozen_part_keeps_what_it_begins_with():
    model = built({"a.x": (2,), "a.y": (2,), "ab": (2,)})
    freeze(model, ["a"])
    before = weights(model)
    after = trained(model)
    assert [name for name, p in model.named_parameters() if not p.requires_grad] == ["a.x", "a.y"]
    assert torch.equal(after.model["a.x"], before["a.x"]) and not torch.equal(after.model["ab"], before["ab"])
    assert after.moments.keys() == {"ab"}


def test_a_frozen_part_takes_the_parents_weights():
    parent = trained(built({"a": (2,), "b": (2,)}))
    model = built({"a": (2,), "b": (2,)})
    freeze(model, ["a"])
    state = begun(model, parent, "keep")
    assert torch.equal(state.model["a"], parent.model["a"])
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad])
    restore(state, model, [optimiser], torch.device("cpu"), MACHINE)
    assert moments_of(model, [optimiser]).keys() == {"b"}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (["encodr"], "train.freeze: the model has no part\n  'encodr'; did you mean 'encoder'?"),
        (["zzz"], "'zzz'; there are encoder, decoder"),
        (["encoder", "decoder"], "train.freeze leaves nothing to train: encoder, decoder is the whole model"),
    ],
)
def test_what_cannot_be_frozen_is_told(parts, words):
    with pytest.raises(ValueError) as error:
        freeze(built({"encoder.x": (1,), "decoder.x": (1,)}), parts)
    assert words in str(error.value)
