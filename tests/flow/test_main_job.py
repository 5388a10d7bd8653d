"""The main job, end to end: people travel into the application, correctly, and twice."""

from datetime import date

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Line
from domain.events import EmployeeChanged
from domain.ids import PersonId
from domain.run import Outcome
from domain.tenant import TenantState
from simulators.personio.handle import PersonioSimulator
from simulators.scim.effects import refused
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay, names
from tests.flow.truth import accounts, differences, is_wanted, people


@pytest.fixture
def live(relay: Relay) -> Relay:
    """A tenant that was checked, planned and activated; everything before is forgotten by the counters."""
    relay.go_live()
    relay.app.counters.reset()
    relay.bells.history.clear()
    return relay


def somebody(relay: Relay, *, at: int = 10) -> PersonId:
    return PersonId(str([person for person in people(relay) if is_wanted(person)][at].id))


def test_the_first_run_is_a_plan_and_writes_nothing(relay: Relay) -> None:
    with relay.store.write() as tx:
        tx.tenants.move(ACME, TenantState.READY, None)
    run = relay.sync()
    assert run.outcome is Outcome.PLANNED
    assert relay.rows(ChangeState.PROPOSED)
    assert relay.app.counters.writes == 0


def test_activation_applies_exactly_the_plan(relay: Relay) -> None:
    run = relay.go_live()
    assert run.outcome is Outcome.OK
    assert differences(relay) == []
    assert set(accounts(relay)) == {str(person.id) for person in people(relay) if is_wanted(person)}
    assert set(relay.app.counters.creates_by_external_id.values()) == {1}


def test_a_first_sync_asks_for_the_list_once_and_for_nobody_alone(relay: Relay) -> None:
    relay.go_live()
    assert relay.app.counters.requests(route="/Users?filter") == 0


def test_an_unchanged_company_costs_no_write_and_no_message_per_person(live: Relay) -> None:
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert live.app.counters.writes == 0
    assert [type(event).__name__ for event in live.bells.history] == ["RunDue", "ConcludeDue"]
    waiting_for_manager = len(live.rows(ChangeState.BLOCKED))
    wanted = sum(1 for person in people(live) if is_wanted(person))
    assert live.figures(run).unchanged == wanted - waiting_for_manager


def test_a_year_in_one_run_changes_exactly_what_changed(live: Relay) -> None:
    company = live.personio.company
    everybody = [person for person in people(live) if is_wanted(person)]
    bride, mover, leaver, boss = everybody[3], everybody[7], everybody[12], everybody[0]
    company.marry(bride.id, "Lovelace", email="new.name@example.com")
    company.move(mover.id, supervisor=boss.id)
    company.terminate(leaver.id, last_working_day=date(2026, 11, 20))
    joiner = company.hire(first_name="Neu", last_name="Person", email=leaver.email, supervisor=boss.id)
    company.change(leaver.id, email=None)
    run = live.sync()
    assert run.outcome is Outcome.OK, live.figures(run)
    done = names(row for row in live.rows(ChangeState.APPLIED) if row.run_id == run.run_id)
    assert done == sorted(
        [
            f"{bride.id} update",
            f"{mover.id} set-manager",
            f"{leaver.id} deactivate",
            f"{leaver.id} release-name",
            f"{joiner} create",
            f"{joiner} set-manager",
        ]
    )
    assert differences(live) == []
    assert accounts(live)[str(joiner)]["userName"] == leaver.email
    assert accounts(live)[str(leaver.id)]["active"] is False


def test_a_re_hire_gets_the_same_account_back(live: Relay) -> None:
    person = somebody(live)
    before = accounts(live)[person]["id"]
    live.personio.company.terminate(int(person))
    live.sync()
    assert accounts(live)[person]["active"] is False
    live.personio.company.rehire(int(person))
    live.sync()
    assert accounts(live)[person]["active"] is True
    assert accounts(live)[person]["id"] == before
    assert differences(live) == []


def test_a_past_last_working_day_of_an_active_person_is_a_warning(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), last_working_day=date(2025, 1, 31))
    run = live.sync()
    assert live.figures(run).warnings == {Code.PERSON_PAST_LAST_DAY.value: 1}
    assert accounts(live)[person]["active"] is True


def test_internal_to_external_closes_and_back_again_opens(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), employment_type="external")
    live.sync()
    assert accounts(live)[person]["active"] is False
    (row,) = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.DEACTIVATE]
    assert row.cause is Code.PERSON_LEFT_FILTER
    live.personio.company.change(int(person), employment_type="internal")
    live.sync()
    assert accounts(live)[person]["active"] is True


def test_two_people_with_one_address_are_held_and_never_merged(live: Relay) -> None:
    first = live.personio.company.hire(first_name="A", last_name="B", email="same@example.com")
    second = live.personio.company.hire(first_name="C", last_name="D", email="SAME@example.com")
    run = live.sync()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    assert {row.person_id for row in live.rows(ChangeState.HELD)} == {str(first), str(second)}
    assert live.app.counters.writes == 0
    assert [incident.code for incident in live.incidents() if incident.code is Code.KEY_SHARED]
    live.personio.company.change(second, email="other@example.com")
    run = live.sync()
    assert differences(live) == []
    assert not [incident.code for incident in live.incidents() if incident.code is Code.KEY_SHARED]


def test_somebody_without_an_address_is_skipped_with_the_reason(live: Relay) -> None:
    live.personio.company.hire(first_name="No", last_name="Mail", email=None)
    run = live.sync()
    assert run.outcome is Outcome.OK
    without = [person for person in people(live) if not person.email and person.status == "active"]
    assert live.figures(run).skipped[Code.PERSON_WITHOUT_REQUIRED.value] == len(without)
    assert Code.PERSON_WITHOUT_REQUIRED in {incident.code for incident in live.incidents()}


