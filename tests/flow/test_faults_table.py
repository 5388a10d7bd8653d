"""Parts D and E of the fault catalogue, one person at a time: what is sent, what waits, and what it shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from domain.account import Scalar
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.run import Outcome
from tests.flow.misfortunes import harm
from tests.flow.relay import ACME, Relay
from tests.flow.test_main_job import live, somebody
from tests.flow.truth import accounts

__all__ = ["live"]

NOBODYS = "None"
"""An account without external id, as `accounts` names it."""


@dataclass(frozen=True)
class Row:
    """What a row must be; `after` and `evidence` may say more than is asked for."""

    action: Action
    state: ChangeState
    why: Code | None = None
    after: Mapping[str, Scalar] = field(default_factory=dict)
    evidence: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Let `happens` happen, which tells whom it concerns; then these are all the rows that it led to."""

    happens: Callable[[Relay], list[PersonId]]
    rows: tuple[Row, ...] = ()
    writes: int = 0
    skipped: Code | None = None
    warned: tuple[Code, str] | None = None


def hire(live: Relay, **told: object) -> PersonId:
    usual: dict[str, object] = {"first_name": "Nora", "last_name": "Neu", "email": "nora@example.com"}
    return PersonId(str(live.personio.company.hire(**(usual | told))))


def hired(**told: object) -> Callable[[Relay], list[PersonId]]:
    return lambda live: [hire(live, **told)]


def changed(**told: object) -> Callable[[Relay], list[PersonId]]:
    def happens(live: Relay) -> list[PersonId]:
        live.personio.company.change(int(somebody(live)), **told)
        return [somebody(live)]

    return happens


def spelled_otherwise(live: Relay) -> list[PersonId]:
    """Somebody whose account is there already, typed by hand in capitals, with blanks around in Personio."""
    live.app.state.add_account("NORA@Example.COM", title="Set by hand")
    return [hire(live, email=" nora@example.com\t")]


def manager_of_each_other(live: Relay) -> list[PersonId]:
    one, other = somebody(live, at=3), somebody(live, at=5)
    live.personio.company.move(int(one), supervisor=int(other))
    live.personio.company.move(int(other), supervisor=int(one))
    return [one, other]


def manager_who_is_no_more(live: Relay) -> list[PersonId]:
    gone, report = hire(live), somebody(live)
    live.personio.company.move(int(report), supervisor=int(gone))
    live.personio.company.erase(int(gone), keep_references=True)
    return [report]


def manager_out_of_scope(live: Relay) -> list[PersonId]:
    report, outside = somebody(live), hire(live, employment_type="external")
    live.personio.company.move(int(report), supervisor=int(outside))
    return [report]


MADE = Row(Action.CREATE, ChangeState.APPLIED)
LED = Row(Action.SET_MANAGER, ChangeState.APPLIED)
LEADERLESS = Row(Action.SET_MANAGER, ChangeState.BLOCKED, Code.MANAGER_NOT_SYNCED)
NAMELESS = Case(hired(email=None), skipped=Code.PERSON_WITHOUT_REQUIRED)


def no_address(email: str) -> Case:
    return Case(hired(email=email), skipped=Code.PERSON_BAD_VALUE)


def cleaned(told: Mapping[str, str], **after: str) -> Case:
    paths = {"last": "name.familyName", "title": "title"}
    expected = {paths[name]: value for name, value in after.items()}
    return Case(hired(**told), (Row(Action.CREATE, ChangeState.APPLIED, after=expected),), writes=1)


