"""Pretraining: the weights of another experiment, all of them or none, and what a training then begins with."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from koeru.training.checkpoint import Position, TrainState
from koeru.training.parts import covered, unknown_parts


@dataclass(frozen=True)
class Loaded:
    """Which tensors of a model took the weights of a state, and which tensors of either did not meet."""

    copied: tuple[str, ...]
    extended: tuple[str, ...] = ()  # with more rows behind the loaded ones
    fresh: tuple[str, ...] = ()  # of the model, which keep their initial values
    left: tuple[str, ...] = ()  # of the state, which are not used; one of another shape is among both


def load_pretrained(
    model: nn.Module,
    state: TrainState,
    extend: Collection[str] = (),
    partial: Iterable[str] = (),
    whole: Iterable[str] = (),
    *,
    alike: bool = True,
) -> Loaded:
    """Load the weights of a state into a model, all of them or none.

    The tensors named in `extend` have one row a name, and may have more rows in the model (see `with_new_rows`). Of the
    parts named in `partial`, the tensors that fit are loaded; others keep their initial values, or are not used. Where
    the state is not of a model `alike`, none of these parts is: there one name does not mean the same. Of a part named
    in `whole`, which either may lack, all tensors are loaded if all fit, or else none.

    Errors: ValueError listing every tensor that is missing, superfluous or of another shape and not in a part that
    `partial` or `whole` names, or every name in `partial` that is no part of the model or the state.
    """
    own, theirs = model.state_dict(), state.model
    partial, whole = tuple(partial), tuple(whole)
    if unknown := unknown_parts(partial, [*own, *theirs]):
        raise ValueError("\n  ".join(["partial: neither the model nor the loaded weights have a part", *unknown]))
    met = [name for name in own if name in theirs]
    extended = [name for name in met if name in extend and _has_more_rows(own[name], theirs[name])]
    copied = [name for name in met if own[name].shape == theirs[name].shape]
    misfits = {*own, *theirs} - {*copied, *extended}
    torn = [part for part in whole if any(covered(name, [part]) for name in misfits)]
    kept_out = torn if alike else [*torn, *partial]
    copied, extended = ([name for name in names if not covered(name, kept_out)] for names in (copied, extended))
    loaded = {*copied, *extended}
    fresh, left = ([name for name in tensors if name not in loaded] for tensors in (own, theirs))
    permitted = (*partial, *whole)
    if wrong := [_misfit(n, own, theirs) for n in dict.fromkeys([*fresh, *left]) if not covered(n, permitted)]:
        told = f"{len(wrong)} tensor(s) do not fit the model, and are in no part that `partial` names:"
        raise ValueError("\n  ".join([told, *wrong]))
    rows = {name: with_new_rows(theirs[name], len(own[name])) for name in extended}
    model.load_state_dict(own | {name: theirs[name] for name in copied} | rows)
    return Loaded(*map(tuple, (copied, extended, fresh, left)))


def first_state(model: nn.Module, parent: TrainState, loaded: Loaded, optimizer: str) -> TrainState:
    """The state in which a training begins whose model has `loaded` the weights of `parent`.

    With `optimizer` "reset" its step is 0 and no parameter has moments. With "keep" its step is the parent's, where the
    schedule goes on; copied parameters have the parent's moments, extended ones too, with zeros in the new rows.
    """
    if optimizer == "reset":
        return TrainState(model.state_dict(), {}, {}, parent.machine, Position())
    kept = {name: parent.moments[name] for name in loaded.copied if name in parent.moments}
    for name in loaded.extended:
        if name in parent.moments:
            new = len(model.get_parameter(name)) - len(parent.model[name])
            kept[name] = {kind: _with_zeros(values, new) for kind, values in parent.moments[name].items()}
    return TrainState(model.state_dict(), kept, {}, parent.machine, Position(step=parent.position.step))


def freeze(model: nn.Module, parts: Iterable[str]) -> None:
    """Let the parameters of the named parts keep the values they have: they ask for no gradient any more.

    Errors: ValueError naming the parts that the model does not have, or where nothing would be left to train.
    """
    parts, parameters = tuple(parts), dict(model.named_parameters())
    if unknown := unknown_parts(parts, parameters):
        raise ValueError("\n  ".join(["train.freeze: the model has no part", *unknown]))
    if all(covered(name, parts) for name in parameters):
        raise ValueError(f"train.freeze leaves nothing to train: {', '.join(parts)} is the whole model")
    for name, parameter in parameters.items():
        if covered(name, parts):
            parameter.requires_grad_(False)


def with_new_rows(rows: Tensor, count: int) -> Tensor:
    """Embeddings (N, D) with more rows behind them, `count` in all: each new one is the mean of the N.

    A new voice begins as the average one: the layers above know vectors of that region, and none drawn at random.
    """
    return torch.cat([rows, rows.mean(0, keepdim=True).expand(count - len(rows), -1)])


def _has_more_rows(tensor: Tensor, loaded: Tensor) -> bool:
    return tensor.ndim == loaded.ndim == 2 and tensor.shape[1] == loaded.shape[1] and len(tensor) > len(loaded)


def _with_zeros(values: Tensor, count: int) -> Tensor:
    """Moments with `count` rows of zeros behind them; Adam's step, which has no rows, as it is."""
    return values if values.ndim == 0 else torch.cat([values, values.new_zeros(count, *values.shape[1:])])


def _misfit(name: str, own: dict[str, Tensor], theirs: dict[str, Tensor]) -> str:
    if name not in theirs:
        return f"{name}: not in the loaded weights"
    if name not in own:
        return f"{name}: not in the model"
    return f"{name}: {tuple(theirs[name].shape)} in the loaded weights, {tuple(own[name].shape)} in the model"
