"""The explorer of own figures as a Panel application, behind the gate."""

from collections.abc import Callable

import panel as pn
from fastapi import FastAPI
from panel.io.fastapi import add_applications

from data_access.account_sessions import person_for_token
from data_access.institutions import Institution
from data_access.questions import PlaceTable
from portal.explore.mount import mount_scripts
from portal.layout.pages import environment
from portal.organisation.explorer import OwnExplorer
from portal.organisation.own import own_table
from portal.panel_gate import OpenPages
from portal.session_cookie import COOKIE, token_of_request
from portal.sessions import frame_of

PREFIX = "/organisation"
PATH = "/explore"
ADDRESS = PREFIX + PATH
ACTION = "figures.view"
_TITLE = "Explore own figures"


def mount(app: FastAPI, pages: OpenPages) -> None:
    """Serves the explorer; `pages` learns who opened each page, for its websocket."""
    mount_scripts(app, PREFIX)
    add_applications(
        {PATH: _page(app, pages)},
        app=app,
        title={PATH: _TITLE},
        prefix=PREFIX,
        exclude_headers=["Cookie"],
        exclude_cookies=[COOKIE],
    )


def _page(app: FastAPI, pages: OpenPages) -> Callable[[], pn.Template]:
    def make() -> pn.Template:
        with app.state.session_factory() as db:
            person = person_for_token(db, token_of_request.get())
            if person is None or person.institution_id is None:
                raise PermissionError("A page behind the gate was made for nobody")
            institution = db.get_one(Institution, person.institution_id)
            frame = frame_of(db, person, ADDRESS)

        def table(period: str, log_type: str) -> PlaceTable:
            with app.state.session_factory() as db:
                return own_table(db, person, period, log_type)

        page = pn.state.curdoc.session_context.id
        pages.remember(page, person)
        pn.state.on_session_destroyed(lambda context: pages.forget(context.id))
        template = pn.Template(
            environment().get_template("organisation/explorer.html"), location=True
        )
        for name, value in {
            "path": ADDRESS,
            "heading": _TITLE,
            "demonstration": app.state.settings.demonstration,
            **frame,
        }.items():
            template.add_variable(name, value)
        made = OwnExplorer(institution.name, table)
        template.add_panel("controls", made.controls)
        template.add_panel("body", made.body)
        return template

    return make
