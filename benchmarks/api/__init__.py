"""The booking system's door under load: offers, holds, and a fight for the last seats while processes are killed."""

from benchmarks.api.command import main

__all__ = ["main"]
