"""Alembic runs this file for every command; the connection comes from `adapters.database.migrate`."""

from alembic import context

from adapters.database import (
    tables,
    tables_absences,
    tables_approvals,
    tables_attributes,
    tables_audit,
    tables_changes,
    tables_runs,
    tables_setbacks,
)
from adapters.database.session import METADATA

EVERY_TABLE_IS_KNOWN = (
    tables,
    tables_absences,
    tables_approvals,
    tables_attributes,
    tables_audit,
    tables_changes,
    tables_runs,
    tables_setbacks,
)
"""Importing these modules is what puts their tables into METADATA."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
