"""Set and end overrides, and look afresh at everybody whom one concerns."""

from dataclasses import dataclass
from datetime import datetime

from domain.audit import About, Deed, Note
from domain.changes import Change
from domain.config import Configuration
from domain.events import RunDue
from domain.ids import PersonId, RunId, TenantId
from domain.overrides import MANAGER, Override, OverrideKind, clash
from domain.plain import one_line
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import OVERRIDE_OVER, Run, RunKind
from domain.tenant import may_read
from producers.apart import Failed, apart
from producers.in_hand import in_hand
from producers.on_demand import NotPossibleError

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator asks for. `path` is a path of the account, a Personio attribute, or «manager»."""

    person_id: PersonId
    kind: OverrideKind
    reason: str
    by: str
    path: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was stored, and the run that acts upon it.

    `too_late` are changes of this person that are being sent at this moment. They cannot be called back; once
    they have arrived, the person is looked at again.
    """

    overrides: tuple[Override, ...]
    run: Run | None
    too_late: tuple[Change, ...]


def set_override(
    tenant_id: TenantId, wanted: Wanted, *, store: Store, publisher: Publisher, ids: Ids
) -> Fixed:
    """Store an override (one for each frozen path) and ask for a run of one, which acts upon it."""
    reason = one_line(wanted.reason, LONGEST_REASON)
    if not reason:
        raise NotPossibleError('An override needs a reason. Give one with: --reason "…"')
    with store.write() as tx:
        too_late = tuple(in_hand(tx, tenant_id, wanted.person_id))
        config = _config(tx, tenant_id)
        if wanted.until is not None and wanted.until <= tx.now():
            day = wanted.until.date().isoformat()
            raise NotPossibleError(f"The day {day} is not in the future. Name a later day.")
        _refuse_clash(tx, tenant_id, wanted)
        made = tuple(
            Override(
                ids.new(),
                wanted.person_id,
                wanted.kind,
                reason,
                wanted.by,
                tx.now(),
                path,
                wanted.until,
            )
            for path in _paths(wanted, config)
        )
        for override in made:
            tx.overrides.put(tenant_id, override)
        run = _look(tx, tenant_id, wanted.person_id, f"override:{made[0].override_id}", wanted.by, ids)
        tx.audit.write(tenant_id, _note(wanted, len(made)))
    publisher.ring([RunDue(tenant_id, run.run_id)] if run else [])
    return Fixed(made, run, too_late)


def end_override(
    tenant_id: TenantId,
    person_id: PersonId,
    kind: OverrideKind,
    *,
    by: str,
    store: Store,
    publisher: Publisher,
    ids: Ids,
) -> Run | None:
    """End an override, and look afresh at the person: the rules count again."""
    with store.write() as tx:
        _config(tx, tenant_id)
        ended = tx.overrides.end(tenant_id, person_id, kind, by)
        if not ended:
            raise NotPossibleError(
                f"No override «{kind.value}» is in force over this person."
                f" List them with: staffetta override {tenant_id} --list"
            )
        run = _look(tx, tenant_id, person_id, f"override-ended:{ids.new()}", by, ids)
        about = Note(Deed.OVERRIDE_ENDED, by, About.PERSON, person_id, ended, kind.value)
        tx.audit.write(tenant_id, about)
    publisher.ring([RunDue(tenant_id, run.run_id)] if run else [])
    return run


def look_at_expired(*, store: Store, publisher: Publisher, ids: Ids, failed: Failed) -> list[RunDue]:
    """Ask for a run of one for everybody whose override came to its day; each is found once."""
    with store.read() as tx:
        tenants = tx.overrides.expired()
    bells: list[RunDue] = []
    for tenant_id in tenants:
        with apart(store, tenant_id, failed) as tx:
            bells += _over(tx, tenant_id, ids)
    publisher.ring(bells)
    return bells


def _over(tx: Transaction, tenant_id: TenantId, ids: Ids) -> list[RunDue]:
    ended = tx.overrides.take_expired(tenant_id)
    slots = ((each.person_id, f"override-over:{each.override_id}") for each in ended)
    runs = [_look(tx, tenant_id, person_id, slot, OVERRIDE_OVER, ids) for person_id, slot in slots]
    return [RunDue(run.tenant_id, run.run_id) for run in runs if run is not None]


def _note(wanted: Wanted, count: int) -> Note:
    until = wanted.until.isoformat() if wanted.until else ""
    meant = f"{wanted.kind.value}|{wanted.path}|{until}|{wanted.reason}"
    return Note(Deed.OVERRIDE_SET, wanted.by, About.PERSON, wanted.person_id, count, meant)


def _look(
    tx: Transaction, tenant_id: TenantId, person_id: PersonId, slot: str, by: str, ids: Ids
) -> Run | None:
    """Ask for a run of one; a tenant that is stopped looks when it reads again."""
    tenant, config = tx.tenants.get(tenant_id), tx.tenants.configuration(tenant_id)
    if tenant is None or config is None or not may_read(tenant.state):
        return None
    new = NewRun(RunKind.PERSON, slot, by, person_id=person_id)
    return tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)


def _config(tx: Transaction, tenant_id: TenantId) -> Configuration:
    config = tx.tenants.configuration(tenant_id)
    if config is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    return config


def _refuse_clash(tx: Transaction, tenant_id: TenantId, wanted: Wanted) -> None:
    standing = tx.overrides.of(tenant_id, [wanted.person_id]).get(wanted.person_id, ())
    other = clash(wanted.kind, standing)
    if other is not None:
        raise NotPossibleError(
            f"«{other.value}» is in force over this person and says otherwise."
            f" End it first: staffetta override {tenant_id} {wanted.person_id} --end {other.value}"
        )


def _paths(wanted: Wanted, config: Configuration) -> tuple[str, ...]:
    """Name the paths that a frozen attribute is carried to; other overrides have none."""
    if wanted.kind is not OverrideKind.FREEZE:
        return ("",)
    of_attribute = tuple(line.path for line in config.lines if line.source == wanted.path)
    known = (*sorted(config.paths), MANAGER)
    found = of_attribute or tuple(path for path in known if path == wanted.path)
    if not found:
        raise NotPossibleError(
            f"Nothing is mapped from or to «{one_line(wanted.path, 60)}»."
            f" Name a Personio attribute of the mapping, or one of: {', '.join(known)}"
        )
    return found
