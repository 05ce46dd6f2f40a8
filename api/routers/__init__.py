"""The calls of the API, one module per noun; a new one is added to the list here."""

from fastapi import APIRouter

from api.routers import jobs, operations, plans, riders, scenarios, webhooks

ROUTERS: tuple[APIRouter, ...] = (
    operations.router,
    scenarios.router,
    jobs.router,
    plans.router,
    riders.router,
    webhooks.router,
)
