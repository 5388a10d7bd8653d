"""Undo a run: plan the rows that put everybody back whom it changed and who was not changed since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.audit import About, Deed, Note
from domain.changes import Aspect, Change, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration
from domain.events import ConcludeDue
from domain.feed import PageMark
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.link import Link
from domain.overrides import Override, overridden
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun, PageRecord
from domain.run import Run, RunKind
from domain.tenant import may_read, may_write
from domain.undo import Left, take_back
from producers.on_demand import NotPossibleError, no_write_now

MOST_ROWS = 1_000_000
ON_THEIR_WAY = (ChangeState.RELEASED, ChangeState.WORKING, ChangeState.WAITING, ChangeState.PARKED)
"""What a run has not sent yet and sends by itself; what is held or blocked may never be."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """The run that undoes another one, and whom it leaves as they are. No run: nobody can be put back."""

    run: Run | None
    rows: int
    left: tuple[Left, ...]


def undo(
    tenant_id: TenantId,
    run_id: RunId,
    *,
    people: Sequence[PersonId] = (),
    change_ids: Sequence[ChangeId] = (),
    by: str,
    plan_only: bool,
    store: Store,
    publisher: Publisher,
    ids: Ids,
) -> Undoing:
    """Plan the undo of a run, of some people, or of some changes; the same guards judge it as any plan.

    What is written is remembered as decided, so that the next runs do not do the same again.
    """
    with store.write() as tx:
        tx.changes.take_turn(tenant_id)
        config = _config(tx, tenant_id, plan_only=plan_only)
        done = _applied(tx, tenant_id, run_id)
        coming = _among(_coming(tx, tenant_id, run_id), people, change_ids)
        chosen = _chosen(run_id, done, coming, people, change_ids)
        wishes, left = _wishes(tx, tenant_id, chosen, coming, _versions(done), config)
        if not wishes:
            return Undoing(None, 0, left)
        new = NewRun(RunKind.UNDO, f"undo:{run_id}:{ids.new()}", by, plan_only)
        run = tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)
        if run is None:
            raise NotPossibleError("Another undo began at this very moment. Ask again.")
        rows = _plan(tx, run, wishes, left, ids)
        if not plan_only:
            tx.audit.write(tenant_id, Note(Deed.UNDONE, by, About.RUN, run_id, rows, run.run_id))
    publisher.ring([ConcludeDue(tenant_id, run.run_id)])
    return Undoing(run, rows, left)


def _config(tx: Transaction, tenant_id: TenantId, *, plan_only: bool) -> Configuration:
    tenant, config = tx.tenants.get(tenant_id), tx.tenants.configuration(tenant_id)
    if tenant is None or config is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    if not (may_read(tenant.state) if plan_only else may_write(tenant.state)):
        raise no_write_now(tenant_id, tenant.state)
    return config


def _applied(tx: Transaction, tenant_id: TenantId, run_id: RunId) -> Sequence[Change]:
    if tx.runs.get(tenant_id, run_id) is None:
        raise NotPossibleError(f"«{tenant_id}» has no such run. List runs with: staffetta runs {tenant_id}")
    return tx.changes.rows(tenant_id, run_id=run_id, states=[ChangeState.APPLIED], limit=MOST_ROWS)


def _coming(tx: Transaction, tenant_id: TenantId, run_id: RunId) -> Sequence[Change]:
    """List what this run is sending or about to send: an undo cannot take back what did not happen yet."""
    return tx.changes.rows(tenant_id, run_id=run_id, states=ON_THEIR_WAY, limit=MOST_ROWS)


def _among(
    rows: Sequence[Change], people: Sequence[PersonId], change_ids: Sequence[ChangeId]
) -> list[Change]:
    some = [row for row in rows if not people or row.person_id in set(people)]
    return [row for row in some if not change_ids or row.change_id in set(change_ids)]


def _versions(done: Sequence[Change]) -> Mapping[PersonId, int]:
    """Tell which version of each person's link the run's last change left."""
    last: dict[PersonId, int] = {}
    for row in done:
        last[row.person_id] = max(last.get(row.person_id, 0), row.done_version or 0)
    return last


def _chosen(
    run_id: RunId,
    done: Sequence[Change],
    coming: Sequence[Change],
    people: Sequence[PersonId],
    change_ids: Sequence[ChangeId],
) -> list[Change]:
    """Choose what the run applied to those who were named, or to everybody."""
    chosen = _among(done, people, change_ids)
    if not chosen and coming:
        raise NotPossibleError(
            f"Nothing of this was applied yet; {len(coming)} of its changes are on their way."
            f" Undo when they have arrived; see: staffetta run {run_id}"
        )
    if not chosen:
        what = "of what you named" if people or change_ids else "at all"
        raise NotPossibleError(f"This run changed nothing {what}. See it with: staffetta run {run_id}")
    return chosen


def _wishes(
    tx: Transaction,
    tenant_id: TenantId,
    chosen: Sequence[Change],
    coming: Sequence[Change],
    last: Mapping[PersonId, int],
    config: Configuration,
) -> tuple[list[Wish], tuple[Left, ...]]:
    """Take back what was done to each person, or say why not."""
    wishes: list[Wish] = []
    later = {row.person_id for row in coming}
    left = [Left(person_id, Code.UNDO_UNDER_WAY) for person_id in sorted(later)]
    people = sorted({row.person_id for row in chosen})
    busy = tx.changes.open_aspects(tenant_id, people)
    fixed = tx.overrides.of(tenant_id, people)
    for person_id, rows in groupby(sorted(chosen, key=_person), key=_person):
        done = list(rows)
        if person_id in later:
            continue
        if _under_way(done, busy.get(person_id, frozenset())):
            left.append(Left(person_id, Code.UNDO_UNDER_WAY))
            continue
        link = tx.links.get(tenant_id, [person_id]).get(person_id)
        found = take_back(done, link, last[person_id], config.unique_path)
        if not isinstance(found, Left) and _is_fixed(person_id, found, link, fixed, config):
            found = Left(person_id, Code.UNDO_OVERRIDDEN)
        if isinstance(found, Left):
            left.append(found)
        else:
            wishes += found
    return wishes, tuple(left)


def _under_way(done: Sequence[Change], open_aspects: frozenset[Aspect]) -> bool:
    """Say that something is going on over what is to be undone.

    Who waits for a manager without an account may wait for ever: values can be put back meanwhile.
    """
    aspects = {row.aspect for row in done}
    account = {Aspect.ACCOUNT, Aspect.NAME}
    return bool(open_aspects & (aspects | account if aspects & account else aspects))


def _is_fixed(
    person_id: PersonId,
    wishes: tuple[Wish, ...],
    link: Link | None,
    fixed: Mapping[PersonId, Sequence[Override]],
    config: Configuration,
) -> bool:
    """Say that an override in force speaks against putting somebody back."""
    standing = fixed.get(person_id, ())
    result = overridden(person_id, wishes, link, standing, config)
    return result.wishes != wishes or bool(result.held_until)


def _person(row: Change) -> PersonId:
    return row.person_id


def _plan(tx: Transaction, run: Run, wishes: Sequence[Wish], left: Sequence[Left], ids: Ids) -> int:
    """Store the rows, and count on a page of the run whom it leaves alone and why."""
    digests = tx.people.digests(run.tenant_id, sorted({wish.person_id for wish in wishes}))
    named = [(ChangeId(ids.new()), wish) for wish in wishes]
    rows = tx.changes.plan(run.tenant_id, run.run_id, named, run.config_version, digests)
    skipped = {str(each.why): sum(one.why is each.why for one in left) for each in left}
    mark = PageMark(0, len(wishes) + len(left), None, 0)
    tx.runs.add_page(run.tenant_id, run.run_id, PageRecord(mark, (), 0, skipped, {}, None), tx.now())
    return rows
