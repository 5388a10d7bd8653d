"""Bugs built in on purpose, each of which the simulation must find: this proves that it can fail."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from adapters.database.tables_changes import CHANGES
from domain.account import Account, AccountDraft, Scalar
from domain.cases import IDENTITY, Ruled
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.compare import Wish
from domain.condition import Condition
from domain.config import Approvers, Configuration
from domain.deletions import Deletion
from domain.employee import Employee, Page
from domain.errors import KeyTakenError, TemporaryError
from domain.ids import AccountId, CaseId, ChangeId, ConfigVersion, PersonId, RunId, TenantId
from domain.notices import Notice
from domain.overrides import Override
from domain.ports import Transaction
from domain.ports_channels import Delivered
from domain.ports_world import Lookup
from domain.records import Expired
from domain.tenant import Tenant, TenantState
from workers.desk import Limits

Port = Any
"""A port of any kind: a bug wraps one and passes on whatever it does not spoil."""


def _as_it_is(port: Port) -> Port:
    return port


def _same_limits(limits: Limits) -> Limits:
    return limits


@dataclass(frozen=True)
class Bug:
    """What a bug spoils; everything else is as it should be."""

    sentence: str
    target: Callable[[Port], Port] = _as_it_is
    source: Callable[[Port], Port] = _as_it_is
    changes: Callable[[Port], Port] = _as_it_is
    runs: Callable[[Port], Port] = _as_it_is
    tenants: Callable[[Port], Port] = _as_it_is
    deletions: Callable[[Port], Port] = _as_it_is
    cases: Callable[[Port], Port] = _as_it_is
    overrides: Callable[[Port], Port] = _as_it_is
    conditions: Callable[[Port], Port] = _as_it_is
    epoch: Callable[[Port], Port] = _as_it_is
    channel: Callable[[Port], Port] = _as_it_is
    limits: Callable[[Limits], Limits] = _same_limits
    mixes_tenants: bool = False


class Spoilt:
    """Pass everything on to the real port."""

    def __init__(self, inner: Port) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class NeverFinds(Spoilt):
    """Skip the look before a second create."""

    def find(self, lookup: Lookup) -> tuple[Account, ...]:
        """Find nobody."""
        return ()


class TakesNames(Spoilt):
    """Take the account that has the name, whoever made it, where a new one is refused for that."""

    def create(self, draft: AccountDraft) -> object:
        """Make an account, or take one."""
        try:
            return self._inner.create(draft)
        except KeyTakenError:
            name = str(draft.values.get("userName"))
            (account,) = self._inner.find(Lookup(path="userName", value=name))
            return self._inner.update(account.account_id, draft.values, external_id=draft.external_id)


class BelievesLostRequests(Spoilt):
    """Take a request without an answer for done."""

    def update(
        self, account_id: AccountId, values: Mapping[str, Scalar], *, external_id: str | None = None
    ) -> object:
        """Swallow that no answer came."""
        try:
            return self._inner.update(account_id, values, external_id=external_id)
        except TemporaryError:
            return None


class BelievesAbsence(Spoilt):
    """Conclude from a gap in the feed that somebody is gone, without asking for them."""

    def __init__(self, inner: Port) -> None:
        super().__init__(inner)
        self._asked = False

    def person(self, person_id: PersonId) -> Employee | None:
        """Confirm the control person, and deny everybody who is missing."""
        if not self._asked:
            self._asked = True
            found: Employee | None = self._inner.person(person_id)
            return found
        return None


class HoldsNothing(Spoilt):
    """Let whatever a guard would hold go on."""

    def hold(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], why: Code, detail: str) -> None:
        """Hold what no guard asked for."""
        if not why.value.startswith("guard."):
            self._inner.hold(tenant_id, change_ids, why, detail)


class AsksNobody(Spoilt):
    """Let whoever a human should be asked about have a new account."""

    def hold(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], why: Code, detail: str) -> None:
        """Hold what is no doubt."""
        if why not in IDENTITY:
            self._inner.hold(tenant_id, change_ids, why, detail)


class BelievesIds(Spoilt):
    """Take whoever has an id now for the one who had it before."""

    def plan(
        self, tenant_id: TenantId, run_id: RunId, wishes: Sequence[tuple[ChangeId, Wish]], *more: object
    ) -> object:
        """Plan without a doubt."""
        sure = [(change_id, replace(wish, doubt=None)) for change_id, wish in wishes]
        return self._inner.plan(tenant_id, run_id, sure, *more)


class ShowsNoEvidence(Spoilt):
    """Close people and say why, but not what shows it."""

    def plan(
        self, tenant_id: TenantId, run_id: RunId, wishes: Sequence[tuple[ChangeId, Wish]], *more: object
    ) -> object:
        """Plan closings without what a reading showed."""
        bare = [
            (change_id, replace(wish, evidence=None) if wish.action is Action.DEACTIVATE else wish)
            for change_id, wish in wishes
        ]
        return self._inner.plan(tenant_id, run_id, bare, *more)


class GivesNoCause(Spoilt):
    """Close people whom a human let go, and do not say why."""

    def approve(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], run_id: RunId) -> int:
        """Let rows go, and forget their causes."""
        released: int = self._inner.approve(tenant_id, change_ids, run_id)
        rows = update(CHANGES).where(CHANGES.c.tenant_id == tenant_id, CHANGES.c.change_id.in_(change_ids))
        self._inner._session.connection.execute(rows.values(cause=None))
        return released


class HearsYes(Spoilt):
    """Take a human's no for a yes."""

    def reject(self, tenant_id: TenantId, change_ids: Sequence[ChangeId], by: str = "") -> int:
        """Let go what somebody said no to."""
        del by
        held = self._inner.rows(tenant_id, states=[ChangeState.HELD], limit=1_000)
        said = [row for row in held if row.change_id in set(change_ids)]
        return sum(self._inner.approve(tenant_id, [row.change_id], row.run_id) for row in said)


