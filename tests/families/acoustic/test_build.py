"""The model that an experiment's leaves describe."""

import numpy as np
import pytest
from tiny import TINY_MODEL

from koeru.config.base import defaults, over
from koeru.data.names import KINDS, NO_TURN, Names
from koeru.data.statistics import Moments, Stats
from koeru.families.acoustic.build import NAMED_ROWS, build_model
from koeru.families.acoustic.entry import Exp, Model

NAMES = Names(("Anna", "Ben"), ("Sad", "Normal", "Happy"), (NO_TURN, "Sad", "Angry", "Happy"))


@pytest.fixture
def stats():
    rng = np.random.default_rng(0)
    arrays = {"log_f0": rng.normal(size=50), "log_energy": rng.normal(size=50), "mel": rng.normal(size=(50, 4))}
    moments = {name: {"Anna": Moments.of(array, axis=0)} for name, array in arrays.items()}
    return Stats.of_moments(moments, names=NAMES, per_speaker=False)


@pytest.mark.parametrize("used", [True, False])
def test_names_have_one_row_each_where_the_model_is_told_them(stats, used):
    told = {f"model.{kind.removesuffix('s')}": used for kind in KINDS}
    tiny = {f"model.{leaf}": value for leaf, value in TINY_MODEL.items()}
    weights = build_model(over(Model, defaults(Exp) | tiny | told, "model."), NAMES, stats).state_dict()
    rows = {name: len(weights[name]) for name in NAMED_ROWS if name in weights}
    assert rows == ({f"{kind}.weight": len(getattr(NAMES, kind)) for kind in KINDS} if used else {})
