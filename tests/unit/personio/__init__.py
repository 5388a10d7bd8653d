"""Personio's v1 API, row by row of what is known about it."""
