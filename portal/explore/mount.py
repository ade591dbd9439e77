"""The explorers as Panel applications beside the plain pages."""

from collections.abc import Callable
from typing import Any

import panel as pn
from bokeh.embed.bundle import extension_dirs
from bokeh.settings import settings
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from panel.io.fastapi import add_applications

from data_access.releases import NoRelease, Release
from portal.explore.local_authorities import LocalAuthorityExplorer
from portal.explore.national import NationalExplorer
from portal.explore.page import Explorer
from portal.layout.pages import environment
from portal.session_cookie import COOKIE, token_of_request

PREFIX = "/explore"
EXPLORERS: dict[str, tuple[str, Callable[[Release, str], Explorer]]] = {
    "/national": ("Explore England", NationalExplorer),
    "/local-authorities": ("Explore local authorities", LocalAuthorityExplorer),
}


def mount(app: FastAPI) -> None:
    """Serves the explorers under /explore."""
    pn.extension()
    pages = {path: _page(app, path) for path in EXPLORERS}
    titles = {path: title for path, (title, _) in EXPLORERS.items()}
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


def _page(app: FastAPI, path: str) -> Callable[[], pn.Template]:
    def make() -> pn.Template:
        token = token_of_request.get()
        frame = app.state.frame_of_session(token) if token else {}
        return page_of(app, path, frame, app.state.current_release.get)

    return make


def page_of(
    app: FastAPI,
    path: str,
    frame: dict[str, Any],
    release: Callable[[], Release],
    within: str = "",
) -> pn.Template:
    """An explorer over a release, for the session that is being made.

    `within` stands before the addresses of public pages that it leads to: those of a preview.
    """
    heading, explorer = EXPLORERS[path]
    template = pn.Template(environment().get_template("explore/explorer.html"), location=True)
    for name, value in {
        "path": PREFIX + path,
        "heading": heading,
        **frame,
        "demonstration": app.state.settings.demonstration,
    }.items():
        template.add_variable(name, value)
    try:
        made = explorer(release(), within)
    except NoRelease as lacking:
        template.add_variable("lacking", str(lacking))
        return template
    template.add_panel("controls", made.controls)
    template.add_panel("body", made.body)
    template.add_variable("with_map", made.side is not None)
    if made.side is not None:
        template.add_panel("side", made.side)
    return template
