"""The web application: what answers without a key."""

from importlib.metadata import version

from fastapi import FastAPI
from pydantic import BaseModel, Field

from routing.embedded import embedded_scenario


class Health(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])
    version: str = Field(examples=["0.1.0"])


class Readiness(BaseModel):
    """What the process needs in order to work, and whether it is there."""

    status: str = Field(examples=["ready"])
    embedded_scenario: bool


def create_app() -> FastAPI:
    """Return a new application; nothing is shared between two of them."""
    app = FastAPI(title="banche", version=version("banche"), summary="Custom commuter shuttles.")

    @app.get("/healthz", tags=["operations"])
    async def healthz() -> Health:
        """Tell that the process answers."""
        return Health(status="ok", version=app.version)

    @app.get("/readyz", tags=["operations"])
    async def readyz() -> Readiness:
        """Tell whether the process can work."""
        return Readiness(status="ready", embedded_scenario=embedded_scenario().is_dir())

    return app
