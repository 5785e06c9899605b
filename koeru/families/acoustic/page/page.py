"""The page of an experiment as HTML."""

from pathlib import Path

from koeru.families.acoustic.page.data import SpeechPage
from koeru.report.page import render

TEMPLATE = Path(__file__).parent / "templates" / "speech.html.j2"


def experiment_page(data: SpeechPage) -> str:
    """The page of one experiment as a whole HTML document."""
    return render(TEMPLATE, page=data)
