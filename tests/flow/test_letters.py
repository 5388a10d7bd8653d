"""Letters are sent again without loss or doubling, and incidents end with their cause, not with a feed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bootstrap.cli.run_view import naming, run_data
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.events import ConcludeDue, EmployeeChanged, Event, IncidentChanged, PageDue, RunDue
from domain.ids import ChangeId, EnvelopeId, IncidentId, LetterId, PersonId, RunId, TenantId
from domain.letters import Letter, LetterState
from domain.outcomes import Nothing
from domain.ports import Transaction
from domain.records import Incident
from domain.run import Outcome
from domain.scope_tree import Clause, Not, Operator
from producers.replay import Chosen, dismiss, requeue
from simulators.personio.actions import Omit, WrongTotal
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from simulators.scim.effects import conflict, refused
from simulators.scim.handle import ScimSimulator
from tests.flow.misfortunes import doubled_writes, lose_redis
from tests.flow.relay import ACME, Inline, Relay, build_relay
from tests.flow.test_second_feed import LIST
from tests.flow.truth import accounts, people

OTHER = TenantId("other")
REFUSED = Chosen(code=Code.TARGET_REFUSED)


@pytest.fixture
def personio() -> Iterator[PersonioSimulator]:
    with PersonioSimulator.start(employees=5, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


@pytest.fixture
def live(
    tmp_path: Path, personio: PersonioSimulator, app: ScimSimulator, config: Configuration
) -> Iterator[Relay]:
    built = build_relay(tmp_path / "home", personio, app, config, hands=Inline())
    built.go_live()
    built.app.counters.reset()
    yield built
    built.store.close()


def hire(relay: Relay, number: int) -> list[str]:
    company = relay.personio.company
    return [
        str(company.hire(first_name="New", last_name=f"Joiner {at}", email=f"n{at}@example.com"))
        for at in range(number)
    ]


def refuse(relay: Relay, number: int = 3) -> list[str]:
    """Let a run meet an application that refuses every new person."""
    joiners = hire(relay, number)
    relay.app.quirks.add(refused(), methods=("POST",), external_ids=tuple(joiners), times=None)
    assert relay.sync().outcome is Outcome.PARTIAL
    return joiners


def letters(relay: Relay) -> list[Letter]:
    with relay.store.read() as tx:
        return list(tx.letters.list(ACME, 100, states=()))


def codes(relay: Relay) -> set[Code]:
    return {incident.code for incident in relay.incidents()}


def told(relay: Relay) -> list[Incident]:
    """Return the incidents that somebody was told of since this was asked, ends included."""
    rung = [event for event in relay.bells.history if isinstance(event, IncidentChanged)]
    relay.bells.history.clear()
    with relay.store.read() as tx:
        found = [tx.incidents.get(ACME, event.incident_id) for event in rung]
    return [incident for incident in found if incident is not None]


def test_an_incident_ends_when_what_was_requeued_went_well_without_another_feed(live: Relay) -> None:
    joiners = refuse(live)
    live.app.quirks.clear()
    told(live)
    done = live.requeue(REFUSED)
    assert (done.meant, done.changes, done.left) == (3, 3, 0)
    live.drain()
    live.later()
    assert Code.TARGET_REFUSED not in codes(live)
    assert [(each.code, each.resolved_at is None) for each in told(live)] == [(Code.TARGET_REFUSED, False)]
    assert all(accounts(live)[joiner]["active"] for joiner in joiners)
    live.later()
    live.sync()
    assert told(live) == []


def test_an_incident_stays_while_one_of_its_people_is_still_on_the_way(live: Relay) -> None:
    refuse(live)
    live.requeue(REFUSED)
    live.bells.rung.clear()
    live.later()
    assert Code.TARGET_REFUSED in codes(live)


def test_the_same_refusal_after_a_requeue_is_no_second_message(live: Relay) -> None:
    refuse(live)
    told(live)
    live.requeue(REFUSED)
    live.drain()
    live.later()
    assert [letter.count for letter in letters(live)] == [2, 2, 2]
    assert told(live) == []


def test_two_causes_are_two_incidents_and_each_ends_with_its_own(live: Relay) -> None:
    one, other = hire(live, 2)
    live.app.quirks.add(refused(), methods=("POST",), external_ids=(one,), times=None)
    taken = live.app.quirks.add(conflict(), methods=("POST",), external_ids=(other,), times=None)
    live.sync()
    assert {Code.TARGET_REFUSED, Code.TARGET_KEY_TAKEN} <= codes(live)
    live.app.quirks.remove(taken)
    live.requeue(Chosen(code=Code.TARGET_KEY_TAKEN))
    live.drain()
    live.later(seconds=31)
    assert Code.TARGET_KEY_TAKEN not in codes(live)
    assert Code.TARGET_REFUSED in codes(live)


def test_an_incident_of_one_person_ends_with_a_run_for_that_person(live: Relay) -> None:
    company = live.personio.company
    joiner = company.hire(first_name="No", last_name="Address", email=None)
    live.sync()
    assert Code.PERSON_WITHOUT_REQUIRED in codes(live)
    live.later()
    assert Code.PERSON_WITHOUT_REQUIRED in codes(live)
    company.change(joiner, email="no.address@example.com")
    live.sync_person(PersonId(str(joiner)))
    live.later()
    assert Code.PERSON_WITHOUT_REQUIRED not in codes(live)


@pytest.mark.parametrize("attribute", ["status", "employment_type"])
def test_an_incident_of_people_whom_nobody_can_judge_names_what_is_not_told(
    live: Relay, attribute: str
) -> None:
    person = hire(live, 1)[0]
    live.sync()
    others = [each.id for each in people(live) if str(each.id) != person]
    live.personio.fault(Omit(attributes=[attribute], spared=others), path=LIST, count=None)
    run = live.sync()
    (told,) = [each for each in live.incidents() if each.code is Code.PERSON_SCOPE_UNKNOWN]
    assert told.detail == attribute
    with live.store.read() as tx:
        skipped = naming(run_data(run, live.figures(run))["skipped"], tx, run)
        seen = tx.people.snapshot(ACME, PersonId(person))
    (named,) = [each for each in skipped if each["code"] == Code.PERSON_SCOPE_UNKNOWN]
    assert f"({attribute})" in named["sentence"]
    assert (seen and seen.detail) == attribute


def test_an_incident_calls_an_attribute_of_the_companys_own_as_the_company_does(live: Relay) -> None:
    person = hire(live, 1)[0]
    live.sync()
    custom = live.personio.truth().custom_attributes["iban"]
    with live.store.read() as tx:
        config = tx.tenants.configuration(ACME)
    assert config is not None
    here = Not(Clause(custom, Operator.IS, ("nowhere",)))
    live.configure(replace(config, scope=replace(config.scope, where=here)))
    others = [each.id for each in people(live) if str(each.id) != person]
    live.personio.fault(Omit(attributes=[custom], spared=others), path=LIST, count=None)
    live.sync()
    (told,) = [each for each in live.incidents() if each.code is Code.PERSON_SCOPE_UNKNOWN]
    assert re.fullmatch(rf"{custom} «[^«»]+»", told.detail)


def test_a_dismissed_letter_ends_the_incident_and_sends_nothing(live: Relay) -> None:
    refuse(live, 1)
    writes = live.app.counters.writes
    assert dismiss(ACME, REFUSED, by="eve", store=live.store) == 1
    assert dismiss(ACME, REFUSED, by="eve", store=live.store) == 0
    live.later()
    assert Code.TARGET_REFUSED not in codes(live)
    assert [letter.state for letter in letters(live)] == [LetterState.DISMISSED]
    assert live.app.counters.writes == writes


class KilledError(Exception):
    """The process that requeues died here."""


def test_a21_asked_twice_is_sent_once(live: Relay) -> None:
    joiners = refuse(live)
    live.app.quirks.clear()
    assert live.requeue().changes == 3
    assert live.requeue().changes == 0
    live.drain()
    assert live.requeue().meant == 0
    assert all(joiner in accounts(live) for joiner in joiners)
    assert doubled_writes(live) == []


def test_a21_a_request_with_a_key_is_done_once_also_where_the_same_died_again_meanwhile(live: Relay) -> None:
    refuse(live, 3)
    script = replace(live.postman(), key="night-of-march-2")
    assert requeue(ACME, postman=script).changes == 3
    live.drain()  # they are refused once more, and stand again
    assert len(live.rows(ChangeState.DEAD)) == 3
    assert requeue(ACME, postman=script).meant == 0
    assert requeue(ACME, postman=replace(script, key="night-of-march-3")).changes == 3
    live.drain()
    assert requeue(ACME, postman=replace(script, key="")).changes == 3, "without a key each one is a new one"


def test_a21_a_request_with_a_key_that_died_half_way_goes_on_where_it_was(live: Relay) -> None:
    refuse(live, 3)
    script = replace(live.postman(), at_once=2, key="once")

    def die(done: int, _of: int) -> None:
        raise KilledError(done)

    with pytest.raises(KilledError):
        requeue(ACME, postman=script, progress=die)
    live.drain()
    assert requeue(ACME, postman=script).changes == 1, "the two that were sent are not sent again"
    assert requeue(ACME, postman=script).changes == 0


def test_a21_a_requeue_that_dies_half_way_loses_nothing_and_goes_on_where_it_was(live: Relay) -> None:
    joiners = refuse(live, 5)
    live.app.quirks.clear()
    seen: list[tuple[int, int]] = []

    def die(done: int, of: int) -> None:
        seen.append((done, of))
        if done >= 4:
            raise KilledError

    postman = replace(live.postman(), at_once=2)
    with pytest.raises(KilledError):
        requeue(ACME, postman=postman, progress=die)
    assert seen == [(2, 5), (4, 5)]
    assert len(live.rows(ChangeState.DEAD)) == 1
    assert requeue(ACME, postman=postman).changes == 1
    live.drain()
    assert all(joiner in accounts(live) for joiner in joiners)
    assert doubled_writes(live) == []
    assert {letter.state for letter in letters(live)} == {LetterState.OVER}


def test_a21_a_requeue_that_dies_before_it_rings_is_rung_for_by_the_sweeper(live: Relay) -> None:
    (joiner,) = refuse(live, 1)
    live.app.quirks.clear()

    def die(_tx: Transaction, _tenant_id: TenantId) -> list[Event]:
        raise KilledError

    with pytest.raises(KilledError):
        requeue(ACME, postman=replace(live.postman(), ring_more=die))
    assert [letter.state for letter in letters(live)] == [LetterState.STANDING]
    live.requeue()
    live.bells.rung.clear()
    live.later(seconds=61)
    assert joiner in accounts(live)


def test_a19_after_thirty_days_and_without_redis_a_letter_is_sent_again(live: Relay) -> None:
    joiners = refuse(live)
    live.app.quirks.clear()
    live.clock.ahead += timedelta(days=30)
    lose_redis(live)
    assert live.requeue().changes == 3
    live.drain()
    live.later()
    assert all(joiner in accounts(live) for joiner in joiners)
    assert [letter.requeued_by for letter in letters(live)] == ["test"] * 3


def test_a22_a_run_of_fifty_with_one_refusal_ends_and_says_so(live: Relay) -> None:
    joiners = hire(live, 50)
    live.app.quirks.add(refused(), methods=("POST",), external_ids=(joiners[17],), times=None)
    run = live.sync()
    assert (run.outcome, live.figures(run).states) == (Outcome.PARTIAL, {"applied": 49, "dead": 1})
    assert sum(joiner in accounts(live) for joiner in joiners) == 49


def _config(relay: Relay) -> Configuration:
    with relay.store.read() as tx:
        found = tx.tenants.configuration(ACME)
    assert found is not None
    return found


NOBODY = RunId("019c7a10-0000-7000-8000-00000000dead")
NO_ROWS = tuple(ChangeId(f"nothing-{number}") for number in range(25))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(RunDue(ACME, NOBODY), id="A20 a run that was rolled back"),
        pytest.param(PageDue(ACME, NOBODY, 3), id="A20 a page of it"),
        pytest.param(ConcludeDue(ACME, NOBODY), id="A20 its conclusion"),
        pytest.param(EmployeeChanged(ACME, NOBODY, EnvelopeId("e"), NO_ROWS), id="A20 its rows"),
        pytest.param(RunDue(TenantId("nobody"), NOBODY), id="A20 a tenant that was rolled back"),
    ],
)
def test_a_message_whose_row_was_rolled_back_does_nothing(live: Relay, event: Event) -> None:
    writes = live.app.counters.writes
    assert isinstance(live.take(event), Nothing)
    assert live.app.counters.writes == writes
    assert live.bells.rung == []


def test_b10_a_message_that_names_another_tenants_ids_moves_nothing(live: Relay) -> None:
    """Whoever can write into Redis can make up messages, and no more than ring bells with them."""
    refuse(live, 2)
    with live.store.write() as tx:
        assert tx.tenants.add(OTHER, "Other", "en", [])
        tx.tenants.configure(OTHER, _config(live), "test")
    run = live.sync(plan_only=True)
    (incident, *_) = live.incidents()
    before = live.rows()
    writes = live.app.counters.writes
    ids = tuple(row.change_id for row in before)
    hostile: list[Event] = [
        RunDue(OTHER, run.run_id),
        PageDue(OTHER, run.run_id, 10**9),
        ConcludeDue(OTHER, run.run_id),
        EmployeeChanged(OTHER, run.run_id, EnvelopeId("e"), ids),
        EmployeeChanged(ACME, NOBODY, EnvelopeId("e"), ids),
        PageDue(ACME, run.run_id, -1),
    ]
    assert [type(live.take(event)) for event in hostile] == [Nothing] * len(hostile)
    with live.store.read() as tx:
        assert tx.incidents.get(OTHER, IncidentId(incident.incident_id)) is None
    assert live.rows() == before
    assert live.app.counters.writes == writes


def test_a_parked_message_is_sent_again_by_the_release_that_reads_it(live: Relay) -> None:
    hire(live, 1)
    event = RunDue(ACME, NOBODY)
    with live.store.write() as tx:
        tx.letters.add(ACME, LetterId("m-1"), Code.MESSAGE_UNKNOWN, "", b"from the future")
    assert live.requeue().unknown == 1
    assert [letter.state for letter in letters(live)] == [LetterState.STANDING]
    newer = replace(live.postman("eve"), decode=lambda _: event)
    live.bells.rung.clear()
    assert requeue(ACME, postman=newer).messages == 1
    assert live.bells.rung == [event]
    assert [(each.state, each.requeued_by) for each in letters(live)] == [(LetterState.OVER, "eve")]
    foreign = replace(live.postman(), decode=lambda _: RunDue(OTHER, NOBODY))
    with live.store.write() as tx:
        tx.letters.add(ACME, LetterId("m-2"), Code.MESSAGE_UNKNOWN, "", b"of another tenant")
    assert requeue(ACME, postman=foreign).messages == 0


def test_a_letter_stands_while_a_feed_that_drifted_does_not_show_its_person(live: Relay) -> None:
    (joiner,) = refuse(live, 1)
    live.personio.company.erase(int(joiner))
    live.personio.fault(WrongTotal(add=1), path="/v1/company/employees", count=None)
    live.clock.ahead += timedelta(hours=25)
    assert live.sync().certificate.startswith("drifted")
    assert [letter.state for letter in letters(live)] == [LetterState.STANDING]
    live.personio.clear_faults()
    live.clock.ahead += timedelta(minutes=1)
    assert live.sync().certified
    assert [letter.state for letter in letters(live)] != [LetterState.STANDING]
