"""Many processes keep one limit, also when Redis forgets everything, and when it is away."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis

from adapters.budgets import LocalWindows
from adapters.redis.connect import connect, connect_briefly
from adapters.redis.windows import PREFIX, SINCE, RedisWindows, used
from adapters.sources.personio import CREDENTIAL
from domain.budget import Allowance, Ask
from tests.contracts.windows_contract import WindowsContract, departures, limits, most_within
from tests.fakes.windows import SetTime

pytestmark = pytest.mark.redis


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with closing(connect(redis_url)) as client:
        forget(client)
        yield client


def forget(client: redis.Redis) -> None:
    """Lose what was counted, as FLUSHALL would, without what other tests have there."""
    for key in client.scan_iter(match=f"{PREFIX}*"):
        client.delete(key)


def process(client: redis.Redis, time: SetTime, name: str = "one") -> RedisWindows:
    return RedisWindows(client, name, LocalWindows(time.seconds), time.seconds, time.moment)


def of_old(client: redis.Redis, time: SetTime) -> None:
    """Let Redis have counted for an hour."""
    client.set(SINCE, time.ms - 3_600_000)


class TestRedisWindows(WindowsContract):
    @pytest.fixture
    def windows(self, client: redis.Redis, time: SetTime) -> RedisWindows:
        of_old(client, time)
        return process(client, time)


@pytest.fixture
def time() -> SetTime:
    return SetTime()


def test_d4_two_processes_share_one_limit(client: redis.Redis, time: SetTime) -> None:
    of_old(client, time)
    one, other = process(client, time, "one"), process(client, time, "other")
    let_in = [each.take(limits(), Ask.NAMED) == 0 for _ in range(10) for each in (one, other)]
    assert sum(let_in) == 15


def test_a_redis_that_forgot_everything_lets_nobody_over_the_limit(
    client: redis.Redis, time: SetTime
) -> None:
    of_old(client, time)
    windows = process(client, time)
    left = departures(windows, time, [0] * 240, Ask.LIST, limits())
    forget(client)
    for _ in range(600):
        time.ms += 100
        if windows.take(limits(), Ask.LIST) == 0:
            left.append(time.ms)
    assert len(left) > 240
    assert all(most_within(left, each.seconds) <= each.requests for each in CREDENTIAL)


def test_a_new_redis_lets_the_first_request_leave_at_once(client: redis.Redis, time: SetTime) -> None:
    assert process(client, time).take(limits(), Ask.LOGIN) == 0
    assert process(client, time).take(limits(), Ask.LIST) == 0


@pytest.mark.parametrize("minute", [200, 2000])
@pytest.mark.parametrize("turn", [0, 5000], ids=["turns of a page", "turns of five seconds"])
def test_d4_fifty_tenants_under_one_address_get_shares_within_twice_of_each_other(
    client: redis.Redis, time: SetTime, minute: int, turn: int
) -> None:
    """Four threads, fifty hungry, a page takes 70 ms: when four have all theirs, most have not asked."""
    of_old(client, time)
    windows, address, share = process(client, time), Allowance(minute, 61.0), minute * 4 // 5 // 50
    shares: Counter[int] = Counter()
    left: list[int] = []
    waiting, at_work = [*range(50)], list[tuple[int, int]]()
    for _ in range(3 * 60_000 // 70):
        time.ms += 70
        while len(at_work) < 4:
            at_work.append((waiting.pop(0), time.ms + turn))
        for tenant, ends in list(at_work):
            pause = windows.take(limits(f"tenant-{tenant}", address, hungry=50), Ask.LIST)
            if pause == 0:
                shares[tenant] += 1
                left.append(time.ms)
            if pause > 2 or time.ms >= ends:
                at_work.remove((tenant, ends))
                waiting.append(tenant)
        assert max(shares.values()) <= 2 * min(shares.values()) or len(shares) < 50 or (turn and share > 6)
    assert len(shares) == 50
    assert max(shares.values()) <= 2 * min(shares.values())
    assert len(left) > 3 * 50 * share * 0.9
    assert most_within(left[::20], 60.0) * 20 <= minute


def test_one_tenant_with_fifty_thousand_people_leaves_the_small_ones_their_share(
    client: redis.Redis, time: SetTime
) -> None:
    """Without the limit of its own credential: it is the shared one that must hold."""
    of_old(client, time)
    windows, few = process(client, time), Allowance(100, 61.0)
    for number in range(8):
        assert windows.take(limits(f"small-{number}", few, hungry=9), Ask.LIST) == 0
    taken = 0
    for _ in range(200):
        time.ms += 100
        taken += windows.take(limits("huge", few, hungry=9), Ask.LIST) == 0
    for number in range(8):
        for _ in range(7):
            time.ms += 100
            assert windows.take(limits(f"small-{number}", few, hungry=9), Ask.LIST) == 0
    assert taken == 8


def test_alone_nobody_is_held_to_a_fair_share(client: redis.Redis, time: SetTime) -> None:
    of_old(client, time)
    windows, few = process(client, time), Allowance(100, 61.0)
    taken = 0
    for _ in range(200):
        time.ms += 100
        taken += windows.take(limits("huge", few), Ask.LIST) == 0
    assert taken == 80


def test_without_redis_each_process_keeps_to_half_of_its_share(client: redis.Redis, time: SetTime) -> None:
    of_old(client, time)
    away = Away(client)
    one = RedisWindows(away, "one", LocalWindows(time.seconds), time.seconds, time.moment)
    other = process(client, time, "other")
    assert one.take(limits("warm"), Ask.NAMED) == other.take(limits("warm"), Ask.NAMED) == 0
    assert one.take(limits("warm"), Ask.NAMED) == 0
    away.is_away = True
    time.ms += 61_000
    left = departures(one, time, [0] * 80, Ask.NAMED, limits())
    assert most_within(left, 60.0) == 300 / 2 / 2
    away.is_away = False
    time.ms += 61_000
    assert sum(one.take(limits(), Ask.NAMED) == 0 for _ in range(20)) == 15


def test_a_redis_that_cannot_be_reached_costs_little_time() -> None:
    with closing(connect_briefly("redis://127.0.0.1:1/0")) as nobody:
        windows = RedisWindows(nobody, "one", LocalWindows(SetTime().seconds))
        assert windows.take(limits(), Ask.LIST) == 0


def test_what_left_within_a_minute_can_be_seen(client: redis.Redis) -> None:
    windows = RedisWindows(client, "one", LocalWindows(SetTime().seconds))
    windows.take(limits(), Ask.LOGIN)
    windows.take(limits(), Ask.LIST)
    assert {(each.name, each.minute) for each in used(client)} == {
        ("address:personio:all", 2),
        ("credential:acme", 2),
        ("logins:personio:all", 1),
        ("share:acme:address:personio:all", 1),
    }


class Away(redis.Redis):
    """A client whose server can go away."""

    is_away = False

    def __init__(self, inner: redis.Redis) -> None:
        super().__init__(connection_pool=inner.connection_pool)

    def execute_command(self, *args, **options):  # type: ignore[no-untyped-def]  # noqa: ANN002,ANN003,ANN201  the signature is redis's
        """Refuse while away."""
        if self.is_away:
            raise redis.ConnectionError
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
