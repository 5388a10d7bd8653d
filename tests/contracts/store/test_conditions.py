"""How well a target is, as the store keeps it for all processes, and what a gate makes of it."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from adapters.database.store import SqlStore
from adapters.http import NotSent, Reply
from bootstrap.gate import Gate
from domain.codes import Code
from domain.condition import FAILURES_TO_REST, LONGEST_REST, WELL, Condition
from domain.errors import HeldBackError
from domain.ids import TenantId
from tests.contracts.store.builders import ACME, NOON, OTHER, HandClock, add_tenant, connection
from tests.contracts.store.plans import Plans, create

SICK = Condition(
    failures=7,
    width=3,
    narrowed_at=NOON,
    rests_until=NOON + timedelta(seconds=30),
    open_since=NOON - timedelta(hours=3),
    probes=2,
    why=Code.TARGET_UNREACHABLE,
)


@pytest.fixture(autouse=True)
def two_tenants(store: SqlStore) -> None:
    """Both with one application, as the tenants of one product often are."""
    for tenant_id in (ACME, OTHER):
        add_tenant(store, tenant_id)
        with store.write() as tx:
            tx.connections.put(tenant_id, connection(target_token=f"token of {tenant_id}"))


def condition(store: SqlStore) -> Condition:
    with store.read() as tx:
        return tx.conditions.get(ACME)


def test_a_condition_comes_back_as_it_was_for_every_tenant_of_the_target(store: SqlStore) -> None:
    with store.write() as tx:
        assert tx.conditions.take(ACME) == WELL
        tx.conditions.put(ACME, SICK)
    with store.write() as tx:
        assert tx.conditions.get(OTHER) == tx.conditions.take(OTHER) == SICK
        tx.connections.put(OTHER, connection(target_url="https://elsewhere.example/scim/v2"))
        assert tx.conditions.get(OTHER) == WELL
        tx.conditions.put(ACME, WELL)
        assert tx.conditions.get(ACME) == WELL


def test_a_tenant_without_a_connection_has_a_target_that_is_well(store: SqlStore) -> None:
    nobody = add_tenant(store, TenantId("nobody"))
    with store.write() as tx:
        assert tx.conditions.take(nobody) == WELL
        tx.conditions.put(nobody, SICK)
        assert tx.conditions.get(nobody) == WELL


def test_nothing_is_rung_for_while_a_target_rests_and_then_one_row(store: SqlStore, clock: HandClock) -> None:
    plans = Plans(store, clock)
    plans.released("r1", *[create(f"{at:02}", f"p{at}") for at in range(9)])
    with store.write() as tx:
        tx.conditions.put(ACME, SICK)
    assert plans.window(most=2, size=25) == []
    clock.advance(timedelta(seconds=30))
    [probe] = plans.window(most=2, size=25)
    assert len(probe.change_ids) == 1


@pytest.mark.parametrize(("width", "sizes"), [(1, [1]), (3, [2, 2]), (8, [4, 4]), (50, [5, 4])])
def test_envelopes_are_as_large_as_the_target_takes_calls(
    store: SqlStore, clock: HandClock, width: int, sizes: list[int]
) -> None:
    plans = Plans(store, clock)
    plans.released("r1", *[create(f"{at:02}", f"p{at}") for at in range(9)])
    with store.write() as tx:
        tx.conditions.put(ACME, Condition(width=width))
    assert [len(each.change_ids) for each in plans.window(most=2, size=5)] == sizes


@pytest.mark.parametrize(
    ("said", "rests"),
    [
        pytest.param("120", 120, id="D3 seconds"),
        pytest.param(format_datetime(NOON + timedelta(seconds=120), usegmt=True), 120, id="D3 HTTP date"),
        pytest.param(format_datetime(NOON - timedelta(days=1), usegmt=True), 1, id="D3 past date"),
        pytest.param(None, 1, id="D3 absent"),
        pytest.param("-5", 1, id="D3 negative"),
        pytest.param("soon", 1, id="D3 garbage"),
        pytest.param("86400", LONGEST_REST.total_seconds(), id="D3 a day"),
        pytest.param("9" * 5000, LONGEST_REST.total_seconds(), id="D3 endless"),
    ],
)
def test_a_wish_for_a_pause_is_kept_for_everybody(
    store: SqlStore, clock: HandClock, said: str | None, rests: float
) -> None:
    busy = Reply(429, {} if said is None else {"retry-after": said}, b"")
    assert Gate(store, clock, ACME).pass_through("POST", lambda: busy) is busy
    other = Gate(store, clock, OTHER)
    other.see(condition(store))
    clock.advance(timedelta(seconds=rests) - timedelta(milliseconds=100))
    with pytest.raises(HeldBackError):
        other.pass_through("GET", never)
    clock.advance(timedelta(milliseconds=100))
    assert other.pass_through("GET", lambda: Reply(200, {}, b"")).status == 200


def test_only_one_call_of_all_processes_probes(store: SqlStore, clock: HandClock) -> None:
    one, other = Gate(store, clock, ACME), Gate(store, clock, ACME)
    for _ in range(FAILURES_TO_REST):
        with pytest.raises(NotSent):
            one.pass_through("GET", refuses)
    other.see(condition(store))
    with pytest.raises(HeldBackError, match="rests"):
        other.pass_through("GET", never)
    clock.advance(timedelta(seconds=6))

    def probe() -> Reply:
        with pytest.raises(HeldBackError, match="somebody else"):
            other.pass_through("GET", never)
        return Reply(200, {}, b"")

    assert one.pass_through("GET", probe).status == 200
    assert condition(store).open_since is None
    other.see(condition(store))
    assert other.pass_through("GET", lambda: Reply(204, {}, b"")).status == 204


def test_a_probe_that_died_with_its_process_is_followed_by_another(store: SqlStore, clock: HandClock) -> None:
    gate = Gate(store, clock, ACME)
    for _ in range(FAILURES_TO_REST):
        with pytest.raises(NotSent):
            gate.pass_through("GET", refuses)
    clock.advance(timedelta(seconds=6))
    with pytest.raises(KeyboardInterrupt):
        gate.pass_through("GET", dies)
    gate.see(condition(store))
    with pytest.raises(HeldBackError):
        gate.pass_through("GET", never)
    clock.advance(timedelta(seconds=40))
    assert gate.pass_through("GET", lambda: Reply(200, {}, b"")).status == 200


@pytest.mark.parametrize("status", [400, 401, 404, 409, 501])
def test_an_answer_that_is_about_the_request_says_that_the_application_is_well(
    store: SqlStore, clock: HandClock, status: int
) -> None:
    gate = Gate(store, clock, ACME)
    for _ in range(FAILURES_TO_REST - 1):
        with pytest.raises(NotSent):
            gate.pass_through("GET", refuses)
    gate.pass_through("GET", lambda: Reply(status, {}, b""))
    assert condition(store).failures == 0
    with pytest.raises(NotSent):
        gate.pass_through("GET", refuses)
    assert condition(store).open_since is None


def test_a_probe_that_was_a_write_and_got_no_answer_is_looked_for(store: SqlStore, clock: HandClock) -> None:
    gate = Gate(store, clock, ACME)
    for _ in range(FAILURES_TO_REST):
        gate.pass_through("POST", lambda: Reply(503, {}, b""))
    clock.advance(timedelta(seconds=6))
    with pytest.raises(HeldBackError) as caught:
        gate.pass_through("POST", lambda: Reply(504, {}, b""))
    assert caught.value.maybe_done
    assert caught.value.code is Code.TARGET_UNREACHABLE


def test_where_only_writes_fail_questions_pass_and_end_no_rest(store: SqlStore, clock: HandClock) -> None:
    gate, other = Gate(store, clock, ACME), Gate(store, clock, ACME)
    for _ in range(FAILURES_TO_REST):
        gate.pass_through("GET", lambda: Reply(200, {}, b""))
        gate.pass_through("POST", lambda: Reply(503, {}, b""))
    opened = condition(store)
    assert opened.open_since is not None
    other.see(opened)
    for each in (gate, other):
        assert each.pass_through("GET", lambda: Reply(200, {}, b"")).status == 200
        with pytest.raises(HeldBackError):
            each.pass_through("POST", never)
    assert condition(store) == opened
    clock.advance(timedelta(seconds=6))
    with pytest.raises(HeldBackError) as caught:
        gate.pass_through("POST", lambda: Reply(503, {}, b""))
    assert caught.value.maybe_done
    clock.advance(timedelta(seconds=11))
    assert gate.pass_through("POST", lambda: Reply(201, {}, b"")).status == 201
    assert condition(store).open_since is None


def test_where_only_writes_fail_a_process_asks_one_question_at_a_time(
    store: SqlStore, clock: HandClock
) -> None:
    gate = Gate(store, clock, ACME)
    for _ in range(FAILURES_TO_REST):
        gate.pass_through("POST", lambda: Reply(502, {}, b""))

    def another() -> Reply:
        with pytest.raises(HeldBackError):
            gate.pass_through("GET", never)
        return Reply(502, {}, b"")

    gate.pass_through("GET", another)
    with pytest.raises(HeldBackError):
        gate.pass_through("GET", never)


def refuses() -> Reply:
    raise NotSent("no connection")


def never() -> Reply:
    raise AssertionError("a request left while the application rests")


def dies() -> Reply:
    raise KeyboardInterrupt
