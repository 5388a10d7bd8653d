"""The queue: dramatiq over Redis, with every dangerous default overridden in one place."""
