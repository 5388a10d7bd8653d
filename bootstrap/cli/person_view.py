"""Show one person: where they stand and why, their account, what changed, and what comes next."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import RenderableType

from bootstrap.cli.changes_view import Names, called, cause_data, change_data, draw_changes
from bootstrap.cli.decided_view import decision_data, draw_decisions
from bootstrap.cli.labels_view import labels_data
from bootstrap.cli.override_view import draw_overrides, override_data
from bootstrap.cli.voice import Data, cell, heading, line, pairs, table
from domain.changes import UNSETTLED, Change
from domain.ids import PersonId
from domain.ports import Transaction
from domain.tenant import Tenant, runs_by_itself
from domain.timetable import next_start, timetable

NEWEST = 20
MOST_ROWS = 10_000
LONG_AGO = datetime.min.replace(tzinfo=UTC)

STANDINGS = {
    "wanted": "gets an account",
    "kept": "keeps the account, but would get none",
    "left": "left the company",
    "filtered": "is outside the tenant's filter",
    "unknown": "cannot be judged by what Personio says",
}


def person_data(tx: Transaction, tenant: Tenant, person_id: PersonId) -> Data:
    """Write down everything about one person."""
    names = Names(tx, tenant.tenant_id)
    seen = tx.people.snapshot(tenant.tenant_id, person_id)
    rows = tx.changes.rows(tenant.tenant_id, person_id=person_id, limit=MOST_ROWS)
    config = tx.tenants.configuration(tenant.tenant_id)
    goes = config is not None and runs_by_itself(tenant.state)
    table = timetable(config.schedule, tenant.tenant_id) if config and goes else None
    return {
        "person": person_id,
        "tenant": tenant.tenant_id,
        "labels": labels_data(tx, tenant.tenant_id),
        "name": (called(seen.values) if seen else "") or names.of_account(person_id),
        "standing": seen.standing.value if seen else None,
        "why": cause_data(seen.why, seen.detail) if seen else None,
        "warning": cause_data(seen.warning) if seen else None,
        "values": dict(seen.values or {}) if seen else {},
        "supervisor": names.of_person(seen.supervisor) if seen and seen.supervisor else None,
        "account": _account(tx, tenant, person_id, names),
        "pending": [change_data(row, names) for row in rows if row.state in UNSETTLED],
        "history": [change_data(row, names) for row in settled_in_order(rows)][-NEWEST:],
        "overrides": [
            override_data(each, names)
            for each in tx.overrides.of(tenant.tenant_id, [person_id]).get(person_id, ())
        ],
        "decisions": [
            decision_data(each, names) for each in tx.decisions.standing(tenant.tenant_id, person_id)
        ],
        "next_look_at": table and next_start(table, tx.now()),
    }


def settled_in_order(rows: Sequence[Change]) -> list[Change]:
    """List what came to an end, the newest last; one moment is told in the order of the rows."""
    over = [row for row in rows if row.state not in UNSETTLED]
    return sorted(over, key=lambda row: row.settled_at or row.planned_at or LONG_AGO)


def _account(tx: Transaction, tenant: Tenant, person_id: PersonId, names: Names) -> Data | None:
    link = tx.links.get(tenant.tenant_id, [person_id]).get(person_id)
    if link is None:
        return None
    return {
        "account": link.account_id,
        "active": link.active,
        "origin": link.origin.value,
        "version": link.version,
        "values": dict(link.values),
        "manager": names.of_person(link.manager) if link.manager else None,
    }


def draw_people(data: Data) -> Iterable[RenderableType]:
    """Draw each person that was found."""
    for each in data["people"]:
        yield from draw_person(each)


def draw_person(data: Data) -> Iterable[RenderableType]:
    """Draw one person."""
    yield heading(f"{data['name'] or 'Person'} ({data['person']})")
    yield pairs(_facts(data))
    if data["why"]:
        yield line(data["why"]["sentence"])
        yield line(f"→ {data['why']['cure']}")
    if data["warning"]:
        yield line(f"Warning: {data['warning']['sentence']}")
    yield from _draw_values(data)
    if data["overrides"]:
        yield heading("Overrides")
        yield from draw_overrides(data["overrides"])
    if data["decisions"]:
        yield heading("Not done again")
        yield from draw_decisions(data["decisions"])
    for name, title in (("pending", "Pending"), ("history", "What happened")):
        if data[name]:
            yield heading(title)
            yield from draw_changes(data[name], states=True)


def _facts(data: Data) -> Iterable[tuple[str, object]]:
    account = data["account"]
    yield "standing", STANDINGS.get(data["standing"] or "", "was not read yet")
    yield "supervisor", data["supervisor"]
    if account is None:
        yield "account", "none"
    else:
        state = "open" if account["active"] else "closed"
        yield (
            "account",
            f"{account['account']} ({state}, {account['origin']}, written {account['version']} times)",
        )
    yield "looked at next", data["next_look_at"]


def _draw_values(data: Data) -> Iterable[RenderableType]:
    """Draw what Personio said last beside what the account was given."""
    applied = data["account"]["values"] if data["account"] else {}
    paths = sorted(set(data["values"]) | set(applied))
    if not paths:
        return
    told: Data | None = data["values"] or None
    drawn = table("path", "Personio said", "account has")
    for path in paths:
        said = cell(told.get(path)) if told else "not kept"
        drawn.add_row(path, said, cell(applied.get(path)))
    yield drawn
