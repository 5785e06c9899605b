"""A configuration in which nothing is wrong, to be changed; and what is then wrong with it."""

import pytest
import yaml
from configured import load

from koeru.config.tables import ConfigError

SOUND = """
corpora:
  A: {format: studies, path: corpora/A}
  B: {format: studies, stand_in: {minutes: 3}}
spk:
  one:
    note: the first
    corpora: [A]
    segments: {min_silence_len: 300, keep_silence: 50}
    pitch: {method: harvest, speakers: {Teacher: {f0_floor: 90}}}
  two: {base: one, pitch: {speakers: {MStudent: {f0_ceil: 300}}}}
  three: {base: two, corpora: [A, B], segments: {min_silence_len: null}}
exp:
  first: {spk: one, epochs: 100, chunk: 30, model: {kernel_sizes: [5, 3]}}
  second: {base: first, pretrain: first@60}
  third: {base: second, spk: three, pretrain: null}
"""


def sound():
    return yaml.safe_load(SOUND)


def changed(path, value):
    """The sound configuration with one value put in at a dotted path."""
    raw = sound()
    *outer, last = path.split("/")
    inner = raw
    for part in outer:
        inner = inner.setdefault(part, {})
    inner[last] = value
    return raw


def problems(raw):
    with pytest.raises(ConfigError) as caught:
        load(raw)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems
