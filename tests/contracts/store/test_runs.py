"""Runs: asked for once, in one phase at a time, read in turns."""

from datetime import timedelta

import pytest

from adapters.database.errors import PhaseRefusedError
from adapters.database.store import SqlStore
from domain.codes import Code
from domain.ids import ConfigVersion, PersonId, RunId
from domain.records import NewRun
from domain.run import NEXT_PHASES, Outcome, Phase, Run, RunKind
from tests.contracts.store.builders import (
    ACME,
    LEASE,
    NOON,
    OTHER,
    RUN,
    HandClock,
    add_run,
    add_tenant,
    page,
)

FEED = NewRun(RunKind.FEED, "slot", "ada")
BUSY = (Phase.READING, Phase.LISTING, Phase.CONCLUDING)
WAY_TO = {
    Phase.READING: (),
    Phase.LISTING: (Phase.LISTING,),
    Phase.CONCLUDING: (Phase.CONCLUDING,),
    Phase.APPLYING: (Phase.CONCLUDING, Phase.APPLYING),
    Phase.ENDED: (Phase.ENDED,),
}


@pytest.fixture(autouse=True)
def tenant(store: SqlStore) -> None:
    add_tenant(store)


def get(store: SqlStore, run_id: RunId = RUN) -> Run:
    with store.read() as tx:
        run = tx.runs.get(ACME, run_id)
    assert run is not None
    return run


def add(store: SqlStore, run_id: str, new: NewRun) -> Run | None:
    with store.write() as tx:
        return tx.runs.add(ACME, RunId(run_id), new, ConfigVersion(1))


def enter(store: SqlStore, *phases: Phase, run_id: RunId = RUN) -> None:
    with store.write() as tx:
        for phase in phases:
            tx.runs.enter(ACME, run_id, phase)


def take(store: SqlStore, token: str = "mine") -> Run | None:
    with store.write() as tx:
        return tx.runs.take_turn(ACME, RUN, token, LEASE)


def overdue(store: SqlStore) -> list[RunId]:
    with store.read() as tx:
        return [run_id for _, run_id in tx.runs.overdue()]


def test_a_new_run_reads(store: SqlStore) -> None:
    new = NewRun(RunKind.PERSON, "manual:1", "ada", plan_only=True, person_id=PersonId("7"))
    expected = Run(
        RUN,
        ACME,
        RunKind.PERSON,
        "manual:1",
        "ada",
        Phase.READING,
        True,
        ConfigVersion(1),
        NOON,
        PersonId("7"),
    )
    assert add(store, RUN, new) == expected
    assert get(store) == expected


def test_an_approval_has_nothing_to_read(store: SqlStore) -> None:
    run = add(store, RUN, NewRun(RunKind.APPROVAL, "approval:1", "ada"))
    assert run is not None
    assert run.phase is Phase.APPLYING


def test_asking_twice_for_a_slot_makes_one_run(store: SqlStore) -> None:
    assert add(store, "a", NewRun(RunKind.PERSON, "slot", "ada"))
    assert add(store, "b", NewRun(RunKind.PERSON, "slot", "ada")) is None
    with store.read() as tx:
        found = tx.runs.by_slot(ACME, "slot")
        assert found is not None
        assert found.run_id == "a"
        assert tx.runs.by_slot(ACME, "another") is None


