"""What everything that counts requests must keep, whoever does the counting."""

from collections import Counter
from datetime import timedelta
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

import pytest

from adapters.budgets import PacedBudget
from adapters.sources.personio import ADDRESS, CREDENTIAL, LOGINS
from domain.budget import Allowance, Ask, Limits, Rule
from domain.errors import HeldBackError
from domain.ports_world import Windows
from tests.fakes.windows import SetTime


def limits(who: str = "acme", shared: Allowance = ADDRESS, hungry: int = 1) -> Limits:
    return Limits(
        who=who,
        own=tuple(Rule(f"credential:{who}", each) for each in CREDENTIAL),
        shared=Rule("address:personio:all", shared),
        logins=Rule("logins:personio:all", LOGINS),
        hungry=hungry,
    )


def most_within(moments: list[int], seconds: float) -> int:
    span = round(seconds * 1000)
    return max((sum(start <= each < start + span for each in moments) for start in moments), default=0)


def departures(windows: Windows, time: SetTime, pauses: list[int], ask: Ask, whose: Limits) -> list[int]:
    budget = PacedBudget(windows, whose, time.seconds, time.sleep)
    left: list[int] = []
    for pause in pauses:
        time.ms += pause
        budget.wait(ask, timedelta(minutes=5))
        left.append(time.ms)
    return left


class WindowsContract:
    """Subclasses give a fixture `windows` that has counted for longer than any window, by `time`."""

    @pytest.fixture
    def time(self) -> SetTime:
        return SetTime()

    @pytest.mark.parametrize("seed", range(3))
    def test_d4_no_window_ever_holds_more_than_its_allowance(
        self, windows: Windows, time: SetTime, seed: int
    ) -> None:
        dice = Random(seed)  # noqa: S311  a test repeats itself
        pauses = [dice.choice((0, 0, 0, 1, 40, 700)) for _ in range(450)]
        left = departures(windows, time, pauses, Ask.NAMED, limits())
        assert all(most_within(left, each.seconds) <= each.requests for each in CREDENTIAL)

    def test_lists_leave_a_fifth_of_the_second_to_whoever_is_waited_for(
        self, windows: Windows, time: SetTime
    ) -> None:
        lists = [windows.take(limits(), Ask.LIST) == 0 for _ in range(15)]
        named = [windows.take(limits(), Ask.NAMED) == 0 for _ in range(15)]
        assert (sum(lists), sum(named)) == (12, 3)
        time.ms += 1100
        assert windows.take(limits(), Ask.LIST) == 0

    def test_lists_leave_a_fifth_of_the_minute_too(self, windows: Windows, time: SetTime) -> None:
        left = departures(windows, time, [0] * 240, Ask.LIST, limits())
        assert windows.take(limits(), Ask.LIST) > 30
        time.ms += 1100
        assert windows.take(limits(), Ask.NAMED) == 0
        assert left[-1] - left[0] < 25_000

    def test_a_wait_longer_than_patience_is_told_and_takes_nothing(
        self, windows: Windows, time: SetTime
    ) -> None:
        departures(windows, time, [0] * 240, Ask.LIST, limits())
        budget, before = PacedBudget(windows, limits(), time.seconds, time.sleep), time.ms
        for _ in range(2):
            with pytest.raises(HeldBackError):
                budget.wait(Ask.LIST, timedelta(seconds=2))
        with pytest.raises(HeldBackError) as caught:
            budget.wait(Ask.LIST, timedelta(seconds=2))
        assert time.ms == before
        assert caught.value.retry_after is not None
        assert timedelta(seconds=30) < caught.value.retry_after < timedelta(seconds=61)

    def test_a_short_wait_is_slept(self, windows: Windows, time: SetTime) -> None:
        left = departures(windows, time, [0] * 13, Ask.LIST, limits())
        assert left[-1] - left[0] == 1100

    def test_logins_of_all_credentials_are_counted_together(self, windows: Windows, time: SetTime) -> None:
        let_in = [windows.take(limits(f"tenant-{number}"), Ask.LOGIN) == 0 for number in range(100)]
        assert sum(let_in) == LOGINS.requests
        assert windows.take(limits("tenant-99"), Ask.LIST) == 0

    def test_all_credentials_together_keep_the_limit_of_the_address(
        self, windows: Windows, time: SetTime
    ) -> None:
        few = Allowance(20, 61.0)
        let_in = [windows.take(limits(f"tenant-{number}", few), Ask.NAMED) == 0 for number in range(30)]
        assert sum(let_in) == 20
        time.ms += 61_000
        assert windows.take(limits("tenant-29", few), Ask.NAMED) == 0

    def test_d4_whoever_asks_first_leaves_the_shares_of_all_who_are_hungry_untouched(
        self, windows: Windows, time: SetTime
    ) -> None:
        """Four threads serve four of fifty, as long as they like, before any of the others has asked."""
        few = Allowance(500, 61.0)
        whose = [limits(f"tenant-{number}", few, hungry=50) for number in range(50)]
        shares: Counter[str] = Counter()
        for each in [*whose[:4] * 20, *whose[4:] * 9]:
            time.ms += 20
            shares[each.who] += windows.take(each, Ask.LIST) == 0
        assert len(shares) == 50
        assert set(shares.values()) == {8}, "400 pages among 50"

    def test_a_share_is_whole_again_a_minute_after_it_was_taken(
        self, windows: Windows, time: SetTime
    ) -> None:
        whose = limits("acme", Allowance(500, 61.0), hungry=50)
        assert [windows.take(whose, Ask.LIST) for _ in range(8)] == [0] * 8
        time.ms += 20_000
        assert windows.take(whose, Ask.LIST) == pytest.approx(41.0)
        time.ms += 41_000
        assert [windows.take(whose, Ask.LIST) for _ in range(8)] == [0] * 8

    def test_d4_the_few_pages_of_a_small_share_leave_one_by_one(
        self, windows: Windows, time: SetTime
    ) -> None:
        """Three pages a minute: the first company would have all of them before the last one is served."""
        whose = limits("acme", Allowance(200, 61.0), hungry=50)
        began, left = time.ms, list[int]()
        while time.ms < began + 2 * 61_000:
            if windows.take(whose, Ask.LIST) == 0:
                left.append((time.ms - began) // 1000)
            time.ms += 500
        assert left == [0, 10, 21, 61, 71, 82]

    def test_whoever_has_the_address_alone_again_reads_on_at_once(
        self, windows: Windows, time: SetTime
    ) -> None:
        assert windows.take(limits("acme", Allowance(200, 61.0), hungry=50), Ask.LIST) == 0
        assert windows.take(limits("acme", Allowance(200, 61.0), hungry=50), Ask.LIST) > 10
        assert windows.take(limits("acme", Allowance(200, 61.0)), Ask.LIST) == 0

    def test_whoever_is_waited_for_waits_for_no_share(self, windows: Windows, time: SetTime) -> None:
        whose = limits("acme", Allowance(200, 61.0), hungry=50)
        while windows.take(whose, Ask.LIST) == 0:
            time.ms += 20
        assert [windows.take(whose, Ask.NAMED) for _ in range(5)] == [0] * 5

    def test_who_is_left_alone_takes_what_the_others_do_not_want(
        self, windows: Windows, time: SetTime
    ) -> None:
        few = Allowance(100, 61.0)
        beside = [windows.take(limits("acme", few, hungry=10), Ask.LIST) == 0 for _ in range(9)]
        time.ms += 2_000
        alone = 0
        for _ in range(200):
            time.ms += 100
            alone += windows.take(limits("acme", few), Ask.LIST) == 0
        assert (sum(beside), alone) == (8, 72)
