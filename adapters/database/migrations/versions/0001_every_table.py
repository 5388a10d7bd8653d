"""Create every table of the store.

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("owners", sa.LargeBinary(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "changes",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("carried_by", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("aspect", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("to_hold", sa.Boolean(), nullable=False),
        sa.Column("blocked_on", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("essence", sa.LargeBinary(length=16), nullable=False),
        sa.Column("takes_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("frees_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("external_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("match_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("before_manager", sa.Text(), nullable=True),
        sa.Column("after_manager", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("dated", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("intent_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("intent_before", sa.BigInteger(), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("rung_at", sa.BigInteger(), nullable=True),
        sa.Column("envelope_id", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("undoes", sa.Text(), nullable=True),
        sa.Column("done_version", sa.Integer(), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_changes_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_changes")),
    )
    op.create_index(
        "ix_changes_blocked",
        "changes",
        ["tenant_id", "blocked_on"],
        unique=False,
        sqlite_where=sa.text("state = 'blocked'"),
        postgresql_where=sa.text("state = 'blocked'"),
    )
    op.create_index(
        "ix_changes_going",
        "changes",
        ["tenant_id", "run_id", "tries", "lane"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'released', 'working')"),
        postgresql_where=sa.text("state IN ('planned', 'released', 'working')"),
    )
    op.create_index(
        "ix_changes_old",
        "changes",
        ["planned_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('held', 'proposed')"),
        postgresql_where=sa.text("state IN ('held', 'proposed')"),
    )
    op.create_index(
        "ix_changes_telling",
        "changes",
        ["settled_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NOT NULL AND length(sealed) > 0"),
        postgresql_where=sa.text("settled_at IS NOT NULL AND length(sealed) > 0"),
    )
    op.create_index(
        "ix_changes_emptied",
        "changes",
        ["settled_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NOT NULL AND length(sealed) = 0"),
        postgresql_where=sa.text("settled_at IS NOT NULL AND length(sealed) = 0"),
    )
    op.create_index(
        "ix_changes_lost",
        "changes",
        ["tenant_id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead' AND intent_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'dead' AND intent_at IS NOT NULL"),
    )
    op.create_index(
        "ix_changes_parked",
        "changes",
        ["tenant_id"],
        unique=False,
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_index(
        "ix_changes_carried",
        "changes",
        ["tenant_id", "carried_by"],
        unique=False,
        sqlite_where=sa.text("carried_by IS NOT NULL"),
        postgresql_where=sa.text("carried_by IS NOT NULL"),
    )
    op.create_index("ix_changes_lately", "changes", ["tenant_id", "action", "planned_at"], unique=False)
    op.create_index("ix_changes_person", "changes", ["tenant_id", "person_id", "change_id"], unique=False)
    op.create_index("ix_changes_run", "changes", ["tenant_id", "run_id", "change_id"], unique=False)
    op.create_index(
        "ix_changes_rung",
        "changes",
        ["tenant_id", "queue", "envelope_id"],
        unique=False,
        sqlite_where=sa.text("state = 'released' AND rung_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'released' AND rung_at IS NOT NULL"),
    )
    op.create_index(
        "ix_changes_waiting",
        "changes",
        ["tenant_id", "queue", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_changes_wanted",
        "changes",
        ["tenant_id", "takes_key"],
        unique=False,
        sqlite_where=sa.text(
            "state IN ('blocked', 'held', 'parked', 'planned', 'released', 'waiting', 'working')"
        ),
        postgresql_where=sa.text(
            "state IN ('blocked', 'held', 'parked', 'planned', 'released', 'waiting', 'working')"
        ),
    )
    op.create_index(
        "ix_changes_window",
        "changes",
        ["tenant_id", "queue", "run_id", "lane", "change_id"],
        unique=False,
        sqlite_where=sa.text("state = 'released'"),
        postgresql_where=sa.text("state = 'released'"),
    )
    op.create_index(
        "ix_changes_working",
        "changes",
        ["tenant_id", "person_id"],
        unique=False,
        sqlite_where=sa.text("state = 'working'"),
        postgresql_where=sa.text("state = 'working'"),
    )
    op.create_index(
        "uq_changes_open",
        "changes",
        ["tenant_id", "person_id", "aspect"],
        unique=True,
        sqlite_where=sa.text("state IN ('blocked', 'held', 'parked', 'released', 'waiting')"),
        postgresql_where=sa.text("state IN ('blocked', 'held', 'parked', 'released', 'waiting')"),
    )
    op.create_index(
        "uq_changes_planned",
        "changes",
        ["tenant_id", "run_id", "person_id", "aspect"],
        unique=True,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "deletions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.tenant_id"],
            name=op.f("fk_deletions_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_deletions")),
    )
    op.create_index("ix_deletions_due", "deletions", ["due_at"], unique=False)
    op.create_table(
        "setbacks",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("setback_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("on_trial", sa.Boolean(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("look_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.tenant_id"],
            name=op.f("fk_setbacks_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_setbacks")),
    )
    op.create_index("ix_setbacks_look_at", "setbacks", ["look_at"], unique=False)
    op.create_table(
        "outages",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.tenant_id"],
            name=op.f("fk_outages_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_outages")),
    )
    op.create_table(
        "approvals",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("first_by", sa.Text(), nullable=True),
        sa.Column("first_at", sa.BigInteger(), nullable=True),
        sa.Column("second_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_approvals_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "approval_id", name=op.f("pk_approvals")),
    )
    for name, columns, unique in (
        ("uq_approvals_open", ["tenant_id", "hash"], True),
        ("ix_approvals_end", ["expires_at"], False),
    ):
        op.create_index(
            name,
            "approvals",
            columns,
            unique=unique,
            sqlite_where=sa.text("state IN ('first-yes', 'shown')"),
            postgresql_where=sa.text("state IN ('first-yes', 'shown')"),
        )
    op.create_table(
        "configurations",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unique_path", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("adopted_at", sa.BigInteger(), nullable=True),
        sa.Column("adopted_by", sa.Text(), nullable=True),
        sa.Column("discarded_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_configurations_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_configurations")),
    )
    op.create_table(
        "targets",
        sa.Column("target", sa.LargeBinary(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("narrowed_at", sa.BigInteger(), nullable=True),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("open_since", sa.BigInteger(), nullable=True),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("of_writes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_targets")),
    )
    op.create_table(
        "connections",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=16), nullable=False),
        sa.Column("target", sa.LargeBinary(length=16), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_connections_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_connections")),
    )
    op.create_table(
        "decisions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("aspect", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_decisions_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", "aspect", "digest", name=op.f("pk_decisions")),
    )
    op.create_table(
        "dispatches",
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_dispatches_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("whose", "notice_id", "channel", name=op.f("pk_dispatches")),
    )
    op.create_index(
        op.f("ix_dispatches_tenant_id_about_stage"), "dispatches", ["tenant_id", "about", "stage"], unique=False
    )
    op.create_index(op.f("ix_dispatches_state_made_at"), "dispatches", ["state", "made_at"], unique=False)
    op.create_index(
        "ix_dispatches_due",
        "dispatches",
        ["tenant_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("told_open_at", sa.BigInteger(), nullable=True),
        sa.Column("told_resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.BigInteger(), nullable=True),
        sa.Column("rung_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_incidents_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_resolved_at"), "incidents", ["resolved_at"], unique=False)
    op.create_index(op.f("ix_incidents_tenant_id_code"), "incidents", ["tenant_id", "code"], unique=False)
    op.create_index(
        "ix_incidents_untold",
        "incidents",
        ["opened_at", "incident_id"],
        unique=False,
        sqlite_where=sa.text("told_resolved_at IS NULL"),
        postgresql_where=sa.text("told_resolved_at IS NULL"),
    )
    op.create_index(
        "uq_incidents_ours",
        "incidents",
        ["code"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL AND tenant_id IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL AND tenant_id IS NULL"),
    )
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["tenant_id", "code"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "cases",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("ruled_by", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_cases_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", name=op.f("pk_cases")),
    )
    op.create_index("uq_cases_facts", "cases", ["tenant_id", "person_id", "facts"], unique=True)
    op.create_table(
        "match_keys",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_match_keys_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key", "account_id", name=op.f("pk_match_keys")),
    )
    op.create_table(
        "former_owners",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_former_owners_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "mark", "person_id", name=op.f("pk_former_owners")),
    )
    op.create_table(
        "letters",
        sa.Column("letter_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("aspect", sa.Text(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("requeued_at", sa.BigInteger(), nullable=True),
        sa.Column("requeued_by", sa.Text(), nullable=True),
        sa.Column("requeued_key", sa.Text(), nullable=True),
        sa.Column("dismissed_at", sa.BigInteger(), nullable=True),
        sa.Column("dismissed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_letters_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letters")),
    )
    op.create_index(op.f("ix_letters_last_at"), "letters", ["last_at"], unique=False)
    op.create_index(op.f("ix_letters_tenant_id_last_at"), "letters", ["tenant_id", "last_at"], unique=False)
    op.create_index(
        "uq_letters_person", "letters", ["tenant_id", "person_id", "aspect", "code"], unique=True
    )
    op.create_table(
        "links",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("manager", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("doubts", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_links_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_tenant_id_account_id"), "links", ["tenant_id", "account_id"], unique=False)
    op.create_index(op.f("ix_links_tenant_id_key"), "links", ["tenant_id", "key"], unique=False)
    op.create_table(
        "audit",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Text(), nullable=False),
        sa.Column("how_many", sa.BigInteger(), nullable=False),
        sa.Column("meant", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_audit_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_chains",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("anchor_number", sa.BigInteger(), nullable=False),
        sa.Column("anchor_hash", sa.Text(), nullable=False),
        sa.Column("tip_number", sa.BigInteger(), nullable=False),
        sa.Column("tip_hash", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_audit_chains_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_chains")),
    )
    op.create_table(
        "overrides",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("override_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_overrides_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "override_id", name=op.f("pk_overrides")),
    )
    op.create_index(
        "uq_overrides_in_force",
        "overrides",
        ["tenant_id", "person_id", "kind", "path"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "people",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("supervisor", sa.Text(), nullable=True),
        sa.Column("key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("first_run_id", sa.Text(), nullable=False),
        sa.Column("first_asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_people_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_people")),
    )
    op.create_index(op.f("ix_people_tenant_id_key"), "people", ["tenant_id", "key"], unique=False)
    op.create_table(
        "people_proposed",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("supervisor", sa.Text(), nullable=True),
        sa.Column("key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("first_run_id", sa.Text(), nullable=False),
        sa.Column("first_asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.tenant_id"],
            name=op.f("fk_people_proposed_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_people_proposed")),
    )
    op.create_table(
        "runs",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("plan_only", sa.Boolean(), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("universal", sa.Text(), nullable=True),
        sa.Column("blind", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("certificate", sa.Text(), server_default="", nullable=False),
        sa.Column("absence", sa.Text(), server_default="", nullable=False),
        sa.Column("absence_at", sa.BigInteger(), nullable=True),
        sa.Column("unproven", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unproven_why", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("first_page_asked_at", sa.BigInteger(), nullable=True),
        sa.Column("source_requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("target_requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("carried", sa.Text(), nullable=True),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_runs_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", name=op.f("pk_runs")),
        sa.UniqueConstraint("tenant_id", "slot", name=op.f("uq_runs_tenant_id_slot")),
    )
    op.create_index(op.f("ix_runs_created_at"), "runs", ["created_at"], unique=False)
    op.create_index(op.f("ix_runs_tenant_id_created_at"), "runs", ["tenant_id", "created_at"], unique=False)
    op.create_index(
        "ix_runs_under_way",
        "runs",
        ["phase"],
        unique=False,
        sqlite_where=sa.text("phase <> 'ended'"),
        postgresql_where=sa.text("phase <> 'ended'"),
    )
    op.create_index(
        "uq_runs_busy_feed",
        "runs",
        ["tenant_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'feed' AND phase IN ('reading', 'listing', 'concluding')"),
        postgresql_where=sa.text("kind = 'feed' AND phase IN ('reading', 'listing', 'concluding')"),
    )
    op.create_table(
        "target_accounts",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("external_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("match_key", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.tenant_id"],
            name=op.f("fk_target_accounts_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", name=op.f("pk_target_accounts")),
    )
    op.create_index(
        op.f("ix_target_accounts_tenant_id_external_key"),
        "target_accounts",
        ["tenant_id", "external_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_target_accounts_tenant_id_match_key"),
        "target_accounts",
        ["tenant_id", "match_key"],
        unique=False,
    )
    op.create_table(
        "attributes",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("universal_id", sa.Text(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_attributes_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_attributes")),
    )
    op.create_table(
        "attribute_losses",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("now", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.tenant_id"],
            name=op.f("fk_attribute_losses_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "key", name=op.f("pk_attribute_losses")),
    )
    op.create_index(
        op.f("ix_attribute_losses_tenant_id_standing"),
        "attribute_losses",
        ["tenant_id", "standing"],
        unique=False,
    )
    op.create_table(
        "pages",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.Column("ids_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("telling", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("fills", sa.Text(), server_default="{}", nullable=False),
        sa.Column("next_cursor", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("again_of", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["runs.tenant_id", "runs.run_id"],
            name=op.f("fk_pages_tenant_id_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_pages_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "number", name=op.f("pk_pages")),
    )
    op.create_index(
        op.f("ix_pages_tenant_id_run_id_ids_digest"),
        "pages",
        ["tenant_id", "run_id", "ids_digest"],
        unique=False,
    )
    op.create_table(
        "absences",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("rights", sa.LargeBinary(length=16), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_absences_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_absences")),
    )
    op.create_table(
        "units",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_units_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "mark", name=op.f("pk_units")),
    )
    op.create_table(
        "units_of_people",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("entity", sa.LargeBinary(length=16), nullable=True),
        sa.Column("office", sa.LargeBinary(length=16), nullable=True),
        sa.Column("department", sa.LargeBinary(length=16), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_units_of_people_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_units_of_people")),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_attribute_losses_tenant_id_standing"), table_name="attribute_losses")
    op.drop_table("attribute_losses")
    op.drop_table("attributes")
    op.drop_table("units_of_people")
    op.drop_table("units")
    op.drop_table("absences")
    op.drop_table("approvals")
    op.drop_index(op.f("ix_pages_tenant_id_run_id_ids_digest"), table_name="pages")
    op.drop_table("pages")
    op.drop_index(op.f("ix_target_accounts_tenant_id_match_key"), table_name="target_accounts")
    op.drop_index(op.f("ix_target_accounts_tenant_id_external_key"), table_name="target_accounts")
    op.drop_table("target_accounts")
    op.drop_index(
        "uq_runs_busy_feed",
        table_name="runs",
        sqlite_where=sa.text("kind = 'feed' AND phase IN ('reading', 'listing', 'concluding')"),
        postgresql_where=sa.text("kind = 'feed' AND phase IN ('reading', 'listing', 'concluding')"),
    )
    op.drop_index(
        "ix_runs_under_way",
        table_name="runs",
        sqlite_where=sa.text("phase <> 'ended'"),
        postgresql_where=sa.text("phase <> 'ended'"),
    )
    op.drop_index(op.f("ix_runs_tenant_id_created_at"), table_name="runs")
    op.drop_index(op.f("ix_runs_created_at"), table_name="runs")
    op.drop_table("runs")
    op.drop_index(op.f("ix_people_tenant_id_key"), table_name="people")
    op.drop_table("audit_chains")
    op.drop_table("audit")
    op.drop_table("overrides")
    op.drop_table("people_proposed")
    op.drop_table("people")
    op.drop_index(op.f("ix_links_tenant_id_key"), table_name="links")
    op.drop_index(op.f("ix_links_tenant_id_account_id"), table_name="links")
    op.drop_table("links")
    op.drop_table("former_owners")
    op.drop_table("match_keys")
    op.drop_index("uq_cases_facts", table_name="cases")
    op.drop_table("cases")
    op.drop_index("uq_letters_person", table_name="letters")
    op.drop_index(op.f("ix_letters_tenant_id_last_at"), table_name="letters")
    op.drop_index(op.f("ix_letters_last_at"), table_name="letters")
    op.drop_table("letters")
    op.drop_index(
        "ix_incidents_untold",
        table_name="incidents",
        sqlite_where=sa.text("told_resolved_at IS NULL"),
        postgresql_where=sa.text("told_resolved_at IS NULL"),
    )
    op.drop_index(op.f("ix_incidents_tenant_id_code"), table_name="incidents")
    op.drop_index(op.f("ix_incidents_resolved_at"), table_name="incidents")
    op.drop_index(
        "uq_incidents_ours",
        table_name="incidents",
        sqlite_where=sa.text("resolved_at IS NULL AND tenant_id IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL AND tenant_id IS NULL"),
    )
    op.drop_index(
        "ix_dispatches_due",
        table_name="dispatches",
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.drop_index(op.f("ix_dispatches_state_made_at"), table_name="dispatches")
    op.drop_index(op.f("ix_dispatches_tenant_id_about_stage"), table_name="dispatches")
    op.drop_table("dispatches")
    op.drop_index(
        "uq_incidents_open",
        table_name="incidents",
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.drop_table("incidents")
    op.drop_table("decisions")
    op.drop_table("connections")
    op.drop_table("targets")
    op.drop_table("configurations")
    op.drop_index(
        "uq_changes_planned",
        table_name="changes",
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_index(
        "uq_changes_open",
        table_name="changes",
        sqlite_where=sa.text("state IN ('blocked', 'held', 'parked', 'released', 'waiting')"),
        postgresql_where=sa.text("state IN ('blocked', 'held', 'parked', 'released', 'waiting')"),
    )
    op.drop_index(
        "ix_changes_working",
        table_name="changes",
        sqlite_where=sa.text("state = 'working'"),
        postgresql_where=sa.text("state = 'working'"),
    )
    op.drop_index(
        "ix_changes_window",
        table_name="changes",
        sqlite_where=sa.text("state = 'released'"),
        postgresql_where=sa.text("state = 'released'"),
    )
    op.drop_index(
        "ix_changes_wanted",
        table_name="changes",
        sqlite_where=sa.text(
            "state IN ('blocked', 'held', 'parked', 'planned', 'released', 'waiting', 'working')"
        ),
        postgresql_where=sa.text(
            "state IN ('blocked', 'held', 'parked', 'planned', 'released', 'waiting', 'working')"
        ),
    )
    op.drop_index(
        "ix_changes_waiting",
        table_name="changes",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_changes_rung",
        table_name="changes",
        sqlite_where=sa.text("state = 'released' AND rung_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'released' AND rung_at IS NOT NULL"),
    )
    op.drop_index("ix_changes_run", table_name="changes")
    op.drop_index("ix_changes_person", table_name="changes")
    op.drop_index("ix_changes_lately", table_name="changes")
    op.drop_index(
        "ix_changes_telling",
        table_name="changes",
        sqlite_where=sa.text("settled_at IS NOT NULL AND length(sealed) > 0"),
        postgresql_where=sa.text("settled_at IS NOT NULL AND length(sealed) > 0"),
    )
    op.drop_index(
        "ix_changes_emptied",
        table_name="changes",
        sqlite_where=sa.text("settled_at IS NOT NULL AND length(sealed) = 0"),
        postgresql_where=sa.text("settled_at IS NOT NULL AND length(sealed) = 0"),
    )
    op.drop_index(
        "ix_changes_lost",
        table_name="changes",
        sqlite_where=sa.text("state = 'dead' AND intent_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'dead' AND intent_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_changes_parked",
        table_name="changes",
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.drop_index(
        "ix_changes_going",
        table_name="changes",
        sqlite_where=sa.text("state IN ('planned', 'released', 'working')"),
        postgresql_where=sa.text("state IN ('planned', 'released', 'working')"),
    )
    op.drop_index(
        "ix_changes_blocked",
        table_name="changes",
        sqlite_where=sa.text("state = 'blocked'"),
        postgresql_where=sa.text("state = 'blocked'"),
    )
    op.drop_table("outages")
    op.drop_index("ix_setbacks_look_at", table_name="setbacks")
    op.drop_table("setbacks")
    op.drop_index("ix_deletions_due", table_name="deletions")
    op.drop_table("deletions")
    op.drop_table("changes")
    op.drop_table("tenants")
    op.drop_table("meta")
