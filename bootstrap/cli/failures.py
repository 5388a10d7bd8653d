"""Turn what went wrong into one line of what, one line of cure, and an exit code."""

import errno
from dataclasses import dataclass

import redis
from sqlalchemy.exc import ArgumentError, DBAPIError

from adapters.database.errors import (
    LostDatabaseError,
    OldDatabaseError,
    StoreAwayError,
    UnknownDatabaseError,
)
from adapters.redis.embedded import EmbeddedServerError
from adapters.vault import MissingMasterKeyError, VaultError, WrongMasterKeyError
from bootstrap.cli.exits import ACCESS, ExitCode
from bootstrap.redis_server import NoRedisError, UnfitRedisError
from bootstrap.settings import SettingsError
from bootstrap.tenant_mistakes import TenantFileError
from bootstrap.up import AlreadyUpError
from domain.causes import say
from domain.errors import StaffettaError
from domain.plain import one_line
from producers.on_demand import MisnamedError, NotNowError, NotPossibleError, NotThereError


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an operator reads, and what a script gets."""

    what: str
    cure: str
    code: ExitCode


class CommandError(Exception):
    """End a command for a reason that an operator can do something about."""

    def __init__(self, what: str, cure: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(what)
        self.trouble = Trouble(what, cure, code)


def no_tenant(tenant: str) -> CommandError:
    """Say that a tenant is not known."""
    return CommandError(
        f"There is no tenant «{tenant}».", "List tenants with: staffetta tenant list", ExitCode.NOT_FOUND
    )


def trouble_of(error: Exception) -> Trouble | None:
    """Name an expected failure; None for one that nobody foresaw."""
    match error:
        case CommandError():
            return error.trouble
        case TenantFileError():
            count = len(error.mistakes)
            cure = f"Nothing was changed. Correct {'it' if count == 1 else f'all {count}'} and try again."
            return Trouble(str(error), cure, ExitCode.USAGE)
        case SettingsError():
            return Trouble(str(error), "Correct the environment and try again.", ExitCode.USAGE)
        case NotPossibleError():
            what, _, cure = str(error).partition(". ")
            return Trouble(
                what.rstrip(".") + ".", cure or "Look first: staffetta tenant list", _of_refusal(error)
            )
        case _:
            return _of_the_house(error)


def _of_refusal(error: NotPossibleError) -> ExitCode:
    match error:
        case NotNowError():
            return ExitCode.PAUSED
        case MisnamedError():
            return ExitCode.USAGE
        case NotThereError():
            return ExitCode.NOT_FOUND
        case _:
            return ExitCode.FAILED


def _of_the_house(error: Exception) -> Trouble | None:
    match error:
        case WrongMasterKeyError() | MissingMasterKeyError():
            return Trouble(_sentence(error), "Without the right master key nothing starts.", ExitCode.ACCESS)
        case VaultError():
            return Trouble(_sentence(error), "Look closer with: staffetta doctor", ExitCode.FAILED)
        case AlreadyUpError():
            return Trouble(_sentence(error), "Only one can run for each folder.", ExitCode.FAILED)
        case EmbeddedServerError():
            cure = "Look closer with: staffetta doctor, or name another Redis in STAFFETTA_REDIS_URL"
            return Trouble(_sentence(error), cure, ExitCode.FAILED)
        case UnfitRedisError():
            cure = "In production nothing starts on it. Set it so, and start again."
            return Trouble(_sentence(error), cure, ExitCode.FAILED)
        case _:
            return _of_the_database(error)


def _of_the_database(error: Exception) -> Trouble | None:
    match error:
        case LostDatabaseError():
            cure = (
                "It held which account belongs to whom; a new one would know nobody. Restore the file from"
                " your backup, or begin anew on purpose: staffetta init --new-database"
            )
            return Trouble(_sentence(error), cure, ExitCode.FAILED)
        case OldDatabaseError():
            cure = "Use a Python with a newer SQLite (uv python install), or name a PostgreSQL."
            return Trouble(_sentence(error), cure, ExitCode.FAILED)
        case UnknownDatabaseError() | ArgumentError():
            return Trouble(_sentence(error), "Correct STAFFETTA_DATABASE_URL.", ExitCode.USAGE)
        case _:
            return _of_the_world(error)


def _of_the_world(error: Exception) -> Trouble | None:
    match error:
        case StoreAwayError():
            return Trouble(f"The database is away: {error.detail.rstrip('.')}.", _AGAIN, ExitCode.AWAY)
        case NoRedisError():
            return Trouble("Staffetta is not up here.", "Start it with: staffetta up", ExitCode.AWAY)
        case redis.RedisError():
            return Trouble("Redis does not answer.", _AGAIN, ExitCode.AWAY)
        case DBAPIError():
            what = f"The database does not understand us ({type(error.orig).__name__})."
            return Trouble(what, "Is it Staffetta's own? Look with: staffetta doctor", ExitCode.FAILED)
        case StaffettaError():
            told = say(error.code, "en", error.detail)
            code = ExitCode.ACCESS if error.code in ACCESS else ExitCode.FAILED
            return Trouble(told.sentence, told.cure, code)
        case PermissionError():
            what = f"This user may not read or write {error.filename or 'a file'}."
            return Trouble(what, "Run as the user that owns the home folder.", ExitCode.ACCESS)
        case OSError() if error.errno in REFUSALS:
            where = f" ({one_line(str(error.filename), 60)})" if error.filename else ""
            what = f"The system says no: {error.strerror}{where}."
            return Trouble(
                what, "Look at that path and the space on its disk, then try again.", ExitCode.FAILED
            )
        case _:
            return None


REFUSALS = frozenset(
    {errno.EEXIST, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
)
"""A file where a folder should be, a name too long, a disk that is full or takes nothing."""

_AGAIN = "Nothing was lost; try again in a moment, or look with: staffetta doctor"


def _sentence(error: Exception) -> str:
    text = str(error).rstrip(". ")
    return text[:1].upper() + text[1:] + "."
