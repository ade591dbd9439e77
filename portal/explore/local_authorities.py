"""The explorer of local authorities: a map, and one authority's answers as chart and table."""

import panel as pn

from data_access.questions import RECORDS
from data_access.reference.local_authorities import local_authorities
from data_access.releases import Release
from portal.components import Select
from portal.explore.charts import Chart, Segment, colour
from portal.explore.map import AreaMap
from portal.explore.page import Explorer, Words
from portal.public.areas import LOCAL_AUTHORITY, by_code_now, table_of
from portal.public.selection import period_label, read_selection
from portal.public.wording import amount, finding, share_of


class LocalAuthorityExplorer(Explorer):
    """Period, log type, authority, question and, for the map, the answer that colours it."""

    def __init__(self, release: Release, within: str = "") -> None:
        """Reads the selection from the address and shows it; links lead to pages `within`."""
        super().__init__(release.periods)
        # The session stays with it, so that its figures agree.
        self.release = release
        self.within = within
        asked = self.address("question")
        chosen = read_selection(
            release, "local_authority", self.address("period"), self.address("log_type"), asked
        )
        self.problems = list(chosen.problems)
        areas = sorted((place.name, code) for code, place in local_authorities().items())
        area = self.address("area") or "E08000025"
        if area not in local_authorities():
            self.problems.append(f"There is no local authority '{area[:40]}'. Choose one.")
            area = "E08000025"
        self.period = self.periods(chosen.period)
        self.log_type = self.log_types(chosen.log_type)
        self.area = Select(
            label="Local authority",
            name_in_form="area",
            options=[[code, name] for name, code in areas],
            value=area,
        )
        self.question = Select(label="Question", name_in_form="question", value=chosen.question)
        self.code = Select(
            label="Answer that colours the map", name_in_form="code", value=self.address("code")
        )
        self.chart = Chart()
        self.map = AreaMap(self._choose)
        self.words = Words("explore/local_authority.html")
        self.bars = pn.pane.Bokeh(self.chart.figures["bars"], sizing_mode="stretch_width")
        self.controls = pn.FlexBox(
            self.period,
            self.log_type,
            self.area,
            self.question,
            self.code,
            sizing_mode="stretch_width",
        )
        self.drawn = pn.Column(sizing_mode="stretch_width")
        self.body = pn.Column(self.words.pane, self.drawn, sizing_mode="stretch_width")
        self.side = pn.pane.Bokeh(self.map.figure, sizing_mode="stretch_width")
        self.follow([self.period, self.log_type, self.area, self.question, self.code])

    def _choose(self, code: str) -> None:
        self.area.value = code

    def show(self) -> None:
        """Brings chart, table and map in line with what is chosen."""
        release, log_type, period = self.release, self.log_type.value, self.period.value
        asked = release.questions_for(log_type, "local_authority", period)
        names = {question.name: question for question in asked}
        if self.question.value not in names:
            first = next((q.name for q in asked if q.headline), asked[0].name)
            self.question.value = first
        question = names[self.question.value]
        self.question.options = [[q.name, q.label] for q in asked]
        category = question.kind == "category"
        codes = list(question.codes_at("local_authority")) if category else []
        if self.code.value not in dict(codes):
            self.code.value = codes[0][0] if codes else ""
        self.code.options = [[code, label] for code, label in codes]
        table = table_of(
            release, LOCAL_AUTHORITY, self.area.value, log_type, period, [question.name]
        )
        answers = table.questions.get(question.name) if table else None
        segments = []
        if answers and question.kind == "category":
            segments = [
                Segment(row.label, "", colour(0), row.count, row.share, row.share)
                for row in answers.rows
                if row.count and row.share is not None
            ]
        wanted = [self.bars] if segments else []
        if segments:
            self.chart.show("bars", segments, percent=True)
        if list(self.drawn.objects) != wanted:
            self.drawn.objects = wanted
        self.words.show(
            name=local_authorities()[self.area.value].name,
            period=period_label(period),
            table=table,
            answers=answers,
            title=finding(answers) if answers else "",
            share_of=share_of,
            problems=self.problems,
            download=f"{self.within}/downloads/local-authorities/{self.area.value}.csv?period={period}"
            f"&log_type={log_type}&question={question.name}",
            plain=f"{self.within}/local-authorities/{self.area.value}?period={period}&log_type={log_type}"
            f"&question={question.name}",
            report=f"{self.within}/reports/local-authorities/{self.area.value}.pdf?period={period}"
            f"&log_type={log_type}",
        )
        self.problems = []
        self._colour(question.name, question.kind, question.unit, dict(codes))
        self.map.select(self.area.value)

    def _colour(self, name: str, kind: str, unit: str, codes: dict[str, str]) -> None:
        found = self.release.map_values(
            self.log_type.value, self.period.value, name or RECORDS, self.code.value
        )
        values = by_code_now(found, self.period.value)
        if kind == "number":
            self.map.show(values, lambda value: amount(value, unit), f"Mean, {unit}")
        else:
            title = f"{codes.get(self.code.value, '')}, per cent of those answering"
            self.map.show(values, lambda value: f"{value:.1f}%", title)
