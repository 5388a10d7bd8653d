"""Show a plan: what would be done to whom, what would be held, and what activating it means."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rich.console import RenderableType

from bootstrap.cli.changes_view import (
    Names,
    by_action,
    causes,
    change_data,
    draw_causes,
    draw_changes,
    in_order,
)
from bootstrap.cli.labels_view import labels_data
from bootstrap.cli.lost_view import draw_lost, lost_data
from bootstrap.cli.override_view import draw_overrides, override_data
from bootstrap.cli.run_view import draw_read, naming, run_data
from bootstrap.cli.voice import Data, heading, line, pairs, table
from domain.already import DONE_BY_NOW, IN_HAND
from domain.approval import RUN
from domain.changes import LANE_OF, Action, Change, ChangeState
from domain.ids import ChangeId
from domain.ports import Ids, Transaction
from domain.prospects import Prospect, prospects
from domain.run import Outcome, Run, RunKind
from domain.tenant import TenantState, may_write
from producers.sight import Sight, show

SHOWN = 50
OF_EACH = 10
"""A plan of more people is shown in part: so many of each kind, those who would lose something first."""

FIRST_READ = (Action.DEACTIVATE.value, Action.RELEASE_NAME.value, Action.REACTIVATE.value)


def plan_data(tx: Transaction, run: Run, state: TenantState, ids: Ids) -> Data:
    """Write a plan down with every row, and remember that it was shown: its hash says yes to exactly it."""
    names = Names(tx, run.tenant_id)
    rows = tx.changes.rows(run.tenant_id, run_id=run.run_id, states=[ChangeState.PROPOSED], limit=1_000_000)
    what = prospects(rows)
    hash_ = _shown(tx, run, rows, state, ids)
    data = run_data(run, tx.runs.figures(run.tenant_id, run.run_id))
    return data | {
        "labels": labels_data(tx, run.tenant_id),
        "skipped": naming(data["skipped"], tx, run),
        "tenant_state": state.value,
        "configuration": run.config_version,
        "hash": hash_,
        "lanes": _lanes(rows, what),
        "would": by_action([row for row in rows if what[row.change_id] is Prospect.GO]),
        "stays": _counted(what.values()),
        "elsewhere": _elsewhere(tx, run, names),
        "changes": [
            change_data(row, names) | {"prospect": what[row.change_id].value} for row in in_order(rows, names)
        ],
        "holds": _reasons(rows, what, Prospect.HELD),
        "blocks": _reasons(rows, what, Prospect.BLOCKED),
        "attributes": lost_data(tx.attributes.lost_in(run.tenant_id, run.run_id)),
        "overrides": [override_data(each, names) for each in tx.overrides.standing(run.tenant_id)],
        "meaning": meaning(run, state, hash_),
    }


def _shown(tx: Transaction, run: Run, rows: Sequence[Change], state: TenantState, ids: Ids) -> str | None:
    """Give a plan that can be approved its hash; a tenant that is not live yet is activated instead."""
    if not rows or run.outcome is not Outcome.PLANNED or not may_write(state):
        return None
    return show(tx, run.tenant_id, Sight(f"{RUN}{run.run_id}", tuple(rows), run), ids).hash


def _lanes(rows: Sequence[Change], what: Mapping[ChangeId, Prospect]) -> list[Data]:
    """Count rows by lane, in the order in which lanes open: those that would go, and those that would not."""
    lanes = sorted({LANE_OF[row.action] for row in rows})
    counted = Counter((LANE_OF[row.action], what[row.change_id]) for row in rows)
    return [
        {"lane": lane.name.lower()} | {each.value: counted[lane, each] for each in Prospect} for lane in lanes
    ]


def _counted(what: Iterable[Prospect]) -> dict[str, int]:
    """Count the rows that would not go, by what becomes of them."""
    counted = Counter(what)
    return {each.value: counted[each] for each in Prospect if each is not Prospect.GO and counted[each]}


def _elsewhere(tx: Transaction, run: Run, names: Names) -> list[Data]:
    """Write down what the plan leaves to another run, which has done the same or has it in hand."""
    rows = tx.changes.rows(run.tenant_id, run_id=run.run_id, states=[ChangeState.DROPPED], limit=1_000_000)
    left = [row for row in rows if row.detail in {DONE_BY_NOW, IN_HAND}]
    return [change_data(row, names) for row in in_order(left, names)]


def _reasons(rows: Sequence[Change], what: Mapping[ChangeId, Prospect], stays: Prospect) -> list[Data]:
    """Say why rows would stay where they do; one that only follows another row has no reason of its own."""
    return causes(Counter(str(row.why) for row in rows if row.why and what[row.change_id] is stays))


def meaning(run: Run, state: TenantState, hash_: str | None) -> str:
    """Say what happens to this plan."""
    name = run.tenant_id
    match state:
        case TenantState.READY if run.kind is RunKind.PERSON:
            return f"Nothing was written. Only a plan of everybody can be activated: staffetta preview {name}"
        case TenantState.READY:
            command = f"staffetta activate {name} --confirm={name}"
            return f"Nothing was written. Apply exactly this plan with: {command}"
        case TenantState.SETUP:
            return f"Nothing was written. Before it can be activated, run: staffetta check {name}"
        case TenantState.ACTIVE | TenantState.PAUSED if hash_ is not None:
            yes = f"staffetta approve {name} --hash {hash_}"
            return f"Nothing was written. Apply exactly this, holds by guards included, with: {yes}"
        case TenantState.ACTIVE | TenantState.PAUSED:
            return f"Nothing was written. The next run would do this; start one with: staffetta sync {name}"
        case TenantState.BLOCKED:
            return f"Nothing is written while {name} is blocked. Find out why with: staffetta check {name}"
        case TenantState.STOPPED:
            return f"Nothing is written while {name} is stopped. Start it again with: staffetta resume {name}"


def draw_plan(data: Data, *, everybody: bool) -> Iterable[RenderableType]:
    """Draw a plan: figures first, then people, then what keeps some back."""
    if data["cause"] and data["outcome"] == Outcome.FAILED.value:
        yield from draw_causes("The plan could not be made", [data["cause"]])
        return
    yield heading(f"Plan for {data['tenant']}")
    yield pairs(
        (("plan", data["run"]), ("configuration", data["configuration"]), ("reading", data["certificate"]))
    )
    yield from draw_figures(data)
    changes = data["changes"]
    shown = changes if everybody or len(changes) <= SHOWN else _some(changes)
    if shown:
        yield heading("One by one")
        yield from draw_changes(shown)
    if len(shown) < len(changes):
        again = f"staffetta preview {data['tenant']} --run {data['run']} --all"
        yield line(f"… and {len(changes) - len(shown)} more; show everybody with: {again}")
    yield from _beside(data, everybody=everybody)
    yield from draw_causes("Would be held for a human", data["holds"])
    yield from draw_causes("Would wait for an account", data["blocks"])
    yield from draw_causes("Skipped people", data["skipped"])
    yield from draw_causes("Warnings", data["warnings"])
    yield line("")
    yield line(data["meaning"])


def _beside(data: Data, *, everybody: bool) -> Iterable[RenderableType]:
    """Draw what other runs do, which attributes were lost, and what humans fixed."""
    if data["elsewhere"]:
        yield heading("Done or in hand by another run, and no part of this plan")
        yield from draw_changes(data["elsewhere"] if everybody else data["elsewhere"][:SHOWN])
    yield from draw_lost(data["attributes"], data["tenant"])
    if data["overrides"]:
        yield heading("Overrides in force")
        yield from draw_overrides(data["overrides"])


def _some(changes: Sequence[Data]) -> list[Data]:
    """Choose the first few of each kind of change, closed accounts before anything else."""
    kinds = sorted({row["action"] for row in changes}, key=lambda kind: (kind not in FIRST_READ, kind))
    return [row for kind in kinds for row in [one for one in changes if one["action"] == kind][:OF_EACH]]


def draw_figures(data: Data) -> Iterable[RenderableType]:
    """Draw whom the plan read, and what it would do."""
    if data["people"]:
        yield heading("Who was read")
        yield draw_read(data)
    yield heading("What would be done")
    yield _would(data)


def _would(data: Data) -> RenderableType:
    drawn = table("what", "changes", numbers=("changes",))
    for action, count in data["would"].items():
        drawn.add_row(action, str(count))
    for stays, count in data["stays"].items():
        drawn.add_row(stays, str(count))
    if not data["would"] and not data["stays"]:
        drawn.add_row("nothing", "0")
    return drawn
