"""Doubts about identities: one case for the same facts, answers that are remembered, and former owners."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from adapters.database.store import SqlStore
from adapters.database.tables_cases import CASES
from domain.cases import Answer, Candidate, Case, NewCase, Ruled
from domain.codes import Code
from domain.ids import AccountId, CaseId, PersonId, RunId
from tests.contracts.store.builders import ACME, HandClock, add_tenant

ADA = PersonId("1")
SEEN = Candidate(
    AccountId("a-1"), "ada@acme.example", "crm-7", False, PersonId("9"), ("rule 1",), ("is closed",)
)
DOUBT = NewCase(ADA, Code.KEY_FOREIGN, "one account", "facts", (SEEN,))
YES = Ruled(Answer.LINK, "operator:test", "asked her", AccountId("a-1"))


@pytest.fixture
def tenant(store: SqlStore) -> SqlStore:
    add_tenant(store, ACME)
    return store


def opened(store: SqlStore, case_id: str = "c1", new: NewCase = DOUBT, run: str = "r1") -> Case:
    with store.write() as tx:
        return tx.cases.open(ACME, CaseId(case_id), new, RunId(run))


def standing(store: SqlStore) -> list[str]:
    with store.read() as tx:
        return [case.case_id for case in tx.cases.standing(ACME)]


def test_a_case_is_read_as_it_was_opened(tenant: SqlStore, clock: HandClock) -> None:
    made = opened(tenant)
    with tenant.read() as tx:
        assert tx.cases.of_person(ACME, ADA) == made
        assert tx.cases.standing(ACME) == [made]
        assert (tx.cases.of_person(ACME, PersonId("2")), tx.cases.wanted(ACME)) == (None, {})
    assert (made.kind, made.detail, made.candidates, made.waits) == (DOUBT.kind, DOUBT.detail, (SEEN,), True)


def test_the_same_facts_are_the_same_case_with_its_answer(tenant: SqlStore) -> None:
    opened(tenant)
    with tenant.write() as tx:
        assert tx.cases.rule(ACME, CaseId("c1"), YES)
    again = opened(tenant, "c2", run="r2")
    assert (again.case_id, again.ruled, again.waits) == ("c1", YES, False)
    with tenant.read() as tx:
        assert tx.cases.wanted(ACME) == {ADA: "a-1"}


def test_other_facts_are_another_case_and_close_the_first(tenant: SqlStore) -> None:
    opened(tenant)
    with tenant.write() as tx:
        tx.cases.rule(ACME, CaseId("c1"), YES)
    other = opened(tenant, "c2", replace(DOUBT, facts="others"))
    assert (other.ruled, standing(tenant)) == (None, ["c2"])
    with tenant.write() as tx:
        assert not tx.cases.rule(ACME, CaseId("c1"), YES)


def test_an_answer_counts_only_in_the_place_of_the_one_that_was_read(
    tenant: SqlStore, clock: HandClock
) -> None:
    """Two people answer at once: READ COMMITTED lets both read the same, and only the first may store."""
    opened(tenant)
    other = replace(YES, answer=Answer.CREATE, account_id=None, by="operator:tom")
    with tenant.write() as tx:
        assert tx.cases.rule(ACME, CaseId("c1"), YES)
        assert not tx.cases.rule(ACME, CaseId("c1"), other)
        read = tx.cases.of_person(ACME, ADA)
    assert read is not None
    assert read.ruled == YES
    clock.advance()
    with tenant.write() as tx:
        assert tx.cases.rule(ACME, CaseId("c1"), other, read.ruled_at)
    clock.advance()
    with tenant.write() as tx:
        assert not tx.cases.rule(ACME, CaseId("c1"), YES, read.ruled_at)
        now = tx.cases.of_person(ACME, ADA)
    assert now is not None
    assert now.ruled == other


def test_a_case_that_no_run_finds_any_more_is_closed_and_opens_again_with_its_answer(
    tenant: SqlStore,
) -> None:
    opened(tenant)
    opened(tenant, "c2", replace(DOUBT, person_id=PersonId("2")), run="r2")
    with tenant.write() as tx:
        tx.cases.rule(ACME, CaseId("c1"), replace(YES, answer=Answer.IGNORE, account_id=None))
        assert tx.cases.close_unseen(ACME, RunId("r3"), PersonId("2")) == 1
        assert tx.cases.close_unseen(ACME, RunId("r2")) == 1
    assert standing(tenant) == []
    again = opened(tenant, "c3", run="r4")
    assert (again.case_id, again.closed_at, again.ruled is not None) == ("c1", None, True)


def test_a_case_is_found_by_its_id_and_by_the_end_of_it_and_by_nothing_between(tenant: SqlStore) -> None:
    opened(tenant, "019f0000aaaa%1234567")
    opened(tenant, "019f0000bbbbb1234567", replace(DOUBT, person_id=PersonId("2")))

    def named(name: str) -> list[str]:
        with tenant.read() as tx:
            return [case.person_id for case in tx.cases.named(ACME, name)]

    assert named("019f0000aaaa%1234567") == named("%1234567") == ["1"]
    assert [named(name) for name in ("", "1234567", "bb1234567", "_1234567", "019f0000")] == [[]] * 5
    opened(tenant, "019f0000cccc%1234567", replace(DOUBT, person_id=PersonId("3")))
    assert named("%1234567") == ["1", "3"]


def test_an_answer_that_cannot_be_carried_out_is_asked_for_again(tenant: SqlStore) -> None:
    opened(tenant)
    with tenant.write() as tx:
        tx.cases.rule(ACME, CaseId("c1"), YES)
        tx.cases.ask_again(ACME, CaseId("c1"), "the account is gone")
        tx.cases.ask_again(ACME, CaseId("unknown"), "")
        case = tx.cases.of_person(ACME, ADA)
    assert case is not None
    assert (case.ruled, case.detail, case.waits) == (None, "the account is gone", True)


def test_nothing_about_people_stands_open_in_the_table(tenant: SqlStore) -> None:
    opened(tenant)
    with tenant.write() as tx:
        tx.cases.rule(ACME, CaseId("c1"), replace(YES, reason="Ada said so"))
        row = tx.session.connection.execute(select(CASES)).one()
    told = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert b"ada" not in told.lower()
    assert b"crm-7" not in told
