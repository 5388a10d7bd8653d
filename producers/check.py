"""Check a tenant's two ends by reading them; nothing is written anywhere but in our own state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.account import Capabilities
from domain.attributes import Normal
from domain.check import CheckReport, Company, Problem, Side, Tally
from domain.codes import Code
from domain.config import Configuration
from domain.errors import FeedBrokenError, StaffettaError
from domain.events import Event
from domain.ids import TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.ports_world import Accounts, Source, Target
from domain.setbacks import STORED, Reason
from domain.tenant import Tenant, TenantState
from producers.on_demand import NotPossibleError
from producers.resume import go_on
from producers.telling import resolve

RingMore = Callable[[Transaction, TenantId], list[Event]]
OnPage = Callable[[int, int | None], None]

CURED = frozenset(
    {
        Code.SOURCE_CREDENTIALS_REFUSED,
        Code.SOURCE_CREDENTIALS_WRONG,
        Code.SOURCE_RIGHT_MISSING,
        Code.SOURCE_RIGHT_NOT_GIVEN,
        Code.SOURCE_ATTRIBUTE_MISSING,
        Code.SOURCE_UNREACHABLE,
        Code.SOURCE_BUSY,
        Code.SOURCE_NOT_PERSONIO,
        Code.TARGET_CREDENTIALS_REFUSED,
        Code.TARGET_UNREACHABLE,
        Code.TARGET_BUSY,
        Code.TARGET_NOT_SCIM,
        Code.SOURCE_FORBIDDEN_ADDRESS,
        Code.TARGET_FORBIDDEN_ADDRESS,
    }
    | STORED
)
"""Incidents that a green check ends, since it just tried exactly that."""

BLOCKING = frozenset(
    {
        Code.SOURCE_CREDENTIALS_REFUSED,
        Code.SOURCE_CREDENTIALS_WRONG,
        Code.SOURCE_RIGHT_MISSING,
        Code.TARGET_CREDENTIALS_REFUSED,
        Code.SOURCE_FORBIDDEN_ADDRESS,
        Code.TARGET_FORBIDDEN_ADDRESS,
    }
    | STORED
)
"""Causes that block a tenant, until a check is green."""

NOT_MET = frozenset(
    {
        Code.TARGET_CREDENTIALS_REFUSED,
        Code.TARGET_UNREACHABLE,
        Code.TARGET_BUSY,
        Code.TARGET_NOT_SCIM,
        Code.TARGET_FORBIDDEN_ADDRESS,
    }
)
"""Whoever met a target like this cannot say what it is able to do."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a green check changed: the tenant's state before and after, and how many rows go on."""

    before: TenantState
    after: TenantState
    unparked: int


def look(
    tenant_id: TenantId,
    *,
    store: Store,
    accounts: Accounts,
    today: date,
    on_page: OnPage = lambda _people, _total: None,
) -> CheckReport:
    """Read both ends of a tenant and report everything that stands in the way, all at once.

    The shared token is forgotten first: a credential counts as good only if it can log in now.
    """
    with store.write() as tx:
        config = tx.tenants.configuration(tenant_id)
        normal = tx.attributes.normal(tenant_id)
        tx.connections.put_token(tenant_id, None)
    if config is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    accounts.take_requests(tenant_id)
    problems: list[Problem] = []
    company = _look_at_source(tenant_id, config, accounts, today, normal, on_page, problems)
    capabilities = _look_at_target(tenant_id, config, accounts, problems)
    source, target = accounts.take_requests(tenant_id)
    return CheckReport(company, capabilities, tuple(problems), source, target)