CASES = [
    pytest.param(
        Case(
            hired(position="x" * 10_000_000),
            (MADE,),
            writes=1,
            warned=(Code.PERSON_BAD_VALUE, "position"),
        ),
        id="D16 ten megabytes in one attribute",
    ),
    pytest.param(
        cleaned({"last_name": "Ne\x00u\x1b[31m", "position": "a\r\nb\x07"}, last="Neu[31m", title="a b"),
        id="D17 NUL, escape sequences and line breaks",
    ),
    pytest.param(
        cleaned({"last_name": "\u202eueN\u202c", "position": "\u2066b\u2069"}, last="ueN", title="b"),
        id="D17 text that reads backwards",
    ),
    pytest.param(
        cleaned({"last_name": "N" * 5_000}, last="N" * 5_000), id="D17 a name of five thousand characters"
    ),
    pytest.param(NAMELESS, id="D18 no address"),
    pytest.param(Case(hired(email=""), skipped=Code.PERSON_WITHOUT_REQUIRED), id="D18 an empty address"),
    pytest.param(Case(hired(email="  "), skipped=Code.PERSON_WITHOUT_REQUIRED), id="D18 only blanks"),
    pytest.param(no_address("nora"), id="D18 a word that is no address"),
    pytest.param(no_address("nora@example.com, n@example.com"), id="D18 two addresses in one"),
    pytest.param(no_address("n" * 300 + "@example.com"), id="D18 an address too long for any mail"),
    pytest.param(
        Case(changed(email="no address"), warned=(Code.PERSON_BAD_VALUE, "email, email")),
        id="D18 the address of somebody with an account becomes invalid",
    ),
    pytest.param(
        Case(
            spelled_otherwise,
            (
                Row(
                    Action.LINK, ChangeState.APPLIED, evidence={"match": "rule 1 (userName)", "match_hits": 1}
                ),
            ),
            writes=2,
        ),
        id="E7 another spelling of the same address",
    ),
    pytest.param(Case(manager_of_each_other, (LED, LED), writes=2), id="E9 managers of each other"),
    pytest.param(Case(manager_who_is_no_more, (LEADERLESS,)), id="E9 a manager who is no more"),
    pytest.param(Case(manager_out_of_scope, (LEADERLESS,)), id="E9 a manager out of scope"),
]


@pytest.mark.parametrize("case", CASES)
def test_one_person_gets_what_is_due_and_everybody_else_is_left_alone(live: Relay, case: Case) -> None:
    before = {row.change_id for row in live.rows()}
    concerned = case.happens(live)
    others = {
        person: account for person, account in accounts(live).items() if person not in {*concerned, NOBODYS}
    }
    joiner = hire(live, first_name="Somebody", last_name="Else", email="else@example.com")
    run = live.sync()
    live.later(seconds=16)
    assert live.run(run.run_id).outcome is Outcome.OK, live.figures(run)
    rows = [row for row in live.rows() if row.change_id not in before and row.person_id != joiner]
    assert sorted(row.person_id for row in rows) == sorted(concerned if case.rows else [])
    for row, expected in zip(rows, case.rows, strict=True):
        assert_is(row, expected)
    assert live.app.counters.writes == case.writes + 1
    assert {person: accounts(live)[person] for person in others} == others
    assert_told(live, concerned[0], case)
    live.app.counters.reset()
    assert live.sync().outcome is Outcome.OK
    assert live.app.counters.writes == 0
    assert harm(live) == []


def assert_is(row: Change, expected: Row) -> None:
    assert (row.action, row.state, row.why) == (expected.action, expected.state, expected.why)
    assert dict(row.after or {}) == {**(row.after or {}), **expected.after}
    assert dict(row.evidence or {}) == {**(row.evidence or {}), **expected.evidence}


def assert_told(live: Relay, person: PersonId, case: Case) -> None:
    """The person's record says what was wrong, and a human hears of it where nobody gets an account."""
    with live.store.read() as tx:
        seen = tx.people.snapshot(ACME, person)
    assert seen is not None
    assert seen.why == case.skipped
    assert (seen.warning, seen.detail) == case.warned if case.warned else seen.warning is None
    if case.skipped:
        assert person not in accounts(live)
        assert case.skipped in {incident.code for incident in live.incidents()}
