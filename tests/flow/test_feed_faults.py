"""Part D of the fault catalogue, and E12: what each wrong feed may still say, and the evidence on each row.

D22 (`updated_since`) cannot happen yet, for every run reads everybody; what stands in its place is tested
here. What happens on the wire is in `test_faults_source.py`.
"""

import pytest

from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.run import Outcome, Run
from simulators.personio.actions import Action as Fault
from simulators.personio.actions import (
    Distort,
    EmptyList,
    Html,
    Redirect,
    Refuse,
    RepeatPage,
    ShortPage,
    Truncate,
    TypeDrift,
    WrongTotal,
)
from tests.flow.misfortunes import harm
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts, differences

__all__ = ["live"]

LIST = "/v1/company/employees"


def spoil(live: Relay, fault: Fault, offset: str | None = None) -> None:
    """Let the employee list come out wrong for as long as it takes."""
    query = {"limit": "100"} if offset is None else {"limit": "100", "offset": offset}
    live.personio.fault(fault, path=LIST, method="GET", query=query, count=None)


def somebody_leaves_and_somebody_is_erased(live: Relay) -> tuple[PersonId, PersonId]:
    left, erased = somebody(live, at=4), somebody(live, at=8)
    live.personio.company.terminate(int(left))
    live.personio.company.erase(int(erased))
    return left, erased


def ended(live: Relay, run: Run) -> Run:
    for _ in range(6):
        live.later(minutes=10)
    return live.run(run.run_id)


def removals(live: Relay) -> dict[str, Change]:
    rows = live.rows(ChangeState.APPLIED)
    return {row.person_id: row for row in rows if row.action is Action.DEACTIVATE}


def assert_evidence(live: Relay, left: PersonId, erased: PersonId, run: Run) -> None:
    """Each removal names its cause and shows what proves it."""
    rows = removals(live)
    assert set(rows) == {left, erased}
    assert rows[left].cause is Code.PERSON_LEFT
    assert (rows[left].evidence or {})["status"] == "inactive"
    proof = rows[erased].evidence or {}
    assert rows[erased].cause is Code.PERSON_NOT_SEEN
    assert (proof["feed"], proof["certificate"]) == (run.run_id, run.certificate)
    assert proof["asked by id"] == "404, in Personio's own envelope"
    assert str(proof["control person"]).endswith(": 200")


