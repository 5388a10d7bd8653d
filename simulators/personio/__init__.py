"""A Personio to run against: the v1 API as it answers in practice, with its quirks and its bad days."""