class FixesNothing(Spoilt):
    """Take what a human fixed about somebody, and write as if nobody had."""

    def of(self, _tenant_id: TenantId, _people: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Override]]:
        """Know of nothing that is fixed."""
        return {}


class QuotesPeople(Spoilt):
    """Say in an error whom Personio told of last."""

    def __init__(self, inner: Port) -> None:
        super().__init__(inner)
        self._told = ""

    def page(self, cursor: str | None) -> Page:
        """Read a page, and remember what stands there."""
        try:
            page: Page = self._inner.page(cursor)
        except TemporaryError as error:
            raise TemporaryError(error.code, f"{error.detail} after {self._told}") from error
        self._told = str(page.employees[-1].attributes) if page.employees else ""
        return page


class ForgetsAnswers(Spoilt):
    """Say that an answer was taken."""

    def rule(
        self, _tenant_id: TenantId, _case_id: CaseId, _ruled: Ruled, _instead_of: datetime | None = None
    ) -> bool:
        """Throw it away."""
        return True


class ForgetsTheDead(Spoilt):
    """Leave the rows of dead workers as they are."""

    def expire_leases(self, tenant_id: TenantId) -> Expired:
        """Expire nothing."""
        del tenant_id
        return Expired(0)


class ForgetsStuckRuns(Spoilt):
    """Believe that every run that began to read is being read."""

    def overdue(self) -> Sequence[object]:
        """Find no run that nobody reads."""
        return ()


class WritesAtAnyTime(Spoilt):
    """Believe that the hours of every tenant are open."""

    def keep_hours(self, tenant_id: TenantId, _: datetime | None) -> None:
        """Let everything go."""
        self._inner.keep_hours(tenant_id, None)


class RemovesAtOnce(Spoilt):
    """Plan removals for the moment of the closing."""

    def plan(self, tenant_id: TenantId, deletion: Deletion) -> None:
        """Forget the days in between."""
        self._inner.plan(tenant_id, replace(deletion, due_at=deletion.closed_at))


