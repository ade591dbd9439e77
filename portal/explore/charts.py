"""Charts that are built once and then only have their data swapped.

Every chart is one Bokeh renderer over one data source: a change sends some numbers and no new
figure, which is what makes it quick.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, NumeralTickFormatter, Range1d
from bokeh.plotting import figure

# The Analysis Function's colours in their order, then those that MHCLG adds.
COLOURS = (
    "#12436D",
    "#28A197",
    "#801650",
    "#F46A25",
    "#3D3D3D",
    "#A285D1",
    "#9C7A00",
    "#C62828",
    "#7A9A01",
    "#D81B60",
    "#8C5A2B",
    "#1F77B4",
)
LINES = "#D6D6D6"
FONT = "Helvetica Neue, Helvetica, Arial, sans-serif"
_LONGEST_LABEL = 44
_PIES_IN_A_ROW = 4
_PIE = 190  # pixels for a pie and the room round it
_TOOLTIPS = [("", "@label"), ("", "@series"), ("Records", "@count{0,0}"), ("Share", "@share{0.0}%")]


@dataclass(frozen=True)
class Segment:
    """A part of one bar or pie: `value` is what is drawn.

    `share` is in per cent of that bar, None where a part of the bar is withheld; pies need it.
    """

    bar: str
    series: str
    colour: str
    count: int
    share: float | None
    value: float


def colour(number: int) -> str:
    """The colour of the series of a number; a series keeps its colour in every chart."""
    return COLOURS[number % len(COLOURS)]


class Chart:
    """Bars, columns or pies of the same segments; `figures` are by their name."""

    def __init__(self) -> None:
        """Makes the three figures, empty."""
        empty: dict[str, list[Any]] = {
            name: [] for name in ("bar", "low", "high", "colour", "label", "series", "count")
        }
        self._bars = ColumnDataSource({**empty, "share": []})
        self._slices = ColumnDataSource(
            {**empty, "share": [], "x": [], "y": [], "start": [], "end": []}
        )
        self._names = ColumnDataSource({"x": [], "y": [], "text": []})
        across = figure(
            y_range=FactorRange(), height=320, sizing_mode="stretch_width", toolbar_location=None
        )
        across.hbar(
            y="bar", left="low", right="high", height=0.7, color="colour", source=self._bars
        )
        across.x_range.start = 0
        up = figure(
            x_range=FactorRange(), height=420, sizing_mode="stretch_width", toolbar_location=None
        )
        up.vbar(x="bar", bottom="low", top="high", width=0.7, color="colour", source=self._bars)
        up.y_range.start = 0
        up.xaxis.major_label_orientation = math.pi / 5
        pies = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(0, 1),
            frame_width=_PIE,
            frame_height=_PIE,
            toolbar_location=None,
        )
        pies.wedge(
            x="x",
            y="y",
            radius=0.4,
            start_angle="start",
            end_angle="end",
            color="colour",
            line_color="#ffffff",
            source=self._slices,
        )
        pies.text(
            x="x",
            y="y",
            text="text",
            source=self._names,
            text_align="center",
            text_font=value(FONT),
            text_font_size="13px",
            text_color="#0b0c0c",
        )
        pies.axis.visible = False
        pies.grid.visible = False
        self.figures = {"bars": across, "columns": up, "pie": pies}
        for drawn in self.figures.values():
            drawn.add_tools(HoverTool(tooltips=_TOOLTIPS))
            drawn.outline_line_color = None
            drawn.toolbar.active_drag = None
            for axis in drawn.axis:
                axis.major_label_text_font = FONT
                axis.major_label_text_font_size = "14px"
                axis.major_label_text_color = "#0b0c0c"
                axis.axis_line_color = LINES
                axis.major_tick_line_color = None
                axis.minor_tick_line_color = None
            for grid in drawn.grid:
                grid.grid_line_color = None
        across.xgrid.grid_line_color = LINES
        up.ygrid.grid_line_color = LINES
        across.xaxis.ticker.desired_num_ticks = 5

    def show(self, kind: str, segments: Sequence[Segment], percent: bool) -> None:
        """Puts other data into the figure of a kind; the segments of a bar come in their order."""
        bars = list(dict.fromkeys(segment.bar for segment in segments))
        words = _distinct(bars)
        if kind == "pie":
            self._show_pies(bars, words, segments)
            return
        reached = dict.fromkeys(bars, 0.0)
        rows: dict[str, list[Any]] = {name: [] for name in self._bars.data}
        for segment in segments:
            low = reached[segment.bar]
            reached[segment.bar] = low + segment.value
            _add(rows, segment, bar=words[segment.bar], low=low, high=reached[segment.bar])
        drawn = self.figures[kind]
        labels = [words[bar] for bar in bars]
        amounts = drawn.yaxis if kind == "columns" else drawn.xaxis
        for axis in amounts:
            axis.formatter = NumeralTickFormatter(format="0" if percent else "0,0")
            axis.axis_label = "Per cent" if percent else "Records"
            axis.axis_label_text_font_style = "normal"
        if kind == "bars":
            drawn.y_range.factors = labels[::-1]
            drawn.height = max(160, 90 + 34 * len(labels))
        else:
            drawn.x_range.factors = labels
        self._bars.data = rows

    def _show_pies(
        self, bars: Sequence[str], words: dict[str, str], segments: Sequence[Segment]
    ) -> None:
        across = min(len(bars), _PIES_IN_A_ROW) or 1
        down = -(-len(bars) // across) or 1
        places = {
            bar: (number % across + 0.5, down - number // across - 0.46)
            for number, bar in enumerate(bars)
        }
        turned = dict.fromkeys(bars, math.pi / 2)
        rows: dict[str, list[Any]] = {name: [] for name in self._slices.data}
        for segment in segments:
            start = turned[segment.bar]
            end = start - 2 * math.pi * (segment.share or 0) / 100
            turned[segment.bar] = end
            x, y = places[segment.bar]
            if segment.share:
                _add(rows, segment, bar=segment.bar, x=x, y=y, start=end, end=start, low=0, high=0)
        drawn = self.figures["pie"]
        drawn.x_range.update(start=0, end=across)
        drawn.y_range.update(start=0, end=down)
        drawn.update(frame_width=_PIE * across, frame_height=_PIE * down)
        self._slices.data = rows
        named = [] if len(bars) == 1 else list(bars)
        self._names.data = {
            "x": [places[bar][0] for bar in named],
            "y": [places[bar][1] - 0.54 for bar in named],
            "text": [words[bar] for bar in named],
        }


def _distinct(bars: Sequence[str]) -> dict[str, str]:
    """Words short enough for an axis, no two alike."""
    words: dict[str, str] = {}
    for bar in bars:
        short = shorten(bar, _LONGEST_LABEL, placeholder="…")
        while short in words.values():
            short += " "
        words[bar] = short
    return words


def _add(rows: dict[str, list[Any]], segment: Segment, **more: Any) -> None:
    values = {
        "colour": segment.colour,
        "label": segment.bar,
        "series": segment.series,
        "count": segment.count,
        # Bokeh writes a number that is not one as three hyphens.
        "share": float("nan") if segment.share is None else segment.share,
        **more,
    }
    for name, column in rows.items():
        column.append(values[name])
