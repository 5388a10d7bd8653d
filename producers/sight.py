"""Look at the rows that somebody means to say yes to, as they are now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.approval import ASKED_FOR, RUN, Approval, is_hash, moved
from domain.causes import FOR_A_HUMAN
from domain.changes import Change, ChangeState
from domain.codes import Code
from domain.ids import ApprovalId, ChangeId, RunId, TenantId
from domain.plain import one_line
from domain.ports import Ids, Transaction
from domain.run import Outcome, Phase, Run
from producers.on_demand import MisnamedError, NotPossibleError
from producers.second_yes import of_proposal, proposed

HELD, CHOSEN = "held", "chosen"
MOST = 1_000_000
NAMED = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows somebody means; nothing said means all that wait for a human.

    `plan` names a run whose proposals are meant, `code` a cause, `change_ids` single rows of either. `seen`
    is the hash of the list that was looked at: if the rows differ from it now, nothing is done.
    """

    change_ids: tuple[ChangeId, ...] = ()
    plan: RunId | None = None
    code: Code | None = None
    seen: str | None = None


EVERYTHING = Choice()


@dataclass(frozen=True, slots=True)
class Sight:
    """The rows that are meant, what list they are, and the plan that they are proposals of."""

    about: str
    rows: tuple[Change, ...]
    plan: Run | None = None

    @property
    def change_ids(self) -> list[ChangeId]:
        """Name the rows."""
        return [row.change_id for row in self.rows]


def held_for_a_human(tx: Transaction, tenant_id: TenantId, code: Code | None = None) -> Sequence[Change]:
    """List the rows that wait for a yes or a no, of one cause or of all, oldest first.

    Of what a worker has in hand already nothing is asked: it is done in a moment, or waits here then.
    """
    rows = tx.changes.rows(tenant_id, states=[ChangeState.HELD], limit=MOST)
    asking = [row for row in rows if row.why in FOR_A_HUMAN and code in {None, row.why}]
    working = tx.changes.rows(tenant_id, states=[ChangeState.WORKING], limit=MOST) if asking else []
    begun = {(row.person_id, row.action) for row in working}
    return [row for row in asking if (row.person_id, row.action) not in begun]


def show(tx: Transaction, tenant_id: TenantId, sight: Sight, ids: Ids) -> Approval:
    """Remember that somebody saw these rows; the hash on the answer says yes to exactly them."""
    return tx.approvals.show(tenant_id, ApprovalId(ids.new()), sight.about, sight.rows)


def look(tx: Transaction, tenant_id: TenantId, choice: Choice) -> Sight:
    """Find the rows that are meant, and refuse if they are not what was seen."""
    if choice.plan is not None and choice.code is not None:
        raise MisnamedError(
            f"A cause picks among what is held, not among the rows of plan {choice.plan}."
            f" Leave --code out; read the plan: staffetta preview {tenant_id} --run {choice.plan}"
        )
    if choice.seen is None:
        sight = _meant(tx, tenant_id, choice)
    else:
        sight = _seen(tx, tenant_id, choice, choice.seen)
    if not sight.rows:
        raise NotPossibleError(_nothing(tx, tenant_id, choice))
    return sight


def _meant(tx: Transaction, tenant_id: TenantId, choice: Choice) -> Sight:
    plan = None if choice.plan is None else plan_of(tx, tenant_id, choice.plan)
    here = held_for_a_human(tx, tenant_id, choice.code) if plan is None else proposals(tx, plan)
    return Sight(_about(choice), tuple(_chosen(here, choice, tenant_id)), plan)


def _seen(tx: Transaction, tenant_id: TenantId, choice: Choice, hash_: str) -> Sight:
    """Find the rows that were shown with this hash; what else was named must mean the same ones."""
    shown = tx.approvals.get(tenant_id, hash_)
    if shown is None:
        raise unknown_hash(tenant_id, hash_)
    alone = _as_shown(Choice(seen=hash_), shown)
    sight = _meant(tx, tenant_id, _as_shown(choice, shown))
    if tx.approvals.hash_of(tenant_id, sight.rows) == shown.hash:
        return sight
    list_now = _meant(tx, tenant_id, alone).rows
    if tx.approvals.hash_of(tenant_id, list_now) == shown.hash:
        raise _contradicts(tx, tenant_id, choice, shown)
    raise NotPossibleError(_differs(shown, tx.approvals.fingerprints(tenant_id, list_now), tenant_id))


def _nothing(tx: Transaction, tenant_id: TenantId, choice: Choice) -> str:
    """Say that nothing waits of what was meant, and what does wait."""
    others = _waiting(tx, tenant_id)
    if choice.code is None or not others:
        return f"Nothing of «{tenant_id}» waits for a human. List: staffetta holds {tenant_id}"
    return (
        f"No change of «{tenant_id}» waits for {choice.code}; what waits: {others}."
        f" Read it: staffetta holds {tenant_id}"
    )


def _waiting(tx: Transaction, tenant_id: TenantId) -> str:
    """Count what waits for a human by cause, most first: «60 for guard.removals, 2 for guard.creates»."""
    counted = Counter(row.why for row in held_for_a_human(tx, tenant_id))
    return ", ".join(f"{count} for {code}" for code, count in counted.most_common())


def proposals(tx: Transaction, plan: Run) -> Sequence[Change]:
    """List the rows of a plan that were not applied."""
    states = [ChangeState.PROPOSED]
    return tx.changes.rows(plan.tenant_id, run_id=plan.run_id, states=states, limit=MOST)


