"""Measurements: banche against public instances, peers and itself."""
