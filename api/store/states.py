"""The states that rows can be in; every one is checked by the database too."""

from enum import StrEnum


class PlanState(StrEnum):
    """A plan's life."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class JobState(StrEnum):
    """A job's life; the last four are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in {JobState.QUEUED, JobState.RUNNING}


class HoldState(StrEnum):
    """A hold's life: ``held`` until confirmed, released by the booker, or expired by the clock."""

    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"


class BookingState(StrEnum):
    """A booking's life; ``displaced`` where a new plan has no such trip any more."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    BOARDED = "boarded"
    NO_SHOW = "no_show"
    DISPLACED = "displaced"


class WaitState(StrEnum):
    """A place on a waiting list: ``offered`` while a hold made for it can be confirmed."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class WishState(StrEnum):
    """A registered wish for a ride that no published plan offers."""

    OPEN = "open"
    SERVED = "served"
    WITHDRAWN = "withdrawn"


class BoardingKind(StrEnum):
    """What a driver's or gate's record tells."""

    BOARDED = "boarded"
    ALIGHTED = "alighted"
    NO_SHOW = "no_show"


class WebhookState(StrEnum):
    """Whether a subscriber is told."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    """One event on its way to one subscriber; ``dead`` once every attempt has failed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