class KeepsNobody(Spoilt):
    """Say that a removal is cancelled."""

    def cancel(self, _tenant_id: TenantId, _person_id: PersonId) -> bool:
        """Leave it on the list."""
        return True


class Lenient(Spoilt):
    """Read another policy, or schedule, than the tenant's."""

    def _changed(self, config: Configuration) -> Configuration:
        return config

    def configuration(
        self, tenant_id: TenantId, version: ConfigVersion | None = None
    ) -> Configuration | None:
        """Return the configuration without what this bug overlooks."""
        found = self._inner.configuration(tenant_id, version)
        return found and self._changed(found)


class OneYes(Lenient):
    """Believe that one yes is enough everywhere."""

    def _changed(self, config: Configuration) -> Configuration:
        return replace(config, policy=replace(config.policy, approval=Approvers.ONE))


class NeverStrict(Lenient):
    """Believe that no tenant is strict."""

    def _changed(self, config: Configuration) -> Configuration:
        return replace(config, policy=replace(config.policy, strict=False))


class OneRule(Lenient):
    """Recognise accounts by the first rule alone."""

    def _changed(self, config: Configuration) -> Configuration:
        return replace(config, match=config.match[:1])


class NeverQuiet(Lenient):
    """Believe that no tenant has quiet hours."""

    def _changed(self, config: Configuration) -> Configuration:
        return replace(config, schedule=replace(config.schedule, quiet=()))


class NeverStopped(Spoilt):
    """Take a stopped tenant for an active one."""

    def get(self, tenant_id: TenantId) -> Tenant | None:
        """Return the tenant as if nobody had stopped it."""
        found: Tenant | None = self._inner.get(tenant_id)
        stopped = found is not None and found.state is TenantState.STOPPED
        return replace(found, state=TenantState.ACTIVE) if found and stopped else found


class ParksNothing(Spoilt):
    """Let what is open stay due when a tenant stops."""

    def park(self, _tenant_id: TenantId) -> int:
        """Park nothing."""
        return 0


class OldEpoch(Spoilt):
    """Believe that Redis is always the one that it was."""

    def read(self) -> str | None:
        """Tell the same in every Redis."""
        return "the same"


class NeverRests(Spoilt):
    """Keep calling an application however often it fails."""

    def put(self, tenant_id: TenantId, condition: Condition) -> None:
        """Forget every failure."""
        self._inner.put(tenant_id, replace(condition, failures=0, open_since=None, rests_until=None))


class ProbesTogether(Spoilt):
    """Let everybody look at once whether an application that rests is well again."""

    def put(self, tenant_id: TenantId, condition: Condition) -> None:
        """Let one who looks keep nobody else from it."""
        known: Condition = self._inner.get(tenant_id)
        if known.open_since is not None and condition.probes > known.probes:
            condition = replace(condition, rests_until=known.rests_until)
        self._inner.put(tenant_id, condition)


class RestsForEver(Spoilt):
    """Leave an application alone for good once it was unwell."""

    def put(self, tenant_id: TenantId, condition: Condition) -> None:
        """Keep the gate shut, whatever a probe met."""
        known: Condition = self._inner.get(tenant_id)
        if known.open_since is not None and condition.open_since is None:
            condition = replace(known, rests_until=known.open_since + timedelta(days=365))
        self._inner.put(tenant_id, condition)


class TellsNobody(Spoilt):
    """Say that a notice was delivered."""

    def deliver(self, notice: Notice, *, patient: bool = False) -> Delivered:
        """Throw it away."""
        return Delivered()


