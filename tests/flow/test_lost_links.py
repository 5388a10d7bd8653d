"""An account is opened again under a new id, and no answer comes: who leaves before a look is closed."""

from dataclasses import replace

import pytest

from domain.changes import Action, ChangeState
from domain.config import Configuration
from domain.ids import PersonId
from domain.link import Origin
from simulators.scim.effects import cut_after_commit, cut_before_commit
from simulators.scim.quirks import Cut
from tests.flow.relay import ACME, Relay
from tests.flow.test_identity import config, live, rehire_under_a_new_id, somebody
from tests.flow.truth import accounts, differences

__all__ = ["config", "live"]


def opened_again(live: Relay, config: Configuration, answer: Cut, *, request: int = 2) -> PersonId:
    """Prove that somebody new owns a closed account; lose an answer: it gets its id, then it is opened."""
    live.configure(config)
    live.sync()
    live.personio.company.change(somebody(live).id, position="Proof 4711")
    live.sync()
    _, back = rehire_under_a_new_id(live, position="Proof 4711")
    live.app.quirks.add(answer, methods=("PATCH",), skip=request - 1)
    live.sync()
    assert [row.action for row in live.rows(ChangeState.WAITING)] == [Action.LINK]
    return PersonId(back)


def still_open(live: Relay) -> list[object]:
    """Name the accounts that are open though their people are not employed any more."""
    return [account["userName"] for account in live.app.state.accounts() if account["active"] is True]


@pytest.mark.parametrize("stale", [False, True], ids=["the same row", "after it went stale"])
def test_f1_who_leaves_before_anybody_looked_is_closed(
    live: Relay, config: Configuration, stale: bool
) -> None:
    back = opened_again(live, config, cut_after_commit())
    name = next(row for row in live.rows(ChangeState.WAITING)).after or {}
    assert name["userName"] in still_open(live)
    if stale:
        live.configure(replace(config, sync_managers=False))
    live.personio.company.terminate(int(back))
    live.sync()
    live.later(seconds=35)
    live.sync()
    assert name["userName"] not in still_open(live)
    written = live.app.counters.writes
    live.sync()
    assert live.app.counters.writes == written


def test_f1_who_stays_is_linked_and_closed_by_nobody(live: Relay, config: Configuration) -> None:
    back = opened_again(live, config, cut_after_commit())
    live.later(seconds=35)
    live.sync()
    assert accounts(live)[back]["active"] is True
    assert differences(live) == []


@pytest.mark.parametrize("request_", [1, 2], ids=["the id", "the opening"])
def test_f1_a_request_that_never_arrived_opens_nothing(
    live: Relay, config: Configuration, request_: int
) -> None:
    back = opened_again(live, config, cut_before_commit(), request=request_)
    live.configure(replace(config, sync_managers=False))
    live.personio.company.terminate(int(back))
    written = live.app.counters.writes
    live.later(seconds=35)
    live.sync()
    assert live.app.counters.writes == written


def test_an_account_that_was_found_stays_a_found_one_although_its_answer_was_lost(
    live: Relay, config: Configuration
) -> None:
    back = opened_again(live, config, cut_after_commit())
    live.later(seconds=35)
    with live.store.read() as tx:
        assert tx.links.get(ACME, [back])[back].origin is Origin.LINKED
