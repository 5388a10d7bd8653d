"""List what is held and what waits for a second yes, and say no."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType

from adapters.clock import SystemIds
from bootstrap.cli.changes_view import Names, cause_data, change_data, draw_changes, in_order
from bootstrap.cli.csv_view import AsCsv, write_changes
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from bootstrap.cli.group import AsJson, TenantName, add
from bootstrap.cli.labels_view import labels_data
from bootstrap.cli.rooms import here, note, open_store, operator, tenant_of
from bootstrap.cli.voice import Data, cell, counted, heading, line, nothing, table
from domain.approval import Approval
from domain.causes import FOR_A_HUMAN
from domain.changes import Change, ChangeState
from domain.codes import Code
from domain.ids import ChangeId, TenantId
from domain.ports import Transaction
from producers.approve import reject
from producers.awaited import stands
from producers.second_yes import second_yes
from producers.sight import EVERYTHING, Choice, look, show

MOST_ROWS = 10_000
MOST_SEEN = 3

Chosen = Annotated[list[str] | None, typer.Option("--change", help="This change; may be repeated.")]
Everything = Annotated[bool, typer.Option("--all", help="All that wait for a human.")]
OfCause = Annotated[
    str | None, typer.Option("--code", "--cause", help="All that this cause holds: guard.removals.")
]
Hash = Annotated[str | None, typer.Option("--hash", help="The hash of the list that you have read.")]


def add_to(app: typer.Typer) -> None:
    """Add `holds` and `reject`."""
    add(
        app,
        "holds",
        holds,
        says="List changes that are held, with the reason, and what to type for a yes or a no.",
        examples=("holds acme", "holds acme --json", "holds acme --csv > holds.csv"),
    )
    add(
        app,
        "reject",
        reject_changes,
        says="Say no to held changes. The same is not asked again for 90 days.",
        examples=("reject acme --change ID", "reject acme --hash k7m2-9xqp-4dmz", "reject acme --all"),
    )


def holds(ctx: typer.Context, tenant: TenantName, *, as_csv: AsCsv = False, json: AsJson = False) -> None:
    """List what is held; exit code 5 if somebody must decide, or say the second of two yeses."""
    at = here(ctx, json=json)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        with store.write() as tx:
            data = _data(tx, found.tenant_id)
    if as_csv:
        write_changes(data["holds"])
    else:
        at.voice.tell(data, _draw)
    waiting = [each for each in data["second_yes"] if each["stands"]]
    if not data["holds"]:
        other = f"; {counted(len(waiting), 'list')} of changes still wants a second person's yes"
        at.voice.say(f"Nothing is held{other if waiting else ''}.")
    raise typer.Exit(ExitCode.HELD if data["lists"] or waiting else ExitCode.OK)


def _data(tx: Transaction, tenant_id: TenantId) -> Data:
    """Write down what is held, and remember that it was shown."""
    names = Names(tx, tenant_id)
    held = in_order(tx.changes.rows(tenant_id, states=[ChangeState.HELD], limit=MOST_ROWS), names)
    return {
        "tenant": tenant_id,
        "labels": labels_data(tx, tenant_id),
        "holds": [change_data(row, names) | {"for_a_human": row.why in FOR_A_HUMAN} for row in held],
        "lists": [_list_data(each) for each in _show(tx, tenant_id, held)],
        "second_yes": [second_data(tx, each) for each in tx.approvals.awaiting(tenant_id)],
    }


def _show(tx: Transaction, tenant_id: TenantId, held: Sequence[Change]) -> list[Approval]:
    """Give each cause a list of its own, and all together one if there are several."""
    codes = sorted({row.why for row in held if row.why in FOR_A_HUMAN})
    choices = [Choice(code=code) for code in codes] + ([EVERYTHING] if len(codes) > 1 else [])
    return [show(tx, tenant_id, look(tx, tenant_id, choice), SystemIds()) for choice in choices]


def _list_data(shown: Approval) -> Data:
    _, _, code = shown.about.partition(":")
    return {
        "hash": shown.hash,
        "code": code or None,
        "rows": len(shown.rows),
        "first_by": shown.first_by,
        "expires_at": shown.expires_at,
    }


def second_data(tx: Transaction, waiting: Approval) -> Data:
    """Write down a first yes that waits for the second, with what another operator types."""
    return {
        "hash": waiting.hash,
        "about": waiting.about,
        "rows": len(waiting.rows),
        "first_by": waiting.first_by,
        "first_at": waiting.first_at,
        "until": waiting.expires_at,
        "command": second_yes(tx, waiting),
        "stands": stands(tx, waiting),
    }


def _draw(data: Data) -> Iterable[RenderableType]:
    groups: dict[str, list[Data]] = {}
    for row in data["holds"]:
        groups.setdefault((row["why"] or {}).get("code", ""), []).append(row)
    hashes = {each["code"]: each["hash"] for each in data["lists"]}
    for code, rows in groups.items():
        said = cause_data(code) or {"sentence": "Held", "cure": ""}
        title, *seen = more_closely(said["sentence"], rows)
        yield heading(f"{title} ({len(rows)})")
        yield from (line(each) for each in seen)
        if code in hashes:
            yield from _yes_or_no(data["tenant"], hashes[code])
        elif said["cure"]:
            yield line(f"→ {said['cure']}")
        yield from draw_changes(rows)
        yield line("changes: " + " ".join(row["change"] for row in rows[:20]))
    if None in hashes:
        yield heading("All of these together")
        yield from _yes_or_no(data["tenant"], hashes[None])
    yield from draw_second(data["second_yes"])


def more_closely(sentence: str, rows: Sequence[Data]) -> list[str]:
    """Say a cause once, with what a guard saw of its rows, such as which unit vanished.

    One thing about all rows is said with the cause; a few stand below it; more are left to the rows.
    """
    told = dict.fromkeys((row["why"] or {}).get("sentence", "") or sentence for row in rows)
    if len(told) == 1:
        return list(told)
    seen = [each for each in told if each != sentence]
    if len(seen) > MOST_SEEN:
        return [sentence]
    said = f"{sentence.rstrip('.')}: "
    return [sentence, *(each.removeprefix(said) for each in seen)]


def _yes_or_no(name: str, hash_: str) -> Iterable[RenderableType]:
    yield line(f"→ yes, exactly these: staffetta approve {name} --hash {hash_}")
    yield line(f"→ no, and do not ask again: staffetta reject {name} --hash {hash_}")


def draw_second(rows: Sequence[Data]) -> Iterable[RenderableType]:
    """Draw what one person said yes to and another has to."""
    if not rows:
        return
    yield heading("Waiting for a second person's yes")
    drawn = table("hash", "list", "changes", "first yes by", "at", "until", numbers=("changes",))
    for row in rows:
        values = (row["hash"], row["about"], row["rows"], row["first_by"], row["first_at"], row["until"])
        drawn.add_row(*(cell(value) for value in values))
    yield drawn
    for row in rows:
        said = f"→ another operator's yes to {row['hash']}: {row['command']}"
        gone = f"{row['hash']} is out of date: what was read is no longer so; read it again, and say yes anew"
        yield line(said if row["stands"] else gone)


def reject_changes(
    ctx: typer.Context,
    tenant: TenantName,
    *,
    change: Chosen = None,
    code: OfCause = None,
    seen: Hash = None,
    everything: Everything = False,
    json: AsJson = False,
) -> None:
    """Say no."""
    at = here(ctx, json=json)
    if not (change or code or seen or everything):
        raise CommandError(
            "Which changes?", "Name --hash HASH, --change ID, --code CODE or --all.", ExitCode.USAGE
        )
    choice = choice_of(change, code, seen)
    with open_store(at.settings) as store:
        found = tenant_of(store, tenant)
        count = reject(found.tenant_id, choice=choice, by=operator(), store=store, ids=SystemIds())
    note("reject", found.tenant_id, rows=str(count), hash=choice.seen or "")
    at.voice.tell({"tenant": found.tenant_id, "rejected": count}, nothing)
    at.voice.say(f"{count} change{'s' if count != 1 else ''} rejected.")


def choice_of(change: Sequence[str] | None, code: str | None, seen: str | None) -> Choice:
    """Read which rows are meant."""
    if code is not None and code not in FOR_A_HUMAN:
        known = ", ".join(sorted(FOR_A_HUMAN))
        raise CommandError(
            f"«{cell(code)}» holds nothing for a human.", f"Name one of: {known}", ExitCode.USAGE
        )
    hash_ = seen.strip().lower() if seen else None
    return Choice(
        tuple(ChangeId(each) for each in change or ()), code=Code(code) if code else None, seen=hash_
    )
