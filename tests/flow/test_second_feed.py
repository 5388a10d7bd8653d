"""Where nobody may be asked by id, a second certified feed proves absence: later, under the same rights."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.config import Policy, Removal
from domain.ids import PersonId
from domain.run import Run
from domain.schedule import Every, Schedule
from simulators.personio.actions import Action as Fault
from simulators.personio.actions import EmptyList, Html, Refuse, Status, WrongTotal
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts

__all__ = ["live"]

LIST = "/v1/company/employees"
HOURLY = configuration(lines=SCIM_LINES, schedule=Schedule(Every(timedelta(hours=1))))
FORBIDDEN = Refuse(status=403, message="personio.core.api.exceptions.api.forbidden.http.exception")


def erase_unasked(live: Relay, fault: Fault | None = None) -> PersonId:
    """Erase somebody, while nobody may be asked for by id."""
    live.configure(HOURLY)
    live.sync()
    person = somebody(live)
    live.personio.company.erase(int(person))
    live.personio.fault(fault or FORBIDDEN, path=f"{LIST}/1", count=None)
    return person


def removals(live: Relay) -> list[Change]:
    return [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.DEACTIVATE]


def unproven(live: Relay) -> list[int]:
    return [each.count for each in live.incidents() if each.code is Code.FEED_ABSENCE_UNPROVEN]


def is_open(live: Relay, person: PersonId) -> object:
    return accounts(live)[person]["active"]


def test_e12_somebody_missing_in_two_certified_feeds_is_closed_and_the_row_names_both(live: Relay) -> None:
    person = erase_unasked(live)
    first = live.sync()
    assert is_open(live, person)
    assert first.certificate.startswith("certified")
    assert first.absence.startswith("not judged: people may not be asked")
    live.clock.ahead += timedelta(minutes=61)
    second = live.sync()
    assert not is_open(live, person)
    (row,) = removals(live)
    assert row.cause is Code.PERSON_NOT_SEEN
    assert row.evidence is not None
    assert (row.evidence["feed"], row.evidence["earlier feed"]) == (second.run_id, first.run_id)
    assert row.evidence["certificate"] == second.certificate
    assert row.evidence["earlier certificate"] == first.certificate
    assert str(row.evidence["absent since"]) < second.created_at.isoformat()
    assert str(row.evidence["asked by id"]).startswith("not asked: people ")
    assert "1 missing in an earlier certified feed too" in second.absence


SILENCES = pytest.mark.parametrize("silence", [Status(status=502), Html()], ids=["502", "a web page"])


@SILENCES
def test_however_many_feeds_lack_somebody_nothing_is_proven_while_personio_does_not_answer(
    live: Relay, silence: Fault
) -> None:
    person = erase_unasked(live, silence)
    for _ in range(3):
        run = live.sync()
        assert run.absence.startswith("not judged: Personio did not answer when asked by id")
        live.clock.ahead += timedelta(hours=24)
    assert is_open(live, person)
    assert removals(live) == []


@SILENCES
def test_a_silence_of_more_than_an_interval_is_told_once_and_ends_with_the_answer(
    live: Relay, silence: Fault
) -> None:
    person = erase_unasked(live, silence)
    live.sync()
    assert unproven(live) == []
    for _ in range(2):
        live.clock.ahead += timedelta(minutes=61)
        live.sync()
        assert unproven(live) == [1]
    live.personio.clear_faults()
    live.sync()
    assert unproven(live) == []
    assert not is_open(live, person)
    (row,) = removals(live)
    assert row.evidence is not None
    assert row.evidence["asked by id"] == "404, in Personio's own envelope"


def test_a_reading_that_drifted_does_not_end_what_is_told_of_the_silence(live: Relay) -> None:
    erase_unasked(live, Status(status=502))
    live.sync()
    live.clock.ahead += timedelta(minutes=61)
    live.sync()
    live.personio.fault(WrongTotal(add=1), path=LIST, query={"limit": "100"}, count=None)
    live.sync()
    assert unproven(live) == [1]


def test_a_feed_with_the_same_gap_for_a_day_closes_nobody_while_personio_does_not_answer(live: Relay) -> None:
    live.configure(HOURLY)
    person = somebody(live)
    live.personio.company.erase(int(person))
    live.personio.fault(Status(status=503), path=f"{LIST}/1", count=None)
    live.sync()
    live.clock.ahead += timedelta(hours=25)
    live.sync()
    live.personio.company.hire_as(int(person), first_name="Was", last_name="There", email="t@example.com")
    live.personio.clear_faults()
    live.sync()
    assert is_open(live, person)
    assert removals(live) == []


def test_a_second_feed_that_comes_too_soon_proves_nothing(live: Relay) -> None:
    person = erase_unasked(live)
    for _ in range(4):
        live.sync()
        live.clock.ahead += timedelta(minutes=14)
    assert is_open(live, person)
    live.clock.ahead += timedelta(minutes=10)
    live.sync()
    assert not is_open(live, person)


def test_a_tenant_that_is_read_once_a_day_waits_a_day(live: Relay) -> None:
    person = erase_unasked(live)
    live.configure(configuration(lines=SCIM_LINES))
    live.sync()
    live.clock.ahead += timedelta(hours=12)
    live.sync()
    assert is_open(live, person)
    live.clock.ahead += timedelta(hours=12)
    live.sync()
    assert not is_open(live, person)


def _seen_in_a_feed(live: Relay, person: PersonId) -> None:
    live.personio.company.hire_as(int(person), first_name="Back", last_name="Again", email="b@example.com")
    live.sync()


def _seen_alone(live: Relay, person: PersonId) -> None:
    live.personio.company.hire_as(int(person), first_name="Back", last_name="Again", email="b@example.com")
    live.personio.clear_faults()
    live.sync_person(person)
    live.personio.fault(FORBIDDEN, path=f"{LIST}/1", count=None)


def _seen_in_a_feed_that_broke(live: Relay, person: PersonId) -> None:
    live.personio.company.hire_as(int(person), first_name="Back", last_name="Again", email="b@example.com")
    live.personio.fault(Html(), path=LIST, query={"offset": "30"}, count=None)
    begun = live.sync()
    for _ in range(6):
        live.later(minutes=5)
    assert live.run(begun.run_id).outcome == "failed"
    live.personio.clear_faults()
    live.personio.fault(FORBIDDEN, path=f"{LIST}/1", count=None)


def _other_configuration(live: Relay, person: PersonId) -> None:
    del person
    live.configure(replace(HOURLY, sync_managers=False))


def _other_rights(live: Relay, person: PersonId) -> None:
    del person
    hidden = {"position"}
    told = ["first_name", "last_name", "email", "department", "status", "employment_type", "supervisor"]
    assert not hidden & set(told)
    live.personio.set_readable([*told, "termination_date", "last_working_day", "subcompany", "office"])


def _other_credential(live: Relay, person: PersonId) -> None:
    del person
    live.personio.rotate()
    live.personio.expire_tokens()
    with live.store.write() as tx:
        known = tx.connections.get(ACME)
        assert known is not None
        news = {"client_id": live.personio.client_id, "client_secret": live.personio.client_secret}
        tx.connections.put(ACME, replace(known, **news))


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(_seen_in_a_feed, id="seen in a feed"),
        pytest.param(_seen_alone, id="seen when asked for alone"),
        pytest.param(_seen_in_a_feed_that_broke, id="seen in a feed that broke later"),
        pytest.param(_other_configuration, id="another configuration"),
        pytest.param(_other_rights, id="other rights"),
        pytest.param(_other_credential, id="another credential"),
    ],
)
def test_what_happens_in_between_lets_the_waiting_begin_anew(
    live: Relay, between: Callable[[Relay, PersonId], None]
) -> None:
    person = erase_unasked(live)
    live.sync()
    live.clock.ahead += timedelta(minutes=30)
    between(live, person)
    if str(person) in {str(each.id) for each in live.personio.truth().people}:
        live.personio.company.erase(int(person))
    live.sync()
    live.clock.ahead += timedelta(minutes=31)
    live.sync()
    assert is_open(live, person)
    live.clock.ahead += timedelta(minutes=61)
    live.sync()
    assert not is_open(live, person)


@pytest.mark.parametrize("fault", [WrongTotal(add=1), EmptyList()], ids=["drifted", "broken"])
def test_a_feed_that_is_not_certified_is_no_second_feed(live: Relay, fault: Fault) -> None:
    person = erase_unasked(live)
    live.sync()
    live.clock.ahead += timedelta(hours=2)
    live.personio.fault(fault, path=LIST, query={"limit": "100"}, count=None)
    run: Run = live.sync()
    assert run.absence == "not judged: the reading is not certified"
    assert is_open(live, person)


def test_a_run_of_one_and_a_preview_prove_nothing_and_begin_no_waiting(live: Relay) -> None:
    person = erase_unasked(live)
    live.personio.clear_faults()
    alone = live.sync_person(person)
    assert (alone.certificate, alone.absence) == ("", "")
    live.clock.ahead += timedelta(hours=3)
    live.personio.fault(FORBIDDEN, path=f"{LIST}/1", count=None)
    live.sync()
    assert is_open(live, person)


def test_a_policy_of_nothing_is_told_as_the_reason(live: Relay) -> None:
    live.configure(configuration(lines=SCIM_LINES, policy=Policy(not_seen=Removal.NOTHING)))
    live.personio.company.erase(int(somebody(live)))
    assert live.sync().absence.startswith("not judged: the policy")


def test_nobody_missing_is_told_too(live: Relay) -> None:
    assert live.sync().absence == "nobody with an open account is missing"
