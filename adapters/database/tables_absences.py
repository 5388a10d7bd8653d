"""The tables about people who are missing, and about units that may vanish whole."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from adapters.database.session import METADATA
from adapters.database.tables import FINGERPRINT, of_tenant

ABSENCES = Table(
    "absences",
    METADATA,
    of_tenant(key=True),
    Column("person_id", Text, primary_key=True),
    Column("run_id", Text, nullable=False),  # the first certified run that lacked the person
    Column("since", BigInteger, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("rights", FINGERPRINT, nullable=False),
    Column("certificate", Text, nullable=False),
)

UNITS = Table(
    "units",
    METADATA,
    of_tenant(key=True),
    Column("kind", Text, primary_key=True),
    Column("mark", FINGERPRINT, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
"""What a unit is called; `mark` is the fingerprint of its id."""

UNITS_OF_PEOPLE = Table(
    "units_of_people",
    METADATA,
    of_tenant(key=True),
    Column("person_id", Text, primary_key=True),
    Column("entity", FINGERPRINT),
    Column("office", FINGERPRINT),
    Column("department", FINGERPRINT),
    Column("asked_at", BigInteger, nullable=False),
)
"""Marks of a person's units. NULL: never told. An empty mark: told that there is none."""
