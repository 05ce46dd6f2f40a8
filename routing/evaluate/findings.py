"""What the judge may find: the rules by name, and one violation of one of them."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """Every rule that the judge checks."""

    REFERENCE = "reference"
    DUPLICATE = "duplicate"
    ASSIGNMENT = "assignment"
    SERVED_OR_EXPLAINED = "served_or_explained"
    WALK = "walk"
    RIDE = "ride"
    DETOUR = "detour"
    SEATS = "seats"
    TRIP_TIME = "trip_time"
    ONE_WORKSITE = "one_worksite"
    ARRIVAL_WINDOW = "arrival_window"
    DEPARTURE_WINDOW = "departure_window"
    ON_TIME = "on_time"
    STOPS_PER_TRIP = "stops_per_trip"
    REPEATED_STOP = "repeated_stop"
    STOP_STATUS = "stop_status"
    PINNED_STOP = "pinned_stop"
    MIN_LOAD = "min_load"
    SAME_LINE = "same_line"
    BLOCK_COVER = "block_cover"
    BLOCK_OVERLAP = "block_overlap"
    FLEET = "fleet"
    VEHICLE_BUDGET = "vehicle_budget"
    COST_BUDGET = "cost_budget"
    FROZEN = "frozen"
    PIN = "pin"
    CHANGE_BUDGET = "change_budget"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule.

    Attributes
    ----------
    subject : str
        Id of the trip, rider, stop, line or block that breaks it; ``plan`` for the plan as a whole.
    value, limit : float or None
        What was found and what is allowed, in the rule's unit: metres, seconds, people, stops,
        vehicles, fen, a share.
    text : str
        The same as a sentence.
    """

    rule: Rule
    subject: str
    text: str
    value: float | None = None
    limit: float | None = None

    def as_dict(self) -> dict[str, str | float | None]:
        """Return the violation as a JSON-ready mapping."""
        return {
            "rule": self.rule.value,
            "subject": self.subject,
            "value": self.value,
            "limit": self.limit,
            "text": self.text,
        }
