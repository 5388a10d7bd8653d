"""Tables and lines of the demo: what a run read, did and skipped, and each change old → new."""

from collections.abc import Iterable, Iterator, Mapping

from rich.table import Table

from domain.account import Scalar
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.run import Figures, Run

ROWS = (Action.CREATE, Action.UPDATE, Action.REACTIVATE, Action.DEACTIVATE, Action.LINK)
VERBS: Mapping[Action, str] = {
    Action.CREATE: "created",
    Action.LINK: "linked",
    Action.UPDATE: "updated",
    Action.REACTIVATE: "reactivated",
    Action.DEACTIVATE: "deactivated",
    Action.RELEASE_NAME: "name given up",
    Action.SET_MANAGER: "manager set",
    Action.UNLINK: "let go",
    Action.KEEP: "closed",
}


def run_table(title: str, run: Run, figures: Figures) -> Table:
    """Show one run as the table that an operator would want first."""
    table = Table(title=title, title_justify="left", show_header=False, min_width=60)
    table.add_row("outcome", str(run.outcome))
    if run.certificate:
        table.add_row("people read", f"{figures.people} on {figures.pages} pages; {run.certificate}")
    planned = figures.count(ChangeState.PROPOSED)
    if planned:
        table.add_row("planned changes", str(planned))
    for action in (*ROWS, Action.SET_MANAGER, Action.RELEASE_NAME):
        table.add_row(VERBS[action], str(figures.actions.get(action.value, 0)))
    for code, count in sorted({**figures.skipped, **figures.whys}.items()):
        table.add_row(f"skipped: {Code(code).value}", str(count))
    requests = f"{figures.source_requests} to Personio, {figures.target_requests} to the application"
    table.add_row("requests", requests)
    if run.ended_at is not None:
        table.add_row("time", f"{(run.ended_at - run.created_at).total_seconds():.1f} s")
    return table


def change_lines(rows: Iterable[Change], names: Mapping[str, str]) -> Iterator[str]:
    """Tell each change by name, old → new, in the order in which it was made."""
    for row in rows:
        who = names.get(row.person_id, row.person_id)
        yield f"  {VERBS[row.action]:14} {who}: {'; '.join(_differences(row, names)) or 'all values kept'}"


def _differences(row: Change, names: Mapping[str, str]) -> Iterator[str]:
    if row.action is Action.SET_MANAGER:
        yield f"manager → {names.get(row.after_manager or '', 'nobody')}"
        return
    if row.action is Action.DEACTIVATE:
        yield f"because {', '.join(f'{key} {value}' for key, value in (row.evidence or {}).items())}"
        return
    before = row.before or {}
    for path, value in (row.after or {}).items():
        if before.get(path) != value:
            yield f"{_short(path)} {_shown(before.get(path))} → {_shown(value)}"


def _short(path: str) -> str:
    return path.rsplit(":", 1)[-1]


def _shown(value: Scalar) -> str:
    return "–" if value is None else str(value)
