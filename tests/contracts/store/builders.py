"""Readable rows for the store's tests: name what matters, everything else is defaulted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.database.links import store_links
from adapters.database.people import KEY
from adapters.database.store import SqlStore
from adapters.database.transaction import SqlTransaction
from domain.account import Account, Scalar
from domain.compare import canonical
from domain.config import Configuration, Line
from domain.feed import PageMark
from domain.ids import AccountId, ConfigVersion, PersonId, RunId, TenantId
from domain.link import Link, Origin
from domain.mapping import same_key
from domain.records import Connection, NewRun, PageRecord, Seen
from domain.run import RunKind
from domain.scope import Standing

ACME = TenantId("acme")
OTHER = TenantId("other")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=45)
RUN = RunId("run-1")


@dataclass
class HandClock:
    """Stand still until somebody moves the hands."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def advance(self, span: timedelta = timedelta(seconds=1)) -> datetime:
        self.at += span
        return self.at


def configuration(**changes: Any) -> Configuration:  # noqa: ANN401  any field, by name
    """A tenant that maps name and e-mail and knows people by their user name."""
    lines = (
        Line("email", "userName", required=True),
        Line("first_name", "name.givenName"),
        Line("last_name", "name.familyName"),
    )
    return replace(Configuration(ConfigVersion(1), lines, "userName", "userName"), **changes)


def add_tenant(store: SqlStore, tenant_id: TenantId = ACME, config: Configuration | None = None) -> TenantId:
    """Store a tenant with a configuration."""
    with store.write() as tx:
        tx.tenants.add(tenant_id, f"{tenant_id} GmbH", "de", ["owner@acme.example"])
        tx.tenants.configure(tenant_id, config or configuration(), "test")
    return tenant_id


def add_run(
    store: SqlStore,
    run_id: str = RUN,
    *,
    tenant_id: TenantId = ACME,
    kind: RunKind = RunKind.FEED,
    slot: str = "",
    by: str = "test",
    plan_only: bool = False,
    person_id: str | None = None,
) -> RunId:
    """Store a run, whose slot is its id unless told otherwise."""
    new = NewRun(kind, slot or run_id, by, plan_only, PersonId(person_id) if person_id else None)
    with store.write() as tx:
        assert tx.runs.add(tenant_id, RunId(run_id), new, ConfigVersion(1)) is not None
    return RunId(run_id)


def values(name: str = "ada") -> dict[str, Scalar]:
    """The account values of a person with this name."""
    return {"userName": f"{name}@acme.example", "name.givenName": name.title(), "name.familyName": None}


def seen(person_id: str = "1", name: str = "ada", **changes: Any) -> Seen:  # noqa: ANN401  any field, by name
    """A wanted person."""
    told = values(name)
    person = Seen(PersonId(person_id), digest_of(told), Standing.WANTED, None, values=told)
    return replace(person, **changes)


def link(person_id: str = "1", name: str = "ada", **changes: Any) -> Link:  # noqa: ANN401  any field, by name
    """An open account that we created."""
    account_id = AccountId(f"account-{person_id}")
    made = Link(PersonId(person_id), account_id, True, values(name), None, 1, Origin.CREATED)
    return replace(made, **changes)


def put_link(tx: SqlTransaction, stored: Link, tenant_id: TenantId = ACME) -> None:
    """Store a link as settling a change does, with the fingerprint of the name it holds."""
    name = stored.values.get("userName")
    key = tx.session.digest(tenant_id, KEY, same_key(name)) if isinstance(name, str) else None
    store_links(tx.session, tenant_id, [(stored, digest_of(stored.values), key)])


def digest_of(told: Mapping[str, Scalar]) -> bytes:
    """A fingerprint that is good enough for tests."""
    return canonical(told)[:16]


def page(
    number: int = 0,
    people: tuple[str, ...] = ("1", "2"),
    *,
    total: int | None = None,
    telling: int | None = None,
    **changes: Any,  # noqa: ANN401  any field, by name
) -> PageRecord:
    """A page on which each person told a status; the source claims as many people as are on it."""
    here = len(people)
    mark = PageMark(number, here, here if total is None else total, here if telling is None else telling)
    ids = tuple(PersonId(person) for person in people)
    return replace(PageRecord(mark, ids, 0, {}, {}, str(number + 1)), **changes)


def account(account_id: str = "a-1", name: str = "ada", **changes: Any) -> Account:  # noqa: ANN401  any field
    """An account as a target lists it."""
    return replace(Account(AccountId(account_id), None, True, values(name)), **changes)


def connection(**changes: str) -> Connection:
    """Credentials with canaries in them."""
    defaults = {
        "source_url": "https://api.personio.example",
        "client_id": "client",
        "client_secret": "CANARY-client-secret",
        "target_kind": "scim",
        "target_url": "https://target.example/scim/v2",
        "target_token": "CANARY-target-token",
    }
    return Connection(**(defaults | changes))
