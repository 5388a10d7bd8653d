"""Show one run, or many of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import RenderableType

from bootstrap.cli.changes_view import (
    Names,
    cause_data,
    causes,
    change_data,
    draw_causes,
    draw_changes,
    in_order,
)
from bootstrap.cli.labels_view import labels_data
from bootstrap.cli.lost_view import draw_lost, lost_data
from bootstrap.cli.voice import Data, cell, heading, line, pairs, table
from domain.causes import LACKING
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ports import Transaction
from domain.run import Carried, Figures, Run, RunKind

MOST_ROWS = 100
"""Dead and held rows are shown up to here; `person` and `--json` go further."""

AGREED_TO = frozenset({Code.TARGET_PROMISED, Code.TARGET_STILL_OPEN})
"""Causes of changes that an application agreed to and does not show: somebody has to look there."""

TITLES = {
    "dead": "Failed",
    "held": "Held for a human",
    "waiting": "Agreed to, and not shown",
    "stale": "Outdated",
}

OPEN = (
    ChangeState.WAITING,
    ChangeState.BLOCKED,
    ChangeState.RELEASED,
    ChangeState.WORKING,
    ChangeState.PARKED,
)


def run_data(run: Run, figures: Figures) -> Data:
    """Write a run and its figures down."""
    return {
        "run": run.run_id,
        "tenant": run.tenant_id,
        "kind": run.kind.value,
        "by": run.by,
        "slot": run.slot if run.by == "schedule" and run.kind is RunKind.FEED else None,
        "missed": run.missed,
        "plan_only": run.plan_only,
        "person": run.person_id,
        "phase": run.phase.value,
        "outcome": run.outcome.value if run.outcome else None,
        "cause": cause_data(run.code, run.detail),
        "certificate": run.certificate,
        "absence": run.absence,
        "not_granted": list(run.blind),
        "began_at": run.created_at,
        "ended_at": run.ended_at,
        "seconds": seconds(run.created_at, run.ended_at),
        "people": figures.people,
        "pages": figures.pages,
        "unchanged": figures.unchanged,
        "planned": sum(figures.states.values()),
        "actions": dict(figures.actions),
        "states": dict(figures.states),
        "skipped": causes(dict(figures.skipped)),
        "whys": causes(dict(figures.whys)),
        "warnings": causes(dict(figures.warnings)),
        "with_changes": figures.carried.people if figures.carried else None,
        "twice": figures.twice(),
        "carried": _carried(figures.carried),
        "requests": {"source": figures.source_requests, "target": figures.target_requests},
    }


def _carried(carried: Carried | None) -> Data | None:
    """Write down what stands from earlier runs, with its reasons."""
    if carried is None:
        return None
    return {"states": dict(carried.states), "whys": causes(dict(carried.whys))}


def run_in_full(tx: Transaction, run: Run) -> Data:
    """Write a run down with the rows that need somebody."""
    names = Names(tx, run.tenant_id)
    states = [ChangeState.DEAD, ChangeState.HELD, ChangeState.STALE, ChangeState.WAITING]
    found = tx.changes.rows(run.tenant_id, run_id=run.run_id, states=states, limit=10_000)
    rows = [row for row in found if row.state is not ChangeState.WAITING or row.why in AGREED_TO]
    data = run_data(run, tx.runs.figures(run.tenant_id, run.run_id))
    data["skipped"] = naming(data["skipped"], tx, run)
    data["labels"] = labels_data(tx, run.tenant_id)
    data["attributes"] = lost_data(tx.attributes.lost_in(run.tenant_id, run.run_id))
    for state in states:
        mine = [row for row in rows if row.state is state]
        data[state.value] = [change_data(row, names) for row in in_order(mine, names)]
    return data


def naming(skipped: Sequence[Data], tx: Transaction, run: Run) -> list[Data]:
    """Name the attributes that a cure asks somebody to fill."""
    return [_naming(each, tx, run) for each in skipped]


def _naming(skipped: Data, tx: Transaction, run: Run) -> Data:
    if skipped["code"] not in LACKING:
        return skipped
    detail = ", ".join(tx.people.lacking(run.tenant_id, Code(skipped["code"])))
    who = f"Who it is: staffetta check {run.tenant_id}"
    told = cause_data(skipped["code"], detail, skipped["count"]) or skipped
    return told | {"cure": f"{told['cure']} {who}"}


def seconds(began: datetime, ended: datetime | None) -> float | None:
    """Tell how long something took."""
    return None if ended is None else round((ended - began).total_seconds(), 3)


def draw_run(data: Data) -> Iterable[RenderableType]:
    """Draw one run: what happened, what was skipped and why, and what needs somebody."""
    yield pairs(_facts(data))
    if data["people"]:
        yield heading("Who was read")
        yield draw_read(data)
    if data["actions"] or data["states"] or (data["carried"] or {}).get("states"):
        yield heading("What was done")
        yield _changes(data)
    yield from draw_lost(data.get("attributes", []), data["tenant"])
    yield from draw_causes("Skipped people", data["skipped"])
    yield from draw_causes("Why changes were held, wait or failed", data["whys"])
    yield from draw_causes("Why changes of earlier runs still stand", (data["carried"] or {}).get("whys", []))
    yield from draw_causes("Warnings", data["warnings"])
    for state, title in TITLES.items():
        rows = data.get(state, [])
        if rows:
            yield heading(f"{title} ({len(rows)})")
            yield from draw_changes(rows[:MOST_ROWS])
        if rows and state == "held":
            yield line(f"→ Decide about them: staffetta holds {data['tenant']}")


def _facts(data: Data) -> Iterable[tuple[str, object]]:
    yield "run", data["run"]
    yield "tenant", data["tenant"]
    yield "asked by", f"{data['by']}, {data['kind']}{', plan only' if data['plan_only'] else ''}"
    yield "began", data["began_at"]
    if data["slot"]:
        missed = data["missed"]
        yield "slot", data["slot"] + (f"; catches up on {missed} that were missed" if missed else "")
    yield "took", "still running" if data["seconds"] is None else f"{data['seconds']:.1f} s"
    yield "outcome", data["outcome"] or data["phase"]
    if data["cause"]:
        yield "because", data["cause"]["sentence"]
        yield "cure", data["cause"]["cure"]
    if data["certificate"]:
        yield "reading", data["certificate"]
    if data["absence"]:
        yield "absence", data["absence"]
    if data["not_granted"]:
        yield "not granted", ", ".join(data["not_granted"])
    yield "requests", f"{data['requests']['source']} to Personio, {data['requests']['target']} to the target"


def draw_read(data: Data) -> RenderableType:
    """Draw whom a run read: each is unchanged, skipped, or has a change, or it is said why that differs."""
    drawn = table("what", "people", numbers=("people",))
    drawn.add_row("read", str(data["people"]))
    drawn.add_row("unchanged", str(data["unchanged"]))
    drawn.add_row("skipped", str(sum(row["count"] for row in data["skipped"])))
    if data["with_changes"] is not None:
        drawn.add_row("with changes", str(data["with_changes"]))
    if data["twice"] > 0:
        drawn.add_row("in two of these", str(data["twice"]))
    if data["twice"] < 0:
        drawn.add_row("in no figure", str(-data["twice"]))
    return drawn


def _changes(data: Data) -> RenderableType:
    """Draw what was done, and where the other changes stand, those of earlier runs apart."""
    earlier = (data["carried"] or {"states": {}})["states"]
    columns = ("changes", "of earlier runs") if earlier else ("changes",)
    drawn = table("what", *columns, numbers=columns)
    for action, count in data["actions"].items():
        drawn.add_row(action, str(count))
    named = [state for state in (*data["states"], *earlier) if state != ChangeState.APPLIED.value]
    for state in dict.fromkeys(named):
        counts = (data["states"].get(state), earlier.get(state))[: len(columns)]
        drawn.add_row(state, *(str(count or "") for count in counts))
    return drawn


def draw_runs(data: Data) -> Iterable[RenderableType]:
    """Draw a list of runs, newest first."""
    numbers = (
        "people",
        "planned",
        "created",
        "updated",
        "reactivated",
        "deactivated",
        "skipped",
        "open",
        "failed",
    )
    drawn = table(
        "run",
        "tenant",
        "began",
        "by",
        "outcome",
        "reading",
        *numbers,
        "seconds",
        numbers=(*numbers, "seconds"),
    )
    for row in data["runs"]:
        drawn.add_row(*(cell(value) for value in _row(row)))
    yield drawn


def _row(row: Data) -> Sequence[object]:
    actions, states = row["actions"], row["states"]
    done = (
        actions.get(Action.CREATE.value, 0) + actions.get(Action.LINK.value, 0),
        actions.get(Action.UPDATE.value, 0),
        actions.get(Action.REACTIVATE.value, 0),
        actions.get(Action.DEACTIVATE.value, 0),
    )
    skipped = sum(each["count"] for each in row["skipped"])
    earlier = (row["carried"] or {"states": {}})["states"]
    waiting = sum(
        each.get(state.value, 0) for each in (states, earlier) for state in (*OPEN, ChangeState.HELD)
    )
    by = f"{row['by']} (+{row['missed']} missed)" if row["missed"] else row["by"]
    head = (row["run"], row["tenant"], row["began_at"], by, row["outcome"] or row["phase"])
    reading = row["certificate"].partition(":")[0]  # certified, drifted or broken; the run says the rest
    return (
        *head,
        reading,
        row["people"],
        row["planned"],
        *done,
        skipped,
        waiting,
        states.get("dead", 0),
        row["seconds"],
    )
