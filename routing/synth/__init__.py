"""Make a plausible scenario on any road extract."""

from routing.synth.scenario import SynthSummary, synthesize

__all__ = ["SynthSummary", "synthesize"]
