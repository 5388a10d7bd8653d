"""Readable people, accounts and configurations; everything that a test does not care about is defaulted."""

from collections.abc import Mapping
from datetime import UTC, datetime, time

from domain.account import Account, Scalar
from domain.config import Configuration, Line, Policy, Scope
from domain.employee import Employee, Reference, Value
from domain.ids import AccountId, ConfigVersion, PersonId
from domain.link import Link, Origin
from domain.schedule import Daily, Schedule

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

INTERNALS = Scope()
USUAL = Policy()
AT_FOUR = Schedule(Daily(time(4, 0)))

LINES = (
    Line("email", "userName", required=True),
    Line("first_name", "name.givenName", required=True),
    Line("last_name", "name.familyName", required=True),
    Line("position", "title"),
)


def configuration(
    *,
    lines: tuple[Line, ...] = LINES,
    scope: Scope = INTERNALS,
    policy: Policy = USUAL,
    schedule: Schedule = AT_FOUR,
    sync_managers: bool = True,
    prefix: str = "",
) -> Configuration:
    """Build a configuration that maps names, e-mail and position."""
    return Configuration(
        version=ConfigVersion(1),
        lines=lines,
        unique_path="userName",
        match_path="userName",
        scope=scope,
        policy=policy,
        schedule=schedule,
        sync_managers=sync_managers,
        external_prefix=prefix,
    )


def employee(person_id: str = "1", *, without: tuple[str, ...] = (), **attributes: Value) -> Employee:
    """Build Ada, an active internal engineer whose supervisor is person 9; `without` is not told at all."""
    told: dict[str, Value] = {
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Byron",
        "position": "Engineer",
        "status": "active",
        "employment_type": "internal",
        "supervisor": Reference("9", "Grace Hopper"),
    }
    told |= attributes
    return Employee(PersonId(person_id), {key: value for key, value in told.items() if key not in without})


ADA: Mapping[str, Scalar] = {
    "userName": "ada@example.com",
    "name.givenName": "Ada",
    "name.familyName": "Byron",
    "title": "Engineer",
}


def link(
    person_id: str = "1",
    *,
    active: bool = True,
    manager: str | None = "9",
    values: Mapping[str, Scalar] = ADA,
    version: int = 3,
) -> Link:
    """Build Ada's link as it was last applied."""
    return Link(
        PersonId(person_id),
        AccountId(f"account-{person_id}"),
        active,
        values,
        PersonId(manager) if manager else None,
        version,
        Origin.CREATED,
    )


def account(
    account_id: str = "a1",
    *,
    external_id: str | None = None,
    active: bool = True,
    values: Mapping[str, Scalar] = ADA,
    created_at: datetime | None = None,
) -> Account:
    """Build an account as a target tells it."""
    return Account(AccountId(account_id), external_id, active, values, created_at=created_at)
