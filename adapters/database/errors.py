"""What can go wrong with the store itself, each with its cure.

TemporaryError
└── StoreAwayError          nobody answers, or somebody holds the lock too long: nothing was written
    └── StoreConflictError  PostgreSQL let another transaction pass: do the same work again
ValueError
├── PhaseRefusedError       a run was asked to go where `NEXT_PHASES` does not lead
├── UnknownDatabaseError    the database URL names something that we do not speak
├── LostDatabaseError       the file of a database that was there is not there any more
└── OldDatabaseError        the SQLite of this Python lacks what every statement needs
"""

from domain.codes import Code
from domain.errors import TemporaryError


class StoreAwayError(TemporaryError):
    """Say that the database did not answer in time; the transaction was rolled back."""

    def __init__(self, detail: str) -> None:
        super().__init__(Code.STORE_AWAY, detail)


class StoreConflictError(StoreAwayError):
    """Say that two transactions met and this one gave way; it can be done again at once."""


class PhaseRefusedError(ValueError):
    """Say that a run may not enter the phase that it was asked to enter."""


class UnknownDatabaseError(ValueError):
    """Say that a database URL cannot be served, and which ones can."""


class OldDatabaseError(ValueError):
    """Say which SQLite is here, and which one is needed."""


class LostDatabaseError(ValueError):
    """Say that the file of a database is gone although its master key lives."""