@pytest.mark.parametrize(
    ("fault", "offset", "code"),
    [
        pytest.param(Html(), None, Code.SOURCE_NOT_PERSONIO, id="D6 a web page"),
        pytest.param(Truncate(), None, Code.SOURCE_UNREACHABLE, id="D7 cut off"),
        pytest.param(Refuse(), None, Code.FEED_BROKEN, id="D8 success false"),
        pytest.param(RepeatPage(), "29", Code.FEED_LOOPING, id="D9 the same page again"),
        pytest.param(EmptyList(total=0), None, Code.FEED_EMPTY, id="D12 nobody, and none claimed"),
        pytest.param(EmptyList(), None, Code.FEED_EMPTY, id="D12 nobody, though some are claimed"),
        pytest.param(
            Redirect(location="https://elsewhere.example/"),
            None,
            Code.SOURCE_NOT_PERSONIO,
            id="D21 elsewhere",
        ),
        pytest.param(Distort(cut=9, honest_total=False), None, Code.FEED_TOO_SHORT, id="D24 a third of them"),
    ],
)
def test_a_broken_feed_changes_nothing_and_the_next_good_one_everything(
    live: Relay, fault: Fault, offset: str | None, code: Code
) -> None:
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    spoil(live, fault, offset)
    run = ended(live, live.sync())
    assert (run.outcome, run.code) == (Outcome.FAILED, code)
    assert run.certificate in {"", f"broken: {code}: {run.detail}"}
    assert live.app.counters.writes == 0
    assert live.rows(ChangeState.PLANNED, ChangeState.RELEASED, ChangeState.HELD) == []
    live.personio.clear_faults()
    good = live.sync()
    assert_evidence(live, left, erased, good)
    assert differences(live) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        pytest.param(ShortPage(rows=7), "certified", id="D10 short pages"),
        pytest.param(Distort(page_rows=3, shuffle=4), "certified", id="D10 short pages in another order"),
        pytest.param(TypeDrift(), "certified", id="D13 numbers as texts"),
        pytest.param(Distort(repeat=(2, 5), page_rows=10), "certified", id="D11 some told twice"),
        pytest.param(WrongTotal(add=1), "drifted", id="D11 one more is claimed than come"),
        pytest.param(WrongTotal(add=-1), "drifted", id="D11 one less is claimed than come"),
        pytest.param(Distort(drop=(3,), page_rows=10), "drifted", id="D11 somebody is left out"),
        pytest.param(Distort(drop=(3,), honest_total=False), "drifted", id="D11 left out, and not claimed"),
        pytest.param(Distort(repeat=(1,), drop=(9,)), "drifted", id="D11 one twice and one never"),
    ],
)
def test_what_a_feed_says_is_used_and_absence_only_where_it_is_certified(
    live: Relay, fault: Fault, said: str
) -> None:
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    spoil(live, fault)
    run = live.sync()
    assert run.outcome is Outcome.OK
    assert run.certificate.startswith(said), run.certificate
    assert accounts(live)[left]["active"] is False
    assert accounts(live)[erased]["active"] is (said == "drifted")
    assert run.absence.startswith("not judged") is (said == "drifted")
    assert harm(live) == []
    live.personio.clear_faults()
    good = run if said == "certified" else live.sync()
    live.sync()
    assert_evidence(live, left, erased, good)
    assert differences(live) == []


def test_d22_every_run_reads_everybody_so_a_missed_update_heals_by_itself(live: Relay) -> None:
    person = somebody(live)
    live.personio.company.change(int(person), position="Countess")
    live.personio.advance(-600)
    live.sync()
    assert accounts(live)[person]["title"] == "Countess"


def test_d24_another_company_behind_the_address_leaves_no_trace(live: Relay) -> None:
    """People of a feed that broke are not known afterwards: they must not count as missing later."""
    spoil(live, Distort(cut=3, honest_total=False))
    joiners = [live.personio.company.hire(first_name="Not", last_name=f"Ours {at}") for at in range(3)]
    assert ended(live, live.sync()).code is Code.FEED_TOO_SHORT
    for person in joiners:
        live.personio.company.erase(person)
    live.personio.clear_faults()
    with live.store.read() as tx:
        assert tx.people.known(ACME, [PersonId(str(person)) for person in joiners]) == {}
    assert live.sync().certificate.startswith("certified")


@pytest.mark.parametrize("kind", ["a run of one", "a preview"])
def test_what_is_no_run_of_everybody_moves_no_baseline(live: Relay, kind: str) -> None:
    """A run of one touches neither certificate nor absence; a preview removes nobody."""
    erased, other = somebody(live), somebody(live, at=5)
    live.personio.company.erase(int(erased))
    with live.store.read() as tx:
        before = tx.runs.reading(ACME, live.sync(plan_only=True).run_id)
    if kind == "a run of one":
        run = live.sync_person(other)
        gone = live.sync_person(erased)
        assert (run.certificate, run.absence, run.blind) == ("", "", ())
        assert (gone.outcome, gone.code) == (Outcome.FAILED, Code.PERSON_NOT_SEEN)
    else:
        run = live.sync(plan_only=True)
        assert run.certificate.startswith("certified")
    assert accounts(live)[erased]["active"] is True
    with live.store.read() as tx:
        now = tx.runs.reading(ACME, live.sync(plan_only=True).run_id)
    assert (now.known, now.found_again) == (before.known, before.found_again)
