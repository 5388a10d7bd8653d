"""What the command line answers to scripts: numbers that never change their meaning."""

from enum import IntEnum
from typing import assert_never

from domain.codes import Code
from domain.run import Outcome, Run

ACCESS = frozenset(
    {
        Code.SOURCE_CREDENTIALS_REFUSED,
        Code.SOURCE_CREDENTIALS_WRONG,
        Code.SOURCE_RIGHT_MISSING,
        Code.SOURCE_RIGHT_NOT_GIVEN,
        Code.TARGET_CREDENTIALS_REFUSED,
        Code.CREDENTIALS_UNREADABLE,
        Code.CONNECTION_MISSING,
        Code.TARGET_TOKEN_UNFIT,
        Code.KEYS_UNREADABLE,
    }
)
"""Causes that a human cures by giving us other credentials, more rights, or the keys to open them with."""


class ExitCode(IntEnum):
    """Name every exit code; docs/guides/cli.md says the same to operators."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    ACCESS = 4
    HELD = 5
    PAUSED = 6
    NOT_FOUND = 7
    TIMED_OUT = 8
    AWAY = 75
    INTERRUPTED = 130
    UNREAD = 141


def exit_of_run(run: Run) -> ExitCode:
    """Judge a run that was waited for; one that goes on has timed out."""
    match run.outcome:
        case None:
            return ExitCode.TIMED_OUT
        case Outcome.OK | Outcome.PLANNED:
            return ExitCode.OK
        case Outcome.OK_WITH_HOLDS:
            return ExitCode.HELD
        case Outcome.PARTIAL:
            return ExitCode.PARTIAL
        case Outcome.PAUSED:
            return ExitCode.PAUSED
        case Outcome.FAILED:
            return _exit_of_failure(run.code)
        case _:
            assert_never(run.outcome)


def _exit_of_failure(code: Code | None) -> ExitCode:
    if code is Code.PERSON_NOT_SEEN:
        return ExitCode.NOT_FOUND
    return ExitCode.ACCESS if code in ACCESS else ExitCode.FAILED