def plan_of(tx: Transaction, tenant_id: TenantId, run_id: RunId) -> Run:
    """Return a run whose proposals may still be applied, or say why there is none."""
    run, config = tx.runs.get(tenant_id, run_id), tx.tenants.configuration(tenant_id)
    if run is None or config is None:
        raise NotPossibleError(f"«{tenant_id}» has no run {run_id}. List: staffetta runs {tenant_id}")
    afresh = f"Make a fresh plan and read it: staffetta preview {tenant_id}"
    if run.phase is not Phase.ENDED:
        raise NotPossibleError(f"Run {run_id} is still {run.phase.value}; wait for its end.")
    if run.outcome is not Outcome.PLANNED:
        raise NotPossibleError(f"Run {run_id} is no plan; it ended as «{run.outcome}». {afresh}")
    if proposed(tx, run):
        raise NotPossibleError(
            f"Plan {run_id} is of configuration {run.config_version}, which is proposed; held rows and other"
            f" plans are approved, this one is applied. Say yes with: {of_proposal(run)}, or drop it with:"
            f" staffetta config discard {tenant_id}"
        )
    if run.config_version != config.version:
        raise NotPossibleError(
            f"Plan {run_id} follows configuration {run.config_version}, and {config.version} is in force."
            f" {afresh}"
        )
    if _age(tx, run) >= ASKED_FOR:
        raise NotPossibleError(f"Plan {run_id} is older than {ASKED_FOR.days} days. {afresh}")
    return run


def _age(tx: Transaction, run: Run) -> timedelta:
    return tx.now() - (run.ended_at or run.created_at)


def unknown_hash(tenant_id: TenantId, hash_: str) -> NotPossibleError:
    """Say that no list goes by this hash, or that it is none."""
    again = f"Look again: staffetta holds {tenant_id}"
    if not is_hash(hash_):
        return MisnamedError(
            f"«{one_line(hash_, 40)}» is no hash; one looks like k7m2-9xqp-4dmz and names the list that was"
            f" read. {again}"
        )
    return NotPossibleError(
        f"No list of «{tenant_id}» with the hash {hash_} was shown lately, or it is decided already, or"
        f" the first yes of two ran out. {again}"
    )


def _contradicts(tx: Transaction, tenant_id: TenantId, choice: Choice, shown: Approval) -> MisnamedError:
    """Say that the list stands as it was shown, and that the other words mean other rows than it."""
    other = "--code" if choice.code else "--run" if choice.plan else "--change"
    but = f"{other} means others"
    if choice.code is not None:
        here = held_for_a_human(tx, tenant_id, choice.code)
        but = f"--code {choice.code} means others" if here else f"no change waits for {choice.code}"
        but += f"; what waits: {_waiting(tx, tenant_id) or 'nothing'}"
    return MisnamedError(
        f"What was shown as {shown.hash} ({len(shown.rows)} changes) still stands, but {but}."
        f" Nothing was done. Leave {other} out to mean that list; read it: {_where(shown, tenant_id)}"
    )


def _as_shown(choice: Choice, shown: Approval) -> Choice:
    """Let a hash alone stand for the list that it was shown with."""
    if choice.change_ids or choice.plan or choice.code:
        return choice
    if shown.about.startswith(RUN):
        about, _, chosen = shown.about.removeprefix(RUN).partition(" ")
        return Choice(tuple(shown.rows) if chosen else (), plan=RunId(about), seen=choice.seen)
    if shown.about == CHOSEN:
        return Choice(tuple(shown.rows), seen=choice.seen)
    _, _, code = shown.about.partition(":")
    return Choice(code=Code(code) if code else None, seen=choice.seen)


def _about(choice: Choice) -> str:
    if choice.plan is not None:
        return f"{RUN}{choice.plan}" + (f" {CHOSEN}" if choice.change_ids else "")
    if choice.change_ids:
        return CHOSEN
    return HELD if choice.code is None else f"{HELD}:{choice.code.value}"


def _chosen(here: Sequence[Change], choice: Choice, tenant_id: TenantId) -> list[Change]:
    """Pick the named rows; without a hash that says what moved, every name must be found."""
    if not choice.change_ids:
        return list(here)
    wanted = set(choice.change_ids)
    rows = [row for row in here if row.change_id in wanted]
    missing = sorted(wanted - {row.change_id for row in rows})
    if missing and choice.seen is None:
        where = f"staffetta holds {tenant_id}" if choice.plan is None else f"plan {choice.plan}"
        named = ", ".join(missing[:NAMED])
        raise NotPossibleError(f"Not waiting for a yes here: {named}. See what is: {where}")
    _with_what_they_wait_for(rows, here)
    return rows


def _with_what_they_wait_for(rows: Sequence[Change], here: Sequence[Change]) -> None:
    """Refuse a choice of rows that could never be carried out without others of the same list."""
    chosen = {row.change_id for row in rows}
    others = {f"change:{row.change_id}": row.change_id for row in here if row.change_id not in chosen}
    awaited = sorted({others[row.blocked_on] for row in rows if row.blocked_on in others})
    if awaited:
        named = " ".join(f"--change {each}" for each in awaited[:NAMED])
        raise NotPossibleError(f"Some of these wait for changes that are not among them; add {named}")


def _differs(shown: Approval, now: Mapping[ChangeId, str], tenant_id: TenantId) -> str:
    """Say what moved since the list was shown."""
    what = str(moved(shown.rows, now)) or "they were named differently"
    return (
        f"These are not the {len(shown.rows)} changes that were shown as {shown.hash} any more: {what}."
        f" Nothing was done. Look again: {_where(shown, tenant_id)}"
    )


def _where(shown: Approval, tenant_id: TenantId) -> str:
    return f"staffetta {'preview' if shown.about.startswith(RUN) else 'holds'} {tenant_id}"
