"""An answer to a case that meets another hand, or loses PostgreSQL, between its reading and its writing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import cast

import pytest
from sqlalchemy import text

from adapters.database.errors import StoreAwayError
from adapters.database.store import SqlStore
from adapters.database.transaction import SqlTransaction
from domain.audit import Deed
from domain.cases import Answer, Case, Ruled
from domain.ids import CaseId, RunId, TenantId
from domain.ports import Store, Transaction
from domain.ports_cases import Cases
from domain.ports_world import Target
from producers.on_demand import NotPossibleError
from producers.rule_case import AnsweredError, CaseOverError, Given, rule_case
from tests.contracts.store.builders import ACME, add_tenant
from tests.contracts.store.test_cases import ADA, opened

pytestmark = [pytest.mark.parametrize("backend", ["postgres"]), pytest.mark.postgres]
"""SQLite has one writer at a time, so that nobody comes in between."""

MINE = Ruled(Answer.IGNORE, "operator:tom", "a shared account")
THEIRS = Ruled(Answer.CREATE, "operator:ann", "another Ada")
NO_TARGET = cast("Target", None)
C1 = CaseId("c1")
Meanwhile = Callable[[SqlTransaction], None]


class SlowCases:
    """Let something happen before an answer is written."""

    def __init__(self, tx: SqlTransaction, meanwhile: Meanwhile) -> None:
        self._tx, self._meanwhile = tx, meanwhile

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx.cases, name)

    def rule(
        self, tenant_id: TenantId, case_id: CaseId, ruled: Ruled, instead_of: datetime | None = None
    ) -> bool:
        self._meanwhile(self._tx)
        return self._tx.cases.rule(tenant_id, case_id, ruled, instead_of)


class SlowTransaction:
    def __init__(self, tx: SqlTransaction, meanwhile: Meanwhile) -> None:
        self._tx = tx
        self.cases = cast("Cases", SlowCases(tx, meanwhile))

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)


class SlowStore:
    def __init__(self, inner: SqlStore, meanwhile: Meanwhile) -> None:
        self._inner, self._meanwhile = inner, meanwhile

    def read(self) -> AbstractContextManager[Transaction]:
        return self._inner.read()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self._inner.write() as tx:
            yield cast("Transaction", SlowTransaction(tx, self._meanwhile))


@pytest.fixture
def case(store: SqlStore) -> Case:
    add_tenant(store, ACME)
    return opened(store)


def give(store: SqlStore, meanwhile: Meanwhile, *, replace: bool = False) -> Given:
    slow = cast("Store", SlowStore(store, meanwhile))
    return rule_case(ACME, C1, MINE, store=slow, target=NO_TARGET, replace=replace)


def in_another(store: SqlStore, act: Callable[[SqlTransaction], object]) -> Meanwhile:
    def meanwhile(_: SqlTransaction) -> None:
        with store.write() as tx:
            act(tx)

    return meanwhile


def answered(store: SqlStore) -> Ruled | None:
    with store.read() as tx:
        found = tx.cases.of_person(ACME, ADA)
    return found.ruled if found else None


def deeds(store: SqlStore) -> list[str]:
    with store.read() as tx:
        return [each.deed for each in tx.audit.newest(ACME, 10)]


@pytest.mark.usefixtures("case")
def test_an_answer_that_a_colleague_gave_just_before_is_told_and_stays(store: SqlStore) -> None:
    meanwhile = in_another(store, lambda tx: tx.cases.rule(ACME, C1, THEIRS))
    with pytest.raises(AnsweredError, match="«create» by operator:ann"):
        give(store, meanwhile)
    assert answered(store) == THEIRS
    assert deeds(store) == []


@pytest.mark.usefixtures("case")
def test_the_same_answer_of_a_colleague_just_before_is_no_contradiction(store: SqlStore) -> None:
    given = give(store, in_another(store, lambda tx: tx.cases.rule(ACME, C1, MINE)))
    assert given.again
    assert deeds(store) == []


@pytest.mark.usefixtures("case")
def test_a_case_that_was_over_just_before_is_told_as_over(store: SqlStore) -> None:
    meanwhile = in_another(store, lambda tx: tx.cases.close_unseen(ACME, RunId("r2")))
    with pytest.raises(CaseOverError, match="is over"):
        give(store, meanwhile)
    assert deeds(store) == []


def test_an_answer_that_could_not_be_carried_out_just_before_leaves_a_case_that_is_asked_anew(
    store: SqlStore, case: Case
) -> None:
    """The case is as open as it was: it is to be read again, and no other one."""
    with store.write() as tx:
        tx.cases.rule(ACME, case.case_id, THEIRS)
    meanwhile = in_another(store, lambda tx: tx.cases.ask_again(ACME, C1, "the account is gone"))
    with pytest.raises(NotPossibleError, match=r"asked anew.*nothing was stored.*--case c1"):
        give(store, meanwhile, replace=True)
    assert answered(store) is None


def lose(store: SqlStore) -> Meanwhile:
    """Let PostgreSQL end the connection of whoever is writing."""

    def meanwhile(tx: SqlTransaction) -> None:
        mine = tx.session.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.write() as other:
            other.session.connection.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})

    return meanwhile


@pytest.mark.usefixtures("case")
def test_an_answer_whose_connection_breaks_is_not_stored_and_counts_once_when_it_is_given_again(
    store: SqlStore,
) -> None:
    with pytest.raises(StoreAwayError):
        give(store, lose(store))
    assert answered(store) is None
    assert deeds(store) == []
    assert not give(store, lambda _: None).again
    assert answered(store) == MINE
    assert deeds(store) == [Deed.CASE_RULED]


@pytest.mark.usefixtures("case")
def test_an_answer_whose_connection_breaks_while_it_is_told_who_was_faster_stores_nothing(
    store: SqlStore,
) -> None:
    def meanwhile(tx: SqlTransaction) -> None:
        in_another(store, lambda other: other.cases.rule(ACME, C1, THEIRS))(tx)
        lose(store)(tx)

    with pytest.raises(StoreAwayError):
        give(store, meanwhile)
    assert answered(store) == THEIRS
