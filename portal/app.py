"""The web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text

from data_access.account_sessions import person_for_token
from data_access.content import Alert, latest_alerts
from data_access.database import make_engine, session_factory
from data_access.releases import CurrentRelease, NoRelease
from data_access.settings import Settings
from portal.accounts.rate_limits import RateLimits
from portal.accounts.routes import router as accounts
from portal.administration.collection_windows import router as collection_windows
from portal.administration.routes import router as administration
from portal.agreements.first import put_agreement_in_force
from portal.agreements.routes import router as agreements
from portal.api.application import mount_api
from portal.daily import DailyWork
from portal.errors import add_error_pages
from portal.exchange.routes import router as exchange
from portal.explore.mount import PREFIX as EXPLORE
from portal.explore.mount import mount
from portal.institutions.routes import router as institutions
from portal.layout.pages import PORTAL, environment
from portal.learn.routes import router as learn
from portal.logs.entry import router as log_entry
from portal.logs.routes import router as logs
from portal.mail.sending import Postman
from portal.mergers.routes import router as mergers
from portal.organisation import mount as own_explorer
from portal.organisation.routes import router as organisation
from portal.page_cache import PageCache
from portal.panel_gate import OpenPages, PanelGate, WholeTokens
from portal.people.routes import router as people
from portal.public.releases import router as releases
from portal.public.routes import router as public
from portal.releasing.preview import Previews
from portal.releasing.preview_explorers import serve_explorers
from portal.releasing.routes import router as releasing
from portal.releasing.scheduler import PublishingWork
from portal.request_log import RequestLog
from portal.schemes.routes import router as schemes
from portal.security import Protection
from portal.session_cookie import COOKIE, TokenForPages
from portal.sessions import frame_of, name_in_frame
from portal.uploads.routes import router as uploads
from submission.windows import STORED


def create_app(settings: Settings) -> FastAPI:
    """The portal over a database and a folder of releases."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with app.state.session_factory() as db:
            STORED.read(db)
            put_agreement_in_force(db)
        app.state.postman.start()
        app.state.daily_work.start()
        app.state.publishing_work.start()
        yield
        app.state.publishing_work.stop()
        app.state.daily_work.stop()
        app.state.postman.stop()
        STORED.forget()
        app.state.engine.dispose()

    app = FastAPI(title="CORE", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    engine = make_engine(settings.database)
    app.state.settings = settings
    # The explorers render the frame too, without a request that would know the settings.
    environment().globals["helpdesk"] = settings.helpdesk
    app.state.engine = engine
    app.state.session_factory = session_factory(engine)
    app.state.current_release = CurrentRelease(settings.releases_dir)
    app.state.rate_limits = RateLimits()
    app.state.postman = Postman(settings, app.state.session_factory)
    app.state.daily_work = DailyWork(
        settings, app.state.session_factory, after=app.state.postman.ring
    )

    app.state.previews = Previews(app)
    serve_explorers(app)
    app.state.publishing_work = PublishingWork(settings, app.state.session_factory)

    def alerts() -> list[Alert]:
        with app.state.session_factory() as db:
            return latest_alerts(db)

    app.state.latest_alerts = alerts

    def frame_of_session(token: str) -> dict[str, Any]:
        with app.state.session_factory() as db:
            return frame_of(db, person_for_token(db, token))

    app.state.frame_of_session = frame_of_session

    @app.api_route("/healthz", methods=["GET", "HEAD"])
    def health(request: Request) -> Response:
        """200 when the database and the current release can be read, 503 otherwise."""
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        try:
            release = app.state.current_release.get().id
        except NoRelease:
            return JSONResponse({"database": "ok", "release": None}, 503)
        return JSONResponse({"database": "ok", "release": release})

    for router in (public, releases):
        _answer_head(router)
        app.include_router(router, dependencies=[Depends(name_in_frame)])
    for router in (accounts, log_entry, logs, uploads, organisation):
        app.include_router(router)
    # First: /people/export.csv is no person.
    for router in (exchange, people, institutions, agreements, mergers, schemes):
        app.include_router(router)
    for router in (administration, collection_windows, learn, releasing):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=PORTAL / "static"), name="static")
    mount_api(app)
    mount(app)
    pages = OpenPages()
    own_explorer.mount(app, pages)
    add_error_pages(app)
    app.add_middleware(
        PanelGate, prefix=own_explorer.ADDRESS, action=own_explorer.ACTION, pages=pages
    )
    app.add_middleware(WholeTokens, prefix=EXPLORE)
    app.add_middleware(TokenForPages)
    app.add_middleware(PageCache, current=app.state.current_release, cookie=COOKIE)
    app.add_middleware(Protection)
    app.add_middleware(RequestLog)
    return app


def _answer_head(router: APIRouter) -> None:
    """Lets what is public be asked for without its body: by link checkers and monitors."""
    for route in router.routes:
        if isinstance(route, APIRoute) and route.methods and "GET" in route.methods:
            route.methods.add("HEAD")
