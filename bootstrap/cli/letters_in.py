"""Read from what was typed which dead letters are meant."""

from adapters.database.store import SqlStore
from bootstrap.cli.act_commands import known_code
from bootstrap.cli.exits import ExitCode
from bootstrap.cli.failures import CommandError
from domain.ids import ChangeId, LetterId, TenantId
from domain.letters import Letter
from domain.plain import one_line
from domain.ports import Transaction
from producers.replay import Chosen

OF_NONE = "-"
MOST = 100_000


def near(tx: Transaction, whose: TenantId, text: str) -> list[Letter]:
    """Find a tenant's letters by an id, or by how it begins."""
    exact = tx.letters.get(whose, LetterId(text))
    if exact is not None:
        return [exact]
    return [
        each for each in tx.letters.list(whose, MOST, states=()) if text and each.letter_id.startswith(text)
    ]


def only(found: list[Letter], text: str) -> Letter:
    """Take the one letter that was found, or say that it is none, or not one."""
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} letters begin with" if found else "There is no letter"
    raise CommandError(
        f"{what} «{one_line(text, 60)}».",
        "Write more of the id, as listed by: staffetta letters --every-state",
        ExitCode.USAGE if found else ExitCode.NOT_FOUND,
    )


def which(
    store: SqlStore,
    whose: TenantId,
    ids: list[str] | None,
    change: list[str] | None,
    cause: str | None,
    *,
    everything: bool,
) -> Chosen:
    """Read which letters are meant; exactly one way of saying so."""
    if sum((bool(ids), bool(change), cause is not None, everything)) != 1:
        raise CommandError("Which letters?", "Name ids, --change ID, --cause CODE or --all.", ExitCode.USAGE)
    if ids:
        with store.read() as tx:
            found = [only(near(tx, whose, each.strip()), each).letter_id for each in ids]
        return Chosen(letter_ids=tuple(found))
    if change:
        return Chosen(change_ids=_of_changes(store, whose, change))
    return Chosen(code=None if cause is None else known_code(cause))


def _of_changes(store: SqlStore, whose: TenantId, changes: list[str]) -> tuple[ChangeId, ...]:
    with store.read() as tx:
        known = {each.change_id for each in tx.letters.list(whose, MOST, states=())}
    for text in changes:
        if text not in known:
            raise CommandError(
                f"There is no letter of a change «{one_line(text, 60)}».",
                f"See all with: staffetta letters {whose or OF_NONE} --every-state",
                ExitCode.NOT_FOUND,
            )
    return tuple(ChangeId(text) for text in changes)
