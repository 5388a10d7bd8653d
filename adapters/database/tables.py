"""The tables that last: tenants, their configuration and credentials, people, links, letters, incidents.

Moments are whole milliseconds since 1970 UTC. Sealed columns open only with the tenant's key and their own
field name; fingerprints are HMACs of 16 bytes. Deleting a tenant deletes everything that names it.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from adapters.database.session import METADATA
from domain.ids import INSTALLATION, TenantId

FINGERPRINT = LargeBinary(16)


def of_tenant(*, key: bool = False) -> Column[str]:
    """Make the column that says whose row this is; rows go with their tenant."""
    owner = ForeignKey("tenants.tenant_id", ondelete="CASCADE")
    return Column("tenant_id", Text, owner, primary_key=key, nullable=False)


def owner(tenant_id: TenantId) -> str | None:
    """Write whose a row is where it may be nobody's but the installation's."""
    return None if tenant_id == INSTALLATION else tenant_id


def of(table: Table, tenant_id: TenantId) -> ColumnElement[bool]:
    """Say «this row is the tenant's», or the installation's."""
    return whose(table, tenant_id, installation=tenant_id == INSTALLATION)


def whose(table: Table, tenant_id: TenantId, *, installation: bool) -> ColumnElement[bool]:
    """Say the same in a statement that is built once: it cannot look at the tenant, so it is told."""
    return table.c.tenant_id.is_(None) if installation else table.c.tenant_id == tenant_id


TENANTS = Table(
    "tenants",
    METADATA,
    Column("tenant_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text),
    Column("since", BigInteger, nullable=False),
    Column("before", Text),
    Column("language", Text, nullable=False),
    Column("owners", LargeBinary, nullable=False),
    Column("keys", LargeBinary, nullable=False),
)

CONFIGURATIONS = Table(
    "configurations",
    METADATA,
    of_tenant(key=True),
    Column("version", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("digest", FINGERPRINT, nullable=False),
    Column("unique_path", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("rules", Integer, nullable=False),
    Column("based_on", Integer),
    Column("adopted_at", BigInteger),
    Column("adopted_by", Text),
    Column("discarded_at", BigInteger),
)

CONNECTIONS = Table(
    "connections",
    METADATA,
    of_tenant(key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("credential", FINGERPRINT, nullable=False),
    Column("target", FINGERPRINT, nullable=False),
    Column("token", LargeBinary),
    Column("token_expires_at", BigInteger),
    Column("stored_at", BigInteger, nullable=False),  # since when the source's credential is this one
)


def person_columns() -> Iterator[Column[Any]]:
    """Make the columns of what is known of a person."""
    yield of_tenant(key=True)
    yield Column("person_id", Text, primary_key=True)
    yield Column("digest", LargeBinary, nullable=False)
    yield Column("standing", Text, nullable=False)
    yield Column("why", Text)
    yield Column("detail", Text, nullable=False)
    yield Column("warning", Text)
    yield Column("sealed", LargeBinary)
    yield Column("supervisor", Text)
    yield Column("key", FINGERPRINT)
    yield Column("asked_at", BigInteger, nullable=False)
    yield Column("run_id", Text, nullable=False)
    yield Column("first_run_id", Text, nullable=False)
    yield Column("first_asked_at", BigInteger, nullable=False)


PEOPLE = Table("people", METADATA, *person_columns(), Index(None, "tenant_id", "key"))

PEOPLE_PROPOSED = Table("people_proposed", METADATA, *person_columns())
"""People as a proposed configuration would see them; they replace `people` when it is adopted."""

LINKS = Table(
    "links",
    METADATA,
    of_tenant(key=True),
    Column("person_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("key", FINGERPRINT),
    Column("manager", Text),
    Column("version", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("doubts", Text),
    Index(None, "tenant_id", "key"),
    Index(None, "tenant_id", "account_id"),
)

TARGET_ACCOUNTS = Table(
    "target_accounts",
    METADATA,
    of_tenant(key=True),
    Column("account_id", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("external_key", FINGERPRINT),
    Column("match_key", FINGERPRINT),
    Index(None, "tenant_id", "external_key"),
    Index(None, "tenant_id", "match_key"),
)

LETTERS = Table(
    "letters",
    METADATA,
    Column("letter_id", Text, primary_key=True),
    Column("tenant_id", Text, ForeignKey("tenants.tenant_id", ondelete="CASCADE")),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("change_id", Text),
    Column("person_id", Text),
    Column("aspect", Text),
    Column("message", LargeBinary),
    Column("requeued_at", BigInteger),
    Column("requeued_by", Text),
    Column("requeued_key", Text),  # a fingerprint of the key of the request
    Column("dismissed_at", BigInteger),
    Column("dismissed_by", Text),
    Index(None, "tenant_id", "last_at"),
    Index(None, "last_at"),
    Index("uq_letters_person", "tenant_id", "person_id", "aspect", "code", unique=True),
)
"""Without a tenant: of messages that name none. `stands` ends when the cause is known to be over."""

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("incident_id", Text, primary_key=True),
    Column("tenant_id", Text, ForeignKey("tenants.tenant_id", ondelete="CASCADE")),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    Column("told_open_at", BigInteger),
    Column("told_resolved_at", BigInteger),
    Column("run_id", Text),
    Column("reopened", Integer, nullable=False),
    Column("quiet_until", BigInteger),
    Column("rung_at", BigInteger),  # when the sweeper last rang for what is untold
    Index(
        "ix_incidents_untold",
        "opened_at",
        "incident_id",
        sqlite_where=text("told_resolved_at IS NULL"),
        postgresql_where=text("told_resolved_at IS NULL"),
    ),
    Index(
        "uq_incidents_open",
        "tenant_id",
        "code",
        unique=True,
        sqlite_where=text("resolved_at IS NULL"),
        postgresql_where=text("resolved_at IS NULL"),
    ),
    Index(
        "uq_incidents_ours",
        "code",
        unique=True,
        sqlite_where=text("resolved_at IS NULL AND tenant_id IS NULL"),
        postgresql_where=text("resolved_at IS NULL AND tenant_id IS NULL"),
    ),
    Index(None, "tenant_id", "code"),
    Index(None, "resolved_at"),
)
"""Without a tenant: what concerns the installation. No end is told before `quiet_until`."""

META = Table(
    "meta",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
