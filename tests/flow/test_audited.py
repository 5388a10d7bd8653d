"""What a human does to a tenant is in its audit: who, what and to which id; what was refused is not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from domain.audit import Deed, Entry
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.ids import PersonId
from domain.overrides import OverrideKind
from domain.schedule import Every, Schedule
from producers.approve import Approved, Awaiting, reject
from producers.on_demand import NotPossibleError, ask_for_feed
from producers.override import Wanted, end_override, set_override
from producers.reconfigure import apply_configuration, ask_for_proposal, discard, set_configuration
from producers.replay import Chosen, dismiss
from producers.resume import pause, resume, stop
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.effects import refused
from tests.flow.relay import ACME, Relay
from tests.flow.test_approval import BOTH
from tests.flow.test_letters import hire, live
from tests.flow.truth import is_wanted, people
from tests.flow.undoing import undone

__all__ = ["live"]

REFUSED = Chosen(code=Code.TARGET_REFUSED)
INA = "operator:ina"


@pytest.fixture
def personio() -> Iterator[PersonioSimulator]:
    with PersonioSimulator.start(employees=12, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


def everything(relay: Relay) -> list[Entry]:
    """List the audit, oldest first; it must be whole."""
    with relay.store.read() as tx:
        assert tx.audit.first_broken(ACME) is None
        return [*tx.audit.newest(ACME, 1_000)][::-1]


def told(relay: Relay) -> list[Entry]:
    """List the audit without the runs that a test asks for to have something to do."""
    return [entry for entry in everything(relay) if entry.deed != Deed.RUN_ASKED]


def last(relay: Relay) -> tuple[str, str, str, int]:
    entry = told(relay)[-1]
    return (entry.deed, entry.by, entry.about, entry.count)


def hold(relay: Relay) -> int:
    """Let so many leave at once that the guard holds them."""
    company = relay.personio.company
    for person in [each for each in people(relay) if is_wanted(each)][:6]:
        company.terminate(person.id)
    relay.sync()
    return len(relay.rows(ChangeState.HELD))


def test_each_deed_is_in_the_audit_once_with_who_did_it_and_to_what(live: Relay) -> None:
    (activated,) = told(live)
    assert (activated.deed, activated.by, activated.about) == ("activated", "test", "run")
    held = hold(live)
    shown = live.show()
    live.say_yes(by=INA)
    assert last(live) == ("approved", INA, "list", held)
    assert told(live)[-1].about_id == shown.hash


def test_a_no_is_audited_with_the_list_it_was_said_to(live: Relay) -> None:
    held, shown = hold(live), live.show()
    assert reject(ACME, by=INA, store=live.store, ids=live.desk.ids) == held
    assert last(live) == ("rejected", INA, "list", held)
    assert told(live)[-1].about_id == shown.hash


def test_an_undo_is_audited_and_its_preview_is_not(live: Relay) -> None:
    hire(live, 2)
    run = live.sync()
    undone(live, run)
    assert last(live)[0] == "undone"
    assert told(live)[-1].about_id == run.run_id
    assert len(told(live)) == 2


def test_overrides_are_audited_by_id_when_they_begin_and_end(live: Relay) -> None:
    person = PersonId(hire(live, 1)[0])
    live.sync()
    wanted = Wanted(person, OverrideKind.PIN_ACTIVE, "Ada works on", INA)
    with pytest.raises(NotPossibleError):
        set_override(
            ACME, replace(wanted, reason=" "), store=live.store, publisher=live.bells, ids=live.desk.ids
        )
    set_override(ACME, wanted, store=live.store, publisher=live.bells, ids=live.desk.ids)
    end_override(
        ACME,
        person,
        OverrideKind.PIN_ACTIVE,
        by=INA,
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
    )
    begun, ended = told(live)[1:]
    assert [(each.deed, each.about_id) for each in (begun, ended)] == [
        ("override-set", person),
        ("override-ended", person),
    ]
    assert "Ada" not in repr(begun)


def test_pause_resume_and_stop_are_audited(live: Relay) -> None:
    pause(ACME, by=INA, store=live.store, ids=live.desk.ids)
    resume(
        ACME,
        by=INA,
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        ring_more=lambda _tx, _tenant: [],
    )
    stop(ACME, by=INA, store=live.store)
    stop(ACME, by=INA, store=live.store)
    assert [(each.deed, each.by) for each in told(live)[1:]] == [
        ("paused", INA),
        ("resumed", INA),
        ("stopped", INA),
    ]


def test_letters_that_are_sent_again_or_dismissed_are_audited_with_their_number(live: Relay) -> None:
    joiners = hire(live, 3)
    live.app.quirks.add(refused(), methods=("POST",), external_ids=tuple(joiners), times=None)
    live.sync()
    live.requeue(REFUSED, by=INA)
    assert last(live) == ("letters-requeued", INA, "letters", 3)
    live.drain()
    live.requeue(Chosen(code=Code.PERSON_NOT_SEEN), by=INA)
    assert dismiss(ACME, REFUSED, by=INA, store=live.store) == 3
    assert last(live) == ("letters-dismissed", INA, "letters", 3)
    assert len(told(live)) == 3


def test_a_configuration_is_audited_from_proposal_to_its_end(live: Relay, config: Configuration) -> None:
    other = replace(config, lines=config.lines[:-1])
    done = set_configuration(ACME, other, by=INA, store=live.store)
    assert not done.counts
    assert last(live) == ("configuration-proposed", INA, "configuration", 1)
    assert told(live)[-1].about_id == str(done.version)
    assert discard(ACME, by=INA, store=live.store) == 1
    assert last(live) == ("configuration-discarded", INA, "configuration", 1)
    assert discard(ACME, by=INA, store=live.store) == 0
    assert len(told(live)) == 3


def test_a_run_that_somebody_asks_for_is_audited_once_and_a_preview_or_a_joined_one_is_not(
    live: Relay,
) -> None:
    live.sync(plan_only=True)
    before = len(everything(live))
    ask = partial(
        ask_for_feed, ACME, by=INA, plan_only=False, store=live.store, publisher=live.bells, ids=live.desk.ids
    )
    first = ask(key="1")
    assert ask(key="2").joined
    live.drain()
    assert ask(key="1").joined, "the key of a script that asks twice"
    (person,) = hire(live, 1)
    second = live.sync_person(PersonId(person))
    asked = everything(live)[before:]
    assert [(each.deed, each.about, each.about_id) for each in asked] == [
        ("run-asked", "run", first.run.run_id),
        ("run-asked", "run", second.run_id),
    ]
    assert [each.by for each in asked] == [INA, "test"]


def test_a_configuration_that_counts_at_once_and_one_that_is_applied_are_audited(
    live: Relay, config: Configuration
) -> None:
    at_once = replace(config, schedule=Schedule(Every(timedelta(hours=2))))
    done = set_configuration(ACME, at_once, by=INA, store=live.store)
    assert done.counts
    assert last(live) == ("configuration-set", INA, "configuration", 1)
    set_configuration(ACME, config, by=INA, store=live.store, rolls_back=True)
    assert last(live) == ("configuration-rolled-back", INA, "configuration", 1)
    proposed = set_configuration(ACME, replace(config, lines=config.lines[:-1]), by=INA, store=live.store)
    ask_for_proposal(ACME, by=INA, store=live.store, publisher=live.bells, ids=live.desk.ids)
    live.drain()
    apply_configuration(
        ACME,
        by=INA,
        store=live.store,
        publisher=live.bells,
        ids=live.desk.ids,
        ring_more=live._ring_more,
    )
    assert last(live) == ("configuration-applied", INA, "configuration", 1)
    assert told(live)[-1].about_id == str(proposed.version)


def test_the_first_of_two_yeses_is_audited_as_such(live: Relay, config: Configuration) -> None:
    live.configure(replace(config, policy=BOTH))
    held = hold(live)
    assert isinstance(live.say_yes(by=INA), Awaiting)
    assert last(live) == ("first-yes", INA, "list", held)
    assert isinstance(live.say_yes(by="operator:bob"), Approved)
    assert last(live) == ("approved", f"{INA}+operator:bob", "list", held)
