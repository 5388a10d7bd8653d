"""Show standing decisions: what is not done again, who said so, and until when."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, cause_data
from bootstrap.cli.voice import Data, cell, table
from domain.decisions import CODE_OF, Decision

WORDS = {"refused": "refused by the application", "rejected": "rejected", "undone": "undone"}


def decision_data(decision: Decision, names: Names) -> Data:
    """Write a decision down."""
    return {
        "change": decision.change_id,
        "person": decision.person_id,
        "name": names.of_person(decision.person_id),
        "aspect": decision.aspect.value,
        "kind": decision.kind.value,
        "by": decision.by or None,
        "at": decision.at,
        "until": decision.until,
        "counted_as": cause_data(CODE_OF[decision.kind]),
        "why": cause_data(decision.why),
    }


def draw_decisions(rows: Sequence[Data]) -> Iterable[RenderableType]:
    """Draw decisions, one line each."""
    drawn = table("person", "not done again", "decided", "by", "on", "until", "change")
    for row in rows:
        who = f"{cell(row['name'])} ({row['person']})"
        told = (row["by"] or "-", row["at"], row["until"], row["change"])
        drawn.add_row(who, row["aspect"], WORDS[row["kind"]], *(cell(each) for each in told))
    yield drawn
