"""The explorers as Panel applications beside the plain pages."""

from collections.abc import Callable

import panel as pn
from bokeh.embed.bundle import extension_dirs
from bokeh.settings import settings
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from panel.io.fastapi import add_applications

from data_access.releases import NoRelease
from portal.explore.local_authorities import LocalAuthorityExplorer
from portal.explore.national import NationalExplorer
from portal.explore.page import Explorer
from portal.layout.pages import environment
from portal.session_cookie import COOKIE, token_of_request

PREFIX = "/explore"
_EXPLORERS: dict[str, tuple[str, type[Explorer]]] = {
    "/national": ("Explore England", NationalExplorer),
    "/local-authorities": ("Explore local authorities", LocalAuthorityExplorer),
}


def mount(app: FastAPI) -> None:
    """Serves the explorers under /explore."""
    pn.extension()
    pages = {path: _page(app, path, *found) for path, found in _EXPLORERS.items()}
    titles = {path: title for path, (title, _) in _EXPLORERS.items()}
    mount_scripts(app, PREFIX)
    add_applications(
        pages,
        app=app,
        title=titles,
        prefix=PREFIX,
        exclude_headers=["Cookie"],
        exclude_cookies=[COOKIE],
    )


def mount_scripts(app: FastAPI, prefix: str) -> None:
    """Serves the scripts that pages ask for beside themselves; /static stands at the root."""
    for name, folder in extension_dirs.items():
        app.mount(f"{prefix}/static/extensions/{name}", StaticFiles(directory=folder))
    app.mount(f"{prefix}/static", StaticFiles(directory=settings.bokehjs_path()))


def _page(
    app: FastAPI, path: str, title: str, explorer: type[Explorer]
) -> Callable[[], pn.Template]:
    def make() -> pn.Template:
        token = token_of_request.get()
        page = environment().get_template("explore/explorer.html")
        template = pn.Template(page, location=True)
        for name, value in {
            "path": PREFIX + path,
            "heading": title,
            **(app.state.frame_of_session(token) if token else {}),
            "demonstration": app.state.settings.demonstration,
        }.items():
            template.add_variable(name, value)
        try:
            made = explorer(app.state.current_release.get())
        except NoRelease as lacking:
            template.add_variable("lacking", str(lacking))
            return template
        template.add_panel("controls", made.controls)
        template.add_panel("body", made.body)
        template.add_variable("with_map", made.side is not None)
        if made.side is not None:
            template.add_panel("side", made.side)
        return template

    return make
