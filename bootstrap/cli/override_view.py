"""Show overrides: who is treated otherwise than the records say, why, by whom, and until when."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, cause_data, short
from bootstrap.cli.voice import Data, cell, table
from domain.overrides import CODE_OF, Override


def override_data(override: Override, names: Names) -> Data:
    """Write an override down."""
    return {
        "override": override.override_id,
        "person": override.person_id,
        "name": names.of_person(override.person_id),
        "kind": override.kind.value,
        "path": override.path or None,
        "reason": override.reason,
        "by": override.by,
        "at": override.at,
        "until": override.until,
        "counted_as": cause_data(CODE_OF[override.kind]),
    }


def draw_overrides(rows: Sequence[Data]) -> Iterable[RenderableType]:
    """Draw overrides, one line each."""
    drawn = table("person", "override", "reason", "by", "since", "until")
    for row in rows:
        what = f"{row['kind']} {short(row['path'])}" if row["path"] else row["kind"]
        until = row["until"] or "somebody ends it"
        told = (row["reason"], row["by"], row["at"], until)
        drawn.add_row(f"{cell(row['name'])} ({row['person']})", what, *(cell(each) for each in told))
    yield drawn
