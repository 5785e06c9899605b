"""Held-out pairs as audio: the two recordings, what the model makes of the one, and what needs no model."""

from __future__ import annotations

import numpy as np

from koeru.audio.files import read_wav
from koeru.data.splits import nothing_left
from koeru.families.experiments.samples import Audio, recording, vocoder_of
from koeru.families.vc.converter import Converter, voices
from koeru.families.vc.items import pair_item
from koeru.families.vc.measure.baselines import Baselines
from koeru.families.vc.pairs import Pair, Pairs
from koeru.graph.store import write_arrays, write_json
from koeru.jobs.features import mel_spec
from koeru.jobs.progress import Progress
from koeru.jobs.run import timed
from koeru.jobs.stage import Work, finish
from koeru.report.listening import chosen

KINDS = ("source", "target", "natural", "teacher_forced", "converted", "stretched", "world")
