"""The application under /api/v1."""

from fastapi import FastAPI

from portal.api import institutions, logs, me, schemes, users
from portal.api.problems import ANSWERS, add_problems

ADDRESS = "/api/v1"


def mount_api(portal: FastAPI) -> None:
    """Serves the programming interface of a portal, over the same database and limits."""
    api = make_api()
    api.state = portal.state
    portal.mount(ADDRESS, api)


def make_api() -> FastAPI:
    """The application without a portal's database: enough to describe it."""
    api = FastAPI(
        title="CORE",
        version="1",
        summary="Reads what the portal shows, under the same permissions.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        responses=ANSWERS,
    )
    for part in (me, institutions, users, schemes, logs):
        api.include_router(part.router)
    add_problems(api)
    return api
