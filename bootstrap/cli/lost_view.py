"""Show attributes that Personio stopped telling, or tells of far fewer people than before."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.voice import Data, heading, line
from domain.attributes import Lost


def lost_data(lost: Sequence[Lost]) -> list[Data]:
    """Write lost attributes down: what each is called, how it was lost, and of how many people it told."""
    return [
        {
            "attribute": each.key,
            "label": each.label,
            "how": each.how.value,
            "before": each.before,
            "now": each.now,
        }
        | (cause_data(each.code, each.named) or {})
        for each in lost
    ]


def draw_lost(rows: Sequence[Data], tenant: str) -> Iterable[RenderableType]:
    """Draw them with what to do, and what to say if it is intended."""
    if not rows:
        return
    yield heading("Attributes that are left alone, since Personio does not tell them as before")
    for row in rows:
        yield line(f"{row['before']:>5} → {row['now']}  {row['sentence']} ({row['how']})", "yellow")
    for cure in dict.fromkeys(row["cure"] for row in rows):
        yield line(f"→ {cure}")
    yield line(f"→ Gone on purpose? Say so with: staffetta accept-feed {tenant}")
