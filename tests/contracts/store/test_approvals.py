"""What was shown to humans, who said yes, and until when that counts."""

from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.approval import ASKED_FOR, SECOND_YES_WITHIN, Approval, YesState
from domain.changes import Action, Change, ChangeState
from domain.codes import Code
from domain.ids import ApprovalId, ChangeId, ConfigVersion, PersonId, RunId
from tests.contracts.store.builders import ACME, OTHER, HandClock, add_tenant

RUN = RunId("yes")


def row(number: int = 1, **changes: object) -> Change:
    told = {
        "change_id": ChangeId(f"c{number}"),
        "run_id": RunId("r1"),
        "person_id": PersonId(str(number)),
        "action": Action.UPDATE,
        "state": ChangeState.HELD,
        "config_version": ConfigVersion(1),
        "before": {"title": "old"},
        "after": {"title": "new"},
    }
    return Change(**(told | changes))  # type: ignore[arg-type]


@pytest.fixture
def acme(store: SqlStore) -> SqlStore:
    add_tenant(store, ACME)
    add_tenant(store, OTHER)
    return store


def show(store: SqlStore, *rows: Change, this: str = "a1", about: str = "held") -> Approval:
    with store.write() as tx:
        return tx.approvals.show(ACME, ApprovalId(this), about, rows)


def find(store: SqlStore, hash_: str) -> Approval | None:
    with store.read() as tx:
        return tx.approvals.get(ACME, hash_)


def test_a_hash_does_not_depend_on_the_order_of_the_rows(acme: SqlStore) -> None:
    with acme.read() as tx:
        assert tx.approvals.hash_of(ACME, [row(1), row(2)]) == tx.approvals.hash_of(ACME, [row(2), row(1)])


@pytest.mark.parametrize(
    "other",
    [
        row(2),
        row(1, before={"title": "other"}),
        row(1, after={"title": "other"}),
        row(1, after_manager=PersonId("9")),
        row(1, cause=Code.PERSON_LEFT),
        row(1, config_version=ConfigVersion(2)),
        row(1, action=Action.SET_MANAGER),
    ],
    ids=["subject", "before", "after", "manager", "cause", "configuration", "aspect"],
)
def test_g10_whatever_a_yes_binds_to_changes_the_hash(acme: SqlStore, other: Change) -> None:
    with acme.read() as tx:
        assert tx.approvals.hash_of(ACME, [row(1)]) != tx.approvals.hash_of(ACME, [other])


def test_two_tenants_never_share_a_hash(acme: SqlStore) -> None:
    with acme.read() as tx:
        assert tx.approvals.hash_of(ACME, [row()]) != tx.approvals.hash_of(OTHER, [row()])


def test_a_list_that_is_shown_twice_is_one_list(acme: SqlStore) -> None:
    first, second = show(acme, row()), show(acme, row(), this="a2")
    assert (first.approval_id, first.state) == (second.approval_id, YesState.SHOWN)


def test_a_list_expires(acme: SqlStore, clock: HandClock) -> None:
    shown = show(acme, row())
    clock.advance(ASKED_FOR)
    assert find(acme, shown.hash) is None


def test_g10_a_yes_serves_once_until_the_same_is_shown_again(acme: SqlStore) -> None:
    shown = show(acme, row())
    with acme.write() as tx:
        assert tx.approvals.give(ACME, shown.approval_id, "ada", RUN)
    with acme.write() as tx:
        assert not tx.approvals.give(ACME, shown.approval_id, "bob", RUN)
    assert find(acme, shown.hash) is None
    again = show(acme, row(), this="a2")
    assert (again.approval_id, again.state) == ("a2", YesState.SHOWN)
    with acme.read() as tx:
        [given] = tx.approvals.newest(ACME, 10)
    assert (given.first_by, given.second_by, given.run_id) == ("ada", None, RUN)


def test_a_first_yes_waits_and_outlives_another_look(acme: SqlStore, clock: HandClock) -> None:
    shown = show(acme, row())
    with acme.write() as tx:
        assert tx.approvals.say_first(ACME, shown.approval_id, "ada")
        assert not tx.approvals.say_first(ACME, shown.approval_id, "bob")
    clock.advance(timedelta(hours=1))
    again = show(acme, row(), this="a2")
    assert (again.state, again.first_by) == (YesState.FIRST_YES, "ada")
    with acme.read() as tx:
        assert [each.first_by for each in tx.approvals.awaiting(ACME)] == ["ada"]
    with acme.write() as tx:
        assert tx.approvals.give(ACME, shown.approval_id, "bob", RUN)
    with acme.read() as tx:
        [given] = tx.approvals.newest(ACME, 10)
    assert (given.state, given.first_by, given.second_by) == (YesState.GIVEN, "ada", "bob")


def test_a_first_yes_lapses_and_stays_written_down(acme: SqlStore, clock: HandClock) -> None:
    shown = show(acme, row())
    show(acme, row(2), this="a2")
    with acme.write() as tx:
        tx.approvals.say_first(ACME, shown.approval_id, "ada")
    clock.advance(SECOND_YES_WITHIN)
    with acme.read() as tx:
        assert tx.approvals.awaiting(ACME) == []
    assert show(acme, row(), this="a3").state is YesState.SHOWN
    clock.advance(ASKED_FOR)
    with acme.write() as tx:
        tx.approvals.lapse()
    with acme.read() as tx:
        assert [each.state for each in tx.approvals.newest(ACME, 10)] == [YesState.LAPSED]


def test_a_no_settles_a_list(acme: SqlStore) -> None:
    shown = show(acme, row())
    with acme.write() as tx:
        assert tx.approvals.refuse(ACME, shown.approval_id, "ada")
    assert find(acme, shown.hash) is None
