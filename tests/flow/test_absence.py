"""Nobody loses an account for being absent from a list; whoever Personio itself denies does."""

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.config import Policy, Removal
from domain.run import Outcome
from producers.approve import reject
from simulators.personio.actions import EmptyList, Html, ShortPage, Status, WrongTotal
from simulators.personio.changes import Erase, Hire
from simulators.personio.values import Given
from tests.builders import configuration
from tests.flow.conftest import SCIM_LINES
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences, people

__all__ = ["live"]

LIST = "/v1/company/employees"


def test_somebody_erased_is_closed_with_the_proof_on_the_row(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.erase(int(person))
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert accounts(live)[person]["active"] is False
    (row,) = [row for row in live.rows(ChangeState.APPLIED) if row.action is Action.DEACTIVATE]
    assert row.cause is Code.PERSON_NOT_SEEN
    assert row.evidence is not None
    assert row.evidence["feed"] == run.run_id
    assert str(row.evidence["certificate"]).startswith("certified")
    assert row.evidence["asked by id"] == "404, in Personio's own envelope"


def test_somebody_missing_in_the_list_whom_personio_knows_by_id_keeps_everything(live: Relay) -> None:
    live.personio.fault(ShortPage(rows=20), path=LIST, method="GET", query={"offset": "0"}, count=None)
    live.personio.fault(EmptyList(total=20), path=LIST, method="GET", offset=20, count=None)
    run = live.sync()
    assert live.app.counters.writes == 0, live.rows(ChangeState.APPLIED)
    assert "certified" not in run.certificate


@pytest.mark.parametrize("add", [1, -1])
def test_a_total_that_does_not_fit_proves_nothing(live: Relay, add: int) -> None:
    live.personio.company.erase(int(somebody(live)))
    live.personio.fault(WrongTotal(add=add), path=LIST, count=None)
    run = live.sync()
    assert run.certificate.startswith("drifted")
    assert live.app.counters.writes == 0


def test_an_erasure_while_paging_waits_for_a_feed_that_is_certified(live: Relay) -> None:
    person = somebody(live)
    live.personio.after_page(0, Erase(int(person)))
    live.sync()
    assert accounts(live)[person]["active"] is True
    live.sync()
    assert accounts(live)[person]["active"] is False


def test_a_company_that_hires_while_it_is_read_still_gets_its_joiners(live: Relay) -> None:
    joiner: dict[str, Given] = {"first_name": "Jo", "last_name": "Iner", "email": "joiner@example.com"}
    live.personio.after_page(0, Hire(attributes=joiner))
    live.sync()
    live.sync()
    assert differences(live) == []


@pytest.mark.parametrize("answer", [Status(status=502), Html()], ids=["502", "a web page"])
def test_a_source_that_cannot_be_asked_by_id_proves_nothing(live: Relay, answer: Status | Html) -> None:
    person = somebody(live)
    live.personio.company.erase(int(person))
    live.personio.fault(answer, path=f"{LIST}/{person}", count=None)
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert accounts(live)[person]["active"] is True
    live.personio.clear_faults()
    live.sync()
    assert accounts(live)[person]["active"] is False


def test_a_source_that_denies_everybody_by_id_proves_nothing(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.erase(int(person))
    envelope = {"success": False, "error": {"code": 404, "message": "Es ist ein Problem aufgetreten "}}
    live.personio.fault(Status(status=404, json=envelope), path=f"{LIST}/1", count=None)
    run = live.sync()
    assert accounts(live)[person]["active"] is True
    assert "denied" in run.certificate


def test_a_policy_of_nothing_leaves_the_absent_alone(live: Relay) -> None:
    live.configure(configuration(lines=SCIM_LINES, policy=Policy(not_seen=Removal.NOTHING)))
    person = somebody(live)
    live.personio.company.erase(int(person))
    live.sync()
    assert accounts(live)[person]["active"] is True


def test_many_proven_gone_at_once_wait_for_a_human(live: Relay) -> None:
    for at in range(4):
        live.personio.company.erase(int(somebody(live, at=5 + at)))
    run = live.sync()
    assert run.outcome is Outcome.OK_WITH_HOLDS
    assert len(live.rows(ChangeState.HELD)) == 4
    assert live.app.counters.writes == 0


def test_a_run_says_of_how_many_absent_people_a_human_decided_that_they_stay(live: Relay) -> None:
    for at in range(4):
        live.personio.company.erase(int(somebody(live, at=5 + at)))
    assert "decided" not in live.sync().absence
    reject(ACME, store=live.store)
    run = live.sync()
    assert run.absence.endswith("; 4 of them stay as they are, as a human decided")
    assert live.app.counters.writes == 0


def test_somebody_who_is_back_before_a_human_said_yes_is_let_go(live: Relay) -> None:
    gone = [somebody(live, at=5 + at) for at in range(4)]
    back = next(each for each in people(live) if str(each.id) == gone[0])
    for person in gone:
        live.personio.company.erase(int(person))
    live.sync()
    live.personio.company.hire_as(
        back.id, first_name=back.first_name, last_name=back.last_name, email=back.email
    )
    live.sync()
    closing = [row for row in live.rows(ChangeState.HELD) if row.action is Action.DEACTIVATE]
    assert gone[0] not in {row.person_id for row in closing}
    assert {row.why for row in live.rows(ChangeState.HELD) if row.person_id == gone[0]} <= {
        Code.PERSON_REPLACED
    }
