"""The calls of the API, one module per noun; a new one is added to the list here."""

from fastapi import APIRouter

from api.routers import jobs, operations

ROUTERS: tuple[APIRouter, ...] = (operations.router, jobs.router)
