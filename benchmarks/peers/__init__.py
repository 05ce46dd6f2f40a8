"""Peers raced side by side with banche: PyVRP, VROOM and OR-Tools, each with the best encodings we could make."""

from benchmarks.peers.command import main

__all__ = ["main"]
