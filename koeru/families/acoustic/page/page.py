"""The page of an experiment as HTML."""

from pathlib import Path

from koeru.config.training import GRIFFIN_LIM
from koeru.families.acoustic.page.data import Experiment
from koeru.report.page import render

TEMPLATE = Path(__file__).parent / "templates" / "experiment.html.j2"


def experiment_page(data: Experiment) -> str:
    """The page of one experiment as a whole HTML document."""
    return render(TEMPLATE, page=data, griffin_lim=data.vocoder == GRIFFIN_LIM)
