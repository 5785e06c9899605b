"""How pictures of the pages are drawn: colours, style, axes, and figures as data URIs.

Every figure is an object of its own (no pyplot, no global state) and gives the same bytes for the same data. Labels are
Latin only, as no Japanese font is assumed; Japanese text belongs in the HTML.
"""

import base64
import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

# Okabe and Ito's palette (2008): told apart with any kind of colour vision.
BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
)
NATURAL, PREDICTED, KEPT, EXCLUDED = BLUE, VERMILION, BLUE, VERMILION
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
INK, FAINT = "#24292f", "#d0d7de"

STYLE = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.edgecolor": "#8c959f",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#eaeef2",
    "text.color": INK,
    "xtick.color": "#57606a",
    "ytick.color": "#57606a",
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "figure.facecolor": "white",
    "svg.hashsalt": "koeru",  # without it, ids in the SVG are random
}
WIDTH = 9.0  # inches


def log_axis(axes: Axes, which: str, subs: Sequence[float] = (1, 1.5, 2, 3, 4, 5, 7)) -> None:
    """A log axis with plain numbers at ``subs`` of a decade: F0 and losses cover too little for 10^n."""
    axes.set(**{f"{which}scale": "log"})
    axis = {"x": axes.xaxis, "y": axes.yaxis}[which]
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.7g}"))
    axis.set_minor_locator(NullLocator())


def svg(figure: Figure) -> str:
    """A figure as a data URI of lines, sharp at any size; the same figure gives the same bytes."""
    return _data_uri("image/svg+xml", svg_file(figure))


def svg_file(figure: Figure) -> bytes:
    """The same lines as the content of a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def png(figure: Figure) -> str:
    """A figure as a data URI of pixels, for pictures of many values."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return _data_uri("image/png", buffer.getvalue())


def _data_uri(kind: str, payload: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(payload).decode()}"