def test_a_manager_who_appears_later_heals_by_itself(live: Relay) -> None:
    boss = live.personio.company.hire(first_name="Boss", last_name="Later", email=None)
    report = live.personio.company.hire(
        first_name="Re", last_name="Port", email="report@example.com", supervisor=boss
    )
    live.sync()
    assert accounts(live)[str(report)]["manager"] is None
    waiting = {row.person_id for row in live.rows(ChangeState.BLOCKED)}
    assert str(report) in waiting
    live.sync()
    assert {row.person_id for row in live.rows(ChangeState.BLOCKED)} == waiting
    live.personio.company.change(boss, email="boss@example.com")
    live.sync()
    assert accounts(live)[str(report)]["manager"] == accounts(live)[str(boss)]["id"]
    assert {row.person_id for row in live.rows(ChangeState.BLOCKED)} == waiting - {str(report)}


@pytest.mark.parametrize("size", [2, 3])
def test_names_that_travel_in_a_circle_arrive(live: Relay, size: int) -> None:
    everybody = [person for person in people(live) if is_wanted(person)][5 : 5 + size]
    for at, person in enumerate(everybody):
        live.personio.company.change(person.id, email=f"parked{at}@example.com")
    for at, person in enumerate(everybody):
        live.personio.company.change(person.id, email=everybody[(at + 1) % size].email)
    run = live.sync()
    assert run.outcome is Outcome.OK, live.figures(run)
    assert differences(live) == []


def test_a_chain_of_names_arrives(live: Relay) -> None:
    first, second, third = [person for person in people(live) if is_wanted(person)][5:8]
    live.personio.company.change(third.id, email="fresh@example.com")
    live.personio.company.change(second.id, email=third.email)
    live.personio.company.change(first.id, email=second.email)
    assert live.sync().outcome is Outcome.OK
    assert differences(live) == []


def test_an_account_that_was_there_before_is_linked_and_not_doubled(relay: Relay) -> None:
    person = next(person for person in people(relay) if is_wanted(person))
    old = relay.app.state.add_account(person.email or "", title="Set by hand")
    run = relay.go_live()
    assert run.outcome is Outcome.OK
    assert accounts(relay)[str(person.id)]["id"] == old
    assert differences(relay) == []


def test_an_account_with_a_foreign_id_is_never_taken_over(relay: Relay) -> None:
    person = next(person for person in people(relay) if is_wanted(person))
    relay.app.state.add_account(person.email or "", externalId="another-system-7")
    run = relay.go_live()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    assert [(row.person_id, row.why) for row in relay.rows(ChangeState.HELD)] == [
        (str(person.id), Code.KEY_FOREIGN)
    ]
    assert "another-system-7" in accounts(relay)


def test_one_person_on_demand_needs_no_feed(live: Relay, personio: PersonioSimulator) -> None:
    person = somebody(live)
    personio.company.change(int(person), position="Countess")
    personio.reset_counters()
    run = live.sync_person(person)
    assert run.outcome is Outcome.OK
    assert accounts(live)[person]["title"] == "Countess"
    assert live.app.counters.writes == 1
    assert isinstance(live.bells.history[-1], EmployeeChanged)


def test_a_change_that_is_taken_back_before_it_was_sent_is_dropped(live: Relay) -> None:
    first = live.personio.company.hire(first_name="A", last_name="B", email="same@example.com")
    second = live.personio.company.hire(first_name="C", last_name="D", email="same2@example.com")
    live.personio.company.change(second, email="SAME@example.com")
    live.sync()
    for person in (first, second):
        live.personio.company.terminate(person)
    live.sync()
    assert live.rows(ChangeState.HELD) == []
    assert live.app.counters.writes == 0


def test_the_second_plan_of_an_unchanged_feed_carries_held_rows_and_doubles_none(live: Relay) -> None:
    live.personio.company.hire(first_name="A", last_name="B", email="same@example.com")
    live.personio.company.hire(first_name="C", last_name="D", email="SAME@example.com")
    live.sync()
    before = {row.change_id for row in live.rows(ChangeState.HELD)}
    live.sync()
    assert {row.change_id for row in live.rows(ChangeState.HELD)} == before


def test_a_row_that_dies_opens_one_incident_at_once_and_is_not_asked_again_each_run(live: Relay) -> None:
    person = live.personio.company.hire(first_name="Un", last_name="Wanted", email="unwanted@example.com")
    live.app.quirks.add(refused(), methods=("POST",), external_ids=(str(person),), times=None)
    run = live.sync()
    assert run.outcome is Outcome.PARTIAL
    assert [row.person_id for row in live.rows(ChangeState.DEAD)] == [str(person)]
    assert Code.TARGET_REFUSED in {incident.code for incident in live.incidents()}
    live.app.counters.reset()
    live.sync()
    assert live.app.counters.writes == 0
    assert Code.TARGET_REFUSED in {incident.code for incident in live.incidents()}


def test_an_attribute_by_its_universal_id_arrives_whatever_this_company_calls_it(live: Relay) -> None:
    live.configure(configuration(lines=(*SCIM_LINES, Line("universal:iban", "nickName"))))
    live.sync()
    live.approve()  # a new line rewrites everybody, so a human looks first
    person = next(person for person in people(live) if is_wanted(person) and person.iban)
    assert accounts(live)[str(person.id)]["nickName"] == person.iban