BUGS: Mapping[str, Bug] = {
    "no look after a lost create": Bug("a second create without a look", target=NeverFinds),
    "lost requests count as done": Bug(
        "an update without an answer counts as applied", target=BelievesLostRequests
    ),
    "absence without proof": Bug("whoever is not in a feed is gone", source=BelievesAbsence),
    "guards off": Bug("nothing is held for a human", changes=HoldsNothing),
    "dead workers forgotten": Bug("the leases of dead workers never end", changes=ForgetsTheDead),
    "stuck runs forgotten": Bug("a run whose bell was lost is read by nobody", runs=ForgetsStuckRuns),
    "epoch ignored": Bug("a lost Redis is not noticed", epoch=OldEpoch),
    "nobody is told": Bug("incidents are marked as told and reach nobody", channel=TellsNobody),
    "lease ignored": Bug(
        "a lease is over long before the calls are, and nobody renews it",
        limits=lambda limits: replace(
            limits,
            target_lease=timedelta(seconds=1),
            renew_every=timedelta(hours=1),
            begin=timedelta(days=1),
        ),
    ),
    "hours ignored": Bug("a scheduled run writes outside of the hours", changes=WritesAtAnyTime),
    "quiet hours ignored": Bug("a run begins by itself in quiet hours", tenants=NeverQuiet),
    "removed too soon": Bug("an account is removed as soon as it is closed", deletions=RemovesAtOnce),
    "cancelled removals": Bug("a cancelled removal is carried out", deletions=KeepsNobody),
    "one yes of two": Bug("the first of two yeses lets changes go", tenants=OneYes),
    "strict forgotten": Bug("a strict tenant goes on after a failure", tenants=NeverStrict),
    "stop ignored": Bug("a stopped tenant is written to", tenants=NeverStopped, changes=ParksNothing),
    "doubts are nobody's": Bug("a new account is made where a human must be asked", changes=AsksNobody),
    "ids believed": Bug("whoever has an id now gets the account of who had it before", changes=BelievesIds),
    "one rule of two": Bug("what a second rule finds is no reason to ask", tenants=OneRule),
    "names taken": Bug("an account of somebody else is taken for its name", target=TakesNames),
    "evidence kept back": Bug("who is closed is told a cause, and no evidence", changes=ShowsNoEvidence),
    "causes forgotten": Bug("a closing that was let go has no cause any more", changes=GivesNoCause),
    "no for yes": Bug("what somebody said no to is done", changes=HearsYes),
    "fixed in vain": Bug("what a human fixed about somebody binds nobody", overrides=FixesNothing),
    "people quoted": Bug("an error repeats what Personio told", source=QuotesPeople),
    "answers forgotten": Bug("a human's answer is taken and forgotten", cases=ForgetsAnswers),
    "never rests": Bug("an application that turns everybody away is asked on and on", conditions=NeverRests),
    "probes together": Bug("more than one at a time looks whether all is well", conditions=ProbesTogether),
    "rests for ever": Bug("an application that is well again is left alone", conditions=RestsForEver),
    "tenants mixed up": Bug("a worker writes to another tenant's application", mixes_tenants=True),
}

NONE = Bug("everything is as it should be")


class SpoiltTransaction(Spoilt):
    """Spoil the rows of plans, or the runs, and nothing else of a transaction."""

    def __init__(self, inner: Port, bug: Bug) -> None:
        super().__init__(inner)
        self.changes = bug.changes(inner.changes)
        self.runs = bug.runs(inner.runs)
        self.tenants = bug.tenants(inner.tenants)
        self.deletions = bug.deletions(inner.deletions)
        self.cases = bug.cases(inner.cases)
        self.overrides = bug.overrides(inner.overrides)
        self.conditions = bug.conditions(inner.conditions)


class SpoiltStore(Spoilt):
    """Hand out spoilt transactions."""

    def __init__(self, inner: Port, bug: Bug) -> None:
        super().__init__(inner)
        self._bug = bug

    def write(self) -> AbstractContextManager[Transaction]:
        """Begin a spoilt transaction that may write."""
        return self._spoilt(self._inner.write())

    def read(self) -> AbstractContextManager[Transaction]:
        """Begin a spoilt transaction that only reads."""
        return self._spoilt(self._inner.read())

    @contextmanager
    def _spoilt(self, inner: AbstractContextManager[Transaction]) -> Iterator[Transaction]:
        with inner as tx:
            spoilt: Port = SpoiltTransaction(tx, self._bug)
            yield spoilt
