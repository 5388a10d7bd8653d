"""One suite for every store: what holds on SQLite holds on PostgreSQL."""
