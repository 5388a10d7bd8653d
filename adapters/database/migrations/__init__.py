"""One file per version of the tables, applied in order by `adapters.database.migrate`."""

NEWEST = "0001"
"""Revision of the newest file in versions/: a database that holds it is asked no further."""
