"""A map of England's local authorities: coloured by one figure, and chosen from by a click."""

from collections.abc import Callable, Mapping
from typing import Any

from bokeh.models import (
    BasicTicker,
    ColorBar,
    ColumnDataSource,
    HoverTool,
    LinearColorMapper,
    NumeralTickFormatter,
    TapTool,
)
from bokeh.plotting import figure

from data_access.reference.boundaries import local_authority_boundaries
from data_access.reference.local_authorities import local_authorities
from portal.explore.charts import FONT

# Light to dark, the Analysis Function's sequence; grey where there is no figure.
_SEQUENCE = ("#ADD1F1", "#6BACE6", "#2073BC", "#12436D", "#092135")
_NO_FIGURE = "#F2F2F2"
NO_FIGURE_WORDS = "withheld, too few records, or none"


class AreaMap:
    """The map. `chosen` is called with the code of an area when it is clicked."""

    def __init__(self, chosen: Callable[[str], None]) -> None:
        """Draws the outlines without figures."""
        places = local_authorities()
        outlines = local_authority_boundaries()
        self.codes = sorted(code for code in outlines if code in places)
        self._source = ColumnDataSource(
            {
                "xs": [_joined(outlines[code], 0) for code in self.codes],
                "ys": [_joined(outlines[code], 1) for code in self.codes],
                "name": [places[code].name for code in self.codes],
                "value": [float("nan")] * len(self.codes),
                "words": [NO_FIGURE_WORDS] * len(self.codes),
            }
        )
        self._mapper = LinearColorMapper(palette=_SEQUENCE, nan_color=_NO_FIGURE, low=0, high=1)
        self._told = chosen
        self._showing = False
        drawn = figure(
            match_aspect=True,
            height=620,
            sizing_mode="stretch_width",
            toolbar_location="above",
            tools="pan,wheel_zoom,reset",
        )
        outline = drawn.patches(
            "xs",
            "ys",
            source=self._source,
            fill_color={"field": "value", "transform": self._mapper},
            line_color="#858686",
            line_width=0.4,
            selection_line_color="#F46A25",
            selection_line_width=3,
            nonselection_fill_alpha=1,
            nonselection_line_alpha=1,
        )
        drawn.add_tools(
            HoverTool(renderers=[outline], tooltips=[("", "@name"), ("", "@words")]),
            TapTool(renderers=[outline]),
        )
        drawn.toolbar.logo = None
        bar = ColorBar(
            color_mapper=self._mapper,
            ticker=BasicTicker(desired_num_ticks=4),
            formatter=NumeralTickFormatter(format="0,0"),
            orientation="horizontal",
            height=12,
            major_label_text_font=FONT,
            title_text_font=FONT,
            title_text_font_style="normal",
        )
        drawn.add_layout(bar, "below")
        self._bar = bar
        drawn.axis.visible = False
        drawn.grid.visible = False
        drawn.outline_line_color = None
        self.figure = drawn
        self._source.selected.on_change("indices", self._clicked)

    def show(
        self, values: Mapping[str, float | None], words: Callable[[float], str], title: str
    ) -> None:
        """Colours the map by values by code; an area without a value is grey."""
        column = [values.get(code) for code in self.codes]
        known = [value for value in column if value is not None]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        self._mapper.update(low=low, high=high if high > low else low + 1)
        self._bar.title = title
        count = len(column)
        self._source.patch(
            {
                "value": [
                    (slice(count), [float("nan") if v is None else float(v) for v in column])
                ],
                "words": [
                    (slice(count), [NO_FIGURE_WORDS if v is None else words(v) for v in column])
                ],
            }
        )

    def select(self, code: str) -> None:
        """Outlines the area that is chosen."""
        self._showing = True
        self._source.selected.indices = [self.codes.index(code)] if code in self.codes else []
        self._showing = False

    def _clicked(self, attribute: str, old: Any, new: list[int]) -> None:
        if new and not self._showing:
            self._told(self.codes[new[0]])


def _joined(rings: list[list[tuple[int, int]]], axis: int) -> list[float]:
    """The outer rings of an area as one line with gaps."""
    joined: list[float] = []
    for ring in rings:
        if joined:
            joined.append(float("nan"))
        joined += [float(point[axis]) for point in ring]
    return joined
