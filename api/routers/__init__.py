"""The calls of the API, one module per noun; a new one is added to the list here."""

from fastapi import APIRouter

from api.routers import operations

ROUTERS: tuple[APIRouter, ...] = (operations.router,)
