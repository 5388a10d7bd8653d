"""Personio's v1 client passes the contract against the simulator, and survives what the simulator can do."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.http import AddressPolicy, Outbound
from adapters.sources.personio import PersonioSource
from domain.budget import Ask
from domain.codes import Code
from domain.employee import Employee, Reference
from domain.errors import FeedBrokenError, StaffettaError, TemporaryError, TenantBlockedError
from domain.ids import PersonId
from domain.ports_world import Budget, Clock, Source, Token, Tokens
from simulators.personio.actions import (
    Action,
    EmptyList,
    ExpireToken,
    GzipBomb,
    HangUpNow,
    Html,
    Redirect,
    Refuse,
    ShortPage,
    Status,
    TooMany,
    Truncate,
    TypeDrift,
)
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.contracts.source_contract import Scene, SourceContract, people

WANTED = frozenset({
    "id", "status", "employment_type", "first_name", "last_name", "email", "position", "supervisor",
    "department",
    "team", "office", "subcompany", "cost_centers", "hire_date", "termination_date", "last_working_day",
    "weekly_working_hours", "created_at",
})  # fmt: skip
LIST = "/v1/company/employees"


class RealClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  this is the clock that tests hand in


class NoLimit(Budget):
    def wait(self, ask: Ask, patience: timedelta) -> None:
        """The simulator's own limits are switched off."""


@dataclass(slots=True)
class SharedTokens(Tokens):
    token: Token | None = None
    reads_before: bool = True

    def worked(self) -> bool:
        return self.reads_before

    def read(self) -> Token | None:
        return self.token

    def write(self, token: Token | None) -> None:
        self.token = token


@contextmanager
def reading(
    simulator: PersonioSimulator, *, wanted: frozenset[str] = WANTED, page_size: int = 3
) -> Iterator[PersonioSource]:
    policy = AddressPolicy(allow_private=True)
    outbound = Outbound(simulator.url, policy=policy, raw_cap=8_000_000, inflated_cap=8_000_000)
    tokens = SharedTokens()
    with closing(outbound):
        yield PersonioSource(
            outbound=outbound,
            client_id=simulator.client_id,
            client_secret=simulator.client_secret,
            tokens=tokens,
            clock=RealClock(),
            budget=NoLimit(),
            wanted=wanted,
            page_size=page_size,
        )


@contextmanager
def company(employees: int = 20, **turned: object) -> Iterator[PersonioSimulator]:
    switches = Switches(rate_limits=False).with_(**turned)
    with PersonioSimulator.start(employees=employees, seed=7, switches=switches) as simulator:
        yield simulator


class TestPersonioV1(SourceContract):
    @pytest.fixture
    def scene(self) -> Iterator[Scene]:
        with company() as simulator, reading(simulator) as source:
            ids = frozenset(PersonId(str(person.id)) for person in simulator.truth().people)
            yield Scene(source, ids, WANTED, simulator.stop)


def by_id(source: Source) -> dict[str, Employee]:
    return {employee.person_id: employee for employee in people(source)}


def name_of(value: object) -> object:
    return value.name if isinstance(value, Reference) else value


def test_what_is_read_is_the_truth() -> None:
    with company(120) as simulator, reading(simulator, page_size=100) as source:
        found = by_id(source)
        for person in simulator.truth().people:
            told = found[str(person.id)].attributes
            assert told["first_name"] == person.first_name
            assert told["status"] == person.status
            assert told["employment_type"] == person.employment_type
            assert told["email"] == (person.email or "")
            assert name_of(told["department"]) == person.department
            assert name_of(told["office"]) == person.office
            assert told["hire_date"] == (person.hire_date and date.fromisoformat(person.hire_date))
            boss = told["supervisor"]
            assert (boss.id if isinstance(boss, Reference) else None) == (
                None if person.supervisor_id is None else str(person.supervisor_id)
            )


@pytest.mark.parametrize(
    "turned",
    [
        {"empty": "null"},
        {"empty": "text"},
        {"empty": "list"},
        {"empty": "mixed"},
        {"dates": "plain"},
        {"dates": "bare"},
        {"language": "de"},
        {"attribute_shape": "bare"},
    ],
    ids=lambda turned: "=".join(map(str, *turned.items())),
)
def test_another_dialect_tells_the_same_people(turned: dict[str, object]) -> None:
    wanted = WANTED - {"created_at", "cost_centers"}
    with company(40) as simulator, reading(simulator, wanted=wanted, page_size=100) as source:
        usual = by_id(source)
        simulator.switch(**turned)
        assert by_id(source) == usual


def test_no_cost_centers_are_none_in_every_dialect_of_empty() -> None:
    with company(40, empty="mixed") as simulator, reading(simulator, page_size=100) as source:
        told = [employee.attributes["cost_centers"] for employee in people(source)]
        assert all(value is None or isinstance(value, tuple) for value in told)


def test_ids_that_arrive_as_texts_are_the_same_ids() -> None:
    with company() as simulator, reading(simulator) as source:
        before = by_id(source)
        simulator.fault(TypeDrift(), path=LIST, count=None)
        assert by_id(source) == before


