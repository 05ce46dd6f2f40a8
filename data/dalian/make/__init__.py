"""Grow the synthetic Dalian scenario from committed facts: ``python -m data.dalian.make``."""
