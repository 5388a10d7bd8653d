"""The table of targets that are not well: which rest, until when, and how much the others take at once."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, Text

from adapters.database.session import METADATA

TARGETS = Table(
    "targets",
    METADATA,
    Column("target", LargeBinary(16), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("narrowed_at", BigInteger),
    Column("rests_until", BigInteger),
    Column("open_since", BigInteger),
    Column("probes", Integer, nullable=False),
    Column("why", Text),
    Column("of_writes", Boolean, nullable=False),
)
"""`target` is a fingerprint of an address, the same for all tenants that have it; the row belongs to none."""
