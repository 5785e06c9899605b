"""What an experiment in voice conversion leaves: its converter, a file that works by itself, and what is seen of it."""

from __future__ import annotations

from koeru.families.experiments.exp import leave
from koeru.families.vc.family import FAMILY
from koeru.families.vc.hearing import Hearing
from koeru.families.vc.measure.evaluation import couple
from koeru.families.vc.page.page import conversion_page
from koeru.families.vc.pairs import Pairs
from koeru.graph.stages import SEGMENTS
from koeru.jobs.features import mel_spec
from koeru.jobs.stage import Work

STAGES = ("conversion", "conversion_samples", "conversion_evaluation")


def hearing(work: Work) -> Hearing:
    """How the features of the dataset were computed."""
    silence = {leaf.removeprefix("segments."): work[leaf] for leaf in SEGMENTS}
    bounds = (work["pitch.f0_floor"], work["pitch.f0_ceil"])
    return Hearing(mel_spec(work), work["pitch.method"], *bounds, silence, work["pitch.speakers"])


def job(work: Work) -> None:
    """Write what an experiment leaves, with a converter for `Converter.from_file`."""
    heard = hearing(work)
    couples = sorted({couple(pair) for pair in Pairs.of(work).of_split("train")})
    told = {"family": FAMILY.name, "hearing": heard.to_dict(), "couples": couples}
    leave(work, heard.mel, *(work.parents[stage] for stage in STAGES), told=told, page=conversion_page)
