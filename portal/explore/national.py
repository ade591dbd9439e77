"""The explorer of England: two questions crossed, as table, columns, bars or pies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import panel as pn

from data_access.questions import TabulatedQuestion
from data_access.releases import Release
from portal.components import Select
from portal.explore.charts import Chart, Segment, colour
from portal.explore.page import Explorer, Words
from portal.layout.pages import WITHHELD
from portal.public.selection import period_label, read_selection

VIEWS = [["columns", "Columns"], ["bars", "Bars"], ["pie", "Pies"], ["table", "Table only"]]
MEASURES = [["share", "Percentages"], ["count", "Totals"]]


@dataclass(frozen=True)
class CrossRow:
    """An answer to the first question, with counts of the second; None is withheld."""

    label: str
    counts: list[int | None]

    @property
    def total(self) -> int | None:
        """Records of the row, where none of its counts is withheld."""
        return _added(self.counts)

    def share(self, at: int) -> float | None:
        """Per cent of the row; None where its total is not known or is nothing."""
        count, total = self.counts[at], self.total
        return 100 * count / total if total and count is not None else None

    def share_words(self, at: int) -> str:
        """The share as it stands in the table."""
        share = self.share(at)
        return WITHHELD if share is None else f"{share:.1f}"


def _added(counts: Iterable[int | None]) -> int | None:
    """The sum; None when a part of it is."""
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total


class NationalExplorer(Explorer):
    """Period, log type, two questions, how they are shown and what is counted."""

    def __init__(self, release: Release, within: str = "") -> None:
        """Reads the selection from the address and shows it; links lead to pages `within`."""
        super().__init__(release.periods)
        # The session stays with it, so that its figures agree.
        self.release = release
        self.within = within
        chosen = read_selection(
            release,
            "england",
            self.address("period"),
            self.address("log_type"),
            self.address("question"),
        )
        second = read_selection(
            release,
            "england",
            self.address("period"),
            self.address("log_type"),
            self.address("question2"),
        )
        self.problems = list(dict.fromkeys((*chosen.problems, *second.problems)))
        self.period = self.periods(chosen.period)
        self.log_type = self.log_types(chosen.log_type)
        self.first = Select(
            label="Question in rows", name_in_form="question", value=chosen.question
        )
        self.second = Select(
            label="Question in columns", name_in_form="question2", value=second.question
        )
        view, measure = self.address("view"), self.address("measure")
        self.view = Select(
            label="Show as",
            name_in_form="view",
            options=VIEWS,
            value=view if view in dict(VIEWS) else "columns",
        )
        self.measure = Select(
            label="Count",
            name_in_form="measure",
            options=MEASURES,
            value=measure if measure in dict(MEASURES) else "share",
        )
        self.chart = Chart()
        self.panes = {
            kind: pn.pane.Bokeh(drawn, sizing_mode="stretch_width" if kind != "pie" else None)
            for kind, drawn in self.chart.figures.items()
        }
        self.drawn = pn.Column(sizing_mode="stretch_width", styles={"overflow-x": "auto"})
        self.words = Words("explore/heading.html")
        self.table = Words("explore/cross.html")
        self.controls = pn.FlexBox(
            self.period,
            self.log_type,
            self.first,
            self.second,
            self.view,
            self.measure,
            sizing_mode="stretch_width",
        )
        self.body = pn.Column(
            self.words.pane, self.drawn, self.table.pane, sizing_mode="stretch_width"
        )
        self.side = None
        self.follow([self.period, self.log_type, self.first, self.second, self.view, self.measure])

    def _questions(self) -> list[TabulatedQuestion]:
        asked = self.release.questions_for(self.log_type.value, "england", self.period.value)
        return [
            question for question in asked if question.kind == "category" and question.crossable
        ]

    def _segments(
        self, rows: Sequence[CrossRow], series: Sequence[tuple[str, str]], percent: bool
    ) -> Iterator[Segment]:
        """What is drawn: counts that are shown; shares, and pies, of rows that are shown whole."""
        whole = percent or self.view.value == "pie"
        for row in rows:
            for at, (label, tint) in enumerate(series):
                count, share = row.counts[at], row.share(at)
                if count is None or (share is None and whole):
                    continue
                drawn = share if percent and share is not None else count
                yield Segment(row.label, label, tint, count, share, drawn)

    def show(self) -> None:
        """Brings chart and table in line with what is chosen."""
        asked = self._questions()
        names = {question.name: question for question in asked}
        for select, other in ((self.first, self.second), (self.second, self.first)):
            if select.value not in names or select.value == other.value:
                free = [question for question in asked if question.name != other.value]
                headline = [question for question in free if question.headline]
                # Of few answers: the more there are, the more of their pairs are withheld.
                select.value = min(headline or free, key=lambda question: len(question.codes)).name
            select.options = [[question.name, question.label] for question in asked]
        first, second = names[self.first.value], names[self.second.value]
        crossed = self.release.cross(
            self.log_type.value, self.period.value, first.name, second.name
        )
        rows: list[CrossRow] = []
        labels = dict(second.codes_at("england"))
        shown = []
        if crossed is not None:
            words = dict(first.codes_at("england"))
            # Shares are of those who answered both.
            crossed = crossed.loc[list(words), list(labels)]
            shown = [code for code in crossed.columns if (crossed[code] != 0).fillna(True).any()]
            for code, counts in zip(crossed.index, crossed[shown].to_numpy(object), strict=True):
                row = CrossRow(words[code], [None if pd.isna(n) else int(n) for n in counts])
                if row.total != 0:
                    rows.append(row)
        percent = self.measure.value == "share"
        order = {code: number for number, (code, _) in enumerate(second.codes_at("england"))}
        segments = list(
            self._segments(rows, [(labels[c], colour(order[c])) for c in shown], percent)
        )
        wanted = [self.panes[self.view.value]] if segments and self.view.value in self.panes else []
        if wanted:
            self.chart.show(self.view.value, segments, percent)
        if list(self.drawn.objects) != wanted:
            self.drawn.objects = wanted
        query = (
            f"period={self.period.value}&log_type={self.log_type.value}&question={first.name}"
            f"&question2={second.name}"
        )
        self.words.show(
            title=f"{first.label} by {second.label}",
            period=period_label(self.period.value),
            log_type=dict(self.log_type.options)[self.log_type.value],
            key=[(labels[code], colour(order[code])) for code in shown],
            problems=self.problems,
            rows=rows,
            withholds=any(row.total is None for row in rows),
        )
        self.problems = []
        self.table.show(
            first=first,
            second=second,
            columns=[labels[code] for code in shown],
            rows=rows,
            percent=percent,
            totals=[_added(row.counts[at] for row in rows) for at in range(len(shown))],
            whole=_added(row.total for row in rows),
            download=f"{self.within}/downloads/crosses.csv?{query}",
        )
