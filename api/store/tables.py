"""All tables together, as migrations and tests see them."""

from api.store import schema, seating
from api.store.columns import metadata

__all__ = ["metadata", "schema", "seating"]
