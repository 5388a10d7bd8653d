"""Personio as a source of employees, by its v1 API."""

from adapters.sources.personio.limits import ADDRESS, CREDENTIAL, LOGINS
from adapters.sources.personio.source import PersonioSource

__all__ = ["ADDRESS", "CREDENTIAL", "LOGINS", "PersonioSource"]