def test_attributes_that_may_not_be_read_are_absent() -> None:
    with company() as simulator, reading(simulator) as source:
        simulator.set_readable(["first_name", "status"])
        assert {frozenset(employee.attributes) for employee in people(source)} == {
            frozenset({"id", "first_name", "status"})
        }
        assert {attribute.key for attribute in source.attributes()} >= {"first_name", "status"}
        assert "email" not in {attribute.key for attribute in source.attributes()}


def test_a_page_that_the_server_cuts_short_loses_nobody() -> None:
    with company() as simulator, reading(simulator, page_size=10) as source:
        simulator.fault(ShortPage(rows=4), path=LIST, count=2)
        assert len(by_id(source)) == 20


def test_a_limit_that_the_server_clamps_loses_nobody() -> None:
    with company(250) as simulator, reading(simulator, page_size=500) as source:
        assert len(by_id(source)) == 250


def test_an_empty_page_ends_the_feed_whatever_the_total() -> None:
    with company() as simulator, reading(simulator) as source:
        simulator.fault(EmptyList(), path=LIST)
        found = source.page(None)
        assert (found.employees, found.next_cursor, found.total) == ((), None, 20)


def test_a_token_that_dies_in_the_middle_is_replaced_unnoticed() -> None:
    with company() as simulator, reading(simulator) as source:
        simulator.fault(ExpireToken(status=401), path=LIST, nth=3)
        assert len(by_id(source)) == 20
        assert simulator.counters().logins == 2


def test_tokens_that_all_expire_are_replaced_unnoticed() -> None:
    with company() as simulator, reading(simulator) as source:
        source.page(None)
        simulator.expire_tokens()
        assert len(source.page(None).employees) == 3


def test_rotated_credentials_block_the_tenant_after_one_login() -> None:
    with company() as simulator, reading(simulator) as source:
        source.page(None)
        simulator.rotate()
        with pytest.raises(TenantBlockedError) as caught:
            source.page(None)
        assert caught.value.code == Code.SOURCE_CREDENTIALS_REFUSED
        assert simulator.counters().of("auth") <= 2


def test_a_right_taken_away_blocks_the_tenant_and_is_named() -> None:
    with company() as simulator, reading(simulator) as source:
        source.page(None)
        simulator.set_rights(employees=False)
        with pytest.raises(TenantBlockedError) as caught:
            source.page(None)
        assert caught.value.code == Code.SOURCE_RIGHT_MISSING


@pytest.mark.parametrize(
    ("action", "kind", "code"),
    [
        pytest.param(Html(), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="D6 HTML"),
        pytest.param(Html(status=503), TemporaryError, Code.SOURCE_BUSY, id="maintenance page"),
        pytest.param(Refuse(), FeedBrokenError, Code.FEED_BROKEN, id="D8 success:false"),
        pytest.param(Truncate(), TemporaryError, Code.SOURCE_UNREACHABLE, id="D7 body cut"),
        pytest.param(Truncate(by="reset"), TemporaryError, Code.SOURCE_UNREACHABLE, id="D7 reset"),
        pytest.param(HangUpNow(), TemporaryError, Code.SOURCE_UNREACHABLE, id="hang-up"),
        pytest.param(Status(status=502), TemporaryError, Code.SOURCE_UNREACHABLE, id="D5 502"),
        pytest.param(TooMany(), TemporaryError, Code.SOURCE_BUSY, id="D3 429"),
        pytest.param(GzipBomb(), FeedBrokenError, Code.FEED_BROKEN, id="D15 bomb"),
        pytest.param(
            Redirect(location="http://127.0.0.1:1/"), FeedBrokenError, Code.SOURCE_NOT_PERSONIO, id="D21"
        ),
    ],
)
def test_a_misfortune_is_named_and_the_next_request_succeeds(
    action: Action, kind: type[StaffettaError], code: Code
) -> None:
    with company() as simulator, reading(simulator) as source:
        simulator.fault(action, path=LIST)
        with pytest.raises(kind) as caught:
            source.page(None)
        assert caught.value.code == code
        assert len(source.page(None).employees) == 3


def test_d3_the_wait_that_a_429_names_is_told() -> None:
    with company() as simulator, reading(simulator) as source:
        simulator.fault(TooMany(retry_after=7), path=LIST)
        with pytest.raises(TemporaryError) as caught:
            source.page(None)
        assert caught.value.retry_after == timedelta(seconds=7)


def test_one_who_leaves_and_is_erased_is_nobody() -> None:
    with company() as simulator, reading(simulator) as source:
        (gone,) = source.page(None).employees[:1]
        simulator.company.erase(int(gone.person_id))
        assert source.person(gone.person_id) is None


def test_a_marriage_is_seen_at_the_next_reading() -> None:
    with company() as simulator, reading(simulator) as source:
        somebody = source.page(None).employees[0].person_id
        simulator.company.marry(int(somebody), "Łukasiewicz")
        married = source.person(somebody)
        assert married is not None
        assert married.attributes["last_name"] == "Łukasiewicz"
