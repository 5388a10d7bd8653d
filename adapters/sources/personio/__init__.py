"""Personio as a source of employees, by its v1 API."""

from adapters.sources.personio.limits import RequestBudget
from adapters.sources.personio.source import PersonioSource

__all__ = ["PersonioSource", "RequestBudget"]
