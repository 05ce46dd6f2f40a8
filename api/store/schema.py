"""Every table, once, for both databases: keys, scenarios, plans, jobs; bookings stand in `seating`.

Conventions: ids are type-prefixed ULIDs, instants are milliseconds since the epoch, service dates are
dates, JSON holds objects. Rows never leave the store as rows: each module of this room returns frozen values.
"""

import sqlalchemy as sa

from api.store.columns import Json, Serial, count, flag, ident, instant, known, metadata, state
from api.store.states import DeliveryState, JobState, PlanState, WebhookState

facts = sa.Table(
    "facts",
    metadata,
    ident("name", key=True),
    sa.Column("value", sa.Text(), nullable=False),
    comment="What a database must remember of itself, such as which data keys sealed it.",
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    ident("key_id", key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True, comment="SHA-256 of the key, in hex."),
    sa.Column("scopes", sa.String(400), nullable=False, comment="Separated by blanks."),
    instant("created_at"),
    instant("expires_at", null=True),
    instant("revoked_at", null=True),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("entry", Serial, primary_key=True, autoincrement=True),
    instant("at"),
    ident("actor"),
    sa.Column("action", sa.String(64), nullable=False),
    ident("subject", null=True),
    sa.Column("details", Json, nullable=False, comment="Never coordinates or names."),
    ident("trace_id", null=True),
    sa.Index("ix_audit_log_subject", "subject"),
    sa.Index("ix_audit_log_at", "at"),
)

answers = sa.Table(
    "answers",
    metadata,
    ident("key_id", key=True),
    sa.Column("idempotency_key", sa.String(255), primary_key=True),
    sa.Column("request_digest", sa.String(64), nullable=False, comment="Of method, path and body."),
    sa.Column("status", sa.Integer(), nullable=False),
    sa.Column("headers", Json, nullable=False),
    sa.Column("body", sa.LargeBinary(), nullable=False),
    instant("created_at"),
    sa.Index("ix_answers_created_at", "created_at"),
    comment="Answers by idempotency key, written in the transaction of their effect.",
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True, comment="SHA-256 of the plain content, in hex."),
    sa.Column("size", sa.BigInteger(), nullable=False, comment="Of the plain content, in bytes."),
    sa.Column("sealed", sa.Boolean(), nullable=False, comment="Whether the content is encrypted."),
    sa.Column("content", sa.LargeBinary(), nullable=False),
)

scenarios = sa.Table(
    "scenarios",
    metadata,
    ident("scenario_id", key=True),
    ident("service"),
    sa.Column("digest", sa.String(64), nullable=False, unique=True, comment="Over names and digests of the files."),
    instant("created_at"),
    ident("created_by"),
    sa.Index("ix_scenarios_service", "service", "created_at"),
    comment="A scenario folder as it was handed in; `service` is its name, the same from version to version.",
)

scenario_files = sa.Table(
    "scenario_files",
    metadata,
    ident("scenario_id", sa.ForeignKey("scenarios.scenario_id", ondelete="CASCADE"), key=True),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("digest", sa.String(64), sa.ForeignKey("blobs.digest"), nullable=False),
)

plans = sa.Table(
    "plans",
    metadata,
    ident("plan_id", key=True),
    ident("service"),
    ident("scenario_id", sa.ForeignKey("scenarios.scenario_id")),
    ident("job_id", null=True),
    sa.Column("digest", sa.String(64), nullable=False, comment="The document's own plan_id: the same decisions."),
    state("state", PlanState),
    count("version", 1),
    sa.Column("summary", Json, nullable=False),
    sa.Column("document", sa.LargeBinary(), nullable=False, comment="plan.json, zlib-compressed."),
    instant("created_at"),
    ident("created_by"),
    instant("changed_at"),
    known("state", PlanState),
    sa.Index("ix_plans_service", "service", "plan_id"),
)

approvals = sa.Table(
    "approvals",
    metadata,
    ident("plan_id", sa.ForeignKey("plans.plan_id", ondelete="CASCADE"), key=True),
    ident("key_id", key=True),
    instant("at"),
)

publications = sa.Table(
    "publications",
    metadata,
    sa.Column("publication", Serial, primary_key=True, autoincrement=True),
    ident("service"),
    ident("plan_id", sa.ForeignKey("plans.plan_id")),
    sa.Column("effective_from", sa.Date(), nullable=False),
    instant("published_at"),
    ident("published_by"),
    instant("withdrawn_at", null=True),
    sa.Index("ix_publications_service", "service", "effective_from"),
    comment="In force on a date: the latest effective_from up to it, of those the last publication.",
)

jobs = sa.Table(
    "jobs",
    metadata,
    ident("job_id", key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    state("state", JobState),
    sa.Column("params", Json, nullable=False),
    sa.Column("input_digest", sa.String(64), nullable=False, comment="Over parameters and the inputs they name."),
    instant("created_at"),
    ident("created_by"),
    instant("started_at", null=True),
    instant("ended_at", null=True),
    ident("lease", null=True),
    instant("lease_until", null=True),
    count("attempts"),
    flag("stop_asked"),
    flag("cancel_asked"),
    count("version", 1),
    sa.Column("progress", Json, nullable=True),
    sa.Column("result", Json, nullable=True),
    sa.Column("error", Json, nullable=True),
    sa.Column("versions", Json, nullable=True, comment="Of banche, Python and the libraries that computed the result."),
    ident("trace_id", null=True),
    known("state", JobState),
    sa.Index("ix_jobs_state", "state", "job_id"),
)

job_events = sa.Table(
    "job_events",
    metadata,
    ident("job_id", sa.ForeignKey("jobs.job_id", ondelete="CASCADE"), key=True),
    sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
    instant("at"),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("data", Json, nullable=False),
)

job_files = sa.Table(
    "job_files",
    metadata,
    ident("job_id", sa.ForeignKey("jobs.job_id", ondelete="CASCADE"), key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary(), nullable=False, comment="zlib-compressed."),
)

events = sa.Table(
    "events",
    metadata,
    ident("event_id", key=True),
    sa.Column("type", sa.String(64), nullable=False),
    ident("subject"),
    sa.Column("data", Json, nullable=False),
    instant("at"),
    instant("fanned_out_at", null=True),
    sa.Index("ix_events_fanned_out_at", "fanned_out_at"),
    comment="Outbox: written in the transaction of the change it tells of.",
)

webhooks = sa.Table(
    "webhooks",
    metadata,
    ident("webhook_id", key=True),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("types", Json, nullable=False),
    sa.Column("secret", sa.LargeBinary(), nullable=False, comment="Sealed."),
    state("state", WebhookState),
    instant("created_at"),
    ident("created_by"),
    known("state", WebhookState),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    ident("delivery_id", key=True),
    ident("webhook_id", sa.ForeignKey("webhooks.webhook_id", ondelete="CASCADE")),
    ident("event_id", sa.ForeignKey("events.event_id", ondelete="CASCADE")),
    state("state", DeliveryState),
    count("attempts"),
    instant("next_at"),
    sa.Column("last_status", sa.Integer(), nullable=True),
    sa.Column("last_error", sa.String(200), nullable=True),
    sa.UniqueConstraint("webhook_id", "event_id"),
    known("state", DeliveryState),
    sa.Index("ix_deliveries_state", "state", "next_at"),
)
