"""Load a company from a file instead of making one up; what `/__truth` tells can be loaded again."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import msgspec

from simulators.personio.attributes import catalogue_of
from simulators.personio.changes import Hire, apply
from simulators.personio.company import Company
from simulators.personio.units import found_units

_KEPT_BY_PERSONIO = frozenset({"created_at", "last_modified_at"})


class _File(msgspec.Struct):
    people: list[dict[str, object]]


def load(path: Path, seed: int, today: date) -> Company:
    """Read people in the words of the admin API; a supervisor may be named before or after the report."""
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_File)
    except msgspec.DecodeError as refused:
        raise ValueError(
            f"the data file is not {{'people': [...]}} as /__truth tells it: {refused}"
        ) from None
    company = Company(catalogue_of(seed), today, [], found_units(seed).all)
    for row in content.people:
        _take_in(company, row, datetime.combine(today, time(8), UTC))
    return company


def _take_in(company: Company, row: dict[str, object], at: datetime) -> None:
    attributes = {key: value for key, value in row.items() if key not in _KEPT_BY_PERSONIO}
    number = attributes.pop("id", None)
    if "supervisor_id" in attributes:
        attributes["supervisor"] = attributes.pop("supervisor_id")
    entered = row.get("created_at")
    when = datetime.fromisoformat(entered) if isinstance(entered, str) else at
    apply(company, Hire(id=number if isinstance(number, int) else None, attributes=attributes), when)
