"""The model that an experiment's leaves describe."""

import numpy as np
import pytest
from tiny import TINY_MODEL

from koeru.config.base import defaults, over
from koeru.data.statistics import Moments, Stats
from koeru.data.vocabulary import NO_TURN, Names, Vocabulary
from koeru.families.acoustic.build import NAMED_ROWS, ROWS_OF, build_model
from koeru.families.acoustic.entry import Exp, Model
from koeru.languages import language

NAMES = Names(("Anna", "Ben"), ("Sad", "Normal", "Happy"), (NO_TURN, "Sad", "Angry", "Happy"))
VOCABULARY = Vocabulary.spoken(language("japanese"), NAMES)


@pytest.fixture
def stats():
    rng = np.random.default_rng(0)
    arrays = {"log_f0": rng.normal(size=50), "log_energy": rng.normal(size=50), "mel": rng.normal(size=(50, 4))}
    moments = {name: {"Anna": Moments.of(array, axis=0)} for name, array in arrays.items()}
    return Stats.of_moments(moments, names=NAMES, per_speaker=False)


@pytest.mark.parametrize("used", [True, False])
def test_what_has_an_id_has_a_row_where_the_model_is_told_it(stats, used):
    told = {f"model.{kind.removesuffix('s')}": used for kind in Names.KINDS} | {"model.accent": used}
    tiny = {f"model.{leaf}": value for leaf, value in TINY_MODEL.items()}
    weights = build_model(over(Model, defaults(Exp) | tiny | told, "model."), VOCABULARY, stats).state_dict()
    rows = {name: len(weights[name]) for name in NAMED_ROWS if name in weights}
    wanted = {f"{part}.weight": len(getattr(VOCABULARY, kind)) for kind, part in ROWS_OF.items()}
    assert rows == (wanted if used else {"phones.weight": len(VOCABULARY.symbols)})
