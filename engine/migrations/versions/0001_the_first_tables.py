"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_packages",
        sa.Column("matter_id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("archive_no", sa.String(), nullable=False),
        sa.Column("retention", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("inventory_json", sa.Text(), nullable=False),
        sa.Column("report_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("matter_id", name=op.f("pk_archive_packages")),
        sa.UniqueConstraint("archive_no", name=op.f("uq_archive_packages_archive_no")),
        sa.UniqueConstraint("call_id", name=op.f("uq_archive_packages_call_id")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("digest", "name", name=op.f("uq_attachments_digest_name")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_digest"), ["digest"], unique=False)

    op.create_table(
        "blobs",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blobs")),
    )
    op.create_table(
        "calendar_edits",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_calendar_edits")),
    )
    with op.batch_alter_table("calendar_edits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_edits_day"), ["day"], unique=False)

    op.create_table(
        "calendar_recounts",
        sa.Column("edit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("instances", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("edit", name=op.f("pk_calendar_recounts")),
    )
    op.create_table(
        "definitions",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("in_force", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_definitions")),
    )
    op.create_table(
        "duty_pauses",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_pauses")),
    )
    with op.batch_alter_table("duty_pauses", schema=None) as batch_op:
        batch_op.create_index(
            "uq_duty_pauses_open",
            ["duty"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "duty_runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("last_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_runs")),
    )
    with op.batch_alter_table("duty_runs", schema=None) as batch_op:
        batch_op.create_index("ix_duty_runs_duty", ["duty", "last_at"], unique=False)
        batch_op.create_index("ix_duty_runs_last_at", ["last_at"], unique=False)

    op.create_table(
        "matters",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("item_row", sa.Text(), nullable=True),
        sa.Column("proposer", sa.String(), nullable=False),
        sa.Column("started_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("text_hash", sa.String(), nullable=True),
        sa.Column("approved_hash", sa.String(), nullable=True),
        sa.Column("approved_at", engine.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matters")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_matters_instance_id")),
    )
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.create_index("ix_matters_organisation", ["organisation", "state"], unique=False)
        batch_op.create_index("ix_matters_proposer", ["proposer"], unique=False)
        batch_op.create_index("ix_matters_started_at", ["started_at"], unique=False)

    op.create_table(
        "organisations",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("parent", sa.String(length=32), nullable=True),
        sa.Column("relation", sa.String(length=24), nullable=False),
        sa.Column("unit_kind", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "kind IN ('PARTY_ORG', 'WORKING_DEPARTMENT', 'DISCIPLINE_BODY')", name=op.f("ck_organisations_kind")
        ),
        sa.CheckConstraint(
            "relation IN ('SUBORDINATE', 'APPLIES_BY_REFERENCE')", name=op.f("ck_organisations_relation")
        ),
        sa.CheckConstraint("parent <> code", name=op.f("ck_organisations_own_parent")),
        sa.ForeignKeyConstraint(["parent"], ["organisations.code"], name=op.f("fk_organisations_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_organisations")),
    )
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisations_parent"), ["parent"], unique=False)

    op.create_table(
        "plan_versions",
        sa.Column("matter_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("matter_id", "number", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("call_id", name=op.f("uq_plan_versions_call_id")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("matter_id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("scope_note", sa.Text(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("deciding", sa.String(), nullable=False),
        sa.Column("units_json", sa.Text(), nullable=False),
        sa.Column("attachments_json", sa.Text(), nullable=False),
        sa.Column("proofs_json", sa.Text(), nullable=False),
        sa.Column("on_portal", sa.Boolean(), nullable=False),
        sa.Column("display_duration", sa.String(), nullable=False),
        sa.Column("display_until", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("released_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("taken_down_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("feedback_open_until", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("feedback_closed_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("feedback_summary", sa.Text(), nullable=False),
        sa.Column("feedback_outcome", sa.Text(), nullable=False),
        sa.Column("outcome_disclosed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("call_id", name=op.f("uq_publications_call_id")),
    )
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.create_index("ix_publications_display_until", ["display_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_publications_matter_id"), ["matter_id"], unique=False)
        batch_op.create_index("ix_publications_organisation", ["organisation", "released_at"], unique=False)
        batch_op.create_index("ix_publications_released_at", ["released_at"], unique=False)

    op.create_table(
        "rehearsals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("beginning", sa.Text(), nullable=False),
        sa.Column("commands", sa.Text(), nullable=False),
        sa.Column("started_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("touched_at", engine.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsals")),
    )
    with op.batch_alter_table("rehearsals", schema=None) as batch_op:
        batch_op.create_index("ix_rehearsals_person", ["person", "touched_at"], unique=False)

    op.create_table(
        "response_plans",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("made_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_plans")),
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("rule_data", sa.JSON(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.Column("made_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("next_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("retry_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("content", "organisation", name=op.f("uq_schedules_content_organisation")),
    )
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.create_index("ix_schedules_next_at", ["next_at"], unique=False)

    op.create_table(
        "sign_in_failures",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("locked_until", engine.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "verifications",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("organisations_json", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(), nullable=False),
        sa.Column("findings_json", sa.Text(), nullable=False),
        sa.Column("leased_until", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    with op.batch_alter_table("verifications", schema=None) as batch_op:
        batch_op.create_index("ix_verifications_asked_at", ["asked_at"], unique=False)
        batch_op.create_index(
            "ix_verifications_open",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "catalogue_followups",
        sa.Column("matter_id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=True),
        sa.Column("item_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["matter_id"], ["matters.id"], name=op.f("fk_catalogue_followups_matter_id")),
        sa.PrimaryKeyConstraint("matter_id", name=op.f("pk_catalogue_followups")),
        sa.UniqueConstraint("call_id", name=op.f("uq_catalogue_followups_call_id")),
    )
    op.create_table(
        "catalogue_versions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("in_force_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("in_force_by", sa.String(length=32), nullable=True),
        sa.Column("superseded_at", engine.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('DRAFT', 'IN_FORCE', 'SUPERSEDED')", name=op.f("ck_catalogue_versions_status")),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_catalogue_versions_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_versions")),
        sa.UniqueConstraint("organisation", "number", name=op.f("uq_catalogue_versions_organisation_number")),
    )
    with op.batch_alter_table("catalogue_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_catalogue_versions_in_force",
            ["organisation"],
            unique=True,
            sqlite_where=sa.text("status = 'IN_FORCE'"),
            postgresql_where=sa.text("status = 'IN_FORCE'"),
        )

    op.create_table(
        "emergency_incidents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("running_key", sa.String(), nullable=True),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("reported_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=True),
        sa.Column("plan_number", sa.Integer(), nullable=True),
        sa.Column("closed_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_emergency_incidents_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_incidents")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_emergency_incidents_instance_id")),
        sa.UniqueConstraint("running_key", name=op.f("uq_emergency_incidents_running_key")),
    )
    with op.batch_alter_table("emergency_incidents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emergency_incidents_publication_id"), ["publication_id"], unique=False)
        batch_op.create_index("ix_emergency_incidents_reported_at", ["reported_at"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=True),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("kept_apart", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_by", sa.String(), nullable=True),
        sa.Column("replied_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name=op.f("fk_feedback_publication_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_case_id", ["case_id"], unique=False)
        batch_op.create_index("ix_feedback_organisation", ["organisation", "at"], unique=False)
        batch_op.create_index("ix_feedback_publication", ["publication_id", "at"], unique=False)

    op.create_table(
        "organisation_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=16), nullable=True),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("since", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_organisation_settings_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_settings")),
    )
    with op.batch_alter_table("organisation_settings", schema=None) as batch_op:
        batch_op.create_index("ix_organisations_setting_organisation_key", ["organisation", "key"], unique=False)

    op.create_table(
        "postponements",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("asked_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consented_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("consented_by", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postponements")),
        sa.UniqueConstraint("instance_id", "number", name=op.f("uq_postponements_instance_id_number")),
    )
    with op.batch_alter_table("postponements", schema=None) as batch_op:
        batch_op.create_index("ix_postponements_state", ["state", "until"], unique=False)

    op.create_table(
        "secrecy_findings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("before_hash", sa.String(), nullable=False),
        sa.Column("after_hash", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("treated_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("treated_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrecy_findings")),
    )
    with op.batch_alter_table("secrecy_findings", schema=None) as batch_op:
        batch_op.create_index("ix_secrecy_findings_instance", ["instance_id", "found_at"], unique=False)

    op.create_table(
        "decision_editions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('PROPOSED', 'IN_FORCE', 'SUPERSEDED', 'REJECTED')", name=op.f("ck_decision_editions_state")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.code"], name=op.f("fk_decision_editions_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_editions")),
        sa.UniqueConstraint(
            "organisation", "decision", "number", name=op.f("uq_decision_editions_organisation_decision_number")
        ),
    )
    with op.batch_alter_table("decision_editions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_decision_editions_in_force",
            ["organisation", "decision"],
            unique=True,
            sqlite_where=sa.text("state = 'IN_FORCE'"),
            postgresql_where=sa.text("state = 'IN_FORCE'"),
        )

    op.create_table(
        "people",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("is_member", sa.Boolean(), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.code"], name=op.f("fk_people_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("login", name=op.f("uq_people_login")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_organisation"), ["organisation"], unique=False)

    op.create_table(
        "publication_channels",
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("doc_no", sa.String(), nullable=False),
        sa.Column("details_json", sa.Text(), nullable=False),
        sa.Column("attachments_json", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_publication_channels_publication_id")
        ),
        sa.PrimaryKeyConstraint("publication_id", "channel", name=op.f("pk_publication_channels")),
    )
    op.create_table(
        "recipients",
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("read_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name=op.f("fk_recipients_publication_id")),
        sa.PrimaryKeyConstraint("publication_id", "person_id", name=op.f("pk_recipients")),
    )
    op.create_table(
        "release_holds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("matter_id", sa.String(), nullable=True),
        sa.Column("organisation", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("resumed_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.String(), nullable=True),
        sa.Column("resumption", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["matter_id"], ["matters.id"], name=op.f("fk_release_holds_matter_id")),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.code"], name=op.f("fk_release_holds_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_holds")),
    )
    with op.batch_alter_table("release_holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_holds_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index("ix_release_holds_resumed_at", ["resumed_at"], unique=False)

    op.create_table(
        "response_plan_versions",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["response_plans.id"], name=op.f("fk_response_plan_versions_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_response_plan_versions")),
    )
    op.create_table(
        "schedule_pauses",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("schedule_id", sa.String(length=32), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_schedule_pauses_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_pauses")),
    )
    with op.batch_alter_table("schedule_pauses", schema=None) as batch_op:
        batch_op.create_index(
            "uq_schedule_pauses_open",
            ["schedule_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "schedule_periods",
        sa.Column("schedule_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("starts_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("matter_id", sa.String(), nullable=True),
        sa.Column("started_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("started_by", sa.String(), nullable=True),
        sa.Column("look_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("reminded_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("released_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("missed_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_schedule_periods_schedule_id")),
        sa.PrimaryKeyConstraint("schedule_id", "key", name=op.f("pk_schedule_periods")),
    )
    with op.batch_alter_table("schedule_periods", schema=None) as batch_op:
        batch_op.create_index("ix_schedule_periods_look_at", ["look_at"], unique=False)
        batch_op.create_index("ix_schedule_periods_matter", ["matter_id"], unique=False)

    op.create_table(
        "take_downs",
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("boards_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name=op.f("fk_take_downs_publication_id")),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_take_downs")),
    )
    with op.batch_alter_table("take_downs", schema=None) as batch_op:
        batch_op.create_index("ix_take_downs_at", ["at"], unique=False)

    op.create_table(
        "take_down_proofs",
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("removed_at", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("files_json", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["take_downs.publication_id"], name=op.f("fk_take_down_proofs_publication_id")
        ),
        sa.PrimaryKeyConstraint("publication_id", "channel", name=op.f("pk_take_down_proofs")),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("deployed_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("suspended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["base"], ["versions.id"], name=op.f("fk_versions_base")),
        sa.ForeignKeyConstraint(["definition"], ["definitions.key"], name=op.f("fk_versions_definition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("definition", "number", name=op.f("uq_versions_definition_number")),
    )
    op.create_table(
        "accountability_leads",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["emergency_incidents.id"], name=op.f("fk_accountability_leads_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountability_leads")),
    )
    with op.batch_alter_table("accountability_leads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accountability_leads_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "appointments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=False),
        sa.Column("post", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("made_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "post IN ('handler', 'co_unit_confirmer', 'principal_officer', 'sco_reviewer', 'head_approver', 'collective_secretary', 'superior_approver', 'publisher', 'spokesperson', 'archivist', 'desk_officer', 'catalogue_keeper', 'pco_coordinator', 'disclosure_supervisor', 'discipline_officer', 'process_designer', 'process_deployer', 'auditor', 'system_admin', 'security_admin', 'audit_admin')",
            name=op.f("ck_appointments_post"),
        ),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_appointments_period")),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.code"], name=op.f("fk_appointments_organisation")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appointments_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointments_organisation"), ["organisation"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointments_person_id"), ["person_id"], unique=False)

    op.create_table(
        "catalogue_items",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("audience_scope", sa.Text(), nullable=False),
        sa.Column("approval_procedure", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("start_point", sa.Text(), nullable=False),
        sa.Column("display_duration", sa.Text(), nullable=False),
        sa.Column("responsible_unit", sa.Text(), nullable=False),
        sa.Column("collaborators", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=True),
        sa.Column("route", sa.String(length=24), nullable=True),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("start", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("duration", sa.String(length=16), nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("collaborator_units", sa.JSON(), nullable=False),
        sa.Column("time_mode", sa.String(length=16), nullable=True),
        sa.Column("stands_for", sa.JSON(), nullable=False),
        sa.Column("unresolved", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["catalogue_versions.id"], name=op.f("fk_catalogue_items_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_items")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_catalogue_items_version_id_position")),
    )
    op.create_table(
        "first_reports",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("told_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("due_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("acknowledged_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("escalated_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("escalated_to", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["emergency_incidents.id"], name=op.f("fk_first_reports_incident_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_first_reports")),
    )
    with op.batch_alter_table("first_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_first_reports_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "incident_reports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("seen_where", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("evidence_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name=op.f("fk_incident_reports_by")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["emergency_incidents.id"], name=op.f("fk_incident_reports_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_reports")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_incident_reports_incident_id_number")),
    )
    with op.batch_alter_table("incident_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_reports_by"), ["by"], unique=False)

    op.create_table(
        "instances",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("started_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(), nullable=True),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["definition"], ["definitions.key"], name=op.f("fk_instances_definition")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_instances_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instances")),
    )
    with op.batch_alter_table("instances", schema=None) as batch_op:
        batch_op.create_index("ix_instances_organisation", ["organisation", "started_at"], unique=False)
        batch_op.create_index("ix_instances_started_by", ["started_by", "started_at"], unique=False)
        batch_op.create_index("ix_instances_state", ["state", "definition"], unique=False)

    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=255), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("read_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notices_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index("ix_notices_person_id_read_at", ["person_id", "read_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_subject"), ["subject"], unique=False)

    op.create_table(
        "procedure_drafts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["base"], ["versions.id"], name=op.f("fk_procedure_drafts_base")),
        sa.ForeignKeyConstraint(["definition"], ["definitions.key"], name=op.f("fk_procedure_drafts_definition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_drafts")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index("ix_sign_ins_person", ["person_id", "at"], unique=False)

    op.create_table(
        "version_files",
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name=op.f("fk_version_files_digest")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_version_files_version_id")),
        sa.PrimaryKeyConstraint("version_id", "path", name=op.f("pk_version_files")),
    )
    op.create_table(
        "attachment_uses",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_attachment_uses_instance_id")),
        sa.PrimaryKeyConstraint("digest", "instance_id", name=op.f("pk_attachment_uses")),
    )
    op.create_table(
        "deployment_requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("against", sa.String(), nullable=True),
        sa.Column("version_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["procedure_drafts.id"], name=op.f("fk_deployment_requests_draft_id")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_deployment_requests_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment_requests")),
    )
    with op.batch_alter_table("deployment_requests", schema=None) as batch_op:
        batch_op.create_index(
            "uq_deployment_requests_open",
            ["draft_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "entries",
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_entries_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "position", name=op.f("pk_entries")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("resolved_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_incidents_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index("ix_incidents_resolved_at", ["resolved_at"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_outbox_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_instance", ["instance_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_next_at",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("topic IS NULL"),
            postgresql_where=sa.text("topic IS NULL"),
        )
        batch_op.create_index(
            "ix_outbox_topic",
            ["topic", "next_at"],
            unique=False,
            sqlite_where=sa.text("topic IS NOT NULL"),
            postgresql_where=sa.text("topic IS NOT NULL"),
        )

    op.create_table(
        "procedure_draft_changes",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name=op.f("fk_procedure_draft_changes_digest")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["procedure_drafts.id"], name=op.f("fk_procedure_draft_changes_draft_id")
        ),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_procedure_draft_changes")),
    )
    op.create_table(
        "procedure_draft_files",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("is_inherited", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name=op.f("fk_procedure_draft_files_digest")),
        sa.ForeignKeyConstraint(["draft_id"], ["procedure_drafts.id"], name=op.f("fk_procedure_draft_files_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "path", name=op.f("pk_procedure_draft_files")),
    )
    op.create_table(
        "snapshots",
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_snapshots_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "position", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_subscriptions_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index("ix_subscriptions_instance", ["instance_id"], unique=False)
        batch_op.create_index("ix_subscriptions_name", ["kind", "name", "key"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("domain_state", sa.String(), nullable=True),
        sa.Column("separate_from", sa.String(), nullable=False),
        sa.Column("opened_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("opened_position", sa.Integer(), nullable=False),
        sa.Column("due_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("due_how", sa.Text(), nullable=True),
        sa.Column("closed_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_tasks_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tasks_closed_by",
            ["closed_by", "closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_by IS NOT NULL"),
            postgresql_where=sa.text("closed_by IS NOT NULL"),
        )
        batch_op.create_index("ix_tasks_instance", ["instance_id"], unique=False)
        batch_op.create_index(
            "ix_tasks_person",
            ["person", "due_at"],
            unique=False,
            sqlite_where=sa.text("person IS NOT NULL"),
            postgresql_where=sa.text("person IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_tasks_seat",
            ["organisation", "post", "due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "timers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("due_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_timers_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
    )
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.create_index("ix_timers_due_at", ["due_at"], unique=False)
        batch_op.create_index("ix_timers_instance", ["instance_id"], unique=False)

    op.create_table(
        "claims",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("released_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_claims_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index(
            "ix_claims_person",
            ["person"],
            unique=False,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )
        batch_op.create_index(
            "uq_claims_open",
            ["task_id"],
            unique=True,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )

    op.create_table(
        "drafts",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_drafts_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_drafts_task_id")),
        sa.PrimaryKeyConstraint("task_id", "person_id", name=op.f("pk_drafts")),
    )
    _cases()
    _repair()


def _cases() -> None:
    """Cases of any procedure, what they are linked with, and start forms that were not sent yet."""
    op.create_table(
        "cases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("seen_by", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("opened_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint(
            "definition", "organisation", "year", "number", name=op.f("uq_cases_definition_organisation_year_number")
        ),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_opened_at", ["opened_at"], unique=False)
        batch_op.create_index("ix_cases_opened_by", ["opened_by"], unique=False)
        batch_op.create_index("ix_cases_organisation", ["organisation", "opened_at"], unique=False)
    op.create_table(
        "case_links",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_links_case_id")),
        sa.PrimaryKeyConstraint("case_id", "kind", "target", name=op.f("pk_case_links")),
    )
    with op.batch_alter_table("case_links", schema=None) as batch_op:
        batch_op.create_index("ix_case_links_target", ["kind", "target"], unique=False)
    op.create_table(
        "start_drafts",
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["definition"], ["definitions.key"], name=op.f("fk_start_drafts_definition")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_start_drafts_person_id")),
        sa.PrimaryKeyConstraint("definition", "person_id", name=op.f("pk_start_drafts")),
    )
    _begun_by_the_calendar()


def _begun_by_the_calendar() -> None:
    """What the procedures of Articles 11(1), 16 and 21 to 25 keep."""
    op.create_table(
        "case_keys",
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("definition", "key", name=op.f("pk_case_keys")),
    )
    op.create_table(
        "daily_rounds",
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("duty", "day", name=op.f("pk_daily_rounds")),
    )
    op.create_table(
        "accountability_cases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("consequence", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("doc_no", sa.String(), nullable=False),
        sa.Column("persons", sa.Text(), nullable=False),
        sa.Column("decided_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("final_outcome", sa.String(), nullable=True),
        sa.Column("concluded_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_accountability_cases_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountability_cases")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=True),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("deciding", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_announcements_case_id")),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name=op.f("fk_announcements_publication_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_at", "announcements", ["at"], unique=False)
    op.create_index(op.f("ix_announcements_case_id"), "announcements", ["case_id"], unique=False)
    op.create_index("ix_announcements_publication", "announcements", ["publication_id"], unique=False)
    op.create_table(
        "annual_reports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("figures_json", sa.Text(), nullable=False),
        sa.Column("announcement_id", sa.String(), nullable=False),
        sa.Column("approved_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=True),
        sa.Column("attended", sa.Integer(), nullable=True),
        sa.Column("satisfied", sa.Integer(), nullable=True),
        sa.Column("opinions", sa.Text(), nullable=True),
        sa.Column("adopted", sa.Text(), nullable=True),
        sa.Column("concluded_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_annual_reports_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_reports")),
        sa.UniqueConstraint("organisation", "year", name=op.f("uq_annual_reports_organisation_year")),
    )
    op.create_table(
        "rule_answers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("offices", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_rule_answers_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_answers")),
    )
    op.create_index(op.f("ix_rule_answers_article"), "rule_answers", ["article"], unique=False)
    op.create_table(
        "inspections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Text(), nullable=False),
        sa.Column("inspected_by", sa.String(), nullable=False),
        sa.Column("inspected_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("circulated_to", sa.String(), nullable=True),
        sa.Column("bulletin", sa.Text(), nullable=True),
        sa.Column("circulated_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_inspections_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
    )
    op.create_index("ix_inspections_organisation", "inspections", ["organisation", "inspected_at"], unique=False)
    op.create_table(
        "non_disclosures",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("reviewed_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_non_disclosures_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_non_disclosures")),
    )
    op.create_index("ix_non_disclosures_review_on", "non_disclosures", ["review_on"], unique=False)
    op.create_table(
        "plan_demands",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("demanded_by", sa.String(), nullable=True),
        sa.Column("demanded_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("matter_id", sa.String(), nullable=True),
        sa.Column("settled_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_plan_demands_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_demands")),
    )
    op.create_index("ix_plan_demands_state", "plan_demands", ["state", "organisation"], unique=False)
    op.create_table(
        "validity_checks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_validity_checks_id")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_validity_checks_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validity_checks")),
    )
    op.create_index("ix_validity_checks_publication", "validity_checks", ["publication_id", "at"], unique=False)
    op.create_table(
        "inspection_findings",
        sa.Column("inspection_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("rectified_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_inspection_findings_inspection_id")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "number", name=op.f("pk_inspection_findings")),
    )

    _outside()


def _outside() -> None:
    """What programs outside ask and are told: receipts, tokens, what strangers wrote, secrets of webhooks."""
    op.create_table(
        "receipts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_receipts")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("messages", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("made_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("used_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(
            "uq_api_tokens_open",
            ["name"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
    op.create_table(
        "strangers_said",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strangers_said")),
    )
    with op.batch_alter_table("strangers_said", schema=None) as batch_op:
        batch_op.create_index("ix_strangers_said_at", ["at"], unique=False)
        batch_op.create_index("ix_strangers_said_key", ["key", "at"], unique=False)

    op.create_table(
        "webhook_renewals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_renewals")),
    )
    with op.batch_alter_table("webhook_renewals", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_renewals_origin", ["origin", "at"], unique=False)
    _text_corrections()
    _filings()
    _consultations()


def _consultations() -> None:
    """What was asked before a decision, what was said and what became of it (Art. 17)."""
    op.create_table(
        "consultation_records",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ways", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("announcement_id", sa.String(), nullable=True),
        sa.Column("recorded_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("meeting", sa.String(), nullable=True),
        sa.Column("meeting_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_consultation_records_announcement_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["cases.id"], name=op.f("fk_consultation_records_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_records")),
    )
    op.create_index(
        "ix_consultation_records_organisation", "consultation_records", ["organisation", "recorded_at"], unique=False
    )
    op.create_table(
        "consultation_opinions",
        sa.Column("consultation_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation_records.id"], name=op.f("fk_consultation_opinions_consultation_id")
        ),
        sa.PrimaryKeyConstraint("consultation_id", "number", name=op.f("pk_consultation_opinions")),
    )


def _filings() -> None:
    """Filings of catalogues with the superior."""
    op.create_table(
        "catalogue_filings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("filed_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("receipt_no", sa.String(), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("received_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("received_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["catalogue_versions.id"], name=op.f("fk_catalogue_filings_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_filings")),
    )
    with op.batch_alter_table("catalogue_filings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalogue_filings_version_id"), ["version_id"], unique=False)


def _text_corrections() -> None:
    """Corrections of releases with both texts, and where releases were reprinted."""
    op.create_table(
        "text_corrections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("title_before", sa.Text(), nullable=False),
        sa.Column("html_before", sa.Text(), nullable=False),
        sa.Column("text_hash_before", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("registered_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("released_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("archive_no", sa.String(), nullable=True),
        sa.Column("archived_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_text_corrections_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_corrections")),
    )
    with op.batch_alter_table("text_corrections", schema=None) as batch_op:
        batch_op.create_index("ix_text_corrections_publication", ["publication_id", "released_at"], unique=False)
    op.create_table(
        "reprints",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name=op.f("fk_reprints_publication_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprints")),
    )
    with op.batch_alter_table("reprints", schema=None) as batch_op:
        batch_op.create_index("ix_reprints_publication", ["publication_id", "at"], unique=False)


def _repair() -> None:
    """Corrections that wait for a second person, what was done to all instances of a version, what was archived."""
    op.create_table(
        "data_corrections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_data_corrections_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_corrections")),
    )
    with op.batch_alter_table("data_corrections", schema=None) as batch_op:
        batch_op.create_index(
            "uq_data_corrections_open",
            ["instance_id", "path"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
    op.create_table(
        "archived",
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("archive", sa.String(), nullable=False),
        sa.Column("at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_archived_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_archived")),
    )
    op.create_table(
        "version_acts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", engine.db.Instant(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("last", sa.String(), nullable=False),
        sa.Column("leased_until", engine.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", engine.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["after"], ["versions.id"], name=op.f("fk_version_acts_after")),
        sa.ForeignKeyConstraint(["before"], ["versions.id"], name=op.f("fk_version_acts_before")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_acts")),
    )
    with op.batch_alter_table("version_acts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_version_acts_open",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    op.create_table(
        "version_act_results",
        sa.Column("act_id", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("parameters_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["version_acts.id"], name=op.f("fk_version_act_results_act_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instances.id"], name=op.f("fk_version_act_results_instance_id")),
        sa.PrimaryKeyConstraint("act_id", "instance_id", name=op.f("pk_version_act_results")),
    )


def downgrade() -> None:
    raise NotImplementedError("nothing is ever lost: restore a backup instead")
