"""Ask the application, before accounts are closed, which of them run it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.codes import Code
from domain.config import Configuration
from domain.errors import AccountGoneError, PermanentError, TemporaryError
from domain.ids import AccountId, ChangeId
from domain.ports_world import Target
from domain.rewrites import runs_the_application
from domain.run import Run
from workers.desk import Desk, count_requests, keep_turn

MOST_IN_A_ROW = 3
"""An application that failed to answer so often in a row is asked no more in this turn."""

RUNS_IT = "the application says that this account runs it"


@dataclass(slots=True)
class Asked:
    """What the application said of the accounts that would be closed."""

    owners: list[ChangeId] = field(default_factory=list)
    untold: list[ChangeId] = field(default_factory=list)
    others: int = 0
    in_a_row: int = 0

    @property
    def silent(self) -> bool:
        """Tell whether it has not said anything yet."""
        return not self.owners and not self.others


def ask_for_owners(run: Run, config: Configuration, token: str, desk: Desk, *, last_try: bool) -> bool:
    """Hold the closing of accounts that run the application, and of those of which it does not tell.

    False if the turn was lost meanwhile. Without words for owners nobody is asked; who waits for a human
    already was asked when they were held first. One account that cannot be read keeps nobody else waiting;
    those beyond what one run asks wait for a human, or for the next run;
    an application that says nothing at all raises its TemporaryError, but for the last try.
    """
    if not config.guards.owners:
        return True
    with desk.store.read() as tx:
        closing = tx.brakes.closing(run.tenant_id, run.run_id)
    if not closing:
        return True
    most = desk.limits.most_owners_asked
    closing, unasked = closing[:most], closing[most:]
    asked = Asked(untold=[change_id for change_id, _ in unasked])
    if not _ask(run, config, token, desk, closing, asked, last_try=last_try):
        return False
    with desk.store.write() as tx:
        tx.changes.hold(run.tenant_id, asked.owners, Code.GUARD_PROTECTED, RUNS_IT)
        tx.changes.hold(run.tenant_id, asked.untold, Code.GUARD_RIGHTS_UNTOLD, "")
        count_requests(tx, run.tenant_id, run.run_id, desk)
    return True


def _ask(
    run: Run,
    config: Configuration,
    token: str,
    desk: Desk,
    closing: Sequence[tuple[ChangeId, AccountId]],
    asked: Asked,
    *,
    last_try: bool,
) -> bool:
    """Ask one after the other, and keep the turn while that takes long."""
    target = desk.accounts.target(run.tenant_id)
    for change_id, account_id in closing:
        try:
            _note(change_id, _told(target, account_id, asked), config, asked)
        except TemporaryError:
            asked.in_a_row += 1
            if asked.silent and not last_try:
                raise
            asked.untold.append(change_id)
        if not keep_turn(run, token, desk):
            return False
    return True


def _told(target: Target, account_id: AccountId, asked: Asked) -> frozenset[tuple[str, str]] | None:
    """Read an account; one that was removed by hand runs nothing any more, and None could not be told."""
    if asked.in_a_row >= MOST_IN_A_ROW:
        return None
    try:
        return target.told(account_id)
    except AccountGoneError:
        return frozenset()
    except PermanentError:
        return None


def _note(
    change_id: ChangeId, told: frozenset[tuple[str, str]] | None, config: Configuration, asked: Asked
) -> None:
    if told is None:
        asked.untold.append(change_id)
        return
    asked.in_a_row = 0
    if runs_the_application(told, config.guards.owners):
        asked.owners.append(change_id)
    else:
        asked.others += 1
