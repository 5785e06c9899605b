"""A recogniser's model from its section and its vocabulary."""

from __future__ import annotations

from koeru.data.vocabulary import Names, Vocabulary
from koeru.families.recogniser.entry import Head, Model
from koeru.families.recogniser.heads import classes
from koeru.families.recogniser.quartznet import QuartzNet
from koeru.languages import Language

NOBODY = Names((), ())  # it is not told who speaks


def named_rows(heads: tuple[Head, ...]) -> list[str]:
    """The tensors with one row an id of the vocabulary."""
    return [f"heads.{head}.weight" for head in heads]


def vocabulary_of(own: Language) -> Vocabulary:
    """What a model must know to recognise a language."""
    return Vocabulary.spoken(own, NOBODY)


def build_model(settings: Model, vocabulary: Vocabulary, n_mels: int) -> QuartzNet:
    """The model that a section `model` describes."""
    if settings.type != "quartznet":
        raise ValueError(f"model.type: there is no model {settings.type!r}")
    return QuartzNet(settings, n_mels, {head: len(classes(head, vocabulary)) for head in settings.heads})
