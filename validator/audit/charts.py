"""The charts of a report, as SVG that needs no script and no other file. Drawn by matplotlib (extra ``audit``)."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from validator.audit.tally import ACCEPTED, INTERNAL, REFUSED, UNREADABLE

_COLORS: Final[Mapping[str, str]] = {ACCEPTED: "#4c9f70", REFUSED: "#d1495b", UNREADABLE: "#8d99ae", INTERNAL: "#22223b"}
_WIDTH: Final = 4.8  # inches, of 72 pixels: legible on a screen of 400 pixels
_ROW: Final = 0.3  # inches: the height of a bar with its label
_MOST_LABELS: Final = 6  # on the axis of time
_SETTINGS: Final[Any] = {
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.size": 10,
    "text.parse_math": False,  # "$" in a caller is a character
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_NO_METADATA: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}


def draw_times(times: Sequence[str], counts: Mapping[str, Sequence[int]], name: str) -> str:
    """Return stacked bars of verdicts over time. counts: by kind of verdict, one for each time. name: unique in a document."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(_WIDTH, 2.6), layout="constrained")
        axes = figure.subplots()
        bottom = [0] * len(times)
        for kind, color in _COLORS.items():
            if any(counts.get(kind, ())):
                axes.bar(range(len(times)), counts[kind], bottom=bottom, color=color, label=kind, width=0.9)
                bottom = [low + more for low, more in zip(bottom, counts[kind], strict=True)]
        step = -(-len(times) // _MOST_LABELS)
        axes.set_xticks(range(0, len(times), step), times[::step], rotation=30, ha="right")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
        return _to_svg(figure, name, "verdicts over time")


def draw_counts(counts: Sequence[tuple[str, int]], name: str, title: str) -> str:
    """Return horizontal bars, the first at the top. title: of the picture for those who cannot see it."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(_WIDTH, 0.5 + _ROW * len(counts)), layout="constrained")
        axes = figure.subplots()
        labels, values = [label for label, _ in counts], [count for _, count in counts]
        bars = axes.barh(range(len(counts)), values, color=_COLORS[REFUSED])
        axes.bar_label(bars, [f"{value:,}" for value in values], padding=3)
        axes.set_yticks(range(len(counts)), labels)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.margins(x=0.2)
        axes.invert_yaxis()
        return _to_svg(figure, name, title)


def _to_svg(figure: Figure, name: str, title: str) -> str:
    stream = io.StringIO()
    metadata: Any = _NO_METADATA
    with mpl.rc_context({"svg.hashsalt": name, "svg.id": name}):
        figure.savefig(stream, format="svg", metadata=metadata)
    picture = stream.getvalue()
    return picture[picture.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
