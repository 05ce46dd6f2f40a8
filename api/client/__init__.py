"""A client of the API for Python programs: booking systems, planners' scripts, the tests."""

from api.client.client import Client, Refused
from api.client.watching import watch

__all__ = ["Client", "Refused", "watch"]
