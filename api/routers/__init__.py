"""The calls of the API, one module per noun; a new one is added to the list here."""

from fastapi import APIRouter

from api.routers import holds, offers, operations, trips, waiting, wishes

ROUTERS: tuple[APIRouter, ...] = (
    operations.router,
    offers.router,
    holds.router,
    trips.router,
    waiting.router,
    wishes.router,
)
