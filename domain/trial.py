"""Try a mapping on one real person: what each line reads, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from domain.account import Scalar
from domain.config import Configuration, Fallback, Line, Mode
from domain.employee import Employee
from domain.link import Link
from domain.mapping import Bad, NotTold, Told, draft, read_line, wanted


class Fate(StrEnum):
    """Name what becomes of one line for one person.

    sent     would be written now             same    the account has it already
    created  only into a new account          kept    the account keeps what it has
    bad      the value cannot be used         lacking required, and not there: the person is skipped
    """

    SENT = "sent"
    SAME = "same"
    CREATED = "created"
    KEPT = "kept"
    BAD = "bad"
    LACKING = "lacking"


@dataclass(frozen=True, slots=True)
class LineTrial:
    """One line on one person. `value` is what the account would hold, `applied` what we last applied."""

    line: Line
    fate: Fate
    value: Scalar
    applied: Scalar
    why: str = ""


def try_lines(
    employee: Employee, link: Link | None, config: Configuration, universal: Mapping[str, str]
) -> tuple[LineTrial, ...]:
    """Take every line through the very steps that a run would take."""
    drafted = draft(employee, config, universal)
    applied = link.values if link else {}
    values = drafted.draft.values if link is None else wanted(drafted, applied, config)
    lacking = frozenset((*drafted.empty, *drafted.missing))
    return tuple(
        _try(line, read_line(employee, line, universal), values, link, line.name in lacking)
        for line in config.lines
    )


def _try(
    line: Line, found: Told | NotTold | Bad, values: Mapping[str, Scalar], link: Link | None, lacking: bool
) -> LineTrial:
    applied = link.values.get(line.path) if link else None
    if isinstance(found, Bad):
        return LineTrial(line, Fate.BAD, applied, applied, found.why)
    if line.path not in values or lacking:
        fate = Fate.LACKING if lacking else Fate.CREATED if line.mode is Mode.ON_CREATE else Fate.KEPT
        return LineTrial(line, fate, applied, applied, _reason(line, found))
    value = values[line.path]
    same = link is not None and value == applied
    return LineTrial(line, Fate.SAME if same else Fate.SENT, value, applied, _reason(line, found))


def _reason(line: Line, found: Told | NotTold) -> str:
    match found:
        case NotTold():
            return "Personio does not tell it" + (
                ", so the default is used" if line.absent is Fallback.DEFAULT else ""
            )
        case Told(None):
            return "empty at Personio" + (
                ", so the default is used" if line.empty is Fallback.DEFAULT else ""
            )
        case Told():
            return "" if line.mode is Mode.ALWAYS else f"mode {line.mode.value}"
        case _:
            assert_never(found)
