"""Look accounts up before anybody is identified: in the target, for whoever would get one."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from domain.account import Account
from domain.changes import Action, Change, ChangeState
from domain.config import Configuration
from domain.errors import PermanentError, TemporaryError
from domain.identity import Wanted, normal
from domain.ids import AccountId, ChangeId, PersonId
from domain.ports import Transaction
from domain.ports_world import Lookup, Target
from domain.run import Run
from workers.desk import Desk, keep_turn

MOST_CREATES = 100_000

ACCOUNTS_A_LOOK = 100
"""So many accounts come with one request for the list; asking for one person takes a request or two."""

MOST_ASKED = 50
"""For more people nobody asks one by one: a slow target would be asked for many minutes before any change."""

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the target said before the plan was made. `found` is None where the target was listed instead.

    `chosen`: the accounts that humans named, as they are now; None for one that is gone. `unread`: people
    about whom the target gave no answer; of them nothing is known, which is not the same as nothing found.
    """

    found: Mapping[ChangeId, tuple[Account, ...]] | None = None
    chosen: Mapping[PersonId, Account | None] = field(default_factory=dict)
    unread: frozenset[PersonId] = frozenset()

    @property
    def complete(self) -> bool:
        """Tell whether the target answered about everybody who was asked for."""
        return not self.unread


def look_up(run: Run, config: Configuration, token: str, desk: Desk, *, listed: bool) -> LookedUp | None:
    """Ask the target about everybody who would get an account, and about accounts that humans named.

    A target that does not answer costs nobody their change: the create then looks for itself, unless a human
    was asked about that person. None if the turn was lost to another worker meanwhile.
    """
    with desk.store.read() as tx:
        named = tx.cases.wanted(run.tenant_id)
        creates = planned_creates(tx, run) if named or not listed else ()
    people = {row.person_id for row in creates}
    named = {person: account for person, account in named.items() if person in people}
    if not creates or (listed and not named):
        return LookedUp(None if listed else {})
    target = desk.accounts.target(run.tenant_id)
    gotten = {who: desk.hands.submit(target.get, what) for who, what in named.items()}
    sought = () if listed else creates
    looks = {row.person_id: desk.hands.submit(_ask, row, config, target) for row in sought}
    if not _await_all([*gotten.values(), *looks.values()], run, token, desk):
        return None
    chosen, unread = _answers(gotten)
    if listed:
        return LookedUp(None, chosen, unread)
    rows = {row.person_id: row.change_id for row in creates}
    found, silent = _answers(looks)
    return LookedUp({rows[who]: accounts for who, accounts in found.items()}, chosen, unread | silent)


def _await_all(asked: Sequence[Future[Any]], run: Run, token: str, desk: Desk) -> bool:
    """Wait for every answer, and keep the turn while that takes long; False if it was lost meanwhile.

    Fifty people at a target that takes half a minute for each outlast the lease: somebody else would begin
    the same look, lose the turn in the same way, and no run would ever come to its plan.
    """
    waiting, kept_at = set(asked), desk.clock.now()
    while waiting:
        waiting = desk.wait(waiting, desk.limits.renew_every)
        if waiting and desk.clock.now() - kept_at >= desk.limits.renew_every:
            kept_at = desk.clock.now()
            if not keep_turn(run, token, desk):
                _call_off(asked)
                return False
    return True


def _call_off(asked: Sequence[Future[Any]]) -> None:
    """Let no question begin any more; nobody would hear the answer."""
    for each in asked:
        each.cancel()


def _answers(asked: Mapping[PersonId, Future[Told]]) -> tuple[dict[PersonId, Told], frozenset[PersonId]]:
    """Read every answer, and name the people about whom there was none."""
    told: dict[PersonId, Told] = {}
    for person_id, answer in asked.items():
        try:
            told[person_id] = answer.result()
        except (TemporaryError, PermanentError):
            continue
    return told, frozenset(asked.keys() - told.keys())


def worth_listing(creates: int, accounts: int, fewest: int) -> bool:
    """Tell whether the target's list takes fewer requests than asking for each of so many people.

    `accounts` are those that we know of: a target that is still unknown to us is listed.
    """
    shorter = accounts <= 2 * creates * ACCOUNTS_A_LOOK
    return creates >= fewest and (shorter or creates > MOST_ASKED)


def planned_creates(tx: Transaction, run: Run) -> Sequence[Change]:
    """List the run's planned rows that would create an account; only these are opened."""
    return tx.changes.rows(
        run.tenant_id,
        run_id=run.run_id,
        states=[ChangeState.PLANNED],
        actions=[Action.CREATE],
        limit=MOST_CREATES,
    )


def _ask(change: Change, config: Configuration, target: Target) -> tuple[Account, ...]:
    """Look by external id, then by each rule; `match` compares whatever comes once more."""
    wanted = Wanted(change.person_id, change.after or {}, config)
    return find_accounts(wanted, target)


def find_accounts(wanted: Wanted, target: Target) -> tuple[Account, ...]:
    """Find the accounts that may be a person's: one with the external id, or those that rules find."""
    own = target.find(Lookup(external_id=wanted.external_id))
    if own:
        return own
    found: dict[AccountId, Account] = {}
    for rule in wanted.config.match_rules:
        texts = [(path, value) for path in rule.paths if isinstance(value := wanted.values.get(path), str)]
        if all(normal(wanted.values.get(path)) is not None for path in rule.paths) and texts:
            path, value = texts[0]
            found |= {each.account_id: each for each in target.find(Lookup(path=path, value=value))}
    return tuple(found.values())
