"""From a person and the tenant's lines to the account as it should be."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from domain.account import AccountDraft, Scalar
from domain.config import Configuration, Line, Transform
from domain.employee import Employee, Reference, Value
from domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class Drafted:
    """Hold the draft, and the required attributes that were told to be empty or not told at all."""

    draft: AccountDraft
    empty: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def draft(employee: Employee, config: Configuration, universal: Mapping[str, str]) -> Drafted:
    """Apply every line. What Personio did not send is left out of the draft, so the old value stays.

    `universal` maps universal ids to this tenant's keys, as Personio's attribute list tells them.
    """
    values: dict[str, Scalar] = {}
    empty: list[str] = []
    missing: list[str] = []
    for line in config.lines:
        key, part = _address(line.source, universal)
        if not employee.says(key):
            missing += [line.source] if line.required else []
            continue
        value = _transformed(_scalar(employee.attributes[key], part), line)
        values[line.path] = value
        empty += [line.source] if line.required and value is None else []
    account = AccountDraft(external_id(employee.person_id, config), values)
    return Drafted(account, tuple(empty), tuple(missing))


def external_id(person_id: PersonId, config: Configuration) -> str:
    """Name the person towards the target; the prefix keeps tenants apart that share one."""
    return f"{config.external_prefix}{person_id}"


def same_key(value: str) -> str:
    """Bring a unique name to the form in which two spellings of it are equal (case, Unicode, blanks)."""
    return unicodedata.normalize("NFKC", value).strip().casefold()


def _address(source: str, universal: Mapping[str, str]) -> tuple[str, str]:
    if source.startswith("universal:"):
        return universal.get(source.removeprefix("universal:"), source), ""
    key, _, part = source.partition(".")
    return key, part


def _scalar(value: Value, part: str) -> Scalar:
    match value:
        case None | "":
            return None
        case bool() | int() | float():
            return value
        case str():
            return value.strip() or None
        case date():
            return value.isoformat()
        case Reference():
            return (value.id if part == "id" else value.name) or None
        case tuple():
            names = [item.name if isinstance(item, Reference) else item for item in value]
            return ", ".join(name for name in names if name) or None
        case _:
            assert_never(value)


def _transformed(value: Scalar, line: Line) -> Scalar:
    if not isinstance(value, str):
        return value
    match line.transform:
        case Transform.NONE:
            return value
        case Transform.LOWER:
            return value.lower()
        case Transform.UPPER:
            return value.upper()
        case _:
            assert_never(line.transform)
