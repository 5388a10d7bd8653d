"""Remove accounts whose day has come, a few a day, and let people be taken off that list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.audit import About, Deed, Note
from domain.changes import Action, Aspect
from domain.config import Configuration
from domain.deletions import Deletion, Verdict, judge, removal, room
from domain.events import Event
from domain.guards import protected_by
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.overrides import spoken_for
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun, Planned
from domain.run import SCHEDULE, RunKind
from domain.tenant import runs_by_itself
from domain.timetable import is_quiet
from producers.apart import Failed, apart
from producers.in_hand import in_hand

RingMore = Callable[[Transaction, TenantId], list[Event]]
Announce = Callable[[Transaction, TenantId, Ids], list[Event]]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Who was on the list: those who keep their accounts, and those for whom that comes too late, perhaps.

    Of the latter the request is being made at this moment. If it fails, it is not made again.
    """

    kept: tuple[PersonId, ...]
    too_late: tuple[PersonId, ...]


def remove_due(
    *,
    store: Store,
    publisher: Publisher,
    ids: Ids,
    ring_more: RingMore,
    announce: Announce,
    failed: Failed,
) -> dict[TenantId, int]:
    """Release the removals of every tenant whose schedule is on; returns how many accounts each loses."""
    with store.read() as tx:
        tenants = tx.deletions.due()
    removed: dict[TenantId, int] = {}
    for tenant_id in tenants:
        with apart(store, tenant_id, failed) as tx:
            count = _remove(tx, tenant_id, ids)
            events = ring_more(tx, tenant_id) if count else []
            events += announce(tx, tenant_id, ids)
        if tenant_id in failed:
            continue
        removed |= {tenant_id: count} if count else {}
        publisher.ring(events)
    return removed


def cancel(
    tenant_id: TenantId,
    people: Sequence[PersonId],
    *,
    by: str = "operator",
    store: Store,
    publisher: Publisher,
    ids: Ids,
    announce: Announce,
) -> Cancelled:
    """Take people off the list: their accounts stay closed, and stay.

    Nobody begins on a row of this tenant meanwhile: what is not in hand now sees that it was cancelled.
    """
    with store.write() as tx:
        out = _being_removed(tx, tenant_id)
        cancelled = [person_id for person_id in people if tx.deletions.cancel(tenant_id, person_id)]
        events = announce(tx, tenant_id, ids)
        for person_id in cancelled:
            meant = "too late, perhaps" if person_id in out else ""
            tx.audit.write(
                tenant_id, Note(Deed.DELETIONS_CANCELLED, by, About.PERSON, person_id, meant=meant)
            )
    publisher.ring(events)
    return Cancelled(
        tuple(each for each in cancelled if each not in out),
        tuple(each for each in cancelled if each in out),
    )


def _being_removed(tx: Transaction, tenant_id: TenantId) -> set[PersonId]:
    """Find those for whose removal the application is being asked at this moment."""
    return {row.person_id for row in in_hand(tx, tenant_id, actions=[Action.DELETE])}


def _remove(tx: Transaction, tenant_id: TenantId, ids: Ids) -> int:
    tenant, config = tx.tenants.get(tenant_id), tx.tenants.configuration(tenant_id)
    if tenant is None or config is None or not runs_by_itself(tenant.state):
        return 0
    if is_quiet(config.schedule, tx.now()):
        return 0
    due = _due(tx, tenant_id, config)
    people = [each.person_id for each in due]
    links, known = tx.links.get(tenant_id, people), tx.people.known(tenant_id, people)
    chosen: list[Deletion] = []
    left = room(tx.links.count(tenant_id), tx.deletions.gone_today(tenant_id), config.guards)
    for deletion in due:
        seen = known.get(deletion.person_id)
        link, standing = links.get(deletion.person_id), seen.standing if seen else None
        verdict = judge(deletion, link, standing, config.policy)
        if verdict is Verdict.OVER:
            tx.deletions.end(tenant_id, deletion.person_id)
        elif verdict is Verdict.GO and len(chosen) < left:
            chosen.append(deletion)
    return _release(tx, tenant_id, chosen, config, ids) if chosen else 0


def _due(tx: Transaction, tenant_id: TenantId, config: Configuration) -> Sequence[Deletion]:
    """List deletions whose day has come, but none that is under way, and of nobody whom a human keeps."""
    due = [each for each in tx.deletions.standing(tenant_id) if each.due_at <= tx.now()]
    people = [each.person_id for each in due]
    fixed, opened = tx.overrides.of(tenant_id, people), tx.changes.open_aspects(tenant_id, people)
    busy = _being_removed(tx, tenant_id)
    if config.guards.protect:
        busy |= tx.brakes.shielded(tenant_id, people, protected_by(config.guards.protect))
    busy |= {person_id for person_id, aspects in opened.items() if Aspect.ACCOUNT in aspects}
    free = (each for each in due if each.person_id not in busy)
    return [each for each in free if not spoken_for(fixed.get(each.person_id, ()))]


def _release(
    tx: Transaction, tenant_id: TenantId, chosen: Sequence[Deletion], config: Configuration, ids: Ids
) -> int:
    """Make a run of its own for them. They stay on the list until the application has answered."""
    new = NewRun(RunKind.DELETION, f"deletion:{ids.new()}", by=SCHEDULE)
    run = tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)
    if run is None:
        return 0
    links = tx.links.get(tenant_id, [each.person_id for each in chosen])
    count = 0
    for deletion in chosen:
        wish = removal(deletion, links[deletion.person_id])
        row = ChangeId(ids.new())
        count += tx.changes.insert(tenant_id, run.run_id, row, Planned(wish, None), config.version)
    tx.changes.release(tenant_id, run.run_id)
    return count
