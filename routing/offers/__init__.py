"""The best stop and trip for one new rider on a published plan, in well under a millisecond, without a solve."""

from routing.offers.index import OfferIndex, index_plan
from routing.offers.words import Answer, Leg, NearMiss, Offer, Query

__all__ = ["Answer", "Leg", "NearMiss", "Offer", "OfferIndex", "Query", "index_plan"]
