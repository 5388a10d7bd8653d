"""Alembic runs this file for every command; the connection comes from `adapters.database.migrate`."""

from alembic import context

from adapters.database import transaction
from adapters.database.session import METADATA

EVERY_TABLE_IS_KNOWN = transaction
"""Whoever begins a transaction imports every adapter, and so every table: that puts them into METADATA."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
