"""More people missing at once than anybody asks for one by one: told at once, and its end as well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Policy, Removal
from domain.events import IncidentChanged
from producers.approve import reject
from simulators.personio.actions import WrongTotal
from tests.flow.relay import ACME, Relay
from tests.flow.test_absence import LIST
from tests.flow.test_main_job import live
from tests.flow.test_second_feed import HOURLY
from tests.flow.truth import accounts, is_wanted, people

__all__ = ["live"]

MOST = 3
"""So many are asked for by id here; the real figure would only make the company bigger."""
MISSING = MOST + 1


@pytest.fixture
def narrowed(live: Relay) -> list[str]:
    """Narrow the credential: people of a legal entity that was told of nobody are not listed any more."""
    live.desk = replace(live.desk, limits=replace(live.desk.limits, most_probed=MOST))
    live.configure(HOURLY)
    live.sync()
    entities = sorted({person.subcompany for person in people(live) if person.subcompany})
    gone = [person for person in people(live) if is_wanted(person)][5 : 5 + MISSING]
    for person in gone:
        live.personio.company.change(person.id, subcompany="Hidden")
    live.bells.history.clear()
    live.personio.set_rights(legal_entities=entities)
    live.sync()
    return [str(person.id) for person in gone]


def missing(live: Relay) -> list[int]:
    return [each.count for each in live.incidents() if each.code is Code.FEED_MANY_MISSING]


def bells(live: Relay) -> int:
    return sum(isinstance(event, IncidentChanged) for event in live.bells.history)


def held(live: Relay) -> list[str]:
    rows = live.rows(ChangeState.HELD)
    return [row.person_id for row in rows if row.action is Action.DEACTIVATE]


def open_accounts(live: Relay, gone: list[str]) -> int:
    return sum(accounts(live)[person]["active"] is True for person in gone)


def test_it_is_told_by_the_first_reading_that_lacks_them_and_once(live: Relay, narrowed: list[str]) -> None:
    assert missing(live) == [MISSING]
    assert bells(live) == 1
    live.sync()
    assert missing(live) == [MISSING]
    assert open_accounts(live, narrowed) == MISSING


def test_it_closes_itself_when_they_are_seen_again_and_says_so(live: Relay, narrowed: list[str]) -> None:
    live.personio.set_rights()
    live.bells.history.clear()
    live.sync()
    assert missing(live) == []
    assert bells(live) == 1
    assert open_accounts(live, narrowed) == MISSING


def test_so_few_that_each_is_asked_for_are_no_many(live: Relay, narrowed: list[str]) -> None:
    live.personio.set_rights()
    live.sync()
    for person in narrowed[:MOST]:
        live.personio.company.erase(int(person))
    live.sync()
    assert missing(live) == []


def test_a_second_reading_puts_the_closings_before_a_human_while_it_stands(
    live: Relay, narrowed: list[str]
) -> None:
    live.clock.ahead += timedelta(minutes=61)
    live.sync()
    assert sorted(held(live)) == sorted(narrowed)
    assert missing(live) == [MISSING]
    assert open_accounts(live, narrowed) == MISSING


def _yes(live: Relay) -> None:
    live.approve()


def _no(live: Relay) -> None:
    reject(ACME, store=live.store)


@pytest.mark.parametrize(("answer", "stay"), [(_yes, 0), (_no, MISSING)], ids=["yes", "no"])
def test_a_human_who_decided_ends_it(
    live: Relay, narrowed: list[str], answer: Callable[[Relay], None], stay: int
) -> None:
    live.clock.ahead += timedelta(minutes=61)
    live.sync()
    answer(live)
    live.sync()
    assert missing(live) == []
    assert held(live) == []
    assert open_accounts(live, narrowed) == stay


def test_a_reading_that_drifted_does_not_end_it(live: Relay, narrowed: list[str]) -> None:
    live.personio.fault(WrongTotal(add=1), path=LIST, query={"limit": "100"}, count=None)
    live.sync()
    assert missing(live) == [MISSING]
    assert open_accounts(live, narrowed) == MISSING


def test_where_nobody_is_closed_for_being_missing_there_is_nothing_to_tell(
    live: Relay, narrowed: list[str]
) -> None:
    live.configure(replace(HOURLY, policy=Policy(not_seen=Removal.NOTHING)))
    live.sync()
    assert missing(live) == []
    assert open_accounts(live, narrowed) == MISSING