def test_two_tenants_may_use_the_same_slot(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    assert add(store, "a", FEED)
    with store.write() as tx:
        assert tx.runs.add(OTHER, RunId("b"), FEED, ConfigVersion(1))


@pytest.mark.parametrize("phase", BUSY)
def test_a_second_feed_is_refused_while_one_is_busy(store: SqlStore, phase: Phase) -> None:
    add_run(store)
    enter(store, *WAY_TO[phase])
    assert add(store, "second", FEED) is None
    with store.read() as tx:
        assert tx.runs.reading_now(ACME) == get(store)
        assert tx.runs.reading_now(OTHER) is None


@pytest.mark.parametrize("phase", [Phase.APPLYING, Phase.ENDED])
def test_a_second_feed_may_read_while_the_first_applies(store: SqlStore, phase: Phase) -> None:
    add_run(store)
    enter(store, *WAY_TO[phase])
    with store.read() as tx:
        assert tx.runs.reading_now(ACME) is None
    assert add(store, "second", FEED)


def test_people_are_read_beside_a_feed(store: SqlStore) -> None:
    add_run(store)
    assert add(store, "a", NewRun(RunKind.PERSON, "person:1", "ada", person_id=PersonId("1")))
    assert add(store, "b", NewRun(RunKind.PERSON, "person:2", "ada", person_id=PersonId("2")))
    with store.read() as tx:
        assert tx.runs.reading_now(ACME) == get(store)


def test_runs_are_listed_newest_first(store: SqlStore, clock: HandClock) -> None:
    add_tenant(store, OTHER)
    for number in range(3):
        add_run(store, f"run-{number}", kind=RunKind.PERSON)
        clock.advance()
    add_run(store, "other", tenant_id=OTHER)
    with store.read() as tx:
        assert [run.run_id for run in tx.runs.newest(ACME, 2)] == ["run-2", "run-1"]
        assert [run.run_id for run in tx.runs.newest(None, 2)] == ["other", "run-2"]


@pytest.mark.parametrize("to", Phase)
@pytest.mark.parametrize("at", Phase)
def test_a_run_goes_only_where_the_drawing_leads(store: SqlStore, at: Phase, to: Phase) -> None:
    add_run(store)
    enter(store, *WAY_TO[at])
    if to in NEXT_PHASES[at]:
        enter(store, to)
        assert get(store).phase is to
    else:
        with pytest.raises(PhaseRefusedError, match=f"it is in {at}"):
            enter(store, to)
        assert get(store).phase is at


def test_an_unknown_run_goes_nowhere(store: SqlStore) -> None:
    with pytest.raises(PhaseRefusedError, match="no such run"):
        enter(store, Phase.CONCLUDING)


def test_listing_begins_at_the_targets_first_page_and_goes_on_where_it_stood(store: SqlStore) -> None:
    add_run(store)
    with store.write() as tx:
        tx.runs.add_page(ACME, RUN, page(next_cursor="source-cursor"), NOON)
    enter(store, Phase.LISTING)
    assert get(store).cursor is None
    with store.write() as tx:
        tx.runs.failed_once_more(ACME, RUN)
        tx.runs.set_cursor(ACME, RUN, "target-cursor")
    enter(store, Phase.CONCLUDING)
    assert (get(store).cursor, get(store).tries) == ("target-cursor", 0)


def test_what_the_first_call_said_is_remembered(store: SqlStore) -> None:
    add_run(store)
    with store.write() as tx:
        tx.runs.learn_attributes(ACME, RUN, {"iban": "dynamic_7"}, ["office.name", "phone"])
        tx.runs.certify(ACME, RUN, "certified: 2 people, complete")
    run = get(store)
    assert run.universal == {"iban": "dynamic_7"}
    assert run.blind == ("office.name", "phone")
    assert run.certificate == "certified: 2 people, complete"


def test_a_run_ends_once(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    clock.advance()
    with store.write() as tx:
        tx.runs.end(ACME, RUN, Outcome.FAILED, Code.FEED_EMPTY, "0 people")
        tx.runs.end(ACME, RUN, Outcome.OK)
    run = get(store)
    assert (run.phase, run.outcome, run.code, run.detail) == (
        Phase.ENDED,
        Outcome.FAILED,
        Code.FEED_EMPTY,
        "0 people",
    )
    assert run.ended_at == clock.now()


def test_a_turn_belongs_to_one_at_a_time(store: SqlStore) -> None:
    add_run(store)
    assert take(store, "mine") == get(store)
    assert take(store, "yours") is None
    assert take(store, "mine") is not None


def test_a_turn_that_ran_out_can_be_taken_over(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    take(store, "mine")
    clock.advance(LEASE - timedelta(milliseconds=1))
    assert take(store, "yours") is None
    clock.advance(timedelta(milliseconds=1))
    assert take(store, "yours") is not None
    with store.write() as tx:
        assert not tx.runs.keep_turn(ACME, RUN, "mine", LEASE)
        assert tx.runs.keep_turn(ACME, RUN, "yours", LEASE)


def test_a_turn_that_is_kept_lasts_longer(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    take(store, "mine")
    clock.advance(LEASE / 2)
    with store.write() as tx:
        assert tx.runs.keep_turn(ACME, RUN, "mine", LEASE)
    clock.advance(LEASE / 2)
    assert take(store, "yours") is None


def test_a_late_worker_whose_turn_nobody_took_may_go_on(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    take(store, "mine")
    clock.advance(LEASE * 2)
    with store.write() as tx:
        assert tx.runs.keep_turn(ACME, RUN, "mine", LEASE)


def test_nobody_takes_a_turn_of_a_run_that_applies_ended_or_is_unknown(store: SqlStore) -> None:
    assert take(store) is None
    add_run(store)
    enter(store, *WAY_TO[Phase.APPLYING])
    assert take(store) is None
    enter(store, Phase.ENDED)
    assert take(store) is None


def test_ending_a_run_takes_the_turn_away(store: SqlStore) -> None:
    add_run(store)
    take(store)
    with store.write() as tx:
        tx.runs.end(ACME, RUN, Outcome.FAILED)
        assert not tx.runs.keep_turn(ACME, RUN, "mine", LEASE)


def test_a_run_that_nobody_reads_is_overdue(store: SqlStore) -> None:
    add_run(store)
    assert overdue(store) == [RUN]


@pytest.mark.parametrize("phase", Phase)
def test_only_busy_runs_are_overdue(store: SqlStore, phase: Phase) -> None:
    add_run(store)
    enter(store, *WAY_TO[phase])
    assert overdue(store) == ([RUN] if phase in BUSY else [])


def test_a_run_under_a_live_turn_is_not_overdue(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    take(store)
    assert overdue(store) == []
    clock.advance(LEASE)
    assert overdue(store) == [RUN]


def test_a_run_that_waits_is_overdue_only_afterwards(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    take(store)
    with store.write() as tx:
        tx.runs.end_turn(ACME, RUN, "mine", timedelta(seconds=30))
    clock.advance(timedelta(seconds=29))
    assert overdue(store) == []
    clock.advance(timedelta(seconds=1))
    assert overdue(store) == [RUN]


def test_who_waits_longest_for_a_turn_comes_first(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    clock.advance()
    add_tenant(store, OTHER)
    add_run(store, "run-2", tenant_id=OTHER)
    take(store)
    with store.write() as tx:
        tx.runs.end_turn(ACME, RUN, "mine", timedelta(seconds=30))
    clock.advance(timedelta(seconds=30))
    assert overdue(store) == ["run-2", RUN]


def anybody_waits(store: SqlStore) -> bool:
    with store.read() as tx:
        return tx.runs.anybody_waits()


def test_nobody_waits_while_every_busy_run_has_its_turn_or_rests(store: SqlStore, clock: HandClock) -> None:
    assert not anybody_waits(store)
    add_run(store)
    assert anybody_waits(store)
    take(store)
    assert not anybody_waits(store)
    with store.write() as tx:
        tx.runs.end_turn(ACME, RUN, "mine", timedelta(seconds=30))
    assert not anybody_waits(store)
    clock.advance(timedelta(seconds=30))
    assert anybody_waits(store)
    enter(store, *WAY_TO[Phase.ENDED])
    assert not anybody_waits(store)


def hungry(store: SqlStore) -> int:
    with store.read() as tx:
        return tx.runs.hungry(timedelta(seconds=60))


def test_the_tenants_of_reading_feeds_are_hungry_and_those_that_rest_for_long_are_not(
    store: SqlStore, clock: HandClock
) -> None:
    add_tenant(store, OTHER)
    assert hungry(store) == 0
    add_run(store)
    add_run(store, "one", kind=RunKind.PERSON, person_id="1")
    add_run(store, "run-2", tenant_id=OTHER)
    take(store)
    assert hungry(store) == 2, "one has its turn, one waits for it"
    with store.write() as tx:
        tx.runs.end_turn(ACME, RUN, "mine", timedelta(seconds=61))
    assert hungry(store) == 1
    clock.advance()
    assert hungry(store) == 2


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.READING])
def test_whoever_has_read_everything_is_not_hungry(store: SqlStore, phase: Phase) -> None:
    add_run(store)
    enter(store, *WAY_TO[phase])
    assert hungry(store) == 0


def test_a_turn_that_was_lost_cannot_be_given_back(store: SqlStore, clock: HandClock) -> None:
    add_run(store)
    take(store, "mine")
    clock.advance(LEASE)
    take(store, "yours")
    with store.write() as tx:
        tx.runs.end_turn(ACME, RUN, "mine")
    assert take(store, "mine") is None


def test_failed_tries_are_counted_until_a_page_comes(store: SqlStore) -> None:
    add_run(store)
    with store.write() as tx:
        assert [tx.runs.failed_once_more(ACME, RUN) for _ in range(3)] == [1, 2, 3]
    assert get(store).tries == 3
    with store.write() as tx:
        tx.runs.add_page(ACME, RUN, page(), NOON)
    assert get(store).tries == 0


def test_requests_add_up(store: SqlStore) -> None:
    add_run(store)
    with store.write() as tx:
        tx.runs.add_requests(ACME, RUN, 2, 0)
        tx.runs.add_requests(ACME, RUN, 1, 5)
        figures = tx.runs.figures(ACME, RUN)
    assert (figures.source_requests, figures.target_requests) == (3, 5)
