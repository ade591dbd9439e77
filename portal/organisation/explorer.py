"""The explorer of an institution's own figures: one question as chart and table."""

from collections.abc import Callable

import panel as pn

from data_access.questions import PlaceTable, TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from portal.components import Select
from portal.explore.charts import Chart, Segment, colour
from portal.explore.page import Explorer, Words
from portal.organisation.own import own_periods, own_questions
from portal.public.selection import DEFAULT_LOG_TYPE, period_label
from portal.public.wording import finding, share_of

_DEFAULT_PERIOD = "2025"


class OwnExplorer(Explorer):
    """Period, log type and question, over the logs of one institution."""

    def __init__(self, name: str, table: Callable[[str, str], PlaceTable]) -> None:
        """Takes the institution's name, and what makes its table of a period and log type."""
        super().__init__(own_periods())
        self._name = name
        self._table = table
        self._shown: tuple[str, str] | None = None
        self._answers: PlaceTable | None = None
        period, log_type = self.address("period"), self.address("log_type")
        if period and period not in own_periods():
            self.problems.append(f"There is no period '{period[:40]}'. Choose one.")
        if log_type and log_type not in LOG_TYPES:
            self.problems.append(f"There is no log type '{log_type[:40]}'. Choose one.")
        self.period = self.periods(period if period in own_periods() else _DEFAULT_PERIOD)
        self.log_type = self.log_types(log_type if log_type in LOG_TYPES else DEFAULT_LOG_TYPE)
        self.question = Select(
            label="Question", name_in_form="question", value=self.address("question")
        )
        self.chart = Chart()
        self.bars = pn.pane.Bokeh(self.chart.figures["bars"], sizing_mode="stretch_width")
        self.words = Words("organisation/explored.html")
        self.drawn = pn.Column(sizing_mode="stretch_width")
        self.controls = pn.FlexBox(
            self.period, self.log_type, self.question, sizing_mode="stretch_width"
        )
        self.body = pn.Column(self.words.pane, self.drawn, sizing_mode="stretch_width")
        self.side = None
        self.follow([self.period, self.log_type, self.question])

    def _asked(self) -> dict[str, TabulatedQuestion]:
        asked = [q for q in own_questions() if self.log_type.value in q.log_types]
        return {question.name: question for question in asked}

    def show(self) -> None:
        """Brings chart and table in line with what is chosen; logs are read when they change."""
        asked = self._asked()
        if self.question.value not in asked:
            self.question.value = next(q.name for q in asked.values() if q.headline)
        self.question.options = [[name, question.label] for name, question in asked.items()]
        wanted = (self.period.value, self.log_type.value)
        if self._answers is None or wanted != self._shown:
            self._answers, self._shown = self._table(*wanted), wanted
        table = self._answers
        answers = table.questions[self.question.value] if table.records else None
        segments = []
        if answers and answers.question.kind == "category":
            segments = [
                Segment(row.label, "", colour(0), row.count, row.share, row.share)
                for row in answers.rows
                if row.count and row.share is not None
            ]
        drawn = [self.bars] if segments else []
        if segments:
            self.chart.show("bars", segments, percent=True)
        if list(self.drawn.objects) != drawn:
            self.drawn.objects = drawn
        query = f"period={self.period.value}&log_type={self.log_type.value}"
        self.words.show(
            name=self._name,
            period=period_label(self.period.value),
            log_type=LOG_TYPES[self.log_type.value].label,
            records=table.records,
            answers=answers,
            title=finding(answers) if answers else "",
            share_of=share_of,
            problems=self.problems,
            download=f"/organisation/figures.csv?{query}",
            plain=f"/organisation?{query}&question={self.question.value}",
        )
        self.problems = []
