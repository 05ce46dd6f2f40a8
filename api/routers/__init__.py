"""The calls of the API, one module per noun; a new one is added to the list here."""

from fastapi import APIRouter

from api.express import Lane
from api.routers import (
    displaced,
    holds,
    jobs,
    offers,
    operations,
    plans,
    riders,
    scenarios,
    trips,
    waiting,
    webhooks,
    wishes,
)

ROUTERS: tuple[APIRouter, ...] = (
    offers.router,  # first, as routers are tried in order: these two are asked a thousand times for each other call
    holds.router,
    operations.router,
    scenarios.router,
    jobs.router,
    plans.router,
    riders.router,
    webhooks.router,
    trips.router,
    waiting.router,
    wishes.router,
    displaced.router,
)

LANES: tuple[Lane, ...] = (offers.LANE, holds.LANE)
