"""What the explorers share: reading and writing the address, and words beside the charts."""

from collections.abc import Sequence
from typing import Any

import panel as pn
import param

from data_access.reference.log_types import LOG_TYPES
from portal.components import Select
from portal.layout.pages import environment, static
from portal.public.selection import period_label


class Words:
    """A pane of words and tables from a template, in the style of the plain pages."""

    def __init__(self, template: str) -> None:
        """Takes the template's name."""
        self._template = environment().get_template(template)
        self.pane = pn.pane.HTML(
            "",
            stylesheets=[static("build/core.css"), static("site.css"), static("explore.css")],
            sizing_mode="stretch_width",
        )

    def show(self, **values: Any) -> None:
        """Writes the pane anew."""
        self.pane.object = self._template.render(**values)


class Explorer:
    """One session of an explorer. Subclasses make controls and `show`."""

    controls: pn.viewable.Viewable
    body: pn.viewable.Viewable
    side: pn.viewable.Viewable | None

    def __init__(self, periods: Sequence[str]) -> None:
        """Takes the periods to choose from, newest first."""
        self._periods = periods
        self.problems: list[str] = []
        self._selects: list[Select] = []
        self._busy = False

    def address(self, name: str) -> str:
        """What the address of this session says for a name; empty when it says nothing."""
        found = pn.state.session_args.get(name, [b""])
        return found[0].decode("utf-8", "replace")[:200] if found else ""

    def periods(self, value: str) -> Select:
        """The periods, newest first."""
        options = [[slug, period_label(slug)] for slug in self._periods]
        return Select(label="Period", name_in_form="period", options=options, value=value)

    def log_types(self, value: str) -> Select:
        """The seven log types."""
        options = [[slug, kind.label] for slug, kind in LOG_TYPES.items()]
        return Select(label="Log type", name_in_form="log_type", options=options, value=value)

    def follow(self, selects: Sequence[Select]) -> None:
        """Shows the selection now, and again whenever one of these changes."""
        self._selects = list(selects)
        for select in selects:
            select.param.watch(self._changed, "value")
        self._show()

    def _changed(self, event: param.parameterized.Event) -> None:
        if not self._busy:
            self._show()

    def _show(self) -> None:
        self._busy = True
        try:
            self.show()
        finally:
            self._busy = False
        location = pn.state.location
        if location is not None:
            chosen = {s.name_in_form: s.value for s in self._selects if s.value}
            if {name: self.address(name) for name in chosen} != chosen or location.search:
                location.update_query(**chosen)

    def show(self) -> None:
        """Brings everything in line with what is chosen."""
        raise NotImplementedError