def accept(
    tenant_id: TenantId,
    report: CheckReport,
    *,
    store: Store,
    publisher: Publisher,
    ids: Ids,
    ring_more: RingMore,
) -> Accepted | None:
    """Let a green check have its effect; None if the report is not green or the tenant is gone.

    A tenant that was blocked goes on: what waited is released, and one complete run makes up for the rest.
    So does a strict one whose block a probe of ours lifted a moment before.
    """
    if not report.green:
        return None
    with store.write() as tx:
        tenant = tx.tenants.get(tenant_id)
        if tenant is None:
            return None
        over = CURED - {problem.code for problem in report.problems}
        events = resolve(tx, tenant_id, over)
        unparked, after = 0, tenant.state
        if _waits_for_a_check(tx, tenant):
            unparked, after, more = go_on(tx, tenant, ids, ring_more, looked=True)
            events += more
        elif tenant.state is TenantState.SETUP and tx.tenants.move(tenant_id, TenantState.READY, None):
            after = TenantState.READY
    publisher.ring(events)
    return Accepted(tenant.state, after, unparked)


def _waits_for_a_check(tx: Transaction, tenant: Tenant) -> bool:
    """Tell whether a green check lets a tenant go on; a pause that a human asked for it does not end."""
    if tenant.state is not TenantState.PAUSED:
        return tenant.state is TenantState.BLOCKED
    setback = tx.setbacks.get(tenant.tenant_id)
    if setback is None or setback.by_hand or setback.reason is not Reason.STRICT:
        return False
    return setback.failure in BLOCKING


def _look_at_source(
    tenant_id: TenantId,
    config: Configuration,
    accounts: Accounts,
    today: date,
    normal: Mapping[str, Normal],
    on_page: OnPage,
    problems: list[Problem],
) -> Company | None:
    try:
        granted = accounts.source(tenant_id).attributes()
        universal = {each.universal_id: each.key for each in normal.values() if each.universal_id}
        universal |= {each.universal_id: each.key for each in granted if each.universal_id}
        source = accounts.source(tenant_id, universal)
        tally = Tally(config, universal, frozenset(each.key for each in granted), today, normal=normal)
        problems += _read_everybody(source, tally, on_page)
    except StaffettaError as error:
        problems.append(Problem(Side.SOURCE, error.code, error.detail))
        return None
    company = tally.company()
    problems += company.problems
    return company


def _read_everybody(source: Source, tally: Tally, on_page: OnPage) -> list[Problem]:
    """Read page by page, and stop at a page that came before: such a feed has no end."""
    cursor: str | None = None
    pages: set[int] = set()
    totals: set[int | None] = set()
    while True:
        page = source.page(cursor)
        if not page.employees:
            break
        mark = hash(frozenset(employee.person_id for employee in page.employees))
        if mark in pages:
            raise FeedBrokenError(Code.FEED_LOOPING, f"page {len(pages) + 1} came before")
        pages.add(mark)
        totals.add(page.total)
        for employee in page.employees:
            tally.add(employee)
        on_page(tally.people, page.total)
        cursor = page.next_cursor
        if cursor is None:
            break
    claimed = max((total for total in totals if total is not None), default=tally.people)
    if claimed == tally.people:
        return []
    detail = f"{tally.people} people came, the source claims {claimed}"
    return [Problem(Side.SOURCE, Code.FEED_DRIFTED, detail, blocks=False)]


def _look_at_target(
    tenant_id: TenantId, config: Configuration, accounts: Accounts, problems: list[Problem]
) -> Capabilities | None:
    try:
        target: Target = accounts.target(tenant_id)
        report = target.check()
    except StaffettaError as error:
        problem = Problem(Side.TARGET, error.code, error.detail)
        if all((problem.code, problem.detail) != (known.code, known.detail) for known in problems):
            problems.append(problem)
        return None
    for found in report.problems:
        detail = ": ".join(part for part in (found.subject, found.detail) if part)
        problems.append(Problem(Side.TARGET, Code(found.code), detail, blocks=found.blocks))
    if any(Code(found.code) in NOT_MET for found in report.problems):
        return None
    if config.sync_managers and not report.capabilities.manager:
        problems.append(Problem(Side.TARGET, Code.TARGET_ATTRIBUTE_UNKNOWN, "manager", blocks=False))
    return report.capabilities
