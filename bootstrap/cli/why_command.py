"""`why`: ask Personio about one person now, and say what follows from it, clause by clause."""

from collections.abc import Iterable
from datetime import date, datetime

import typer
from rich.console import RenderableType

from adapters.clock import SystemClock
from adapters.database.store import SqlStore
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.people_in import person_of
from bootstrap.cli.person_view import LONG_AGO, draw_person, person_data
from bootstrap.cli.rooms import Here, accounts_of, here, note, open_store, tenant_of
from bootstrap.cli.try_command import Person, draw_trial, trial_data
from bootstrap.cli.voice import Data, cell, heading, line, table
from domain.changes import Action, Change, ChangeState
from domain.employee import Reference, Value
from domain.errors import StaffettaError
from domain.ids import PersonId
from domain.ports import Transaction
from domain.scope import ClauseVerdict
from domain.scope_words import write_operand
from domain.tenant import Tenant
from producers.on_demand import NotPossibleError
from producers.try_mapping import Trial, try_mapping

MOST_ROWS = 10_000
ANSWERS = {True: "yes", False: "no", None: "cannot be told"}
FOUND = (Action.CREATE, Action.LINK)
CALLED = (ChangeState.APPLIED, ChangeState.ALREADY_SO, ChangeState.DEAD, ChangeState.WAITING)


def add_to(app: typer.Typer) -> None:
    """Add `why`."""
    add(
        app,
        "why",
        why,
        says="Explain one person: each clause of the filter with the value it saw, how the account was"
        " matched, the last call, what is pending, and when somebody looks next.",
        examples=("why acme 4711", "why acme ada@example.com --json"),
    )


def why(ctx: typer.Context, tenant: TenantName, person: Person, *, json: AsJson = False) -> None:
    """Explain one person; Personio is read, nothing is written."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        person_id = person_of(store, found.tenant_id, person)
        live, trouble = _ask(at, store, found, person_id)
        with store.read() as tx:
            data = person_data(tx, found, person_id) | _told(tx, found, person_id)
    note("why", found.tenant_id, person=person_id)
    if live is None and trouble is not None and not trouble.get("code") and _is_nobody(data):
        raise CommandError(trouble["sentence"], trouble["cure"], ExitCode.NOT_FOUND)
    data |= {"personio": _live(live) if live else None, "personio_trouble": trouble}
    at.voice.tell(data, draw_why)


def _ask(at: Here, store: SqlStore, tenant: Tenant, person_id: PersonId) -> tuple[Trial | None, Data | None]:
    """Read the person from Personio; why that failed is part of the answer, not its end."""
    try:
        trial = try_mapping(
            tenant.tenant_id,
            person_id,
            config=None,
            store=store,
            accounts=accounts_of(at.settings, store),
            today=SystemClock().now().date(),
        )
    except StaffettaError as error:
        return None, cause_data(error.code, error.detail)
    except NotPossibleError as error:
        what, _, cure = str(error).partition(". ")
        return None, {"sentence": f"{what}.", "cure": cure}
    return trial, None


def _is_nobody(data: Data) -> bool:
    """Tell whether nothing at all is stored of this id: no record, no account, no change."""
    return not (data["standing"] or data["account"] or data["pending"] or data["history"])


def _told(tx: Transaction, tenant: Tenant, person_id: PersonId) -> Data:
    rows = tx.changes.rows(tenant.tenant_id, person_id=person_id, limit=MOST_ROWS)
    made = [row for row in rows if row.action in FOUND and row.state is ChangeState.APPLIED]
    called = sorted((row for row in rows if row.state in CALLED and row.tries), key=_when)
    return {
        "match": _match(made[-1]) if made else None,
        "last_call": _call(called[-1]) if called else None,
        "waits_until": min((row.due_at for row in rows if row.due_at), default=None),
    }


def _when(row: Change) -> datetime:
    return row.settled_at or row.sent_at or row.intent_at or row.planned_at or LONG_AGO


def _match(row: Change) -> Data:
    how = "linked to an account that was there" if row.action is Action.LINK else "created by us"
    return {"how": how, "run": row.run_id, "evidence": dict(row.evidence or {})}


def _call(row: Change) -> Data:
    return {
        "action": row.action.value,
        "state": row.state.value,
        "run": row.run_id,
        "tries": row.tries,
        "why": cause_data(row.why, row.detail),
        "note": row.detail if row.why is None else "",
    }


def _live(trial: Trial) -> Data:
    return trial_data(trial) | {
        "clauses": [_clause(each) for each in trial.clauses],
        "turns": trial.turns,
    }


def _clause(verdict: ClauseVerdict) -> Data:
    clause = verdict.clause
    return {
        "attribute": clause.attribute,
        "operator": clause.operator.value,
        "wants": [write_operand(each) for each in clause.operands],
        "saw": None if verdict.saw is None else [_shown(each) for each in verdict.saw],
        "holds": verdict.truth,
    }


def _shown(value: Value) -> object:
    match value:
        case Reference():
            return value.name or value.id
        case date():
            return value.isoformat()
        case tuple():
            return ", ".join(each.name if isinstance(each, Reference) else each for each in value)
        case _:
            return value


def draw_why(data: Data) -> Iterable[RenderableType]:
    """Draw what Personio says now and what follows from it, then what is stored."""
    live = data["personio"]
    if live is None:
        trouble: Data = data["personio_trouble"] or {}
        yield heading("What Personio says now cannot be told")
        yield line(trouble.get("sentence", ""), "yellow")
        if trouble.get("cure"):
            yield line(f"→ {trouble['cure']}")
    else:
        yield from _draw_clauses(live)
        yield from draw_trial(live)
    yield from draw_person(data)
    yield from _draw_calls(data)


def _draw_clauses(live: Data) -> Iterable[RenderableType]:
    yield heading("The filter, clause by clause, as Personio answers now")
    drawn = table("clause", "wants", "saw", "holds")
    for each in live["clauses"]:
        saw = "was not told" if each["saw"] is None else ", ".join(map(str, each["saw"])) or "empty"
        wants = ", ".join(map(str, each["wants"]))
        drawn.add_row(f"{each['attribute']} {each['operator']}", cell(wants), saw, ANSWERS[each["holds"]])
    yield drawn
    if live["turns"]:
        yield line(f"The same record is judged differently from {live['turns']} on.")


def _draw_calls(data: Data) -> Iterable[RenderableType]:
    if data["match"]:
        shown = ", ".join(f"{name}: {value}" for name, value in data["match"]["evidence"].items())
        yield line(
            f"account: {data['match']['how']} by run {data['match']['run']}"
            + (f" ({shown})" if shown else "")
        )
    if data["last_call"]:
        call = data["last_call"]
        said = call["why"]["sentence"] if call["why"] else call["note"]
        reason = f": {said}" if said else ""
        yield line(
            f"last call: {call['action']}, {call['state']} (run {call['run']}, try {call['tries']}){reason}"
        )
    if data["waits_until"]:
        yield line(f"goes on at: {cell(data['waits_until'])}")
