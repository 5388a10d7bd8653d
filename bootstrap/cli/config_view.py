"""Show versions of a configuration, what differs between two, and what a proposed one would do."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import RenderableType

from bootstrap.cli.changes_view import draw_causes, draw_changes
from bootstrap.cli.configuration_view import configuration_data
from bootstrap.cli.lost_view import draw_lost
from bootstrap.cli.plan_view import draw_figures, plan_data
from bootstrap.cli.untold_view import draw_untold, untold_data
from bootstrap.cli.voice import Data, cell, counted, heading, line, table
from domain.attributes import Loss
from domain.changes import Action
from domain.codes import Code
from domain.config import Configuration
from domain.ids import RunId, TenantId
from domain.ports import Ids, Transaction
from domain.run import Run
from domain.scope import Standing
from domain.tenant import TenantState
from domain.versions import VersionRecord, counting

SEARCHED_RUNS = 500
SHOWN = 12
COMING = frozenset({Action.CREATE.value, Action.LINK.value, Action.REACTIVATE.value})


def history_data(tx: Transaction, tenant_id: TenantId) -> Sequence[Data]:
    """Write all versions down, the newest first, with the runs that used them."""
    history = tx.versions.history(tenant_id)
    runs = tx.runs.newest(tenant_id, SEARCHED_RUNS)
    now = counting(history)
    return [
        {
            "version": each.version,
            "state": _state(each, now),
            "by": each.made_by,
            "at": each.made_at,
            "based_on": each.based_on,
            "applied_by": each.adopted_by or None,
            "applied_at": each.adopted_at,
            "runs": _runs([run for run in runs if run.config_version == each.version]),
        }
        for each in reversed(history)
    ]


def _state(record: VersionRecord, now: VersionRecord | None) -> str:
    if record.waits:
        return "proposed"
    if record.adopted_at is None:
        return "discarded"
    return "current" if now is not None and now.version == record.version else "earlier"


def _runs(runs: Sequence[Run]) -> Data:
    ids: list[RunId] = [run.run_id for run in runs]
    return {"count": len(ids), "newest": ids[0] if ids else None, "oldest": ids[-1] if ids else None}


def draw_history(data: Data) -> Iterable[RenderableType]:
    """Draw versions, the newest first."""
    drawn = table("version", "is", "made by", "made", "applied", "runs", "newest run", numbers=("runs",))
    for row in data["versions"]:
        head = (row["version"], row["state"], row["by"], row["at"], row["applied_at"])
        drawn.add_row(*(cell(each) for each in (*head, row["runs"]["count"], row["runs"]["newest"])))
    yield drawn


def differences(one: Configuration, other: Configuration) -> list[Data]:
    """List what differs: lines of the mapping by path, conditions of the filter, all else by name."""
    before, after = configuration_data(one), configuration_data(other)
    found = [
        {"what": name, "before": before[name], "after": after[name]}
        for name in before
        if name not in {"version", "mapping", "where", "guards"} and before[name] != after[name]
    ]
    lines = ({each["path"]: each for each in told["mapping"]} for told in (before, after))
    found += _by_name("mapping", *lines)
    found += _by_name("guard", before["guards"], after["guards"])
    return found + _by_name("filter", *({each: each for each in told["where"]} for told in (before, after)))


def _by_name(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> list[Data]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        {"what": f"{what} {name}", "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def draw_differences(data: Data) -> Iterable[RenderableType]:
    """Draw what differs, one line each: added, removed, or changed."""
    yield heading(f"{data['tenant']}: from version {data['from']} to version {data['to']}")
    for row in data["differences"]:
        before, after = row["before"], row["after"]
        if before is None:
            yield line(f"+ {row['what']}{_more(after, row['what'])}")
        elif after is None:
            yield line(f"- {row['what']}{_more(before, row['what'])}")
        else:
            yield line(f"~ {row['what']}: {_told(before, after)} → {_told(after, before)}")
    if not data["differences"]:
        yield line("Nothing differs.")


def _more(value: object, what: str) -> str:
    return "" if str(value) in what else f": {_told(value, {})}"


def _told(value: object, beside: object) -> str:
    """Write a value; of a line of the mapping only what the other one says differently."""
    if isinstance(value, Mapping) and isinstance(beside, Mapping):
        told = {name: each for name, each in value.items() if beside.get(name) != each and each is not None}
        return ", ".join(f"{name} {cell(each)}" for name, each in told.items() if name != "path")
    return ", ".join(str(each) for each in value) or "none" if isinstance(value, list) else cell(value)


def proposal_data(tx: Transaction, run: Run, state: TenantState, ids: Ids) -> Data:
    """Write down what a proposed version would do: who matches, who drops out, who comes in.

    It has no hash to say yes to: rows of a version that does not count are applied with it, or not at all.
    """
    plan = plan_data(tx, run, TenantState.SETUP, ids) | {"tenant_state": state.value}
    standings = tx.versions.standings(run.tenant_id, run.run_id)
    dropping = [row for row in plan["changes"] if _cause(row) == Code.PERSON_LEFT_FILTER.value]
    return plan | {
        "version": run.config_version,
        "people": sum(standings.values()),
        "matching": standings.get(Standing.WANTED, 0) + standings.get(Standing.KEPT, 0),
        "cannot_be_told": standings.get(Standing.UNKNOWN, 0),
        "untold": untold_data(tx, run),
        "dropping_out": dropping,
        "coming_in": [row for row in plan["changes"] if row["action"] in COMING],
        "rewritten": len({row["person"] for row in plan["changes"] if row["action"] == Action.UPDATE.value}),
        "meaning": _meaning(run),
    }


def _why_not(data: Data) -> Iterable[RenderableType]:
    """Name what Personio does not tell: to these credentials, on its records any more, or of some people."""
    vanished = [row for row in data["attributes"] if row["how"] != Loss.BLIND.value]
    yield from draw_untold(data["untold"])
    yield from draw_lost(vanished, data["tenant"])
    if data["cannot_be_told"] and not (vanished or any(row["decides"] for row in data["untold"])):
        unknown = [row for row in data["skipped"] if row["code"] == Code.PERSON_SCOPE_UNKNOWN.value]
        yield from draw_causes("Why it cannot be told", unknown)


def _cause(row: Data) -> str | None:
    cause = row.get("cause")
    return cause["code"] if isinstance(cause, Mapping) else cause


def _meaning(run: Run) -> str:
    name = run.tenant_id
    return (
        f"Nothing was written, and no run uses version {run.config_version} yet."
        f" Apply exactly this: staffetta config apply {name} --confirm={name} (what is held waits for a yes);"
        f" or drop it: staffetta config discard {name}"
    )


def draw_proposal(data: Data) -> Iterable[RenderableType]:
    """Draw the figures first, then who drops out and who comes in by name, then everything else."""
    everybody = counted(data["people"], "person", "people")
    yield heading(f"Version {data['version']}: {data['matching']} of {everybody} match")
    told = f"{len(data['dropping_out'])} drop out, {len(data['coming_in'])} come in"
    yield line(f"{told}; the values of {counted(data['rewritten'], 'person', 'people')} would be rewritten.")
    if data["cannot_be_told"]:
        many = counted(data["cannot_be_told"], "person", "people")
        yield line(f"Of {many} it cannot be told whether they match; nothing happens to them.")
    yield from _why_not(data)
    for row in data["holds"]:
        yield line(f"Held for a yes: {row['count']}. {row['sentence']}")
    yield from draw_figures(data)
    shown = [*data["dropping_out"], *data["coming_in"]]
    rest = [row for row in data["changes"] if row not in shown]
    for title, rows in (("Drop out", data["dropping_out"]), ("Come in", data["coming_in"]), ("Also", rest)):
        if rows:
            yield heading(f"{title} ({len(rows)})")
            yield from draw_changes(rows[:SHOWN])
            if len(rows) > SHOWN:
                yield line(f"… and {len(rows) - SHOWN} more: staffetta run {data['run']} --json")
    yield line(data["meaning"])
